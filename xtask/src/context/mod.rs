//! Build contexts: what stands in a folder, what its ignore files let through, who takes it, where it ends up.
//!
//! ```text
//! folder ─► Walk ─► Tree (every entry once, with the decision of each View)
//!                     │        Recipe (what a Dockerfile's steps take, and which step builds on which)
//!                     ▼          ▼
//!            sent, taken, in the image, invalidated
//! ```
//!
//! A [`View`] is one way to look at the tree: a build context with the ignore file that counts for a Dockerfile. All
//! services of a monorepo share one walk.

mod addition;
mod affected;
mod build_contexts;
pub mod categories;
mod coverage;
mod disk;
mod filter;
mod flow;
mod folders;
pub mod ignore_block;
mod ignore_file;
mod links;
mod literal;
mod minimal;
mod node_set;
mod overlay;
mod recipe;
mod redecision;
mod selection;
mod selections;
mod sensitive;
mod sent;
mod takers;
mod taking;
mod tree;
mod walk;
mod weight;

pub use addition::patterns_that_break_nothing;
pub use affected::{
    Affected, AffectedImage, AffectedStep, Because, Builds, Certainty, Change, ChangeKind,
    IdleImage, Question, StepReference, Target, admission_changes, affected, executed_steps,
    stages_of, work_of_steps,
};
pub use build_contexts::{BuildContexts, ContextTake, ContextView};
pub use coverage::{Coverage, Leak, Open, Verdict};
pub use disk::DiskFolders;
pub use flow::{Added, Flow, Given, Hop, HopKind, Image, TakeOf, flow, flow_across};
pub use folders::{FolderEntry, Folders, Kind, MemoryFolders, OpenFolder};
pub use ignore_file::IgnoreFile;
pub use literal::literal_pattern;
pub use minimal::minimal;
pub use node_set::NodeSet;
pub use overlay::Overlay;
pub use recipe::{
    Base, Definition, From, Recipe, Source, Stage, StageReference, Step, StepKind, Take,
};
pub use redecision::admitted_under;
pub use selection::{Origin, Selection, mounted, select};
pub use sensitive::{Limits, SensitiveFile, SensitiveFiles, sensitive_files};
pub use sent::{admitted, sent};
pub use taking::{TakenPaths, Taking, takes_path};
pub use tree::{NodeId, Problem, ProblemKind, Tree};
pub use walk::{View, Walk};
pub use weight::{Weight, Weights};

#[cfg(test)]
mod tests;
