//! The fleet while it runs: who is there, how they are, and asking them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::client;
use super::compose::Compose;
use crate::engine::containers::{Outpost, Session, State};
use crate::error::Result;
use crate::project::manifest::Step;
use crate::trial::fleet::health::{self, Check};
use crate::trial::fleet::step::{self, Prepared, Values};
use crate::trial::fleet::{Condition, Plan};
use crate::trial::http::Message;

/// How long one answer may take: longer than the usual timeouts of gateways, whose answer is to be seen.
pub(super) const ANSWER: Duration = Duration::from_secs(20);

/// How long a health endpoint may take.
const HEALTH: Duration = Duration::from_secs(3);

/// How long to wait before looking again.
pub(super) const PAUSE: Duration = Duration::from_millis(100);

/// A fleet that was started.
pub(super) struct Running<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) compose: &'a Compose<'a>,
    pub(super) plan: &'a Plan<'a>,
    pub(super) outpost: &'a Outpost<'a>,
    /// A text that no other run has.
    pub(super) run: String,
}

/// One container of the fleet.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) service: String,
    pub(super) id: String,
    pub(super) state: State,
}

/// What a service says of its health.
#[derive(Clone, Debug)]
pub(super) struct Health {
    /// The status of the answer, or why there was none.
    pub(super) answer: Result<u16, String>,
    pub(super) checks: Vec<Check>,
}

impl Health {
    /// Whether it says that it can work, if not in full.
    pub(super) fn is_up(&self) -> bool {
        self.answer
            .as_ref()
            .is_ok_and(|status| (200..300).contains(status))
    }

    /// The checks that fail.
    pub(super) fn failing(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.passed)
    }

    /// In words, where something is wrong.
    pub(super) fn words(&self) -> String {
        match &self.answer {
            Err(why) => why.clone(),
            Ok(status) => {
                let failing: Vec<String> = self
                    .failing()
                    .map(|check| format!("{} ({})", check.name, check.said))
                    .collect();
                if failing.is_empty() {
                    format!("health answered {status}")
                } else {
                    format!("health answered {status}, with {}", failing.join(", "))
                }
            }
        }
    }
}

