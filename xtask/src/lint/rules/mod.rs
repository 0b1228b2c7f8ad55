//! The rules, by family. Every family lists its own, by code.

use crate::lint::rule::Rule;

mod account;
mod cache;
mod commands;
mod context;
mod copy;
mod declarations;
mod ignore;
mod image;
mod instruction;
mod label;
mod language;
mod layer;
mod lines;
mod mending;
mod mentions;
mod node_project;
mod package;
mod pipeline;
mod process;
mod references;
mod script;
mod secret;
mod shellcheck;
mod stage;
pub(super) mod suppression;
mod variable;
mod variable_use;
mod workflow;

#[cfg(test)]
mod tests;

/// Every family's rules.
pub(super) const FAMILIES: &[&[&Rule]] = &[
    account::RULES,
    cache::RULES,
    context::RULES,
    copy::RULES,
    ignore::RULES,
    image::RULES,
    instruction::RULES,
    label::RULES,
    language::RULES,
    layer::RULES,
    package::RULES,
    pipeline::RULES,
    process::RULES,
    script::RULES,
    secret::RULES,
    shellcheck::RULES,
    stage::RULES,
    suppression::RULES,
    variable::RULES,
    workflow::RULES,
];

/// Those of them that are about what enters a build.
pub(super) const BUILD_CONTEXT_FAMILIES: &[&[&Rule]] = &[context::RULES, ignore::RULES];
