//! What is wrong with an image that is built: known vulnerabilities of its packages, and who must act on them.
//!
//! ```text
//! inventory ─► matching (own database) ─┐
//! Trivy's JSON ─────────────────────────┴─► merged by alias ─► policy ─► findings
//! ```

pub mod collection;
pub mod database;
pub mod ecosystem;
pub mod index;
pub mod matching;
pub mod merging;
pub mod osv;
pub mod random_access;
pub mod vulnerability;
pub mod zip;
