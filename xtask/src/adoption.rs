//! What a repository needs to be built by this tool, read from what it has: Dockerfiles and who starts from whom,
//! compose files, workflows, packages.
//!
//! Nothing is guessed silently: a [`Proposal`] says where each line comes from, and what cannot be told is an error or
//! a note that says what to name.

mod cargo_alias;
mod image_places;
mod manifest_text;
mod naming;
mod packages;
mod proposal;
mod renaming;
mod scaffold;
mod survey;

pub use cargo_alias::with_alias;
pub use image_places::{ImagePlace, stated_places};
pub use manifest_text::{ManifestFacts, Stated, manifest_path, manifest_text, project_name};
pub use packages::{Packages, packages};
pub use proposal::{Proposal, propose};
pub use renaming::Renaming;
pub use scaffold::{compose_changes, new_dockerfile};
pub use survey::{Answers, Found, LeftOut, Survey};
