//! Containers and networks that a trial starts: labelled as its own, and gone when it ends, however it ends.
//!
//! What a trial that was killed left behind is removed by the next one in the same folder: a trial holds a lock for as
//! long as it lives, and what carries the label of a trial whose lock is free belongs to nobody.

mod container;
mod outpost;
pub mod processes;
mod reach;
mod session;
mod snapshot;

pub use container::{Container, Exit, Probe, State};
pub use outpost::Outpost;
pub use reach::Reach;
pub use session::{Network, Session, WayOut};
pub use snapshot::Snapshot;

/// The label that carries the trial's name on everything it makes.
pub const LABEL: &str = "dev.xtask-docker.trial";

/// The label that carries the folder whose trial it is: trials of other checkouts are not touched.
pub const FOLDER_LABEL: &str = "dev.xtask-docker.folder";
