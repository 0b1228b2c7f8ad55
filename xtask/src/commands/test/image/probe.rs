//! Whether the health check of an image can fail at all.

use std::time::{Duration, Instant};

use super::inside::ELSEWHERE;
use super::service::{Attempt, Service, clip};
use crate::engine::containers::processes::{self, Frozen};
use crate::error::Result;
use crate::process::Output;
use crate::trial::image::ALWAYS_TRUE_PROBE;
use crate::trial::{Subject, Verdict};

/// What Docker gives a probe whose image says nothing.
const DEFAULT_LIMIT: Duration = Duration::from_secs(30);
/// A probe that takes longer is taken for one that hangs.
const LONGEST: Duration = Duration::from_secs(10);
/// How long a service may take until it answers again.
const RECOVERY: Duration = Duration::from_secs(10);

/// Runs the image's own probe while nothing of the service runs, and once it does again.
///
/// The engine's own probing does the same, only later: `docker exec` in its interval, with its time limit.
pub(super) fn judge(
    service: &Service<'_>,
    attempt: &Attempt<'_>,
    subject: &mut Subject,
) -> Result<()> {
    let Some(command) = service.health_command() else {
        subject
            .verdicts
            .push(Verdict::skipped(&ALWAYS_TRUE_PROBE, "there is no probe"));
        return Ok(());
    };
    let begin = Instant::now();
    let verdict = verdict(service, attempt, &command)?;
    subject.verdicts.push(verdict.took(begin.elapsed()));
    Ok(())
}

fn verdict(service: &Service<'_>, attempt: &Attempt<'_>, command: &[&str]) -> Result<Verdict> {
    let nanoseconds = service
        .config
        .healthcheck
        .as_ref()
        .map_or(0, |check| check.timeout);
    let limit = if nanoseconds == 0 {
        DEFAULT_LIMIT
    } else {
        Duration::from_nanos(nanoseconds)
    };
    // Starting a program takes time, too, which is not the probe's.
    let patience = limit.min(LONGEST) + Duration::from_secs(1);
    let probe = || attempt.container.exec_within(command, patience);
    let succeeds = |output: &Option<Output>| output.as_ref().is_some_and(Output::success);
    let before = probe()?;
    if !succeeds(&before) {
        let said = before.map_or_else(|| "it did not end".to_owned(), |output| said(&output));
        return Ok(Verdict::unknown(
            &ALWAYS_TRUE_PROBE,
            format!("the probe fails already: {said}"),
        ));
    }
    let Some(all) = processes::of(attempt.container.id(), attempt.state.pid) else {
        return Ok(Verdict::unknown(&ALWAYS_TRUE_PROBE, ELSEWHERE));
    };
    let Some(frozen) = Frozen::new(&all) else {
        return Ok(Verdict::unknown(
            &ALWAYS_TRUE_PROBE,
            "its processes may not be stopped by this user",
        ));
    };
    let while_frozen = probe();
    drop(frozen);
    let while_frozen = while_frozen?;
    if succeeds(&while_frozen) {
        let count = all.len();
        return Ok(Verdict::failed(
            &ALWAYS_TRUE_PROBE,
            format!("the probe succeeds while all {count} processes of the service are frozen"),
        ));
    }
    let failed = while_frozen.map_or_else(
        || format!("it does not end within {} s", patience.as_secs()),
        |output| said(&output),
    );
    let begin = Instant::now();
    loop {
        if succeeds(&probe()?) {
            return Ok(Verdict::passed(
                &ALWAYS_TRUE_PROBE,
                format!("frozen, {failed}; it succeeds again afterwards"),
            ));
        }
        if begin.elapsed() > RECOVERY {
            return Ok(Verdict::failed(
                &ALWAYS_TRUE_PROBE,
                format!(
                    "the probe still fails {} s after the service goes on",
                    RECOVERY.as_secs()
                ),
            ));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn said(output: &Output) -> String {
    let code = output.code.unwrap_or_default();
    let text = format!("{} {}", output.text(), output.error_text());
    format!("exit code {code}, {}", clip(text.trim()))
}
