//! Which stages end up in the image.

use crate::dockerfile::Base;
use crate::lint::Model;

/// The final stage and the stages it starts from: what their layers hold is shipped.
pub(super) fn shipped(model: &Model) -> Vec<usize> {
    let mut stages = Vec::new();
    let mut next = model.file.stages.len().checked_sub(1);
    while let Some(stage) = next {
        stages.push(stage);
        next = match model.graph.bases.get(stage) {
            Some(Base::Stage(parent)) if *parent < stage => Some(*parent),
            _ => None,
        };
    }
    stages
}
