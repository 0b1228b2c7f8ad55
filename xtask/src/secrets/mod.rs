//! Secrets in files: by the file's name, by the names of variables, by content.
//!
//! ```text
//! path ──► names::by_name ──► decided by the name, or …
//!                                │
//! bytes ─► content::Scanner ◄────┘ ──► Match { rule, place, what may be shown of it }
//! ```
//!
//! Nothing here keeps, returns or prints a secret: a [`content::Match`] says where it stands and how long it is.

use content::{Certainty, Match};
use names::{ByName, Sensitive};

mod base64;
pub mod content;
mod name_index;
pub mod names;
mod placeholder;
pub mod variables;

/// Whether a file holds a secret, as far as anybody can tell by its name and by what was found in it: the name is enough,
/// the content has the form of one, or both point to it.
#[must_use]
pub fn holds_secret(by_name: Option<Sensitive>, matches: &[Match]) -> bool {
    let by_name = by_name.map(|sensitive| sensitive.by_name);
    by_name == Some(ByName::Sure)
        || matches.iter().any(|found| {
            found.rule.certainty >= Certainty::Likely && !found.rule.by_name
                || by_name == Some(ByName::LookInside)
        })
}
