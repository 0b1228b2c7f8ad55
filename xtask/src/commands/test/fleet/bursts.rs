//! More requests at once than a pool has room for.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::findings::Findings;
use super::load::{Answer, Load};
use super::rolling::recovery;
use super::running::{Health, Running};
use crate::error::Result;
use crate::project::manifest::Burst;
use crate::trial::fleet::latency::words;
use crate::trial::fleet::properties::BREAKS_UNDER_BURST;

/// So many wrong answers are shown.
const SHOWN: usize = 5;

/// Carries out all of them; each has its verdict.
pub(super) fn run(
    running: &Running<'_>,
    before: &BTreeMap<String, Health>,
    findings: &mut Findings,
) -> Result<()> {
    let bursts = &running.plan.fleet.bursts;
    if bursts.is_empty() {
        findings.skipped(
            &BREAKS_UNDER_BURST,
            "the manifest has no `[[test.fleet.bursts]]`",
        );
    }
    for burst in bursts {
        findings.begin();
        running.session.means().interrupt.check()?;
        send(running, burst, before, findings)?;
    }
    Ok(())
}

fn send(
    running: &Running<'_>,
    burst: &Burst,
    before: &BTreeMap<String, Health>,
    findings: &mut Findings,
) -> Result<()> {
    let load = Load {
        running,
        requests: std::slice::from_ref(&burst.send),
        rate: None,
        at_once: usize::try_from(burst.at_once.min(burst.requests)).unwrap_or(1),
        most: Some(burst.requests.into()),
    };
    let begin = Instant::now();
    let answers = load.run(&AtomicBool::new(false))?;
    let took = begin.elapsed();
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for status in answers.iter().filter_map(|answer| answer.status) {
        *counts.entry(status).or_default() += 1;
    }
    let is_good = |answer: &&Answer| {
        answer
            .status
            .is_some_and(|status| burst.answers.contains(&status))
    };
    let bad: Vec<&Answer> = answers.iter().filter(|answer| !is_good(answer)).collect();
    let line = |answer: &&Answer| {
        let why = answer.judged.as_ref().err().map_or("", String::as_str);
        format!("request {}: {why}", answer.number)
    };
    let mut evidence: Vec<String> = bad.iter().take(SHOWN).map(line).collect();
    if let Some(wanted) = burst.answers.first()
        && !counts.contains_key(wanted)
    {
        evidence.push(format!("no request at all was answered {wanted}"));
    }
    if let Err(wrong) = running.wait_until_as(before, recovery(running))? {
        evidence.extend(wrong.into_iter().map(|line| format!("afterwards {line}")));
    }
    let told: Vec<String> = counts
        .iter()
        .map(|(status, count)| format!("{count} × {status}"))
        .collect();
    let (name, told) = (&burst.name, told.join(", "));
    findings.judged(
        &BREAKS_UNDER_BURST,
        format!(
            "{name}: {} requests, {} at once, in {}: {told}",
            answers.len(),
            burst.at_once,
            words(took)
        ),
        format!(
            "{name}: {} of {} requests not answered as they should be ({told})",
            bad.len(),
            answers.len()
        ),
        evidence,
    );
    Ok(())
}
