//! `[test.fleet]` as types.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::source::Location;
use crate::timestamp::Period;

/// `[test.fleet]`. Services are named as the compose files name them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fleet {
    /// The compose files, from the root.
    pub compose: Vec<Utf8PathBuf>,
    /// What they are filled in with.
    #[serde(deserialize_with = "super::read::scalars")]
    pub variables: BTreeMap<String, String>,
    /// Where requests from outside go to.
    pub entry: Option<String>,
    /// Who is killed.
    pub kill: Option<Vec<String>>,
    /// Who is replaced.
    pub restart: Option<Vec<String>>,
    /// How long things may take.
    pub budgets: FleetBudgets,
    /// Where the trial takes requests.
    pub receivers: Vec<Receiver>,
    /// What must work from end to end.
    pub scenarios: Vec<Scenario>,
    /// What comes in while services are replaced.
    pub load: Option<Load>,
    /// More at once than there is room for.
    pub bursts: Vec<Burst>,
    /// Services that go away for a while.
    pub outages: Vec<Outage>,
    /// Images made from packages.
    pub stand_ins: Vec<PackageStandIn>,
}

/// `[test.fleet.budgets]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct FleetBudgets {
    /// Until all are healthy.
    pub healthy: Period,
    /// Until a missing peer is noticed.
    pub notice: Period,
    /// Until all is as before.
    pub recovery: Period,
    /// Of the load's answers.
    pub p99_milliseconds: u32,
}

impl Default for FleetBudgets {
    fn default() -> Self {
        Self {
            healthy: Period::from_seconds(60),
            notice: Period::from_seconds(5),
            recovery: Period::from_seconds(30),
            p99_milliseconds: 1_000,
        }
    }
}

/// `[[test.fleet.receivers]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    /// Its name in the network.
    pub name: String,
    /// Where it listens.
    pub port: u16,
}

/// `[[test.fleet.scenarios]]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows.
    pub name: String,
    /// One after the other.
    pub steps: Vec<Step>,
}

/// One request and what must come of it, or one that a receiver waits for: one of `service` and `receiver` is set.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// Who is asked.
    pub service: Option<String>,
    /// At which port.
    pub port: Option<u16>,
    /// How.
    pub method: String,
    /// For what.
    pub path: Option<String>,
    /// With these headers, too.
    pub headers: BTreeMap<String, String>,
    /// And this body.
    pub json: Option<serde_json::Value>,
    /// Who must have been asked.
    pub receiver: Option<String>,
    /// The status of the answer; any from 200 to 299 if it is not said.
    pub status: Option<u16>,
    /// What is at these JSON pointers.
    pub expect: BTreeMap<String, serde_json::Value>,
    /// What later steps take from these JSON pointers.
    pub capture: BTreeMap<String, String>,
    /// How long it is tried again.
    pub within: Option<Period>,
}

impl Default for Step {
    fn default() -> Self {
        Self {
            service: None,
            port: None,
            method: "GET".to_owned(),
            path: None,
            headers: BTreeMap::new(),
            json: None,
            receiver: None,
            status: None,
            expect: BTreeMap::new(),
            capture: BTreeMap::new(),
            within: None,
        }
    }
}

/// `[test.fleet.load]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// Per second.
    #[serde(default = "Load::usual_rate")]
    pub rate: u32,
    /// In turn. The table of keys asks for them.
    #[serde(default)]
    pub requests: Vec<Step>,
}

impl Load {
    /// Per second, unless it is written.
    #[must_use]
    pub const fn usual_rate() -> u32 {
        25
    }
}

/// `[[test.fleet.bursts]]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// What it shows.
    pub name: String,
    /// How many are under way at any time.
    pub at_once: u32,
    /// How many in all.
    pub requests: u32,
    /// Statuses that are good answers; the first must be among those that came.
    pub answers: Vec<u16>,
    /// The request.
    pub send: Step,
}

