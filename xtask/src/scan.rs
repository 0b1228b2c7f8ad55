//! What is wrong with an image that is built: known vulnerabilities of its packages, and who must act on them.
//!
//! ```text
//! inventory ─► matching (own database) ─┐
//! Trivy's JSON ─────────────────────────┴─► merged by alias ─► policy ─► findings
//! ```

pub mod actors;
pub mod case;
pub mod collection;
pub mod database;
pub mod ecosystem;
pub mod exemption;
pub mod hardening;
pub mod index;
pub mod matching;
pub mod merging;
pub mod npm;
pub mod osv;
pub mod policy;
pub mod purl;
pub mod random_access;
pub mod record;
pub mod rules;
#[cfg(test)]
pub(crate) mod samples;
pub mod scanned;
pub mod trivy;
pub mod trivyignore;
pub mod vex;
pub mod vulnerability;
pub mod zip;
