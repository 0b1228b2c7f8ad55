use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};

declare! {
    /// ## What it does
    /// Reports a code in a suppressing comment under which nothing is found where the comment counts. Codes of rules
    /// that are off are not reported, nor are codes that only `ShellCheck` knows while it is not run.
    ///
    /// ## Why it is bad
    /// The comment says that something is wrong where nothing is, and will hide the next mistake of that kind.
    /// Often it stands one line too high: between the comment and its instruction no line may be blank.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// # hadolint ignore=DL3000
    /// WORKDIR /app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// WORKDIR /app
    /// ```
    ///
    /// ## Fix safety
    /// Safe: only the code is removed, or the comment if nothing is left of it.
    pub(in crate::lint) static RULE = Rule {
        code: "DX9001",
        name: "unused-suppression",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Suppression,
        summary: "a suppression suppresses nothing",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Built,
    };
}
