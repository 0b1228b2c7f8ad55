//! Images that were read and looked through.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

use super::arguments::ReadingArguments;
use super::knowledge::{self, LastBuild};
use super::sources::{Reader, Wanted};
use crate::cli::Common;
use crate::engine::standin;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::Finding;
use crate::image::advice;
use crate::image::analysis::{Analysis, Extent, Subject};
use crate::image::attribution;
use crate::lint::unsuppressed;
use crate::project::{ImageDefinition, Project, root};
use crate::source::Source;

/// The repository one stands in, if it is one.
pub(super) struct LookedAt {
    pub(super) project: Option<Project>,
    /// Its root, else where the user stands.
    pub(super) root: Utf8PathBuf,
    last: LastBuild,
}

/// Images that were looked through.
pub(super) struct Looked<'a> {
    pub(super) place: &'a LookedAt,
    pub(super) images: Vec<LookedImage>,
    /// Images that could not be read.
    pub(super) errors: Vec<Error>,
}

/// An image that was looked through.
pub(super) struct LookedImage {
    pub(super) analysis: Analysis,
    /// Which of the manifest's images it is.
    pub(super) own: Option<String>,
    /// Whether it was built on something that stands in for its base.
    pub(super) is_stand_in: bool,
}

impl LookedAt {
    /// # Errors
    /// There is no manifest, or a wrong one, and nothing else is named.
    pub(super) fn find(
        words: &[String],
        common: &Common,
        environment: &Environment,
    ) -> Result<Self> {
        let found = root::find(&environment.current_dir, common.manifest.as_deref());
        let project = match found {
            Ok(root) => Some(Project::load(&root)?),
            // Files and references need no manifest.
            Err(_) if !words.is_empty() && common.manifest.is_none() => None,
            Err(error) => return Err(error),
        };
        let root = match &project {
            Some(project) => project.root.clone(),
            None => environment.current_dir.clone(),
        };
        Ok(Self {
            last: LastBuild::read(&root),
            project,
            root,
        })
    }

    /// What somebody mistyped looks like a reference: tells which images there are.
    fn with_names(&self, error: Error, words: &[String]) -> Error {
        let Some(project) = &self.project else {
            return error;
        };
        let is_own = |word: &String| project.images.iter().any(|image| image.name == *word);
        let looks_so = |word: &&String| {
            !word.contains(['/', ':', '.']) && error.message().contains(word.as_str())
        };
        if words.iter().filter(looks_so).all(is_own) {
            return error;
        }
        let names: Vec<&str> = project
            .images
            .iter()
            .map(|image| image.name.as_str())
            .collect();
        error.help(format!("the manifest has {}", names.join(", ")))
    }

    /// An image of the manifest.
    pub(super) fn definition(&self, name: &str) -> Option<&ImageDefinition> {
        self.project
            .as_ref()?
            .images
            .iter()
            .find(|image| image.name == name)
    }
}

impl<'a> Looked<'a> {
    /// Reads and looks through what `words` name, all images of the manifest if there are none. Lists have at least
    /// `least` entries.
    pub(super) fn gather(
        place: &'a LookedAt,
        words: &[String],
        reading: &ReadingArguments,
        least: usize,
        common: &Common,
        environment: &Environment,
    ) -> Result<Self> {
        let project = place.project.as_ref();
        let names = project
            .map(|project| place.last.names(project))
            .unwrap_or_default();
        let parse = |word: &String| Wanted::parse(word, project, &names, &environment.current_dir);
        let wanted = match project {
            Some(project) if words.is_empty() => {
                let images = project.images.iter();
                images
                    .map(|image| Wanted::of_manifest(project, &image.name, &names))
                    .collect()
            }
            _ => words.iter().map(parse).collect(),
        };
        let reader = Reader {
            arguments: reading,
            common,
            environment,
            root: &place.root,
        };
        let (read, errors) = reader.read(wanted)?;
        let errors = errors
            .into_iter()
            .map(|error| place.with_names(error, words))
            .collect();
        let extent = Extent {
            files: reading.top.max(least),
            ..Extent::default()
        };
        let images = read
            .iter()
            .map(|one| {
                let known = knowledge::of(one, project, &place.last, &read);
                let subject = Subject {
                    name: one.wanted.name.clone(),
                    source: one.source.clone(),
                    origins: attribution::origins(&one.image, &known),
                };
                LookedImage {
                    analysis: Analysis::of(&one.image, &subject, extent),
                    own: one.wanted.own.clone(),
                    is_stand_in: one.image.config.config.labels.contains_key(standin::LABEL),
                }
            })
            .collect();
        Ok(Self {
            place,
            images,
            errors,
        })
    }

    /// What would make the images smaller, each finding once, at its line, without what comments keep back.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        let mut seen = BTreeSet::new();
        let all = self
            .images
            .iter()
            .flat_map(|image| advice::advice(&image.analysis));
        for finding in all {
            let key = (
                finding.path.clone(),
                finding.code.clone(),
                finding.message.clone(),
            );
            if finding.path.is_none() || seen.insert(key) {
                findings.push(self.located(finding));
            }
        }
        let project = self.place.project.iter();
        for image in project.flat_map(|project| &project.images) {
            findings = unsuppressed(&image.dockerfile, findings, true);
        }
        findings
    }

    /// With the place in the Dockerfile, where it is known.
    fn located(&self, finding: Finding) -> Finding {
        let line = finding
            .properties
            .get("line")
            .and_then(serde_json::Value::as_u64);
        let source = self.source(&finding);
        match (source, line.and_then(|line| usize::try_from(line).ok())) {
            (Some(source), Some(line)) => {
                let span = source.line_span(line);
                finding.at(source.location(span))
            }
            _ => finding,
        }
    }

    fn source(&self, finding: &Finding) -> Option<&Source> {
        let path = finding.path.as_ref()?;
        let images = &self.place.project.as_ref()?.images;
        let image = images.iter().find(|image| image.path() == path)?;
        Some(&image.dockerfile.source)
    }

    /// How the program ends because of images that could not be read; `None` if all could.
    pub(super) fn exit(&self) -> Option<Exit> {
        let mut exits = self.errors.iter().map(Error::exit);
        let first = exits.next()?;
        // Only if nothing else is wrong, trying again later helps.
        let is_missing = first == Exit::Missing && exits.all(|exit| exit == Exit::Missing);
        Some(if is_missing {
            Exit::Missing
        } else {
            Exit::Usage
        })
    }

    /// What was found out about each image.
    pub(super) fn analyses(&self) -> impl Iterator<Item = &Analysis> {
        self.images.iter().map(|image| &image.analysis)
    }
}
