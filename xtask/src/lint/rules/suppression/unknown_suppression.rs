use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};

declare! {
    /// ## What it does
    /// Reports a word in a suppressing comment that is neither the code, the name nor an alias of a rule.
    ///
    /// ## Why it is bad
    /// What was meant is still reported, or will be once the rule is turned on; the reader believes it is settled.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// # hadolint ignore=dl3000
    /// WORKDIR app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// # hadolint ignore=DL3000
    /// WORKDIR app
    /// ```
    ///
    /// ## Fix safety
    /// Safe where only upper and lower case differ. Unsafe where the nearest name is a guess.
    pub(in crate::lint) static RULE = Rule {
        code: "DX9002",
        name: "unknown-suppression",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Suppression,
        summary: "a suppression names no rule",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Built,
    };
}
