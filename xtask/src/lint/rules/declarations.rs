//! Where a build argument is declared that a stage does not see.

use crate::dockerfile::{ArgDeclaration, PLATFORM_ARGS, Stage};
use crate::lint::StageModel;
use crate::lint::rules::mentions::mentions;

/// A declaration that does not reach a stage.
#[derive(Clone, Copy, Debug)]
pub(super) enum Elsewhere<'m> {
    /// Before the first `FROM`.
    Global(&'m ArgDeclaration),
    /// In a stage that this one does not start from.
    Stage(&'m Stage, &'m ArgDeclaration),
    /// Every build has it, but a stage must ask for it.
    Platform,
}

impl Elsewhere<'_> {
    /// "before the first `FROM`".
    pub(super) fn place(self) -> String {
        match self {
            Self::Global(_) => "before the first `FROM` only".to_owned(),
            Self::Stage(stage, _) => format!("in stage {} only", stage_name(stage)),
            Self::Platform => "by the builder, for stages that ask for it".to_owned(),
        }
    }

    /// What a new `ARG` has to say.
    pub(super) fn declaration(self, name: &str) -> String {
        match self {
            Self::Stage(_, declaration) => match &declaration.default {
                Some(default) => format!("{name}={}", default.value),
                None => name.to_owned(),
            },
            Self::Global(_) | Self::Platform => name.to_owned(),
        }
    }
}

/// Where `name` is declared, if the stage itself declares it nowhere.
pub(super) fn elsewhere<'m>(stage: StageModel<'m>, name: &str) -> Option<Elsewhere<'m>> {
    let model = stage.model;
    let mut in_stages = model.stage_arguments(name).peekable();
    let first = in_stages.peek().copied();
    if in_stages.any(|(index, _)| index == stage.index) {
        return None;
    }
    if let Some(declaration) = model.global_argument(name) {
        return Some(Elsewhere::Global(declaration));
    }
    let in_other = first.map(|(index, it)| Elsewhere::Stage(&model.file.stages[index], it));
    in_other.or_else(|| PLATFORM_ARGS.contains(&name).then_some(Elsewhere::Platform))
}

/// Whether a base image that is not known may set a variable: images often keep the version that their tag names under
/// the name that the `FROM` reads.
pub(super) fn may_come_with_base(stage: StageModel<'_>, name: &str) -> bool {
    let base = &stage.stage().base.value;
    mentions(base, name) || (name.ends_with("VERSION") && base.contains('$'))
}

/// The stage's name in quotes, or its number.
pub(super) fn stage_name(stage: &Stage) -> String {
    match &stage.name {
        Some(name) => format!("`{}`", name.value),
        None => stage.index.to_string(),
    }
}
