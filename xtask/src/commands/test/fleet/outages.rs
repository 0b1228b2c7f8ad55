//! A service, such as a database, is killed while requests come in.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::findings::Findings;
use super::load::{Answer, Load};
use super::rolling::recovery;
use super::running::{Health, Instance, PAUSE, Running};
use crate::error::{Error, Result};
use crate::project::manifest::{Outage, Step};
use crate::trial::fleet::latency::words;
use crate::trial::fleet::properties::{DIES_WITH_ITS_DATABASE, LOSES_WHAT_IT_ACKNOWLEDGED};

/// Requests per second, and how many may be under way.
const RATE: u32 = 20;
const AT_ONCE: usize = 16;

/// How long requests come in before it is killed, and after it is back.
const AROUND: Duration = Duration::from_secs(1);

/// So much is shown of what went wrong.
const SHOWN: usize = 5;

/// What was seen of one outage.
struct Seen {
    wrong: Vec<String>,
    killed: Instant,
    back: Instant,
    recovered: Option<Duration>,
}

/// Carries out all of them.
pub(super) fn run(
    running: &Running<'_>,
    before: &BTreeMap<String, Health>,
    findings: &mut Findings,
) -> Result<()> {
    let outages = &running.plan.fleet.outages;
    if outages.is_empty() {
        let why = "the manifest has no `[[test.fleet.outages]]`";
        findings.skipped(&DIES_WITH_ITS_DATABASE, why);
        findings.skipped(&LOSES_WHAT_IT_ACKNOWLEDGED, why);
    }
    for outage in outages {
        findings.begin();
        let requests: Vec<Step> = outage.send.iter().cloned().collect();
        let load = Load {
            running,
            requests: &requests,
            rate: Some(RATE),
            at_once: if requests.is_empty() { 0 } else { AT_ONCE },
            most: None,
        };
        let stop = AtomicBool::new(false);
        let (answers, seen) = std::thread::scope(|scope| {
            let sending = scope.spawn(|| load.run(&stop));
            let seen = interrupt(running, outage, before);
            stop.store(true, Ordering::Relaxed);
            let answers = sending
                .join()
                .unwrap_or_else(|_| Err(Error::failed("a thread of the load ended unexpectedly")));
            Ok::<_, Error>((answers?, seen?))
        })?;
        judge(running, outage, &answers, seen, findings)?;
    }
    Ok(())
}

fn interrupt(
    running: &Running<'_>,
    outage: &Outage,
    before: &BTreeMap<String, Health>,
) -> Result<Seen> {
    let interrupt = running.session.means().interrupt;
    let others = running.instances()?;
    std::thread::sleep(AROUND);
    interrupt.check()?;
    let ids: Vec<String> = running
        .instances_of(&outage.service)?
        .into_iter()
        .map(|one| one.id)
        .collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    running.session.ok(["kill"].iter().chain(&ids))?;
    let killed = Instant::now();
    let mut fallen: BTreeMap<String, String> = BTreeMap::new();
    while killed.elapsed() < Duration::from_secs(outage.lasts.seconds()) {
        interrupt.check()?;
        for (name, health) in running.health(&[&outage.service])? {
            let was_up = before.get(&name).is_some_and(Health::is_up);
            if was_up && !health.is_up() && !outage.excused.contains(&name) {
                fallen.entry(name).or_insert_with(|| health.words());
            }
        }
        std::thread::sleep(PAUSE);
    }
    running.session.ok(["start"].iter().chain(&ids))?;
    let back = Instant::now();
    let mut wrong: Vec<String> = fallen
        .into_iter()
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    let recovered = match running.wait_until_as(before, recovery(running))? {
        Ok(_) => Some(back.elapsed()),
        Err(lines) => {
            wrong.extend(lines);
            None
        }
    };
    std::thread::sleep(AROUND);
    let now = running.instances()?;
    wrong.extend(
        others
            .iter()
            .filter(|old| old.service != outage.service)
            .filter_map(|old| restarted(old, &now)),
    );
    Ok(Seen {
        wrong,
        killed,
        back,
        recovered,
    })
}

