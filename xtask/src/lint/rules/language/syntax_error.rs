use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};

declare! {
    /// ## What it does
    /// Reports what cannot be understood: an unknown instruction, a flag that an instruction does not take, an open
    /// here-document, a `COPY` without destination, and everything else that stops a build before its first step.
    ///
    /// Only the instruction in question is given up, unlike in hadolint: the rest of the file is judged as usual. Where
    /// another rule knows more about the mistake, that rule reports it.
    ///
    /// ## Why it is bad
    /// The file cannot be built.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPPY app /app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY app /app
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/>
    pub(super) static RULE = Rule {
        code: "DL1000",
        name: "syntax-error",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "an instruction cannot be understood",
        fix: Fixability::None,
        check: Check::Built,
    };
}
