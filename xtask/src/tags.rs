//! What images are called: tags, labels and annotations from what happened in git or on GitHub.
//!
//! The rules are those of the action `docker/metadata-action` (its inputs are taken as they are), for all images at
//! once; `docs/tags.md` tells where the answer differs, and why. Every tag that comes out is one that registries take
//! (`distribution/reference`: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`).

mod bake_file;
mod expressions;
mod flavor;
mod generation;
mod images;
mod labels;
mod line;
mod moment;
mod occasion;
mod pattern;
mod rules;
mod sanitizing;
mod template;
#[cfg(test)]
mod tests;

pub use bake_file::{NamedTarget, Parts, bake_file};
pub use flavor::{Flavor, Latest};
pub use generation::{Generated, Tag, generate};
pub use images::{ImageNames, image_names};
pub use labels::{AnnotationLevels, Pairs, labels};
pub use line::{Line, lines};
pub use occasion::{DEFAULT_SHORT_HASH, Occasion, Repository, Variables};
pub use rules::{Rule, parse_rules};
