//! `--html`: the page to look at.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::answer::Answer;
use super::recording::Known;
use crate::atomic_file;
use crate::environment::Environment;
use crate::error::Result;
use crate::git;
use crate::image::analysis::Analysis;
use crate::image::history::History;
use crate::image::page::{BudgetLine, Page, render};
use crate::project::Project;
use crate::project::budget::Judgment;

/// Lists on a page can be scrolled.
pub(super) const LIST_LENGTH: usize = 200;

/// Writes the page.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn write(answer: &Answer<'_>, file: &Utf8Path, environment: &Environment) -> Result<()> {
    let place = answer.looked.place;
    let project = place.project.as_ref();
    let analyses: Vec<Analysis> = answer.looked.analyses().cloned().collect();
    let title = match (project, &analyses[..]) {
        (Some(project), _) => format!("Image sizes of {}", project.manifest.project.name),
        (None, [image]) => format!("Size of {}", image.name),
        (None, _) => "Image sizes".to_owned(),
    };
    let head = git::head(environment.runner.as_ref(), &place.root);
    let page = Page {
        title: &title,
        generated: &answer.today.to_string(),
        commit: head.as_ref().map(|head| head.revision.as_str()),
        analyses: &analyses,
        dockerfiles: &project.map(dockerfiles).unwrap_or_default(),
        budgets: &budgets(&analyses, answer.judged),
        history: &history(answer.known),
    };
    atomic_file::write(&environment.current_dir.join(file), render(&page))
}

fn dockerfiles(project: &Project) -> BTreeMap<String, String> {
    let text = |image: &crate::project::ImageDefinition| {
        let source = &image.dockerfile.source;
        (source.path().to_string(), source.text().to_owned())
    };
    project.images.iter().map(text).collect()
}

fn budgets(analyses: &[Analysis], judged: &[Vec<Judgment>]) -> BTreeMap<String, Vec<BudgetLine>> {
    let line = |judgment: &Judgment| {
        Some(BudgetLine {
            measure: judgment.measure.to_string(),
            bytes: u64::try_from(judgment.bytes?).ok()?,
            limit: judgment.hard_bytes?,
            soft_limit: judgment.soft_bytes,
        })
    };
    analyses
        .iter()
        .zip(judged)
        .map(|(image, judgments)| {
            (
                image.name.clone(),
                judgments.iter().filter_map(line).collect(),
            )
        })
        .collect()
}

fn history(known: &Known) -> History {
    known
        .now
        .as_ref()
        .map(crate::image::record::Record::history)
        .unwrap_or_default()
}
