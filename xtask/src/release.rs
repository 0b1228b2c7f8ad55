//! Which image runs where and which ran before: what the audit trail tells of deployments, and files of digests.

mod choice;
mod history;
mod images_file;

pub use choice::{Choice, Wanted, choose};
pub use history::{Deployment, History, LEFT};
pub use images_file::with_digests;
