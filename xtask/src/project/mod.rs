//! The one model of what is in this monorepo: its manifest, its base images, its services.

mod glob;
pub mod manifest;
pub mod root;
pub mod suggestion;

pub use manifest::Manifest;
pub use root::Root;
