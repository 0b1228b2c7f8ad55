use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a stage that is called `scratch` or `context`.
    ///
    /// ## Why it is bad
    /// Both names have a meaning of their own: the empty base, and the build context. Who reads `FROM scratch` does not
    /// expect a stage with content, and what the builder takes it for is not promised.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS scratch
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20 AS tools
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/reserved-stage-name/>
    pub(super) static RULE = Rule {
        code: "DL3063",
        name: "reserved-stage-name",
        aliases: &["ReservedStageName"],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a stage is called `scratch` or `context`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for name in subject
        .model
        .file
        .stages
        .iter()
        .filter_map(|stage| stage.name.as_ref())
    {
        let is = |reserved: &str| name.value.eq_ignore_ascii_case(reserved);
        let meaning = if is("scratch") {
            "the empty base image"
        } else if is("context") {
            "the build context"
        } else {
            continue;
        };
        diagnostics
            .report(name.span, format!("`{}` means {meaning}", name.value))
            .help("choose another name");
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_these_two_names_are_taken() {
        assert_eq!(
            found(&RULE, "FROM scratch AS scratch-tools\nFROM a:1\n"),
            ""
        );
        assert_eq!(
            found(&RULE, "FROM a:1 AS Context\n"),
            "1:13 `Context` means the build context"
        );
    }
}
