use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};

declare! {
    /// ## What it does
    /// Reports a comment that looks like a suppression and is none: text behind the list without a `#` before it, a
    /// colon or no `=` in a hadolint pragma, a `# lint:` comment without a list in brackets.
    ///
    /// ## Why it is bad
    /// hadolint passes over such a comment without a word, so that the finding stays and nobody knows why.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// # hadolint ignore=DL3000 the directory is known
    /// WORKDIR app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// # hadolint ignore=DL3000 # the directory is known
    /// WORKDIR app
    /// ```
    ///
    /// ## Fix safety
    /// Safe: what is written becomes what is meant; the finding it names is no longer reported.
    pub(in crate::lint) static RULE = Rule {
        code: "DX9003",
        name: "malformed-suppression",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Suppression,
        summary: "a comment looks like a suppression and is none",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Built,
    };
}
