//! Files that are to be made or changed, each with why.

use camino::Utf8PathBuf;

use super::manifest_text::{ManifestFacts, manifest_path, manifest_text};
use super::survey::{Found, Survey};
use crate::edit::{Edit, Fix, Safety, apply};
use crate::lint::Change;
use crate::project::reading;
use crate::source::{Source, Span};

/// A file that is to be made or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What is there, which is empty for a new file, and what is to be there.
    pub change: Change,
    /// As a sentence without a full stop.
    pub why: String,
}

impl Proposal {
    /// A file that is not there yet.
    pub fn new_file(
        path: impl Into<Utf8PathBuf>,
        text: impl Into<String>,
        why: impl Into<String>,
    ) -> Self {
        let path = path.into();
        Self {
            change: Change {
                before: Source::new(&path, ""),
                path,
                after: text.into(),
            },
            why: why.into(),
        }
    }
}

/// The manifest, and names for the stages that run and have none.
#[must_use]
pub fn propose(survey: &Survey, facts: &ManifestFacts) -> Vec<Proposal> {
    let mut proposals = vec![Proposal::new_file(
        manifest_path(),
        manifest_text(survey, facts),
        "says what cannot be read from the Dockerfiles",
    )];
    let production = survey.production_name();
    for image in &survey.images {
        let name = stage_name(image, &production);
        let stage = image.dockerfile.stages.get(image.production);
        let Some(stage) = stage.filter(|stage| stage.name.is_none()) else {
            continue;
        };
        let source = &image.dockerfile.source;
        let at = stage.span.start + stage.span.of(source.text()).trim_end().len();
        let fix = Fix {
            message: "name the stage".into(),
            safety: Safety::Safe,
            edits: vec![Edit {
                source: source.clone(),
                span: Span::new(at, at),
                replacement: format!(" AS {name}"),
            }],
        };
        for (path, (before, after)) in apply(&[&fix]).files {
            proposals.push(Proposal {
                change: Change {
                    path,
                    before,
                    after,
                },
                why: "the manifest names the stage that runs, so it needs a name; what is built stays the same".to_owned(),
            });
        }
    }
    proposals
}

/// What the stage that runs is called: its own name, else the one that most have, unless another stage has it.
pub(super) fn stage_name(image: &Found, production: &str) -> String {
    match image.stage() {
        Some(name) => name.to_owned(),
        None if reading::stage(&image.dockerfile, production).is_none() => production.to_owned(),
        None => format!("{production}-image"),
    }
}
