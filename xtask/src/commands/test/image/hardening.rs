//! The restrictions that containers are started with, and which of them an image cannot bear.

use std::time::{Duration, Instant};

use super::service::{Attempt, How, Service};
use crate::error::Result;
use crate::trial::Verdict;
use crate::trial::image::{BREAKS_WHEN_HARDENED, DOES_NOT_START};
use crate::trial::logs::clipped;

/// One restriction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hardening {
    ReadOnly,
    Capabilities,
    NewPrivileges,
    Memory,
    Pids,
}

impl Hardening {
    pub(super) const ALL: [Self; 5] = [
        Self::ReadOnly,
        Self::Capabilities,
        Self::NewPrivileges,
        Self::Memory,
        Self::Pids,
    ];

    /// As `docker run` takes it.
    fn option(self, service: &Service<'_>) -> Vec<String> {
        let limits = &service.test.limits;
        match self {
            Self::ReadOnly => vec!["--read-only".to_owned()],
            Self::Capabilities => vec!["--cap-drop=ALL".to_owned()],
            Self::NewPrivileges => vec!["--security-opt=no-new-privileges".to_owned()],
            Self::Memory => {
                let bytes = limits.memory.map_or(0, |memory| memory.0);
                // No swap: it would only hide that the memory is not enough.
                vec![
                    format!("--memory={bytes}"),
                    format!("--memory-swap={bytes}"),
                ]
            }
            Self::Pids => vec![format!("--pids-limit={}", limits.pids.unwrap_or_default())],
        }
    }

    fn name(self, service: &Service<'_>) -> String {
        let options = self.option(service);
        options
            .first()
            .map(|option| format!("`{option}`"))
            .unwrap_or_default()
    }

    /// All but some.
    pub(super) fn options(without: &[Self], service: &Service<'_>) -> Vec<String> {
        let kept = Self::ALL.into_iter().filter(|one| !without.contains(one));
        kept.flat_map(|one| one.option(service)).collect()
    }
}

/// What could be started, with the restrictions that had to be left away for it.
pub(super) struct Hardened<'s> {
    pub(super) attempt: Attempt<'s>,
    pub(super) relaxed: Vec<Hardening>,
    pub(super) verdicts: Vec<Verdict>,
}

/// Starts an image with all restrictions; where it does not come up, finds out whether it does without them, and which
/// ones it cannot bear.
pub(super) fn start<'s>(service: &'s Service<'s>) -> Result<Hardened<'s>> {
    let begin = Instant::now();
    let attempt = service.attempt(&How::default())?;
    let Some(trouble) = attempt.trouble.clone() else {
        let options = Hardening::options(&[], service).join(" ");
        let verdicts = vec![
            Verdict::passed(&DOES_NOT_START, "it starts").took(begin.elapsed()),
            Verdict::passed(&BREAKS_WHEN_HARDENED, format!("it starts with {options}")),
        ];
        return Ok(Hardened {
            attempt,
            relaxed: Vec::new(),
            verdicts,
        });
    };
    // One that runs and is merely slow to be healthy is not broken by a restriction, unless it is quick without.
    service.task.step("finding out which restriction breaks it");
    let plain = service.attempt(&How {
        without: Hardening::ALL.to_vec(),
        ..How::default()
    })?;
    // What it can do at best: be up, or only stay.
    let is_as_good: fn(&Attempt<'_>) -> bool = if plain.trouble.is_none() {
        |attempt| attempt.trouble.is_none()
    } else {
        |attempt| attempt.is_running
    };
    if let Some(without) = &plain.trouble
        && (attempt.is_running || !plain.is_running)
    {
        let verdict = if plain.is_running {
            // It stays up: that it is not healthy is another property.
            Verdict::passed(&DOES_NOT_START, "it starts")
        } else {
            Verdict::failed(&DOES_NOT_START, without.clone())
        };
        let verdict = verdict.took(begin.elapsed()).proven_by(log_tail(&plain));
        let other = Verdict::skipped(
            &BREAKS_WHEN_HARDENED,
            format!("without any restriction it is the same: {without}"),
        );
        return Ok(Hardened {
            attempt,
            relaxed: Vec::new(),
            verdicts: vec![verdict, other],
        });
    }
    // It is known how long it takes where it comes up.
    let known = plain.healthy_after.unwrap_or_default() * 3 + Duration::from_secs(3);
    let limit = service.limits.healthy.min(known);
    drop(plain);
    let relaxed = unbearable(service, limit, is_as_good)?;
    let names: Vec<String> = relaxed.iter().map(|one| one.name(service)).collect();
    let verdict = Verdict::failed(
        &BREAKS_WHEN_HARDENED,
        format!("{} breaks it: {trouble}", names.join(" and ")),
    );
    let verdicts = vec![
        Verdict::passed(&DOES_NOT_START, "it starts"),
        verdict.took(begin.elapsed()).proven_by(log_tail(&attempt)),
    ];
    drop(attempt);
    let attempt = service.attempt(&How {
        without: relaxed.clone(),
        ..How::default()
    })?;
    Ok(Hardened {
        attempt,
        relaxed,
        verdicts,
    })
}

/// The restriction without which it comes up; where there is no such one, all that break it alone.
fn unbearable(
    service: &Service<'_>,
    limit: Duration,
    is_as_good: fn(&Attempt<'_>) -> bool,
) -> Result<Vec<Hardening>> {
    let is_good = |without: Vec<Hardening>| -> Result<bool> {
        let limit = Some(limit);
        let how = How {
            without,
            limit,
            ..How::default()
        };
        Ok(is_as_good(&service.attempt(&how)?))
    };
    for one in Hardening::ALL {
        if is_good(vec![one])? {
            return Ok(vec![one]);
        }
    }
    let mut alone = Vec::new();
    for one in Hardening::ALL {
        let others = Hardening::ALL.into_iter().filter(|other| *other != one);
        if !is_good(others.collect())? {
            alone.push(one);
        }
    }
    Ok(if alone.is_empty() {
        Hardening::ALL.to_vec()
    } else {
        alone
    })
}

/// The last lines that it printed.
pub(super) fn log_tail(attempt: &Attempt<'_>) -> Vec<String> {
    const LINES: usize = 8;
    let Ok(output) = attempt.container.logs() else {
        return Vec::new();
    };
    let text = format!("{}\n{}", output.text(), output.error_text());
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let tail = lines.len().saturating_sub(LINES);
    lines.iter().skip(tail).map(|line| clipped(line)).collect()
}
