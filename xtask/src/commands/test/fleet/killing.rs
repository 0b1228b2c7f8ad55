//! One service after the other is killed and comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::findings::Findings;
use super::rolling::recovery;
use super::running::{Health, Instance, PAUSE, Running};
use crate::error::Result;
use crate::trial::fleet::latency::words;
use crate::trial::fleet::properties::{DOES_NOT_RECOVER, FALLS_WITH_ITS_PEER, HIDES_A_LOST_PEER};

/// How long the others are watched at least, where none has a check for the one that is away.
const WATCHED: Duration = Duration::from_secs(1);

/// What was seen while one was away.
#[derive(Default)]
struct Seen {
    /// Who went down, with what they said first.
    fallen: BTreeMap<String, String>,
    /// Who said that the one is missing, and after how long.
    noticed: BTreeMap<String, Duration>,
    /// Who has a check for it, and did not say so.
    blind: BTreeSet<String>,
}

/// Kills each in turn.
pub(super) fn run(
    running: &Running<'_>,
    before: &BTreeMap<String, Health>,
    findings: &mut Findings,
) -> Result<()> {
    if running.plan.kill.is_empty() {
        for property in [&FALLS_WITH_ITS_PEER, &HIDES_A_LOST_PEER, &DOES_NOT_RECOVER] {
            findings.skipped(property, "no service is to be killed");
        }
    }
    let mut longest = Duration::ZERO;
    for service in &running.plan.kill {
        findings.begin();
        running.session.means().interrupt.check()?;
        let instances = running.instances_of(service)?;
        for instance in &instances {
            running.session.ok(["kill", &instance.id])?;
        }
        let seen = watch(running, service, before)?;
        judge(running, service, &seen, findings);
        let begin = Instant::now();
        let ids: Vec<&str> = instances
            .iter()
            .map(|instance| instance.id.as_str())
            .collect();
        running.session.ok(["start"].iter().chain(&ids))?;
        match running.wait_until_as(before, recovery(running))? {
            Ok(_) => {
                let took = begin.elapsed();
                longest = longest.max(took);
                findings.passed(
                    &DOES_NOT_RECOVER,
                    format!(
                        "{service} was killed; all as before {} after its start",
                        words(took)
                    ),
                );
            }
            Err(wrong) => {
                findings.failed(
                    &DOES_NOT_RECOVER,
                    format!(
                        "{service} was killed; not all as before {} after its start",
                        words(recovery(running))
                    ),
                    wrong,
                );
                // What is tried next would show this again.
                return Ok(());
            }
        }
    }
    if !running.plan.kill.is_empty() {
        findings.time("longest-recovery", longest, Some(recovery(running)));
    }
    Ok(())
}

fn watch(running: &Running<'_>, killed: &str, before: &BTreeMap<String, Health>) -> Result<Seen> {
    let budget = Duration::from_secs(running.plan.fleet.budgets.notice.seconds());
    let mut seen = Seen {
        blind: before
            .iter()
            .filter(|(name, health)| *name != killed && check_of(health, killed).is_some())
            .map(|(name, _)| name.clone())
            .collect(),
        ..Seen::default()
    };
    let asks = !seen.blind.is_empty();
    let begin = Instant::now();
    loop {
        running.session.means().interrupt.check()?;
        let health = running.health(&[killed])?;
        for (name, health) in &health {
            let was_up = before.get(name).is_some_and(Health::is_up);
            if was_up && !health.is_up() {
                seen.fallen
                    .entry(name.clone())
                    .or_insert_with(|| health.words());
            }
            if check_of(health, killed) == Some(false) {
                seen.blind.remove(name);
                seen.noticed
                    .entry(name.clone())
                    .or_insert_with(|| begin.elapsed());
            }
        }
        let enough = begin.elapsed() >= WATCHED && seen.blind.is_empty();
        if enough || (asks && begin.elapsed() >= budget) {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    let ended = |instance: &Instance| {
        instance.service != killed && !instance.state.running && instance.state.exit_code != 0
    };
    for instance in running
        .instances()?
        .iter()
        .filter(|instance| ended(instance))
    {
        let why = format!("it ended with {}", instance.state.exit_code);
        seen.fallen.insert(instance.service.clone(), why);
    }
    Ok(seen)
}

/// Whether the check that is named for a service passed, if there is one.
fn check_of(health: &Health, service: &str) -> Option<bool> {
    let check = health
        .checks
        .iter()
        .find(|check| check.name.eq_ignore_ascii_case(service));
    check.map(|check| check.passed)
}

fn judge(running: &Running<'_>, killed: &str, seen: &Seen, findings: &mut Findings) {
    let others = running.plan.services.len() - 1;
    findings.judged(
        &FALLS_WITH_ITS_PEER,
        format!("without {killed} the other {others} stay up"),
        format!(
            "without {killed}, {} of {others} do not stay up",
            seen.fallen.len()
        ),
        seen.fallen
            .iter()
            .map(|(name, why)| format!("{name}: {why}"))
            .collect(),
    );
    if seen.noticed.is_empty() && seen.blind.is_empty() {
        findings.skipped(
            &HIDES_A_LOST_PEER,
            format!("no service has a check named {killed}"),
        );
        return;
    }
    let noticed: Vec<String> = seen
        .noticed
        .iter()
        .map(|(name, after)| format!("{name} after {}", words(*after)))
        .collect();
    findings.judged(
        &HIDES_A_LOST_PEER,
        format!("that {killed} is missing say {}", noticed.join(", ")),
        format!(
            "{} services do not say that {killed} is missing",
            seen.blind.len()
        ),
        seen.blind
            .iter()
            .map(|name| format!("{name}: its check named {killed} still passes"))
            .collect(),
    );
}
