//! `[rollback]` as types.

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::source::Location;
use crate::timestamp::Period;

/// What an image is put to work by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// Docker Compose, on the engine that answers.
    #[default]
    Compose,
    /// A file of digests that something else applies.
    File,
}

/// What an earlier image must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Requirement {
    /// It is trusted as `[trust]` says.
    Signature,
    /// Its last scan passed.
    Scan,
}

/// `[rollback]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rollback {
    /// What an image is put to work by.
    pub target: Target,
    /// From the root.
    pub compose: Vec<Utf8PathBuf>,
    /// From the root.
    pub images: Option<Utf8PathBuf>,
    /// How long a service may take to become healthy.
    pub patience: Period,
    /// What an earlier image must have.
    pub require: Vec<Requirement>,
}

impl Default for Rollback {
    fn default() -> Self {
        Self {
            target: Target::Compose,
            compose: vec![Utf8PathBuf::from("docker/compose.yaml")],
            images: None,
            patience: Period::from_seconds(120),
            require: vec![Requirement::Signature, Requirement::Scan],
        }
    }
}

impl Rollback {
    /// Mistakes that only several keys together make.
    pub(super) fn contradictions(&self, location: impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = Vec::new();
        if self.target == Target::File && self.images.is_none() {
            errors.push(
                Error::usage("digests are to be written to a file, and `images` names none")
                    .help("add `images = \"…/kustomization.yaml\"`")
                    .at(location(&["rollback", "target"])),
            );
        }
        if self.target == Target::Compose && self.compose.is_empty() {
            errors.push(
                Error::usage("services are to be started by compose, and `compose` names no file")
                    .at(location(&["rollback", "compose"])),
            );
        }
        errors
    }
}
