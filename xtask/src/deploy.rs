//! Manifests of Kubernetes: made from what is known of the images, and held to it.
//!
//! [`Facts`] are what Dockerfiles, the compose file and the project's manifest say. [`generate`] writes a kustomization
//! from them; [`check()`] looks at what a kustomization comes to ([`kustomize::build`]), wherever it was written. What is
//! said of it, and why, is in [`rules`].

mod checks;
pub mod compose;
pub mod facts;
pub mod generate;
pub mod image;
pub mod kustomize;
pub mod object;
pub mod rules;
pub mod tree;
mod workload;

pub use checks::{Subject, check};
pub use facts::Facts;
pub use object::Object;

/// An amount in thousandths, wherever it is one.
fn quantity_of(tree: &tree::Tree) -> Option<u128> {
    crate::quantity::thousandths(tree.text()?)
}
