//! What is known about common base images, offline.

use crate::dockerfile::{Base, Dockerfile, StageGraph};
use crate::lint::model::{Parent, Resolve};

/// What is known about an image from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseFacts {
    /// The reference, expanded; empty if it could not be.
    pub reference: String,
    /// The image is in our table.
    pub known: bool,
}

/// What each stage starts from.
pub(super) fn parents(file: &Dockerfile, graph: &StageGraph, resolve: Resolve<'_>) -> Vec<Parent> {
    file.stages
        .iter()
        .map(|stage| match graph.bases[stage.index] {
            Base::Scratch => Parent::Scratch,
            Base::Stage(index) => Parent::Stage(index),
            Base::Image => {
                let reference = graph
                    .images
                    .iter()
                    .find(|image| image.raw.span == stage.base.span)
                    .map(|image| image.reference.clone())
                    .unwrap_or_default();
                match resolve(&reference) {
                    Some((model, stage)) => Parent::Own { model, stage },
                    None => Parent::Image(Box::new(BaseFacts {
                        reference,
                        known: false,
                    })),
                }
            }
        })
        .collect()
}
