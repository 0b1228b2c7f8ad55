//! What the kernel tells of the processes of a container.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::endpoint;
use super::hardening::Hardening;
use super::service::{Attempt, Service};
use crate::commands::test::output::number;
use crate::engine::containers::processes;
use crate::error::Result;
use crate::trial::image::{
    GAINS_PRIVILEGES, LEAKS_MEMORY, LEAVES_ZOMBIES, OVER_MEMORY, RUNS_AS_ROOT,
};
use crate::trial::memory::{Sample, growth};
use crate::trial::signals::Started;
use crate::trial::{Measurement, Subject, Unit, Verdict};

/// Why processes cannot be looked at.
pub(super) const ELSEWHERE: &str = "its processes cannot be looked at: the engine is on another machine, or this user \
                                    may not see them";

/// Who a process is, in words: `node (pid 7)`.
fn name(process: &Started) -> String {
    format!("{} (pid {})", process.status.name, process.status.inner_pid)
}

/// Accounts and privileges.
pub(super) fn judge(
    service: &Service<'_>,
    attempt: &Attempt<'_>,
    relaxed: &[Hardening],
    subject: &mut Subject,
) -> Result<()> {
    let begin = Instant::now();
    let Some(all) = processes::of(attempt.container.id(), attempt.state.pid) else {
        subject.verdicts.extend([
            Verdict::unknown(&RUNS_AS_ROOT, ELSEWHERE),
            Verdict::unknown(&GAINS_PRIVILEGES, ELSEWHERE),
        ]);
        return Ok(());
    };
    // It may have ended in the very moment.
    service.session.means().interrupt.check()?;
    let evidence = all.iter().map(|one| {
        let [real, effective, saved, files] = one.status.user_ids;
        format!(
            "{}: uid {real} {effective} {saved} {files}, gid {:?}",
            name(one),
            one.status.group_ids
        )
    });
    let roots: Vec<String> = all
        .iter()
        .filter(|one| one.status.is_root())
        .map(name)
        .collect();
    let verdict = if all.is_empty() {
        Verdict::unknown(&RUNS_AS_ROOT, "no process of it is to be seen")
    } else if roots.is_empty() {
        let accounts: BTreeSet<u32> = all.iter().flat_map(|one| one.status.user_ids).collect();
        let accounts: Vec<String> = accounts.iter().map(u32::to_string).collect();
        Verdict::passed(
            &RUNS_AS_ROOT,
            format!(
                "{} processes, all of user {}",
                all.len(),
                accounts.join(", ")
            ),
        )
    } else {
        Verdict::failed(&RUNS_AS_ROOT, format!("root: {}", roots.join(", ")))
    };
    subject
        .verdicts
        .push(verdict.proven_by(evidence).took(begin.elapsed()));
    subject.verdicts.push(privileges(&all, relaxed));
    Ok(())
}

fn privileges(all: &[Started], relaxed: &[Hardening]) -> Verdict {
    let needs = [Hardening::Capabilities, Hardening::NewPrivileges];
    if needs.iter().any(|one| relaxed.contains(one)) {
        return Verdict::failed(
            &GAINS_PRIVILEGES,
            "it does not start without capabilities, or without new privileges",
        );
    }
    let capable: Vec<String> = all
        .iter()
        .filter(|one| one.status.effective_capabilities != 0)
        .map(|one| format!("{} has {:#x}", name(one), one.status.effective_capabilities))
        .collect();
    let gaining: Vec<String> = all
        .iter()
        .filter(|one| one.status.no_new_privileges == Some(false))
        .map(|one| format!("{} may gain privileges", name(one)))
        .collect();
    let silent = all.iter().any(|one| one.status.no_new_privileges.is_none());
    let wrong = [capable, gaining].concat();
    if !wrong.is_empty() {
        Verdict::failed(&GAINS_PRIVILEGES, wrong.join(", "))
    } else if silent || all.is_empty() {
        Verdict::unknown(&GAINS_PRIVILEGES, "the kernel does not tell `NoNewPrivs`")
    } else {
        Verdict::passed(
            &GAINS_PRIVILEGES,
            "no capability, and NoNewPrivs, in every process",
        )
    }
}

