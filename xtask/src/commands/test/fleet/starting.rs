//! Starting all services: in order, in time, and each finds its peers.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::client;
use super::compose::Compose;
use super::findings::Findings;
use super::running::{self, Instance, Running};
use crate::engine::containers::{Reach, Session};
use crate::error::Result;
use crate::trial::fleet::latency::words;
use crate::trial::fleet::order::{self, Times};
use crate::trial::fleet::{Plan, peers, properties};

/// How long a peer may take to take a connection.
const CONNECTION: Duration = Duration::from_secs(2);

/// How often the engine is asked while services start. Engines keep the last five probes only, and probe about once a
/// second.
const LOOK: Duration = Duration::from_millis(250);

/// How long compose may go on after the budget, so that it can say what it waits for.
const GRACE: Duration = Duration::from_secs(5);

/// Starts them. Whether all are well; if not, nothing else can be told.
pub(super) fn start(
    session: &Session<'_>,
    compose: &Compose<'_>,
    plan: &Plan<'_>,
    findings: &mut Findings,
) -> Result<bool> {
    let budget = Duration::from_secs(plan.fleet.budgets.healthy.seconds());
    let up = compose.up(budget + GRACE);
    let runner = session.means().runner;
    let begin = Instant::now();
    let mut times: BTreeMap<String, Times> = BTreeMap::new();
    let (compose_said, unwell) = std::thread::scope(|scope| {
        let starting = scope.spawn(|| runner.run(&up));
        loop {
            let is_started = starting.is_finished();
            let instances = instances(session, compose)?;
            for instance in &instances {
                note_times(&mut times, instance);
            }
            let unwell: Vec<&Instance> = instances
                .iter()
                .filter(|instance| running::unwell(plan, instance).is_some())
                .collect();
            let is_over = begin.elapsed() >= budget;
            let is_dead =
                |instance: &&Instance| !instance.state.running && instance.state.exit_code != 0;
            // Compose itself may fail, and then nobody is started any more.
            if is_started && (unwell.is_empty() || is_over || unwell.iter().any(is_dead)) || is_over
            {
                let unwell: Vec<Instance> = unwell.into_iter().cloned().collect();
                let said = starting.join();
                return Ok::<_, crate::error::Error>((said, unwell));
            }
            std::thread::sleep(LOOK);
        }
    })?;
    let took = begin.elapsed();
    session.means().interrupt.check()?;
    findings.time("time-to-all-healthy", took, Some(budget));
    let mut evidence: Vec<String> = Vec::new();
    for instance in &unwell {
        if let Some(why) = running::unwell(plan, instance) {
            let service = &instance.service;
            // One that was not started yet waits for another; that one is the reason.
            if times.contains_key(service) {
                evidence.push(format!("{service}: {why}"));
                evidence.extend(
                    last_lines(session, &instance.id, 5)
                        .into_iter()
                        .map(|line| format!("{service} | {line}")),
                );
            }
        }
    }
    match compose_said {
        Ok(Ok(output)) if output.success() => {}
        Ok(Ok(output)) => evidence.extend(
            output
                .error_text()
                .lines()
                .map(|line| format!("compose: {line}")),
        ),
        Ok(Err(error)) => evidence.push(format!("compose: {error}")),
        Err(_) => evidence.push("compose: it was cut short".to_owned()),
    }
    if evidence.is_empty() && !unwell.is_empty() {
        evidence.push("no service was started".to_owned());
    }
    let names: Vec<&str> = unwell
        .iter()
        .filter(|instance| times.contains_key(&instance.service))
        .map(|instance| instance.service.as_str())
        .collect();
    let is_well = evidence.is_empty();
    let count = times.len();
    findings.judged(
        &properties::NEVER_HEALTHY,
        format!("{count} services healthy after {}", words(took)),
        format!("not healthy within {}: {}", words(budget), names.join(", ")),
        evidence,
    );
    let times: Vec<Times> = times.into_values().collect();
    findings.judged(
        &properties::STARTS_TOO_EARLY,
        "each service started after those it waits for",
        "services started before those they wait for",
        order::mistakes(&plan.composition.members, &times),
    );
    Ok(is_well)
}

