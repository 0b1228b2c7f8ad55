//! Secrets in files: by the file's name, by the names of variables, by content.
//!
//! ```text
//! path ──► names::by_name ──► decided by the name, or …
//!                                │
//! bytes ─► content::Scanner ◄────┘ ──► Match { rule, place, what may be shown of it }
//! ```
//!
//! Nothing here keeps, returns or prints a secret: a [`content::Match`] says where it stands and how long it is.

mod base64;
pub mod content;
pub mod names;
mod placeholder;
pub mod variables;
