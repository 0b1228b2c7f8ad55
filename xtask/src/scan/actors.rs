//! Who must act on a vulnerability: whoever moves a base image, a line of a Dockerfile, or a lockfile.
//!
//! A layer was made by a line; what the line copies from another stage was made there, and so on until a line is
//! found that installs the package, or a `FROM` of an image from outside that brought it.

use serde::Serialize;

use super::scanned::Scanned;
use super::vulnerability::Affected;
use crate::source::Location;

mod change;
mod dependency;
mod installation;
mod trace;

pub use change::{Change, changes};
pub use dependency::{Requirements, Sources};
pub use trace::Workshop;

/// Who must act.
#[derive(Clone, Debug)]
pub enum Actor {
    /// Whoever moves a base image: it brought the package.
    BaseImage {
        /// Its reference, expanded.
        reference: String,
        /// The `FROM`, or the `COPY --from`.
        at: Location,
        /// The build arguments that decide which it is.
        arguments: Vec<Argument>,
    },
    /// Whoever writes a line of a Dockerfile: it installs the package, or copies it.
    Line {
        /// The line.
        at: Location,
        /// What it says, on one line.
        instruction: String,
        /// How it says which version, such as `=3.3.2-r0`; `None` if it takes the newest.
        constraint: Option<String>,
    },
    /// Whoever keeps a lockfile or a list of requirements.
    Dependency {
        /// The package in that file.
        at: Location,
        /// From what the project names itself to the package.
        chain: Vec<String>,
        /// What to do, given the version to reach.
        kind: Dependency,
    },
    /// Whoever builds the image, which is none of this repository.
    Elsewhere,
}

/// How a dependency is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependency {
    /// By npm.
    Npm {
        /// What the project names itself.
        direct: String,
        /// What everybody asks for who gets this copy.
        ranges: Vec<String>,
    },
    /// In a list for pip.
    Requirement,
}

/// A build argument that decides which base image is taken.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Where its value stands: in the manifest, else where it is declared.
    pub at: Location,
}

/// The class of an actor, as reports name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// [`Actor::BaseImage`].
    BaseImage,
    /// [`Actor::Line`].
    Line,
    /// [`Actor::Dependency`].
    Dependency,
    /// [`Actor::Elsewhere`].
    Elsewhere,
}

impl ActorKind {
    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::BaseImage => "base image",
            Self::Line => "our line",
            Self::Dependency => "dependency",
            Self::Elsewhere => "whoever builds the image",
        }
    }
}

impl Actor {
    /// Its class.
    #[must_use]
    pub const fn kind(&self) -> ActorKind {
        match self {
            Self::BaseImage { .. } => ActorKind::BaseImage,
            Self::Line { .. } => ActorKind::Line,
            Self::Dependency { .. } => ActorKind::Dependency,
            Self::Elsewhere => ActorKind::Elsewhere,
        }
    }

    /// The place to edit.
    #[must_use]
    pub const fn location(&self) -> Option<&Location> {
        match self {
            Self::BaseImage { at, .. } | Self::Line { at, .. } | Self::Dependency { at, .. } => {
                Some(at)
            }
            Self::Elsewhere => None,
        }
    }

    /// `docker/base/Dockerfile:20`, where there is a place.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        self.location().map(place)
    }

    /// What tells it from others.
    #[must_use]
    pub fn key(&self) -> (ActorKind, String, usize) {
        let place = self.location();
        (
            self.kind(),
            place
                .map(|at| at.source.path().to_string())
                .unwrap_or_default(),
            place.map_or(0, |at| at.source.line_column(at.span.start).line),
        )
    }

    /// What it is about, in a few words: the reference, the instruction, the chain.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::BaseImage { reference, .. } => reference.clone(),
            Self::Line { instruction, .. } => instruction.clone(),
            Self::Dependency { chain, .. } => chain.join(" > "),
            Self::Elsewhere => String::new(),
        }
    }
}

/// `file:line`.
pub(super) fn place(at: &Location) -> String {
    let line = at.source.line_column(at.span.start).line;
    format!("{}:{line}", at.source.path())
}

/// Who must act on a package of an image.
#[must_use]
pub fn actor(image: &Scanned, affected: &Affected, workshop: &Workshop<'_>) -> Actor {
    let layer = image
        .package(affected)
        .and_then(|package| image.layer_of(package));
    let origin = layer.and_then(|layer| image.origins.get(layer));
    workshop.actor(image.own.as_deref(), origin, affected)
}
