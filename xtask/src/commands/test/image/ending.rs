//! How a container ends when it is asked to, and whether it comes back.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::endpoint;
use super::service::{Attempt, Service, ended};
use crate::engine::containers::processes;
use crate::error::Result;
use crate::trial::http::Kind;
use crate::trial::image::{BREAKS_WHEN_RESTARTED, DROPS_REQUESTS, IGNORES_SIGTERM, UNCLEAN_EXIT};
use crate::trial::signals::{self, Started};
use crate::trial::{Measurement, Subject, Unit, Verdict};

/// Requests that are held in flight.
const HELD: usize = 4;
/// How long a request is given to reach the code of the service, and the signal to reach its handler.
const ARRIVAL: Duration = Duration::from_millis(300);
const POLL: Duration = Duration::from_millis(100);

/// Sends the stop signal while requests are in flight, and watches.
pub(super) fn judge(
    service: &Service<'_>,
    attempt: &Attempt<'_>,
    subject: &mut Subject,
) -> Result<()> {
    let begin = Instant::now();
    let all = processes::of(attempt.container.id(), attempt.state.pid).unwrap_or_default();
    let signal = service.config.stop_signal.as_deref().unwrap_or("SIGTERM");
    let held = match endpoint::target(service, attempt)? {
        Ok(target) => Ok(service
            .session
            .reach()
            .within(|| Ok(hold(service, &target)))?),
        Err(none) => Err(none),
    };
    let sent = Instant::now();
    attempt.container.signal(signal)?;
    let drained = match held {
        Ok(held) => Ok(service
            .session
            .reach()
            .within(|| Ok(finish(service, held)))?),
        Err(none) => Err(none),
    };
    let grace = service.limits.stops;
    let state = loop {
        let state = attempt.container.state()?;
        if !state.running || sent.elapsed() > grace {
            break state;
        }
        service.session.means().interrupt.check()?;
        std::thread::sleep(POLL);
    };
    let took = sent.elapsed();
    subject.verdicts.push(match drained {
        Ok(drained) => judge_drained(&drained),
        Err(none) => Verdict::new(&DROPS_REQUESTS, none.outcome, none.why),
    });
    if state.running {
        let cause = signals::cause(&all);
        let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
        let said = format!("it still runs {} s after {signal}{cause}", grace.as_secs());
        subject.verdicts.push(
            Verdict::failed(&IGNORES_SIGTERM, said)
                .proven_by(masks(&all))
                .took(begin.elapsed()),
        );
        subject
            .verdicts
            .push(Verdict::skipped(&UNCLEAN_EXIT, "it had to be killed"));
        attempt.container.signal("KILL")?;
        return Ok(());
    }
    subject.measurements.push(Measurement {
        name: "time-to-stop",
        value: took.as_secs_f64() * 1e3,
        unit: Unit::Milliseconds,
        budget: Some(grace.as_secs_f64() * 1e3),
    });
    let predicted = match (all.is_empty(), signals::predicts_handling(&all)) {
        (true, _) => "",
        (false, true) => ", as its signal masks tell",
        (false, false) => ", though no process has a handler",
    };
    let said = format!(
        "ended {:.2} s after {signal}{predicted}",
        took.as_secs_f64()
    );
    subject
        .verdicts
        .push(Verdict::passed(&IGNORES_SIGTERM, said).took(begin.elapsed()));
    let expected = i64::from(service.test.exit_code);
    subject.verdicts.push(if state.exit_code == expected {
        Verdict::passed(&UNCLEAN_EXIT, format!("exit code {expected}"))
    } else {
        let hint = if state.exit_code == 128 + 15 {
            ": it died of the signal instead of handling it"
        } else {
            ""
        };
        Verdict::failed(
            &UNCLEAN_EXIT,
            format!("{} instead of {expected}{hint}", ended(&state)),
        )
    });
    Ok(())
}

/// The masks of every process, as evidence.
fn masks(all: &[Started]) -> Vec<String> {
    all.iter()
        .map(|one| {
            let status = &one.status;
            format!(
                "pid {}: {} SigCgt {:016x} SigBlk {:016x} SigIgn {:016x}",
                status.inner_pid,
                status.name,
                status.caught_signals,
                status.blocked_signals,
                status.ignored_signals
            )
        })
        .collect()
}

/// What a request in flight lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    /// Nothing: the service takes its time.
    Nothing,
    /// The end of its body.
    Body,
    /// The end of its head; a service may still take such a connection for idle.
    Head,
}

/// Connections with a request in flight.
struct Held {
    lack: Lack,
    streams: Vec<TcpStream>,
    trouble: Option<String>,
}

/// Requests that were in flight, and their answers.
struct Drained {
    lack: Lack,
    answered: usize,
    trouble: Vec<String>,
}

/// Opens connections with requests that are in flight.
fn hold(service: &Service<'_>, target: &endpoint::Target) -> Held {
    let host = target.at;
    if let Some(path) = &service.test.slow_path {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n");
        return open(target, service.load_path(), Lack::Nothing, &request);
    }
    let path = service.health_path();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n"
    );
    let with_body = open(
        target,
        service.load_path(),
        Lack::Body,
        &format!("{head}\r\n{{"),
    );
    if with_body.streams.len() == HELD {
        return with_body;
    }
    // It answers before it has read the body.
    open(
        target,
        service.load_path(),
        Lack::Head,
        &format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n"),
    )
}

