//! What becomes of a stage: which of its steps run again, and what of it can differ then.

use std::collections::BTreeSet;

use super::{AffectedStep, Because, Certainty};
use crate::context::recipe::{Step, StepKind, Take};

/// What becomes of a stage.
#[derive(Clone, Debug, Default)]
pub(super) struct Fate {
    /// Those of its own steps that are affected.
    pub(super) steps: Vec<AffectedStep>,
    /// Whether its end is built anew.
    pub(super) certainty: Option<Certainty>,
    /// What of it can differ.
    pub(super) touched: Touched,
}

/// Paths of a stage that can differ from before.
#[derive(Clone, Debug, Default)]
pub(super) enum Touched {
    #[default]
    Nothing,
    /// What is at and below these, absolute.
    Below(BTreeSet<String>),
    Anything,
}

impl Touched {
    fn below(&mut self, path: &str) {
        match self {
            Self::Nothing => *self = Self::Below(BTreeSet::from([path.to_owned()])),
            Self::Below(paths) => {
                paths.insert(path.to_owned());
            }
            Self::Anything => {}
        }
    }

    /// Whether something that is taken from here can differ.
    pub(super) fn reaches(&self, take: &Take) -> bool {
        match self {
            Self::Nothing => false,
            Self::Anything => true,
            Self::Below(_) if take.unknown => true,
            Self::Below(paths) => take.sources.iter().any(|source| {
                // Up to its first wildcard a source is a path; a link may lead elsewhere, which only a build knows.
                let literal = source.path.split('/');
                let literal = literal.take_while(|part| !part.contains(['*', '?', '[', '\\']));
                let literal: String = literal
                    .filter(|part| *part != ".")
                    .flat_map(|part| ["/", part])
                    .collect();
                let source = literal.trim_end_matches('/');
                paths
                    .iter()
                    .any(|path| is_within(path, source) || is_within(source, path))
            }),
        }
    }
}

/// `path` is `folder` or below it; neither ends with a slash, and the root is empty or `/`.
fn is_within(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Fate {
    /// What a stage that starts from this one begins with.
    pub(super) fn inherited(&self) -> Self {
        Self {
            steps: Vec::new(),
            certainty: self.certainty,
            touched: self.touched.clone(),
        }
    }

    /// Keeps in mind what of the stage can differ once a step is carried out again.
    pub(super) fn touch(&mut self, step: &Step, because: &[Because]) {
        let is_new_text = because
            .iter()
            .any(|why| matches!(why, Because::Dockerfile(_) | Because::Everything(_)));
        let takes_new = because
            .iter()
            .any(|why| matches!(why, Because::Files { .. } | Because::Stage { .. }));
        match &step.kind {
            _ if is_new_text => self.touched = Touched::Anything,
            StepKind::Run { .. } => self.touched = Touched::Anything,
            StepKind::Copy { destination, .. } if takes_new => match destination {
                Some(path) => self.touched.below(path),
                None => self.touched = Touched::Anything,
            },
            // The same files once more.
            StepKind::Copy { .. } | StepKind::Workdir(_) | StepKind::Other => {}
        }
    }
}
