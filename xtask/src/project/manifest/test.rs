//! `[test]` as types.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fleet::Fleet;
use super::read::scalars;
use super::structure::StructureFiles;
use crate::date::Date;
use crate::error::Error;
use crate::size::Bytes;
use crate::source::Location;
use crate::timestamp::Period;

/// `[test]`. Unknown keys never come this far: the table of keys refuses them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Test {
    /// What holds for every image.
    #[serde(flatten)]
    pub limits: TestLimits,
    /// Files of container-structure-test.
    pub structure: StructureFiles,
    /// What is different for one, by image.
    pub images: BTreeMap<String, ImageTest>,
    /// Wrong configurations.
    pub configuration: Vec<ConfigurationCase>,
    /// All services together.
    pub fleet: Fleet,
    /// What is accepted for a time.
    pub exceptions: Vec<TestException>,
}

/// Limits as written; what is not written is left to the one above, and in the end to [`TestLimits::left_out`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct TestLimits {
    /// Folders that may be written to.
    pub tmpfs: Option<Vec<String>>,
    /// The memory a container gets.
    pub memory: Option<Bytes>,
    /// Processes and threads it may have.
    pub pids: Option<u32>,
    /// From the start to healthy.
    pub healthy_within: Option<Period>,
    /// For 99 of 100 answers of the health endpoint.
    pub answers_within: Option<Period>,
    /// From the stop signal to the end.
    pub stops_within: Option<Period>,
    /// Requests of the load.
    pub requests: Option<u32>,
    /// Most resident memory at rest.
    pub memory_at_rest: Option<Bytes>,
    /// Most resident memory under load.
    pub memory_under_load: Option<Bytes>,
    /// Growth of its own memory for each 1000 requests.
    pub growth: Option<Bytes>,
    /// Fields of every entry of a log.
    pub log_fields: Option<Vec<String>>,
    /// The path of the metrics.
    pub metrics: Option<String>,
}

/// `[test.images.<image>]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct ImageTest {
    /// What holds instead of `[test]`.
    #[serde(flatten)]
    pub limits: TestLimits,
    /// Variables it is started with.
    #[serde(deserialize_with = "scalars")]
    pub env: BTreeMap<String, String>,
    /// What its health endpoint must name.
    pub checks: Vec<String>,
    /// What is asked for under load; the path of its health if it is not said.
    pub load_path: Option<String>,
    /// A path that takes a while to answer.
    pub slow_path: Option<String>,
    /// The exit code it ends with when it is stopped.
    pub exit_code: u32,
    /// It must be healthy without a network.
    pub without_network: bool,
}

/// `[[test.configuration]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct ConfigurationCase {
    /// For which services; all if there are none.
    pub images: Vec<String>,
    /// Variables that are wrong.
    #[serde(deserialize_with = "scalars")]
    pub env: BTreeMap<String, String>,
    /// Variables that are left out.
    pub without: Vec<String>,
    /// The exit code; any but 0 if it is not said.
    pub exit_code: Option<u32>,
    /// Variables that the log must name; those of `env` and `without` if there are none.
    pub names: Vec<String>,
}

/// `[[test.exceptions]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct TestException {
    /// The image.
    pub image: String,
    /// The property, by code or name.
    pub property: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day it holds.
    pub expires: Date,
}

impl TestLimits {
    /// These, and where they say nothing, `others`.
    #[must_use]
    pub fn or(&self, others: &Self) -> Self {
        Self {
            tmpfs: self.tmpfs.clone().or_else(|| others.tmpfs.clone()),
            memory: self.memory.or(others.memory),
            pids: self.pids.or(others.pids),
            healthy_within: self.healthy_within.or(others.healthy_within),
            answers_within: self.answers_within.or(others.answers_within),
            stops_within: self.stops_within.or(others.stops_within),
            requests: self.requests.or(others.requests),
            memory_at_rest: self.memory_at_rest.or(others.memory_at_rest),
            memory_under_load: self.memory_under_load.or(others.memory_under_load),
            growth: self.growth.or(others.growth),
            log_fields: self
                .log_fields
                .clone()
                .or_else(|| others.log_fields.clone()),
            metrics: self.metrics.clone().or_else(|| others.metrics.clone()),
        }
    }