/// Those of them that are not answered at once.
fn open(target: &endpoint::Target, path: &str, lack: Lack, request: &str) -> Held {
    let mut held = Held {
        lack,
        streams: Vec::new(),
        trouble: None,
    };
    for _ in 0..HELD {
        let stream = TcpStream::connect_timeout(&target.at, Duration::from_secs(5));
        match stream.and_then(|mut stream| stream.write_all(request.as_bytes()).map(|()| stream)) {
            Ok(stream) => held.streams.push(stream),
            Err(error) => held.trouble = Some(error.to_string()),
        }
    }
    std::thread::sleep(ARRIVAL);
    // Connections are taken in their order: once a later one is answered, those before it are in work. Where nothing is
    // answered any more, the streams below tell.
    let _ = target.get(path, Duration::from_secs(5));
    held.streams.retain(is_silent);
    held
}

/// Whether nothing came, and the connection is open.
fn is_silent(stream: &TcpStream) -> bool {
    let mut byte = [0];
    let asked = stream
        .set_nonblocking(true)
        .and_then(|()| stream.peek(&mut byte));
    let is_silent = asked.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
    is_silent && stream.set_nonblocking(false).is_ok()
}

/// Sends what the requests lack, once the signal has arrived, and reads their answers.
fn finish(service: &Service<'_>, held: Held) -> Drained {
    std::thread::sleep(ARRIVAL);
    let mut drained = Drained {
        lack: held.lack,
        answered: 0,
        trouble: held.trouble.into_iter().collect(),
    };
    let rest: &[u8] = match held.lack {
        Lack::Nothing => b"",
        Lack::Body => b"}",
        Lack::Head => b"\r\n",
    };
    // All of them at once: one that waits for the others would only wait for us.
    let mut sent = Vec::new();
    for mut stream in held.streams {
        let whole = stream.write_all(rest);
        sent.push((stream, whole));
    }
    for (mut stream, whole) in sent {
        let whole = whole.map_err(|error| format!("the connection broke: {error}"));
        let answer =
            whole.and_then(|()| endpoint::read(&mut stream, Kind::Answer, service.limits.stops));
        match answer {
            Ok(_) => drained.answered += 1,
            Err(error) => drained.trouble.push(error),
        }
    }
    drained
}

fn judge_drained(drained: &Drained) -> Verdict {
    let Drained {
        lack,
        answered,
        trouble,
    } = drained;
    let what = match lack {
        Lack::Nothing => "in work",
        Lack::Body => "whose body was not complete",
        Lack::Head => "whose head was not complete",
    };
    let all = answered + trouble.len();
    if all == 0 {
        return Verdict::unknown(
            &DROPS_REQUESTS,
            "no request could be kept in flight; name a path that takes a while: `slow_path`",
        );
    }
    let evidence: Vec<String> = trouble.iter().take(1).cloned().collect();
    let said = format!("{answered} of {all} requests {what} were answered after the signal");
    if trouble.is_empty() {
        Verdict::passed(&DROPS_REQUESTS, said)
    } else if *lack == Lack::Head {
        let said = format!(
            "{said}, and it does not wait for bodies; name a path that takes a while: `slow_path`"
        );
        Verdict::unknown(&DROPS_REQUESTS, said).proven_by(evidence)
    } else {
        Verdict::failed(&DROPS_REQUESTS, said).proven_by(evidence)
    }
}

/// Starts the same container again, and stops it with `docker stop`.
pub(super) fn judge_restart(
    service: &Service<'_>,
    attempt: Attempt<'_>,
    subject: &mut Subject,
) -> Result<()> {
    let begin = Instant::now();
    let was_up = attempt.trouble.is_none();
    let container = attempt.container;
    // One that had to be killed ends a moment later.
    while container.state()?.running && begin.elapsed() < service.limits.stops {
        std::thread::sleep(POLL);
    }
    container.start_again()?;
    let again = service.await_up(container, service.limits.healthy)?;
    let verdict = match &again.trouble {
        Some(trouble) if was_up => {
            Verdict::failed(&BREAKS_WHEN_RESTARTED, format!("started again, {trouble}"))
        }
        Some(trouble) => Verdict::skipped(
            &BREAKS_WHEN_RESTARTED,
            format!("it is no better than at its first start: {trouble}"),
        ),
        None => {
            let exit = again.container.stop(service.limits.stops)?;
            let expected = i64::from(service.test.exit_code);
            let is_first = |verdict: &Verdict| {
                [&IGNORES_SIGTERM, &UNCLEAN_EXIT].contains(&verdict.property)
                    && verdict.outcome == crate::trial::Outcome::Failed
            };
            if exit.code == expected {
                let took = exit.took.as_secs_f64();
                Verdict::passed(
                    &BREAKS_WHEN_RESTARTED,
                    format!(
                        "up again, and `docker stop` ended it in {took:.2} s with exit code {expected}"
                    ),
                )
            } else if subject.verdicts.iter().any(is_first) {
                Verdict::passed(
                    &BREAKS_WHEN_RESTARTED,
                    "up again, and it stops as it did the first time",
                )
            } else {
                Verdict::failed(
                    &BREAKS_WHEN_RESTARTED,
                    format!(
                        "up again, but `docker stop` ended it with exit code {}",
                        exit.code
                    ),
                )
            }
        }
    };
    subject.verdicts.push(verdict.took(begin.elapsed()));
    Ok(())
}