/// `[[test.fleet.outages]]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Who goes away.
    pub service: String,
    /// For how long.
    #[serde(default = "Outage::usual_length")]
    pub lasts: Period,
    /// Who may be unhealthy meanwhile.
    #[serde(default)]
    pub excused: Vec<String>,
    /// What comes in all the time.
    #[serde(default)]
    pub send: Option<Step>,
    /// Asked for each that was acknowledged.
    #[serde(default)]
    pub confirm: Option<Step>,
}

impl Outage {
    /// How long one lasts, unless it is written.
    #[must_use]
    pub const fn usual_length() -> Period {
        Period::from_seconds(2)
    }
}

/// `[[test.fleet.stand_ins]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PackageStandIn {
    /// Whose image it stands in for.
    pub service: String,
    /// What it is made of.
    pub packages: Vec<String>,
    /// What starts it, from the root.
    pub entrypoint: Utf8PathBuf,
}

impl Fleet {
    /// Every step with its place in the manifest.
    #[must_use]
    pub fn steps(&self) -> Vec<(Vec<String>, &Step)> {
        let mut steps = Vec::new();
        let mut add = |path: &[&str], step| {
            let front = ["test", "fleet"].iter().chain(path);
            steps.push((front.map(|part| (*part).to_owned()).collect(), step));
        };
        for (number, scenario) in self.scenarios.iter().enumerate() {
            for (index, step) in scenario.steps.iter().enumerate() {
                let (number, index) = (number.to_string(), index.to_string());
                add(&["scenarios", &number, "steps", &index], step);
            }
        }
        for (index, step) in self.load.iter().flat_map(|load| &load.requests).enumerate() {
            add(&["load", "requests", &index.to_string()], step);
        }
        for (index, burst) in self.bursts.iter().enumerate() {
            add(&["bursts", &index.to_string(), "send"], &burst.send);
        }
        for (index, outage) in self.outages.iter().enumerate() {
            let index = index.to_string();
            for (key, step) in [("send", &outage.send), ("confirm", &outage.confirm)] {
                if let Some(step) = step {
                    add(&["outages", &index, key], step);
                }
            }
        }
        steps
    }

    /// Mistakes that the table of keys does not see; `at` tells where the value of a key stands.
    pub(super) fn contradictions(&self, at: impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = Vec::new();
        for (path, step) in self.steps() {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let wrong = |message: &str, help: &str| Error::usage(message).help(help).at(at(&path));
            match (&step.service, &step.receiver) {
                (Some(_), None) if step.path.is_none() => errors.push(wrong(
                    "the request has no `path`",
                    "write what is asked for, such as `path = \"/health\"`",
                )),
                (Some(_), None) => {}
                (None, Some(name)) => {
                    if path.get(2) != Some(&"scenarios") {
                        errors.push(wrong(
                            "only a step of a scenario can wait at a receiver",
                            "name the `service` that is asked",
                        ));
                    } else if !self.receivers.iter().any(|receiver| receiver.name == *name) {
                        errors.push(wrong(
                            &format!("there is no receiver `{name}`"),
                            "add it as `[[test.fleet.receivers]]`, with `name` and `port`",
                        ));
                    }
                }
                _ => errors.push(wrong(
                    "a step needs either `service` or `receiver`",
                    "name the `service` that is asked, or the `receiver` that a request must come to",
                )),
            }
        }
        if self.compose.is_empty() && !self.steps().is_empty() {
            errors.push(
                Error::usage("there is no fleet: `test.fleet.compose` names no file")
                    .help("name the compose files, such as `compose = [\"compose.yaml\"]`")
                    .at(at(&["test", "fleet"])),
            );
        }
        for (index, outage) in self.outages.iter().enumerate() {
            if outage.confirm.is_some() && outage.send.is_none() {
                errors.push(
                    Error::usage(
                        "`confirm` asks for what `send` acknowledged, and there is no `send`",
                    )
                    .at(at(&[
                        "test",
                        "fleet",
                        "outages",
                        &index.to_string(),
                        "confirm",
                    ])),
                );
            }
        }
        errors
    }
}
