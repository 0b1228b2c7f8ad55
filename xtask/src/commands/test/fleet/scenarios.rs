//! What must work from one end to the other.

use std::time::{Duration, Instant};

use super::findings::Findings;
use super::receiver::Receiver;
use super::running::{PAUSE, Running};
use crate::error::Result;
use crate::project::manifest::{Scenario, Step};
use crate::trial::fleet::latency::words;
use crate::trial::fleet::properties;
use crate::trial::fleet::step::{self, Values};

/// How long a receiver is waited for, unless the step says.
const USUAL: Duration = Duration::from_secs(5);

/// Carries out all of them; each has its verdict.
pub(super) fn run(
    running: &Running<'_>,
    receivers: &[Receiver],
    findings: &mut Findings,
) -> Result<()> {
    let scenarios = &running.plan.fleet.scenarios;
    if scenarios.is_empty() {
        findings.skipped(
            &properties::BROKEN_SCENARIO,
            "the manifest has no `[[test.fleet.scenarios]]`",
        );
    }
    for scenario in scenarios {
        findings.begin();
        let begin = Instant::now();
        let name = &scenario.name;
        match carry_out(running, receivers, scenario)? {
            Ok(()) => {
                let count = scenario.steps.len();
                let took = words(begin.elapsed());
                findings.passed(
                    &properties::BROKEN_SCENARIO,
                    format!("{name}: {count} steps in {took}"),
                );
            }
            Err(evidence) => {
                findings.failed(
                    &properties::BROKEN_SCENARIO,
                    format!("{name}: it does not come out"),
                    vec![evidence],
                );
            }
        }
    }
    Ok(())
}

fn carry_out(
    running: &Running<'_>,
    receivers: &[Receiver],
    scenario: &Scenario,
) -> Result<Result<(), String>> {
    let mut values = running.values();
    for (number, step) in scenario.steps.iter().enumerate() {
        match try_step(running, receivers, step, &values)? {
            Ok(captured) => values.extend(captured),
            Err(why) => return Ok(Err(format!("step {} ({}): {why}", number + 1, title(step)))),
        }
    }
    Ok(Ok(()))
}

/// A step in a few words.
pub(super) fn title(step: &Step) -> String {
    match (&step.service, &step.receiver) {
        (Some(service), _) => {
            let path = step.path.as_deref().unwrap_or_default();
            format!("{} {service}{path}", step.method)
        }
        (None, receiver) => format!("receiver {}", receiver.as_deref().unwrap_or_default()),
    }
}

fn try_step(
    running: &Running<'_>,
    receivers: &[Receiver],
    step: &Step,
    values: &Values,
) -> Result<Result<Values, String>> {
    let usual = if step.receiver.is_some() {
        USUAL
    } else {
        Duration::ZERO
    };
    let patience = step
        .within
        .map_or(usual, |period| Duration::from_secs(period.seconds()));
    let begin = Instant::now();
    loop {
        running.session.means().interrupt.check()?;
        let judged = match &step.receiver {
            Some(name) => received(receivers, name, step, values),
            None => running
                .send(step, values)?
                .and_then(|(prepared, answer)| prepared.judge(answer.status(), &answer.body)),
        };
        match judged {
            Err(why) if begin.elapsed() >= patience => {
                let waited = if patience.is_zero() {
                    String::new()
                } else {
                    format!(" (tried for {})", words(patience))
                };
                return Ok(Err(format!("it {why}{waited}")));
            }
            Err(_) => std::thread::sleep(PAUSE),
            Ok(captured) => return Ok(Ok(captured)),
        }
    }
}

/// The first request that came and is as expected.
fn received(
    receivers: &[Receiver],
    name: &str,
    step: &Step,
    values: &Values,
) -> Result<Values, String> {
    let prepared = step::prepare(step, values)?;
    let came = receivers
        .iter()
        .find(|receiver| receiver.name == name)
        .map(Receiver::came)
        .unwrap_or_default();
    let mut why = "got no request".to_owned();
    for message in came.iter().rev() {
        match prepared.judge(None, &message.body) {
            Ok(captured) => return Ok(captured),
            Err(because) => why = format!("got {} requests, of which one {because}", came.len()),
        }
    }
    Err(why)
}
