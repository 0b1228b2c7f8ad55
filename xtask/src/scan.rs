//! What is wrong with an image that is built: known vulnerabilities of its packages, and who must act on them.
//!
//! ```text
//! inventory ─► matching (own database) ─┐
//! Trivy's JSON ─────────────────────────┴─► merged by alias ─► policy ─► findings
//! ```

pub mod hardening;
pub mod vulnerability;
