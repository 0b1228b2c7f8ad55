//! Which images in a registry are kept and which are removed: a graph of manifests, rules, and the plan they make.
//!
//! Everything here is a value: what a registry has comes in as a [`Package`], what is to be done goes out as a
//! [`Plan`]. The one promise: nothing that something kept needs is ever removed.

mod attachment;
mod digest;
mod findings;
mod graph;
mod journal;
mod manifest;
mod pace;
mod package;
mod plan;
mod policy;
mod reason;
mod storage;
#[cfg(test)]
mod tests;

pub use attachment::{Attachment, AttachmentKind};
pub use digest::Digest;
pub use findings::{Problem, ProblemKind, findings};
pub use journal::{Journal, JournalPackage, Restorable, RestoreList, RestorePackage};
pub use manifest::{Blob, Child, Kind, MEDIA_TYPES, Manifest};
pub use pace::Pace;
pub use package::{Package, Version};
pub use plan::{Plan, Situation};
pub use policy::{Policy, Rule};
pub use reason::{Keeping, Reason, Removing};
pub use storage::{Storage, blobs_of};