/// Processes that ended and that nobody waited for, at two moments.
pub(super) fn judge_zombies(attempt: &Attempt<'_>, subject: &mut Subject) -> Result<()> {
    /// One that is about to be reaped is none.
    const BETWEEN: Duration = Duration::from_millis(300);
    let zombies = |all: Vec<Started>| -> Vec<Started> {
        all.into_iter()
            .filter(|one| one.status.is_zombie())
            .collect()
    };
    let Some(first) = attempt.container.processes()?.map(zombies) else {
        subject
            .verdicts
            .push(Verdict::unknown(&LEAVES_ZOMBIES, ELSEWHERE));
        return Ok(());
    };
    let mut left = first;
    if !left.is_empty() {
        std::thread::sleep(BETWEEN);
        let second = attempt
            .container
            .processes()?
            .map(zombies)
            .unwrap_or_default();
        left.retain(|one| {
            second
                .iter()
                .any(|other| other.status.pid == one.status.pid)
        });
    }
    subject.verdicts.push(if left.is_empty() {
        Verdict::passed(&LEAVES_ZOMBIES, "none after the load and its probes")
    } else {
        let names: BTreeSet<&str> = left.iter().map(|one| one.status.name.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        Verdict::failed(
            &LEAVES_ZOMBIES,
            format!(
                "{} processes ended and were not waited for: {}",
                left.len(),
                names.join(", ")
            ),
        )
    });
    Ok(())
}

/// Samples of one load.
const SAMPLES: u32 = 12;
/// A load that takes longer is cut.
const LONGEST: Duration = Duration::from_secs(12);
/// Memory that grows is loaded again so often before it counts as a leak: a runtime grows until it is warm.
const AGAIN: usize = 3;

/// Memory at rest and under load.
pub(super) fn judge_memory(
    service: &Service<'_>,
    attempt: &Attempt<'_>,
    subject: &mut Subject,
) -> Result<()> {
    let begin = Instant::now();
    let watch = Watch {
        container: attempt.container.id().to_owned(),
        first: attempt.state.pid,
    };
    let Some(rest) = watch.resident() else {
        subject.verdicts.extend([
            Verdict::unknown(&OVER_MEMORY, ELSEWHERE),
            Verdict::unknown(&LEAKS_MEMORY, ELSEWHERE),
        ]);
        return Ok(());
    };
    let target = endpoint::target(service, attempt)?;
    let mut most = rest;
    let mut leak = None;
    if let Ok(target) = &target {
        for _ in 0..AGAIN {
            let load = service.session.reach().within(|| {
                let requests = service.test.limits.requests.unwrap_or_default();
                Ok(load(&watch, target, requests, service))
            })?;
            service.session.means().interrupt.check()?;
            most = most.max(load.most);
            let budget = service.test.limits.growth.map(|growth| as_number(growth.0));
            let grows = growth(&load.samples);
            let is_over = matches!((grows, budget), (Some(grows), Some(budget)) if grows > budget);
            leak = Some((load, grows, budget));
            if !is_over {
                break;
            }
        }
    }
    judge_budgets(service, rest, target.is_ok().then_some(most), subject);
    let verdict = match (leak, target) {
        (_, Err(none)) => Verdict::new(&LEAKS_MEMORY, none.outcome, none.why),
        (None, _) => Verdict::unknown(&LEAKS_MEMORY, "nothing was asked"),
        (Some((load, None, _)), _) => Verdict::unknown(
            &LEAKS_MEMORY,
            format!(
                "only {} requests were answered: {}",
                load.answered, load.trouble
            ),
        ),
        (Some((load, Some(grows), budget)), _) => {
            subject
                .measurements
                .push(measurement("growth-per-1000-requests", grows, budget));
            let said = format!(
                "{} for each 1000 requests, over {} of them",
                number(grows, Unit::Bytes),
                load.answered
            );
            let evidence = load.samples.iter().map(|sample| {
                format!(
                    "after {} requests: {}",
                    sample.requests,
                    number(as_number(sample.bytes), Unit::Bytes)
                )
            });
            match budget {
                Some(budget) if grows > budget => Verdict::failed(
                    &LEAKS_MEMORY,
                    format!("it grows by {said}, again and again"),
                )
                .proven_by(evidence),
                _ => Verdict::passed(&LEAKS_MEMORY, said),
            }
        }
    };
    subject.verdicts.push(verdict.took(begin.elapsed()));
    Ok(())
}

fn judge_budgets(service: &Service<'_>, rest: u64, load: Option<u64>, subject: &mut Subject) {
    let limits = &service.test.limits;
    let measured = [
        ("memory-at-rest", Some(rest), limits.memory_at_rest),
        ("memory-under-load", load, limits.memory_under_load),
    ];
    let (mut over, mut within) = (Vec::new(), Vec::new());
    for (name, bytes, budget) in measured {
        let Some(bytes) = bytes else { continue };
        let budget = budget.map(|budget| as_number(budget.0));
        let bytes = as_number(bytes);
        subject.measurements.push(measurement(name, bytes, budget));
        let said = number(bytes, Unit::Bytes);
        match budget {
            Some(budget) if bytes > budget => {
                over.push(format!("{name} {said}, of {}", number(budget, Unit::Bytes)));
            }
            Some(budget) => {
                within.push(format!("{name} {said} of {}", number(budget, Unit::Bytes)));
            }
            None => {}
        }
    }
    subject.verdicts.push(if !over.is_empty() {
        Verdict::failed(&OVER_MEMORY, over.join(", "))
    } else if within.is_empty() {
        Verdict::skipped(&OVER_MEMORY, "there is no budget for its memory")
    } else {
        Verdict::passed(&OVER_MEMORY, within.join(", "))
    });
}

fn measurement(name: &'static str, value: f64, budget: Option<f64>) -> Measurement {
    Measurement {
        name,
        value,
        unit: Unit::Bytes,
        budget,
    }
}

fn as_number(bytes: u64) -> f64 {
    bytes as f64
}

/// A container whose memory is watched.
struct Watch {
    container: String,
    first: u32,
}

impl Watch {
    fn sum(&self, of: impl Fn(&Started) -> u64) -> Option<u64> {
        let all = processes::of(&self.container, self.first)?;
        Some(all.iter().map(of).sum())
    }

    /// With what is shared, counted for each.
    fn resident(&self) -> Option<u64> {
        self.sum(|one| one.status.resident_bytes)
    }
}

/// What a load showed.
struct Load {
    samples: Vec<Sample>,
    /// Most resident memory.
    most: u64,
    answered: u64,
    /// Why it ended early.
    trouble: String,
}

/// Asks again and again, and looks at the memory in between. To be called where the container can be reached.
fn load(watch: &Watch, target: &endpoint::Target, requests: u32, service: &Service<'_>) -> Load {
    let begin = Instant::now();
    let each = (requests / SAMPLES).max(1);
    let mut load = Load {
        samples: Vec::new(),
        most: 0,
        answered: 0,
        trouble: "no answer".to_owned(),
    };
    for _ in 0..SAMPLES {
        for _ in 0..each {
            if begin.elapsed() > LONGEST || service.session.means().interrupt.is_set() {
                "it took too long".clone_into(&mut load.trouble);
                return load;
            }
            match target.get(service.load_path(), service.limits.answers * 5) {
                Ok(_) => load.answered += 1,
                Err(error) => load.trouble = error,
            }
        }
        if let (Some(bytes), Some(resident)) =
            (watch.sum(|one| one.status.own_bytes), watch.resident())
        {
            load.most = load.most.max(resident);
            load.samples.push(Sample {
                requests: load.answered,
                bytes,
            });
        }
    }
    load
}
