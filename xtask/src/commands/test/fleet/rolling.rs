//! Replacing services one after the other under load.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::findings::Findings;
use super::handover::Handover;
use super::load::{Answer, Load};
use super::running::{Health, Instance, PAUSE, Running, unwell};
use crate::error::Result;
use crate::project::manifest;
use crate::trial::fleet::latency::words;
use crate::trial::fleet::properties::{LOSES_REQUESTS_ON_RESTART, SLOW_UNDER_LOAD};
use crate::trial::memory::quantile;

/// How many requests may be under way at any time.
const AT_ONCE: usize = 16;

/// So many failed requests are shown.
const SHOWN: usize = 10;

/// When a service was being replaced.
struct Replaced {
    service: String,
    from: Instant,
    to: Instant,
}

/// Replaces them.
pub(super) fn run(
    running: &Running<'_>,
    before: &BTreeMap<String, Health>,
    findings: &mut Findings,
) -> Result<()> {
    let plan = running.plan;
    findings.begin();
    if plan.restart.is_empty() {
        findings.skipped(&LOSES_REQUESTS_ON_RESTART, "no service is to be replaced");
        findings.skipped(&SLOW_UNDER_LOAD, "no service is to be replaced");
        return Ok(());
    }
    let Some(requests) = plan.load() else {
        let why =
            "nothing says where requests go to: write `test.fleet.entry` or `[test.fleet.load]`";
        findings.unknown(&LOSES_REQUESTS_ON_RESTART, why);
        findings.unknown(&SLOW_UNDER_LOAD, why);
        return Ok(());
    };
    let rate = plan
        .fleet
        .load
        .as_ref()
        .map_or_else(manifest::Load::usual_rate, |load| load.rate);
    let load = Load {
        running,
        requests: &requests,
        rate: Some(rate),
        at_once: AT_ONCE,
        most: None,
    };
    let stop = AtomicBool::new(false);
    let begin = Instant::now();
    let (answers, replaced) = std::thread::scope(|scope| {
        let sending = scope.spawn(|| load.run(&stop));
        let replaced = replace_all(running);
        stop.store(true, Ordering::Relaxed);
        let answers = sending.join().unwrap_or_else(|_| {
            Err(crate::error::Error::failed(
                "a thread of the load ended unexpectedly",
            ))
        });
        Ok::<_, crate::error::Error>((answers?, replaced?))
    })?;
    let took = begin.elapsed();
    let (replaced, mut evidence) = replaced;
    let failed: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.judged.is_err())
        .collect();
    evidence.extend(
        failed
            .iter()
            .take(SHOWN)
            .map(|answer| words_of(answer, &replaced)),
    );
    if failed.len() > SHOWN {
        evidence.push(format!("and {} more", failed.len() - SHOWN));
    }
    if let Err(wrong) = running.wait_until_as(before, recovery(running))? {
        evidence.extend(wrong.into_iter().map(|line| format!("afterwards {line}")));
    }
    findings.count("requests-while-replaced", answers.len());
    let idle: Vec<&str> = replaced
        .iter()
        .filter(|part| {
            !answers
                .iter()
                .any(|answer| part.from <= answer.begun && answer.begun <= part.to)
        })
        .map(|part| part.service.as_str())
        .collect();
    if evidence.is_empty() && !idle.is_empty() {
        findings.unknown(
            &LOSES_REQUESTS_ON_RESTART,
            format!(
                "no request was made while {} was replaced; raise `test.fleet.load.rate`",
                idle.join(", ")
            ),
        );
    } else {
        findings.judged(
            &LOSES_REQUESTS_ON_RESTART,
            format!(
                "{} services replaced in {}, {} requests, none failed",
                replaced.len(),
                words(took),
                answers.len()
            ),
            format!("{} of {} requests failed", failed.len(), answers.len()),
            evidence,
        );
    }
    judge_times(running, &answers, findings);
    Ok(())
}

