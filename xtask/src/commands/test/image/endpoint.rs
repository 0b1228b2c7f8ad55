//! What a service answers over HTTP: its health and its metrics.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::service::{Attempt, Service, clip};
use crate::error::Result;
use crate::trial::fleet::health;
use crate::trial::http::{self, Kind, Message};
use crate::trial::image::{BROKEN_METRICS, SILENT_HEALTH_CHECKS, SLOW_HEALTH_ENDPOINT};
use crate::trial::memory::{median, quantile};
use crate::trial::{Measurement, Outcome, Subject, Unit, Verdict, exposition};

/// Requests that are timed.
const TIMED: usize = 50;
/// The longest that all of them may take.
const LONGEST: Duration = Duration::from_secs(8);
/// How long a connection may take where there is a way.
const PATIENCE: Duration = Duration::from_secs(3);

/// What listens in a container.
pub(super) struct Target {
    pub(super) at: SocketAddr,
}

/// Why nothing can be asked.
pub(super) struct NoTarget {
    pub(super) outcome: Outcome,
    pub(super) why: &'static str,
}

/// Where a service listens.
pub(super) fn target(
    service: &Service<'_>,
    attempt: &Attempt<'_>,
) -> Result<std::result::Result<Target, NoTarget>> {
    let (Some(address), Some(port)) = (attempt.address(), service.port()) else {
        return Ok(Err(NoTarget {
            outcome: Outcome::Skipped,
            why: "it listens on no port that is known: neither EXPOSE nor the manifest says one",
        }));
    };
    let at = SocketAddr::new(address, port);
    let connected = service
        .session
        .reach()
        .within(|| Ok(TcpStream::connect_timeout(&at, PATIENCE)))?;
    Ok(match connected {
        // Who refuses is there.
        Err(error) if error.kind() != ErrorKind::ConnectionRefused => Err(NoTarget {
            outcome: Outcome::Unknown,
            why: "its network cannot be reached from here: the engine is on another machine, or without root's rights",
        }),
        _ => Ok(Target { at }),
    })
}

impl Target {
    /// One request on a connection of its own. To be called where the container can be reached.
    pub(super) fn get(&self, path: &str, limit: Duration) -> Result<Message, String> {
        let failed = |error: std::io::Error| format!("{} does not answer: {error}", self.at);
        let mut stream = TcpStream::connect_timeout(&self.at, limit).map_err(failed)?;
        let request = http::request("GET", &self.at.to_string(), path, &[], None);
        stream.set_write_timeout(Some(limit)).map_err(failed)?;
        stream.write_all(&request).map_err(failed)?;
        read(&mut stream, Kind::Answer, limit)
    }
}

/// Reads one answer.
pub(in crate::commands::test) fn read(
    stream: &mut TcpStream,
    kind: Kind,
    limit: Duration,
) -> Result<Message, String> {
    let end = Instant::now() + limit;
    let mut came = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(format!(
                "no whole answer within {:.1} s",
                limit.as_secs_f64()
            ));
        }
        let failed = |error: std::io::Error| format!("the connection broke: {error}");
        stream.set_read_timeout(Some(left)).map_err(failed)?;
        let length = match stream.read(&mut buffer) {
            Ok(length) => length,
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                continue;
            }
            Err(error) => return Err(failed(error)),
        };
        came.extend_from_slice(&buffer[..length]);
        if let Some(message) = http::read(kind, &came, length == 0)? {
            return Ok(message);
        }
    }
}

/// Health and metrics.
pub(super) fn judge(
    service: &Service<'_>,
    attempt: &Attempt<'_>,
    subject: &mut Subject,
) -> Result<()> {
    let target = match target(service, attempt)? {
        Ok(target) => target,
        Err(NoTarget { outcome, why }) => {
            for property in [
                &SLOW_HEALTH_ENDPOINT,
                &SILENT_HEALTH_CHECKS,
                &BROKEN_METRICS,
            ] {
                subject.verdicts.push(Verdict::new(property, outcome, why));
            }
            return Ok(());
        }
    };
    let reach = service.session.reach();
    judge_health(service, &target, subject)?;
    let written = service.test.limits.metrics.as_deref();
    let path = written.unwrap_or("/metrics");
    let begin = Instant::now();
    let answer = reach.within(|| Ok(target.get(path, service.limits.answers * 5)))?;
    let verdict = match (answer, written) {
        (Ok(answer), _) if is_success(&answer) => metrics(path, &answer.body),
        (_, None) => Verdict::skipped(
            &BROKEN_METRICS,
            format!("nothing answers with success at {path}"),
        ),
        (Ok(answer), Some(_)) => Verdict::failed(
            &BROKEN_METRICS,
            format!("{path} answers \"{}\"", clip(&answer.first_line)),
        ),
        (Err(error), Some(_)) => Verdict::failed(&BROKEN_METRICS, format!("{path}: {error}")),
    };
    subject.verdicts.push(verdict.took(begin.elapsed()));
    Ok(())
}

