//! The users that stages set, and the stages whose users matter.

use crate::dockerfile::{Base, InstructionKind};
use crate::lint::{Known, Model, StageModel, Step};
use crate::source::Spanned;

/// The last stage, and those that no other stage uses: what somebody may run.
pub(super) fn shipped(model: &Model) -> impl Iterator<Item = StageModel<'_>> {
    model.stages().filter(|stage| {
        let others = model.graph.dependencies.iter().enumerate();
        stage.is_final()
            || !others
                .filter(|(index, _)| *index != stage.index)
                .any(|(_, needed)| needed.contains(&stage.index))
    })
}

/// The `USER` in force at the end of a stage, of this file.
pub(super) fn last_user(stage: StageModel<'_>) -> Option<(Step<'_>, &Spanned<String>)> {
    let own = stage
        .steps()
        .rev()
        .find_map(|step| match &step.written().kind {
            InstructionKind::User(user) => Some((step, user)),
            _ => None,
        });
    own.or_else(|| match stage.model.graph.bases[stage.index] {
        Base::Stage(index) => last_user(StageModel { index, ..stage }),
        Base::Scratch | Base::Image => None,
    })
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