fn judge_times(running: &Running<'_>, answers: &[Answer], findings: &mut Findings) {
    let budget = Duration::from_millis(running.plan.fleet.budgets.p99_milliseconds.into());
    let good = answers.iter().filter(|answer| answer.judged.is_ok());
    let mut times: Vec<f64> = good.map(|answer| answer.took.as_secs_f64()).collect();
    let mut within = |share| quantile(&mut times, share).map(Duration::from_secs_f64);
    let (Some(half), Some(most)) = (within(0.5), within(0.99)) else {
        findings.unknown(&SLOW_UNDER_LOAD, "no request was answered");
        return;
    };
    findings.time("load-p50", half, None);
    findings.time("load-p99", most, Some(budget));
    let told = format!(
        "half within {}, 99 of 100 within {}",
        words(half),
        words(most)
    );
    let evidence = if most > budget {
        let mut slowest: Vec<&Answer> = answers.iter().collect();
        slowest.sort_by_key(|answer| std::cmp::Reverse(answer.took));
        let line = |answer: &&Answer| format!("{} took {}", answer.title, words(answer.took));
        slowest.iter().take(3).map(line).collect()
    } else {
        Vec::new()
    };
    let over = format!("{told}, over {}", words(budget));
    findings.judged(&SLOW_UNDER_LOAD, told, over, evidence);
}

pub(super) fn recovery(running: &Running<'_>) -> Duration {
    Duration::from_secs(running.plan.fleet.budgets.recovery.seconds())
}

fn words_of(answer: &Answer, replaced: &[Replaced]) -> String {
    let end = answer.begun + answer.took;
    let part = replaced
        .iter()
        .find(|part| part.from <= end && answer.begun <= part.to);
    let part = part.map_or_else(
        || "between two".to_owned(),
        |part| format!("while {} was replaced", part.service),
    );
    let why = answer.judged.as_ref().err().map_or("", String::as_str);
    format!("request {} ({}) {part}: {why}", answer.number, answer.title)
}

/// Each in turn: a second instance under the same name, then the end of the first. With what went wrong.
fn replace_all(running: &Running<'_>) -> Result<(Vec<Replaced>, Vec<String>)> {
    let mut replaced = Vec::new();
    let mut wrong = Vec::new();
    let mut handover = Handover::open(running)?;
    for service in &running.plan.restart {
        let from = Instant::now();
        wrong.extend(replace(running, &mut handover, service)?);
        replaced.push(Replaced {
            service: service.clone(),
            from,
            to: Instant::now(),
        });
    }
    Ok((replaced, wrong))
}

fn replace(
    running: &Running<'_>,
    handover: &mut Handover<'_>,
    service: &str,
) -> Result<Option<String>> {
    let old = running.instances_of(service)?;
    let mut known: Vec<String> = old.iter().map(|instance| instance.id.clone()).collect();
    for instance in &old {
        running.session.means().interrupt.check()?;
        running.compose.create_more(service, old.len() + 1)?;
        let now = running.instances_of(service)?;
        let Some(fresh) = now.into_iter().find(|one| !known.contains(&one.id)) else {
            return Ok(Some(format!(
                "{service}: compose makes no second instance of it"
            )));
        };
        known.push(fresh.id.clone());
        handover.prepare(&fresh.id, instance)?;
        running.session.ok(["start", &fresh.id])?;
        if let Some(why) = wait_until_well(running, fresh)? {
            return Ok(Some(format!(
                "{service}: its second instance is not well: {why}"
            )));
        }
        let fresh = known.last().map_or("", String::as_str);
        if let Err(why) = handover.switch(fresh, instance)? {
            return Ok(Some(why));
        }
        // The grace period is the one of the compose file.
        running.session.ok(["stop", &instance.id])?;
        running.session.ok(["rm", "--volumes", &instance.id])?;
    }
    Ok(None)
}

/// What is wrong with a container that was just started, once its time is over.
fn wait_until_well(running: &Running<'_>, mut instance: Instance) -> Result<Option<String>> {
    let begin = Instant::now();
    loop {
        running.session.means().interrupt.check()?;
        instance.state = running
            .session
            .states(&[&instance.id])?
            .pop()
            .unwrap_or_default();
        let wrong = unwell(running.plan, &instance);
        if wrong.is_none() || begin.elapsed() >= recovery(running) {
            return Ok(wrong);
        }
        std::thread::sleep(PAUSE);
    }
}