/// A service that ended meanwhile, or is another process than before.
fn restarted(old: &Instance, now: &[Instance]) -> Option<String> {
    let same = now.iter().find(|instance| instance.id == old.id);
    let is_same = same.is_some_and(|same| {
        (same.state.running, &same.state.started_at) == (old.state.running, &old.state.started_at)
    });
    (!is_same).then(|| format!("{}: its process ended meanwhile", old.service))
}

fn judge(
    running: &Running<'_>,
    outage: &Outage,
    answers: &[Answer],
    mut seen: Seen,
    findings: &mut Findings,
) -> Result<()> {
    let service = &outage.service;
    let good: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.judged.is_ok())
        .collect();
    if outage.send.is_some() {
        // Without any before, the rest shows nothing; without any after, it did not recover.
        if !good
            .iter()
            .any(|answer| answer.begun + answer.took < seen.killed)
        {
            seen.wrong.push(format!(
                "no request was acknowledged before {service} was killed"
            ));
        }
        let after = seen.back + seen.recovered.unwrap_or_default();
        if !good.iter().any(|answer| answer.begun >= after) {
            seen.wrong.push(format!(
                "no request was acknowledged after {service} was back"
            ));
        }
        // Whoever asks meanwhile gets an answer, if only a refusal.
        let unanswered: Vec<&Answer> = answers
            .iter()
            .filter(|answer| answer.status.is_none())
            .collect();
        let line = |answer: &&Answer| {
            let why = answer.judged.as_ref().err().map_or("", String::as_str);
            format!("request {} got no answer: {why}", answer.number)
        };
        seen.wrong.extend(unanswered.iter().take(SHOWN).map(line));
        if !seen.wrong.is_empty()
            && let Some(refused) = answers.iter().rev().find(|answer| answer.judged.is_err())
        {
            let why = refused.judged.as_ref().err().map_or("", String::as_str);
            seen.wrong.push(format!(
                "the last that was refused, request {}: {why}",
                refused.number
            ));
        }
    }
    let took = seen.recovered.unwrap_or_default();
    if seen.recovered.is_some() {
        findings.time("recovery-from-outage", took, Some(recovery(running)));
    }
    findings.judged(
        &DIES_WITH_ITS_DATABASE,
        format!(
            "{service} was killed for {}: all as before {} after its start; {} of {} requests acknowledged",
            outage.lasts,
            words(took),
            good.len(),
            answers.len()
        ),
        format!("{service} was killed for {}, and not all was well", outage.lasts),
        seen.wrong,
    );
    let Some(confirm) = &outage.confirm else {
        findings.skipped(
            &LOSES_WHAT_IT_ACKNOWLEDGED,
            format!("the outage of {service} has no `confirm`"),
        );
        return Ok(());
    };
    let mut lost = Vec::new();
    for answer in &good {
        running.session.means().interrupt.check()?;
        let mut values = running.values();
        values.insert("n".to_owned(), answer.number.into());
        values.extend(answer.judged.clone().unwrap_or_default());
        let judged = running
            .send(confirm, &values)?
            .and_then(|(prepared, message)| prepared.judge(message.status(), &message.body));
        if let Err(why) = judged {
            lost.push(format!(
                "request {} was acknowledged, and asked for again it {why}",
                answer.number
            ));
        }
    }
    let count = lost.len();
    lost.truncate(SHOWN);
    if good.is_empty() {
        findings.unknown(&LOSES_WHAT_IT_ACKNOWLEDGED, "nothing was acknowledged");
    } else {
        findings.judged(
            &LOSES_WHAT_IT_ACKNOWLEDGED,
            format!(
                "all {} that were acknowledged around the end of {service} are there",
                good.len()
            ),
            format!(
                "{count} of {} that were acknowledged are not there",
                good.len()
            ),
            lost,
        );
    }
    Ok(())
}
