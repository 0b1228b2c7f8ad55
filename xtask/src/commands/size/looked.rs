//! Images that were read and looked through.

use std::collections::BTreeSet;

use super::arguments::ReadingArguments;
use crate::cli::Common;
use crate::commands::images::{Images, LookedAt, exit_of_unread};
use crate::engine::standin;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::Finding;
use crate::image::advice;
use crate::image::analysis::{Analysis, Extent, Subject};
use crate::image::attribution;
use crate::image::layer::Detail;
use crate::lint::unsuppressed;

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
        let Images { read, errors, .. } = place.read(
            words,
            reading.platform.as_deref(),
            reading.engine,
            Detail::Entries,
            common,
            environment,
        )?;
        let extent = Extent {
            files: reading.top.max(least),
            ..Extent::default()
        };
        let images = read
            .iter()
            .map(|one| {
                let known = place.knowledge(one, &read);
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
                finding.path().map(ToOwned::to_owned),
                finding.code.clone(),
                finding.message.clone(),
            );
            if finding.path().is_none() || seen.insert(key) {
                findings.push(self.place.located(finding));
            }
        }
        let project = self.place.project.iter();
        for image in project.flat_map(|project| &project.images) {
            findings = unsuppressed(&image.dockerfile, findings, true);
        }
        findings
    }

    /// How the program ends because of images that could not be read; `None` if all could.
    pub(super) fn exit(&self) -> Option<Exit> {
        exit_of_unread(&self.errors)
    }

    /// What was found out about each image.
    pub(super) fn analyses(&self) -> impl Iterator<Item = &Analysis> {
        self.images.iter().map(|image| &image.analysis)
    }
}