fn instances(session: &Session<'_>, compose: &Compose<'_>) -> Result<Vec<Instance>> {
    let containers = compose.containers()?;
    let ids: Vec<&str> = containers.iter().map(|(_, id)| id.as_str()).collect();
    let states = session.states(&ids)?;
    let pairs = containers.into_iter().zip(states);
    Ok(pairs
        .map(|((service, id), state)| Instance { service, id, state })
        .collect())
}

/// The first time counts: of several instances, and of several probes.
fn note_times(times: &mut BTreeMap<String, Times>, instance: &Instance) {
    let state = &instance.state;
    // The year one stands for "not yet".
    let moment =
        |text: &str| (!text.is_empty() && !text.starts_with("0001-")).then(|| text.to_owned());
    let Some(started) = moment(&state.started_at) else {
        return;
    };
    let entry = times
        .entry(instance.service.clone())
        .or_insert_with(|| Times {
            service: instance.service.clone(),
            started,
            ..Times::default()
        });
    if entry.healthy.is_none() {
        let first = state.probes.iter().find(|probe| probe.exit_code == 0);
        entry.healthy = first.map(|probe| probe.end.clone());
    }
    if !state.running {
        entry.finished = moment(&state.finished_at);
    }
}

/// The end of what a container printed.
pub(super) fn last_lines(session: &Session<'_>, id: &str, count: usize) -> Vec<String> {
    let tail = format!("--tail={count}");
    // A log that cannot be had proves nothing, and hides nothing either.
    let Ok(output) = session.ask(["logs", &tail, id]) else {
        return Vec::new();
    };
    let mut lines: Vec<String> = output.text().lines().map(str::to_owned).collect();
    lines.extend(output.error_text().lines().map(str::to_owned));
    lines
}

/// From inside of each service, each of its peers.
pub(super) fn discover(running: &Running<'_>, findings: &mut Findings) -> Result<()> {
    let mut evidence = Vec::new();
    let mut reached = 0_usize;
    for instance in running.instances()? {
        let Some(member) = running.plan.composition.member(&instance.service) else {
            continue;
        };
        let peers = peers::of(member, |name| running.plan.port(name));
        // Without an address it is in no network of the fleet.
        if peers.is_empty() || !instance.state.running || instance.state.addresses.is_empty() {
            continue;
        }
        let reach = Reach::into_container(instance.state.pid, &instance.id)?;
        let answers: Vec<Result<(), String>> = reach.within(|| {
            let reach = |peer: &peers::Peer| match peer.port {
                Some(port) => client::connect(&peer.host, port, CONNECTION).map(drop),
                None => client::resolve(&peer.host).map(drop),
            };
            Ok(peers.iter().map(reach).collect())
        })?;
        for (peer, answer) in peers.iter().zip(answers) {
            match answer {
                Ok(()) => reached += 1,
                Err(why) => evidence.push(format!("{} ({}): {why}", member.name, peer.told_by)),
            }
        }
    }
    findings.judged(
        &properties::UNREACHABLE_PEER,
        format!("{reached} ways from a service to a peer work"),
        format!(
            "{} of {} ways from a service to a peer do not work",
            evidence.len(),
            reached + evidence.len()
        ),
        evidence,
    );
    Ok(())
}

/// With all there, none reports a failing check.
pub(super) fn at_rest(
    running: &Running<'_>,
    findings: &mut Findings,
) -> Result<BTreeMap<String, running::Health>> {
    // A check may have been made just before its peer was there.
    let end = Instant::now() + Duration::from_secs(running.plan.fleet.budgets.notice.seconds());
    let health = loop {
        let health = running.health(&[])?;
        let is_well = health
            .values()
            .all(|health| health.is_up() && health.failing().next().is_none());
        if is_well || Instant::now() >= end {
            break health;
        }
        running.session.means().interrupt.check()?;
        std::thread::sleep(running::PAUSE);
    };
    let evidence: Vec<String> = health
        .iter()
        .filter(|(_, health)| !health.is_up() || health.failing().next().is_some())
        .map(|(name, health)| format!("{name}: {}", health.words()))
        .collect();
    if health.is_empty() {
        findings.skipped(
            &properties::UNWELL_AT_REST,
            "no Dockerfile tells a health endpoint",
        );
    } else {
        let checks: usize = health.values().map(|health| health.checks.len()).sum();
        findings.judged(
            &properties::UNWELL_AT_REST,
            format!(
                "{} health endpoints with {checks} checks are all well",
                health.len()
            ),
            "with all services up, some report failing checks",
            evidence,
        );
    }
    Ok(health)
}
