//! The linter: rules over the model of a Dockerfile and of the repository it stands in.
//!
//! [`Rule`]s are pure: they get facts ([`Subject`]) and leave [`Finding`](crate::finding::Finding)s in
//! [`Diagnostics`]. One rule is one file below `rules/`; its documentation, examples and metadata stand in that file.

mod apart;
pub mod baseline;
mod build_context;
mod build_files;
pub mod configuration;
mod diagnostics;
pub mod discovery;
mod disk_files;
mod driver;
mod external_shell_check;
pub mod fingerprint;
mod fix_rounds;
mod gather;
mod gitignore;
mod ignore_files;
mod model;
mod options;
mod outcome;
mod packages;
pub mod page;
mod published;
mod recipe;
mod registry;
mod rule;
mod rules;
mod shell_text;
mod suppression;
mod surroundings;

pub use apart::{Apart, Apartness};
pub use configuration::Configuration;
pub use diagnostics::{Diagnostic, Diagnostics};
pub use disk_files::DiskFiles;
pub use driver::{Input, Run};
pub use external_shell_check::{Batch, Comment, ScriptInput, batches};
pub use fix_rounds::{Change, FixRounds};
pub use model::{
    Account, BaseFacts, Created, Effects, Inherited, Known, Model, Moment, Origin, Package, Parent,
    Removed, Resolve, ShellKind, StageModel, Step, Variable,
};
pub use options::{LabelKind, Options};
pub use outcome::{Judged, Outcome};
pub use packages::{
    Call, Installation, Manager, Requirement, RequirementKind, call, installed, requirement,
};
pub use published::{Outside, Published, PublishedImage};
pub use registry::{all, find, of_build_contexts};
pub use rule::{Category, Check, Fixability, Rule, Subject};
pub use suppression::unsuppressed;
pub use surroundings::{Around, Context, Entry, EntryKind, Files, MemoryFiles, Surroundings};
