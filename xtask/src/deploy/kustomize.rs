//! What a kustomization comes to: resources, generators, patches and images laid over each other, every value with the
//! place it was written at.
//!
//! It does what `kubectl kustomize` does with the fields that it knows; a field that it does not know is an error, never
//! passed over. Names of generated objects carry no hash, and objects keep the order in which they were named.
//! `tests/deploy_kustomize.rs` holds it to the real one.

mod build;
mod generators;
mod merge;
mod pointer;
mod transformers;

pub use build::build;

use crate::error::Error;
use crate::source::Location;

/// What cannot be followed: the verdict is unknown, not good.
fn unknown(what: impl Into<String>, place: Location) -> Error {
    Error::missing(what)
        .help("render it with `kubectl kustomize FOLDER > FILE` and judge that: `docker-deploy --check ENVIRONMENT --rendered FILE`")
        .at(place)
}
