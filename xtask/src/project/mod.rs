//! The one model of what is in this monorepo: its manifest, its base images, its services.

pub mod budget;
mod consistency;
mod discovery;
pub(crate) mod glob;
mod image_name;
pub mod manifest;
mod model;
mod own_images;
pub mod reading;
pub mod root;
pub mod secrets;
pub mod suggestion;
#[cfg(test)]
mod tests;
pub mod volatile;

pub use image_name::ImageName;
pub use manifest::Manifest;
pub use model::{ImageDefinition, Project, Role};
pub use root::Root;
