//! The users that stages set, and the stages whose users matter.

use crate::dockerfile::{Base, InstructionKind};
use crate::lint::{Known, Model, StageModel, Step};
use crate::source::Spanned;

/// The last stage, and those that no other stage uses: what somebody may run.
pub(super) fn shipped(model: &Model) -> impl Iterator<Item = StageModel<'_>> {
    let mut used = vec![false; model.file.stages.len()];
    for (index, needed) in model.graph.dependencies.iter().enumerate() {
        for needed in needed.iter().filter(|needed| **needed != index) {
            used[*needed] = true;
        }
    }
    model
        .stages()
        .filter(move |stage| stage.is_final() || !used[stage.index])
}

/// The `USER` in force at the end of each stage, of this file.
pub(super) fn last_users(model: &Model) -> Vec<Option<(Step<'_>, &Spanned<String>)>> {
    let mut users: Vec<Option<(Step<'_>, &Spanned<String>)>> = Vec::new();
    for stage in model.stages() {
        let own = stage
            .steps()
            .rev()
            .find_map(|step| match &step.written().kind {
                InstructionKind::User(user) => Some((step, user)),
                _ => None,
            });
        // A base stands before what starts from it.
        let inherited = match model.graph.bases[stage.index] {
            Base::Stage(base) => users.get(base).copied().flatten(),
            Base::Scratch | Base::Image => None,
        };
        users.push(own.or(inherited));
    }
    users
}

/// What `USER` says without quotes, its variables replaced; `None` if one of them is not known.
pub(super) fn user_value(step: Step<'_>, user: &Spanned<String>) -> Option<String> {
    if !user.value.contains('$') {
        return Some(user.value.trim_matches(['"', '\'']).to_owned());
    }
    match step.before().expand(&user.value) {
        Known::Yes(value) => Some(value),
        Known::Unknown => None,
    }
}
