//! `--estimate`: how large images will be at least, before they are built.

mod past;
mod repository;

use std::collections::BTreeSet;

use past::Past;
use repository::Repository;

use super::arguments::Arguments;
use super::budgets::today;
use super::estimated::{Answer, Estimated};
use super::recording::Known;
use crate::cli::Common;
use crate::commands::images::LookedAt;
use crate::commands::lint::tell_errors;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::Severity;
use crate::image::estimate::{Estimate, Foundation};
use crate::image::record::{Record, RecordedImage};
use crate::project::budget::{AtLeast, findings_of_estimate, judge_estimate};
use crate::project::suggestion::nearest;
use crate::project::{ImageDefinition, Project};
use crate::report::Format;
use crate::size::Bytes;

/// Carries it out.
///
/// # Errors
/// What is named is no image of the manifest. A file that cannot be read is told, and the rest is estimated.
pub(super) fn run(
    arguments: &Arguments,
    place: &LookedAt,
    known: &Known,
    common: &Common,
    environment: &Environment,
) -> Result<Exit> {
    let Some(project) = &place.project else {
        return Err(Error::usage("there is no manifest here")
            .help("`--estimate` tells of the images of docker/docker.toml"));
    };
    let images = chosen(project, &arguments.images)?;
    let repository = Repository::gather(project);
    let mut errors = repository.contexts.errors.clone();
    errors.extend(repository.contexts.tree.problems().iter().map(|problem| {
        Error::usage(format!("failed to look at {}", problem.path)).because(&problem.cause)
    }));
    tell_errors(&errors, common, environment)?;
    let record = known.now.as_ref();
    let past = Past::new(&project.root, environment);
    let is_same = |image: &RecordedImage, foundation: &Foundation| past.has(image, foundation);
    let mut estimated = Vec::new();
    for definition in images {
        environment.interrupt.check()?;
        let plan = repository.plan(definition);
        for platform in platforms(&definition.name, arguments, record) {
            let estimate = Estimate::of(&plan, platform.as_deref(), record, &is_same);
            let at_least = AtLeast {
                unpacked: Bytes(estimate.at_least_bytes),
                layer: Bytes(estimate.at_least_layer_bytes),
                is_open: estimate.unknown_lines > 0,
            };
            let budget = &project.manifest.budget;
            let judgments = judge_estimate(&definition.name, at_least, budget, today(environment));
            estimated.push(Estimated {
                estimate,
                judgments,
            });
        }
    }
    let findings: Vec<_> = estimated
        .iter()
        .flat_map(|one| {
            let estimate = &one.estimate;
            findings_of_estimate(&estimate.name, &estimate.dockerfile, &one.judgments)
        })
        .collect();
    let answer = Answer {
        images: &estimated,
        findings: &findings,
        has_record: record.is_some(),
    };
    let format = arguments.reading.format;
    let color = common.color.stdout(environment);
    if !(common.quiet && format == Format::Terminal && findings.is_empty()) {
        environment.print(&answer.text(format, color)?)?;
    }
    let is_wrong = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    Ok(match (errors.is_empty(), is_wrong) {
        (false, _) => Exit::Usage,
        (true, true) => Exit::Findings,
        (true, false) => Exit::Clean,
    })
}

/// The images that are named, or all.
fn chosen<'p>(project: &'p Project, words: &[String]) -> Result<Vec<&'p ImageDefinition>> {
    if words.is_empty() {
        return Ok(project.images.iter().collect());
    }
    let one = |word: &String| {
        project.image(word).ok_or_else(|| {
            let names = || project.images.iter().map(|image| image.name.as_str());
            let error = Error::usage(format!("`{word}` is no image of the manifest"));
            match nearest(word, names()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!(
                    "there are: {}",
                    names().collect::<Vec<_>>().join(", ")
                )),
            }
        })
    };
    words.iter().map(one).collect()
}

/// The platforms that an image is estimated for: the one that was asked for, else those it was recorded for, else all
/// that anything was recorded for.
fn platforms(image: &str, arguments: &Arguments, record: Option<&Record>) -> Vec<Option<String>> {
    if let Some(platform) = &arguments.reading.platform {
        return vec![Some(platform.clone())];
    }
    let recorded = record.map(Record::images).unwrap_or_default();
    let of = |is_meant: &dyn Fn(&RecordedImage) -> bool| -> BTreeSet<String> {
        let meant = recorded.iter().filter(|image| is_meant(image));
        meant.map(|image| image.platform.clone()).collect()
    };
    let mut found = of(&|recorded| recorded.name == image);
    if found.is_empty() {
        found = of(&|_| true);
    }
    if found.is_empty() {
        return vec![None];
    }
    found.into_iter().map(Some).collect()
}