impl Running<'_> {
    /// All containers, by service.
    pub(super) fn instances(&self) -> Result<Vec<Instance>> {
        let containers = self.compose.containers()?;
        let ids: Vec<&str> = containers.iter().map(|(_, id)| id.as_str()).collect();
        let states = self.session.states(&ids)?;
        Ok(containers
            .into_iter()
            .zip(states)
            .map(|((service, id), state)| Instance { service, id, state })
            .collect())
    }

    /// Those of one service.
    pub(super) fn instances_of(&self, service: &str) -> Result<Vec<Instance>> {
        let all = self.instances()?;
        Ok(all
            .into_iter()
            .filter(|instance| instance.service == service)
            .collect())
    }

    /// What every service with a health endpoint says, but those of `except`.
    pub(super) fn health(&self, except: &[&str]) -> Result<BTreeMap<String, Health>> {
        let asked: Vec<(&String, u16, &String)> = self
            .plan
            .services
            .iter()
            .filter(|(name, _)| !except.contains(&name.as_str()))
            .filter_map(|(name, service)| Some((name, service.port?, service.health.as_ref()?)))
            .collect();
        self.outpost.reach().within(|| {
            Ok(std::thread::scope(|scope| {
                let asking: Vec<_> = asked
                    .iter()
                    .map(|(name, port, path)| {
                        (*name, scope.spawn(|| ask_health(name, *port, path)))
                    })
                    .collect();
                asking
                    .into_iter()
                    .filter_map(|(name, thread)| Some((name.clone(), thread.join().ok()?)))
                    .collect()
            }))
        })
    }

    /// Waits until all are as they were: every container runs and is healthy, every check passes that passed before.
    /// How long it took, or what is still wrong.
    pub(super) fn wait_until_as(
        &self,
        before: &BTreeMap<String, Health>,
        budget: Duration,
    ) -> Result<Result<Duration, Vec<String>>> {
        let begin = Instant::now();
        loop {
            self.session.means().interrupt.check()?;
            let wrong = self.differences(before)?;
            if wrong.is_empty() {
                return Ok(Ok(begin.elapsed()));
            }
            if begin.elapsed() >= budget {
                return Ok(Err(wrong));
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn differences(&self, before: &BTreeMap<String, Health>) -> Result<Vec<String>> {
        let mut wrong: Vec<String> = self
            .instances()?
            .iter()
            .filter_map(|instance| {
                Some(format!(
                    "{}: {}",
                    instance.service,
                    unwell(self.plan, instance)?
                ))
            })
            .collect();
        let now = self.health(&[])?;
        for (name, then) in before {
            let Some(now) = now.get(name) else { continue };
            let passed = |check: &&Check| {
                then.checks
                    .iter()
                    .any(|old| old.name == check.name && old.passed)
            };
            if now.is_up() < then.is_up() || now.failing().any(|check| passed(&check)) {
                wrong.push(format!("{name}: {}", now.words()));
            }
        }
        Ok(wrong)
    }

    /// The values that every request knows.
    pub(super) fn values(&self) -> Values {
        [("run".to_owned(), self.run.clone().into())].into()
    }

    /// Fills a step in and sends it; what was answered, or why nothing was.
    pub(super) fn send(
        &self,
        step: &Step,
        values: &Values,
    ) -> Result<Result<(Prepared, Message), String>> {
        let prepared = match step::prepare(step, values) {
            Ok(prepared) => prepared,
            Err(why) => return Ok(Err(why)),
        };
        let Some((service, port)) = self.target(step) else {
            return Ok(Err("it names no service".to_owned()));
        };
        let answer = client::exchange_from(self.outpost.reach(), service, port, &prepared, ANSWER)?;
        Ok(answer.map(|message| (prepared, message)))
    }

    /// Whom a step asks.
    pub(super) fn target<'s>(&self, step: &'s Step) -> Option<(&'s str, u16)> {
        let service = step.service.as_deref()?;
        Some((service, step.port.or_else(|| self.plan.port(service))?))
    }
}

fn ask_health(name: &str, port: u16, path: &str) -> Health {
    let step = Step {
        path: Some(path.to_owned()),
        ..Step::default()
    };
    let answer = step::prepare(&step, &Values::new())
        .and_then(|request| client::exchange(name, port, &request, HEALTH));
    match answer {
        Ok(message) => Health {
            answer: message
                .status()
                .ok_or_else(|| "it answered no HTTP".to_owned()),
            checks: health::checks(&message.body),
        },
        Err(why) => Health {
            answer: Err(why),
            checks: Vec::new(),
        },
    }
}

/// Services that end by themselves: others wait for that.
pub(super) fn passing<'p>(plan: &'p Plan<'_>) -> BTreeSet<&'p str> {
    let members = plan.composition.members.iter();
    members
        .flat_map(|member| &member.dependencies)
        .filter(|(_, condition)| *condition == Condition::Completed)
        .map(|(name, _)| name.as_str())
        .collect()
}

/// What is wrong with a container, if something is.
pub(super) fn unwell(plan: &Plan<'_>, instance: &Instance) -> Option<String> {
    let state = &instance.state;
    if passing(plan).contains(instance.service.as_str()) {
        let ended_well = !state.running && state.exit_code == 0;
        return (!ended_well).then(|| format!("it did not end with 0 but {}", state.exit_code));
    }
    if !state.running {
        let memory = if state.out_of_memory {
            ", out of memory"
        } else {
            ""
        };
        let error = if state.error.is_empty() {
            String::new()
        } else {
            format!(": {}", state.error)
        };
        return Some(format!("it ended with {}{memory}{error}", state.exit_code));
    }
    let health = state.health.as_deref()?;
    if health == "healthy" {
        return None;
    }
    let said = state
        .probes
        .last()
        .map(|probe| probe.output.trim().to_owned());
    let said = said
        .filter(|said| !said.is_empty())
        .map(|said| format!(": {said}"));
    Some(format!("it is {health}{}", said.unwrap_or_default()))
}
