//! The one model of what is in this monorepo: its manifest, its base images, its services.

pub mod manifest;
pub mod suggestion;

pub use manifest::Manifest;
