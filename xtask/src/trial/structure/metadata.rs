//! The test of an image's configuration.

use std::collections::BTreeMap;
use std::time::Duration;

use super::file::{MetadataTest, Pair, PairValue, TestFile};
use super::judgment::Judgment;
use super::properties::METADATA;
use crate::image::config::RunConfig;
use crate::trial::Verdict;

/// Whether an image's configuration is as the test says.
#[must_use]
pub fn metadata(file: &TestFile, test: &MetadataTest, config: &RunConfig) -> Verdict {
    let mut judgment = Judgment::new(file, &METADATA, test.place, "metadata");
    let variables: BTreeMap<&str, &str> = config
        .env
        .iter()
        .filter_map(|variable| variable.split_once('='))
        .collect();
    let labels: BTreeMap<&str, &str> = config
        .labels
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    pairs(&mut judgment, "variable", &test.variables, &variables);
    pairs(&mut judgment, "label", &test.labels, &labels);
    for key in &test.unset_variables {
        if variables.contains_key(key.as_str()) {
            judgment.wrong(format!("the variable {key} is set"));
        }
    }
    for (what, wanted, found) in [
        ("entrypoint", &test.entrypoint, &config.entrypoint),
        ("command", &test.command, &config.cmd),
    ] {
        if let Some(wanted) = wanted
            && wanted != found
        {
            judgment.wrong(format!("the {what} is {found:?}, not {wanted:?}"));
        }
    }
    let is_exposed = |port: &String| {
        config.exposed_ports.keys().any(|exposed| {
            exposed == port
                || exposed
                    .split_once('/')
                    .is_some_and(|(number, _)| number == port)
        })
    };
    let volumes = &config.volumes;
    for port in test.ports.iter().filter(|port| !is_exposed(port)) {
        judgment.wrong(format!("port {port} is not exposed"));
    }
    for port in test.closed_ports.iter().filter(|port| is_exposed(port)) {
        judgment.wrong(format!("port {port} is exposed"));
    }
    for volume in test
        .volumes
        .iter()
        .filter(|one| !volumes.contains_key(*one))
    {
        judgment.wrong(format!("{volume} is no volume"));
    }
    for volume in test
        .absent_volumes
        .iter()
        .filter(|one| volumes.contains_key(*one))
    {
        judgment.wrong(format!("{volume} is a volume"));
    }
    for (what, wanted, found) in [
        ("working folder", &test.folder, &config.working_dir),
        ("user", &test.user, &config.user),
    ] {
        if let Some(wanted) = wanted.as_ref().filter(|wanted| !wanted.is_empty())
            && wanted != found
        {
            judgment.wrong(format!("the {what} is `{found}`, not `{wanted}`"));
        }
    }
    judgment.finish("the configuration is as expected", Duration::ZERO)
}

fn pairs(judgment: &mut Judgment<'_>, what: &str, wanted: &[Pair], found: &BTreeMap<&str, &str>) {
    for pair in wanted {
        let key = &pair.key;
        let Some(value) = found.get(key.as_str()) else {
            judgment.wrong(format!("there is no {what} {key}"));
            continue;
        };
        match &pair.value {
            PairValue::Exactly(wanted) if wanted != value => {
                judgment.wrong(format!("the {what} {key} is `{value}`, not `{wanted}`"));
            }
            PairValue::Matching(pattern) if !pattern.is_match(value) => {
                let pattern = pattern.written();
                judgment.wrong(format!(
                    "the {what} {key} is `{value}`, which `{pattern}` does not match"
                ));
            }
            _ => {}
        }
    }
}