fn metrics(path: &str, body: &[u8]) -> Verdict {
    let Ok(text) = std::str::from_utf8(body) else {
        return Verdict::failed(&BROKEN_METRICS, format!("{path} is not UTF-8"));
    };
    match exposition::parse(text) {
        Ok(metrics) if metrics.families.is_empty() => {
            Verdict::failed(&BROKEN_METRICS, format!("{path} has no metric"))
        }
        Ok(metrics) => Verdict::passed(
            &BROKEN_METRICS,
            format!("{path} has {} metrics", metrics.families.len()),
        ),
        Err(mistake) => {
            let line = text.lines().nth(mistake.line.saturating_sub(1)).map(clip);
            Verdict::failed(&BROKEN_METRICS, format!("{path}, {mistake}")).proven_by(line)
        }
    }
}

fn is_success(answer: &Message) -> bool {
    answer
        .status()
        .is_some_and(|status| (200..300).contains(&status))
}

fn judge_health(service: &Service<'_>, target: &Target, subject: &mut Subject) -> Result<()> {
    let path = service.health_path();
    if service.image.health_path.is_none() {
        let why = "its HEALTHCHECK asks for no URL, and the manifest names none";
        for property in [&SLOW_HEALTH_ENDPOINT, &SILENT_HEALTH_CHECKS] {
            subject.verdicts.push(Verdict::skipped(property, why));
        }
        return Ok(());
    }
    let begin = Instant::now();
    let budget = service.limits.answers;
    let (mut times, failed, last) = service.session.reach().within(|| {
        let (mut times, mut failed, mut last) = (Vec::new(), None, None);
        while times.len() < TIMED && begin.elapsed() < LONGEST && failed.is_none() {
            let begin = Instant::now();
            match target.get(path, budget * 5) {
                Ok(answer) if is_success(&answer) => last = Some(answer),
                Ok(answer) => {
                    failed = Some(format!("{path} answers \"{}\"", clip(&answer.first_line)));
                }
                Err(error) => failed = Some(error),
            }
            times.push(begin.elapsed().as_secs_f64() * 1e3);
        }
        Ok((times, failed, last))
    })?;
    let (half, most) = (
        median(&mut times).unwrap_or_default(),
        quantile(&mut times, 0.99).unwrap_or_default(),
    );
    let limit = budget.as_secs_f64() * 1e3;
    let number = |name, value, budget| Measurement {
        name,
        value,
        unit: Unit::Milliseconds,
        budget,
    };
    let said = format!(
        "{} answers, p50 {half:.1} ms, p99 {most:.1} ms",
        times.len()
    );
    let verdict = if let Some(failed) = failed {
        Verdict::failed(&SLOW_HEALTH_ENDPOINT, failed)
    } else {
        subject.measurements.push(number("health-p50", half, None));
        subject
            .measurements
            .push(number("health-p99", most, Some(limit)));
        if most <= limit {
            Verdict::passed(&SLOW_HEALTH_ENDPOINT, said)
        } else {
            Verdict::failed(
                &SLOW_HEALTH_ENDPOINT,
                format!("{said}, more than {limit:.0} ms"),
            )
        }
    };
    subject.verdicts.push(verdict.took(begin.elapsed()));
    let told: Vec<String> = last
        .iter()
        .flat_map(|answer| health::checks(&answer.body))
        .map(|check| check.name)
        .collect();
    let missing: Vec<&str> = service
        .test
        .checks
        .iter()
        .filter(|name| !told.contains(name))
        .map(String::as_str)
        .collect();
    let said = if told.is_empty() {
        "no check".to_owned()
    } else {
        told.join(", ")
    };
    subject.verdicts.push(if service.test.checks.is_empty() {
        Verdict::skipped(&SILENT_HEALTH_CHECKS, "the manifest lists no checks for it")
    } else if missing.is_empty() {
        Verdict::passed(&SILENT_HEALTH_CHECKS, format!("{path} names {said}"))
    } else {
        let missing = missing.join(", ");
        Verdict::failed(
            &SILENT_HEALTH_CHECKS,
            format!("{path} does not name {missing}; it names {said}"),
        )
    });
    Ok(())
}