    /// What holds where nobody says anything; as the table of keys tells it.
    #[must_use]
    pub fn left_out() -> Self {
        let texts = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect());
        Self {
            tmpfs: texts(&["/tmp"]),
            memory: Some(Bytes(256_000_000)),
            pids: Some(100),
            healthy_within: Some(Period::from_seconds(30)),
            answers_within: Some(Period::from_seconds(1)),
            stops_within: Some(Period::from_seconds(10)),
            requests: Some(600),
            memory_at_rest: None,
            memory_under_load: None,
            growth: Some(Bytes(16_000_000)),
            log_fields: texts(&["level", "time", "msg"]),
            metrics: None,
        }
    }
}

impl Test {
    /// What holds for an image.
    #[must_use]
    pub fn of(&self, image: &str) -> ImageTest {
        let own = self.images.get(image).cloned().unwrap_or_default();
        let limits = own.limits.or(&self.limits).or(&TestLimits::left_out());
        ImageTest { limits, ..own }
    }

    /// Mistakes that the table of keys does not see; `at` tells where the value of a key stands.
    pub(super) fn contradictions(&self, at: impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = self.fleet.contradictions(&at);
        for (index, case) in self.configuration.iter().enumerate() {
            let position = index.to_string();
            if case.env.is_empty() && case.without.is_empty() {
                errors.push(
                    Error::usage("a wrong configuration has a wrong variable, or lacks one")
                        .help("give `env` or `without`")
                        .at(at(&["test", "configuration", &position])),
                );
            }
            if case.exit_code == Some(0) {
                errors.push(
                    Error::usage("with a wrong configuration the exit code is not 0").at(at(&[
                        "test",
                        "configuration",
                        &position,
                        "exit_code",
                    ])),
                );
            }
        }
        let folders = |path: &[&str], limits: &TestLimits| {
            let written = limits.tmpfs.iter().flatten().enumerate();
            let wrong = written.filter(|(_, folder)| !is_folder(folder));
            wrong
                .map(|(index, folder)| {
                    let position = index.to_string();
                    let path: Vec<&str> =
                        path.iter().copied().chain(["tmpfs", &position]).collect();
                    Error::usage(format!("\"{folder}\" is no folder of a container"))
                        .help("write its absolute path, such as \"/tmp\"")
                        .at(at(&path))
                })
                .collect::<Vec<_>>()
        };
        errors.extend(folders(&["test"], &self.limits));
        for (name, image) in &self.images {
            errors.extend(folders(&["test", "images", name], &image.limits));
        }
        errors
    }
}

/// Docker takes options after a colon.
fn is_folder(path: &str) -> bool {
    path.len() > 1 && path.starts_with('/') && !path.contains([':', ',']) && !path.contains("..")
}

#[cfg(test)]
mod tests {
    use crate::project::manifest::{Manifest, TestLimits};
    use crate::source::Source;

    fn manifest(rest: &str) -> Manifest {
        let written = format!("schema_version = 1\n[project]\nname = \"x\"\n{rest}");
        Manifest::parse(&Source::new("docker.toml", written.as_str())).unwrap()
    }

    #[test]
    fn an_image_has_its_own_limits_then_those_of_all_then_the_usual_ones() {
        assert_eq!(manifest("").test.of("api").limits, TestLimits::left_out());
        let test = manifest(
            "[test]\nmemory = \"1 MB\"\npids = 7\n[test.images.api]\nmemory = \"2 MB\"\nenv = { PORT = 1 }\n",
        )
        .test;
        let (api, other) = (test.of("api"), test.of("other"));
        assert_eq!(api.limits.memory.unwrap().0, 2_000_000);
        assert_eq!(other.limits.memory.unwrap().0, 1_000_000);
        assert_eq!((api.limits.pids, api.limits.requests), (Some(7), Some(600)));
        assert_eq!(api.env["PORT"], "1");
        assert!(other.env.is_empty());
    }

    #[test]
    fn what_is_left_out_is_what_the_reference_tells() {
        let written = "[test]\ntmpfs = [\"/tmp\"]\nmemory = \"256 MB\"\npids = 100\nhealthy_within = \"30 seconds\"\n\
            answers_within = \"1 second\"\nstops_within = \"10 seconds\"\nrequests = 600\ngrowth = \"16 MB\"\n\
            log_fields = [\"level\", \"time\", \"msg\"]\n";
        assert_eq!(manifest(written).test.limits, TestLimits::left_out());
        let page = crate::project::manifest::reference::page();
        let (_, page) = page.split_once("## `[test]`").unwrap();
        for line in written.lines().skip(1) {
            let (name, value) = line.split_once(" = ").unwrap();
            let row = page
                .lines()
                .find(|row| row.starts_with(&format!("| `{name}` |")))
                .unwrap();
            assert!(row.contains(value), "{row}");
        }
    }
}
