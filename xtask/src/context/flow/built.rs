//! Stages that were built, and the stages that they start from.

use std::collections::{HashMap, HashSet};

use super::Event;
use crate::context::recipe::StageReference;

/// A stage that was built.
pub(super) struct Built {
    pub(super) base: Option<StageReference>,
    pub(super) from_scratch: bool,
    pub(super) events: Vec<Event>,
}

/// Visits a stage and those that it starts from; whether the first one starts from nothing.
pub(super) fn visit_lineage<'s>(
    stages: &'s HashMap<StageReference, Built>,
    reference: &StageReference,
    mut visit: impl FnMut(&'s Built),
) -> bool {
    let mut seen = HashSet::new();
    let mut at = Some(reference);
    let mut from_scratch = false;
    while let Some(built) = at
        .filter(|reference| seen.insert(*reference))
        .and_then(|reference| stages.get(reference))
    {
        visit(built);
        from_scratch = built.from_scratch;
        at = built.base.as_ref();
    }
    from_scratch
}
