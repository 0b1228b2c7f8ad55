use super::platform_flag::flag_span;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::variable_use::only_variable;

declare! {
    /// ## What it does
    /// Reports `FROM --platform=$TARGETPLATFORM`.
    ///
    /// ## Why it is bad
    /// The platform a build is for is what every `FROM` without the flag uses. The flag says nothing, and hides the
    /// stages where another platform is chosen on purpose.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=$TARGETPLATFORM alpine:3.20
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the flag is removed, and the platform stays the same.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/redundant-target-platform/>
    pub(super) static RULE = Rule {
        code: "DL3065",
        name: "platform-redundant",
        aliases: &["RedundantTargetPlatform"],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Style,
        summary: "`--platform=$TARGETPLATFORM` is what a `FROM` uses anyway",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    for stage in &file.stages {
        let Some(platform) = &stage.platform else {
            continue;
        };
        // A default in the file beats the platform's own value.
        let is_declared = |name: &str| {
            file.global_args
                .iter()
                .any(|argument| argument.name.value == name && argument.default.is_some())
        };
        if only_variable(&platform.value) != Some("TARGETPLATFORM") || is_declared("TARGETPLATFORM")
        {
            continue;
        }
        let found = diagnostics
            .report(
                platform.span,
                "every stage is of the target's platform unless it says otherwise",
            )
            .help("remove `--platform`");
        if let Some(flag) = flag_span(file.source.text(), platform) {
            found.fix("remove `--platform`", [(flag, String::new())]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn only_the_targets_own_platform_is_redundant() {
        for text in [
            "FROM --platform=$BUILDPLATFORM a:1\n",
            "ARG TARGETPLATFORM=linux/arm64\nFROM --platform=$TARGETPLATFORM a:1\n",
            "FROM --platform=${TARGETPLATFORM:-linux/amd64} a:1\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
        assert_eq!(
            fixed(
                &RULE,
                "ARG TARGETPLATFORM\nFROM --platform=${TARGETPLATFORM} a:1 AS b\n"
            ),
            "ARG TARGETPLATFORM\nFROM a:1 AS b\n"
        );
    }
}
