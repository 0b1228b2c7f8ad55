//! All services together.

mod bursts;
mod client;
mod compose;
mod findings;
mod handover;
mod images;
mod killing;
mod load;
mod outages;
mod receiver;
mod rolling;
mod running;
mod scenarios;
mod starting;

use compose::Compose;
use findings::Findings;
use receiver::Receiver;
use running::Running;

use super::Trial;
use super::progress::Task;
use crate::engine::containers::{Outpost, Session};
use crate::error::{Exit, Result};
use crate::trial::fleet::{Plan, properties};
use crate::trial::{Outcome, Property, Subject, Suite};

/// So many of the last lines of each service are shown where something failed.
const TAIL: usize = 5;

/// Tries the fleet of the manifest, if it has one.
pub(super) fn run(trial: &Trial<'_>) -> Result<Vec<Subject>> {
    let fleet = &trial.project.manifest.test.fleet;
    let Some(path) = fleet.compose.first() else {
        return Ok(Vec::new());
    };
    let task = trial.progress.begin("fleet");
    task.step("reading the compose files");
    let composition = compose::read(trial)?;
    let plan = Plan::new(trial.project, &composition)?;
    let session = trial.session()?;
    let images = images::prepare(trial, &session, &plan)?;
    let compose = Compose::write(&session, &trial.folder, &composition, &images)?;
    let mut findings = Findings::new();
    let log_tail = carry_out(&task, &session, &compose, &plan, &mut findings)?;
    let mut subject = Subject::new("fleet", Suite::Fleet);
    subject.path = Some(path.to_string());
    subject.verdicts = findings.verdicts;
    subject.measurements = findings.measurements;
    subject.log_tail = log_tail;
    task.end(&subject);
    Ok(vec![subject])
}

/// Everything in turn; the last lines of the logs where something failed.
fn carry_out(
    task: &Task<'_>,
    session: &Session<'_>,
    compose: &Compose<'_>,
    plan: &Plan<'_>,
    findings: &mut Findings,
) -> Result<Vec<String>> {
    task.step(&format!("starting {} services", plan.services.len()));
    compose.create()?;
    // The place is taken before services start: they may ask for the names of receivers right away.
    let outpost = take_place(session, compose, plan);
    let is_well = starting::start(session, compose, plan, findings)?;
    let outpost = match outpost {
        _ if !is_well => {
            leave_out(findings, "the fleet never was healthy");
            return tail(session, compose, findings);
        }
        Ok(outpost) => outpost,
        // Interrupts end all; that containers are elsewhere leaves the rest unknown.
        Err(error) if error.exit() != Exit::Missing => return Err(error),
        Err(error) => {
            leave_out(findings, &error.to_string());
            return Ok(Vec::new());
        }
    };
    let receivers: Vec<Receiver> = plan
        .fleet
        .receivers
        .iter()
        .map(|receiver| Receiver::open(outpost.reach(), &receiver.name, receiver.port))
        .collect::<Result<_>>()?;
    let running = Running {
        session,
        compose,
        plan,
        outpost: &outpost,
        run: session.project_name(),
    };
    task.step("each service looks for its peers");
    findings.begin();
    starting::discover(&running, findings)?;
    findings.begin();
    let before = starting::at_rest(&running, findings)?;
    task.step(&format!("{} scenarios", plan.fleet.scenarios.len()));
    scenarios::run(&running, &receivers, findings)?;
    task.step(&format!(
        "killing {} services, one after the other",
        plan.kill.len()
    ));
    killing::run(&running, &before, findings)?;
    task.step(&format!(
        "replacing {} services under load",
        plan.restart.len()
    ));
    rolling::run(&running, &before, findings)?;
    task.step("bursts and outages");
    bursts::run(&running, &before, findings)?;
    outages::run(&running, &before, findings)?;
    if findings
        .verdicts
        .iter()
        .any(|verdict| verdict.outcome == Outcome::Failed)
    {
        return tail(session, compose, findings);
    }
    Ok(Vec::new())
}

/// In all of the fleet's networks, under the names of the receivers.
fn take_place<'s>(
    session: &'s Session<'s>,
    compose: &Compose<'_>,
    plan: &Plan<'_>,
) -> Result<Outpost<'s>> {
    let aliases: Vec<&str> = plan
        .fleet
        .receivers
        .iter()
        .map(|receiver| receiver.name.as_str())
        .collect();
    let networks = compose.networks()?;
    let (first, others) = networks.split_first().ok_or_else(|| {
        crate::error::Error::missing(
            "the fleet has no network of its own, so that nothing can be asked",
        )
        .help("leave `network_mode` out of the compose files")
    })?;
    let outpost = session.outpost(first, &aliases)?;
    for network in others {
        outpost.join(network, &aliases)?;
    }
    Ok(outpost)
}

/// What has no verdict yet cannot be told.
fn leave_out(findings: &mut Findings, why: &str) {
    let has = |findings: &Findings, property: &Property| {
        findings
            .verdicts
            .iter()
            .any(|verdict| verdict.property == property)
    };
    findings.begin();
    for property in properties::PROPERTIES {
        if !has(findings, property) {
            findings.unknown(property, why);
        }
    }
}

/// The last lines of the services that what failed speaks of; of all where it speaks of none.
fn tail(session: &Session<'_>, compose: &Compose<'_>, findings: &Findings) -> Result<Vec<String>> {
    let failed = findings
        .verdicts
        .iter()
        .filter(|verdict| verdict.outcome == Outcome::Failed);
    let said: Vec<&str> = failed
        .flat_map(|verdict| verdict.evidence.iter().chain([&verdict.detail]))
        .map(String::as_str)
        .collect();
    let containers = compose.containers()?;
    let is_named =
        |(service, _): &&(String, String)| said.iter().any(|line| line.contains(service.as_str()));
    let named = containers.iter().any(|container| is_named(&container));
    let shown = containers
        .iter()
        .filter(|container| !named || is_named(container));
    let lines = shown.flat_map(|(service, id)| {
        let lines = starting::last_lines(session, id, TAIL);
        lines
            .into_iter()
            .map(move |line| format!("{service} | {line}"))
    });
    Ok(lines.collect())
}
