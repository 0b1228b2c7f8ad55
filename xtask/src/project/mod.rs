//! The one model of what is in this monorepo: its manifest, its base images, its services.

mod discovery;
mod glob;
pub mod manifest;
mod model;
pub mod reading;
mod reference;
pub mod root;
pub mod suggestion;
#[cfg(test)]
mod tests;

pub use manifest::Manifest;
pub use model::{ImageDefinition, Project, Role};
pub use reference::ImageReference;
pub use root::Root;
