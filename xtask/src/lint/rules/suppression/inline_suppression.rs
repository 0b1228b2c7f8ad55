use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};

declare! {
    /// ## What it does
    /// Reports every `# hadolint ignore=` comment. It is off unless the configuration turns it on.
    ///
    /// ## Why it is bad
    /// Some teams want every exception to stand in one reviewed file instead of in the Dockerfiles. A comment then is
    /// an exception that nobody agreed to.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// # hadolint ignore=DL3000
    /// WORKDIR app
    /// ```
    ///
    /// ## Use instead
    /// Write the exception into the manifest:
    ///
    /// ```toml path=docker/docker.toml
    /// [[lint.overrides]]
    /// paths = ["apps/api/Dockerfile"]
    /// rules = { DL3000 = "off" }
    /// ```
    pub(in crate::lint) static RULE = Rule {
        code: "DL1001",
        name: "inline-suppression",
        aliases: &[],
        severity: Severity::Warning,
        enabled: false,
        category: Category::Suppression,
        summary: "a comment keeps findings back",
        fix: Fixability::None,
        check: Check::Built,
    };
}
