use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::lines::{inserted_before, removed};
use crate::lint::rules::mentions::mentions;

declare! {
    /// ## What it does
    /// Reports an `ARG` for the date, commit or number of a build (`BUILD_DATE`, `VCS_REF`, `GIT_SHA`, …) before `RUN`s of its stage that do
    /// not name it.
    ///
    /// ## Why it is bad
    /// A `RUN` gets all arguments that are declared above it, so it runs again whenever one has a new value. This one has a new value
    /// every time: nothing below it is ever taken from the cache.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG VCS_REF
    /// RUN apk add --no-cache curl
    /// LABEL org.opencontainers.image.revision=$VCS_REF
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache curl
    /// ARG VCS_REF
    /// LABEL org.opencontainers.image.revision=$VCS_REF
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the line is moved down to the first instruction that names the argument. A program that reads it from its environment
    /// without being told would miss it.
    pub(super) static RULE = Rule {
        code: "DX2152",
        name: "volatile-argument-early",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Cache,
        summary: "an argument that is new in every build stands before a `RUN`",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

const VOLATILE: [&str; 22] = [
    "BUILD_DATE",
    "BUILD_ID",
    "BUILD_NUMBER",
    "BUILD_TIME",
    "BUILD_TIMESTAMP",
    "CACHEBUST",
    "CACHE_BUST",
    "CI_COMMIT_SHA",
    "COMMIT",
    "COMMIT_HASH",
    "COMMIT_SHA",
    "GITHUB_RUN_ID",
    "GITHUB_SHA",
    "GIT_COMMIT",
    "GIT_HASH",
    "GIT_REF",
    "GIT_REVISION",
    "GIT_SHA",
    "REVISION",
    "SOURCE_COMMIT",
    "VCS_REF",
    "VCS_REVISION",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    for step in subject.model.steps().filter(|step| !step.is_onbuild()) {
        let InstructionKind::Arg(declarations) = step.kind() else {
            continue;
        };
        for declaration in declarations {
            let name = &declaration.name;
            // A cache buster shall do just that.
            if VOLATILE.binary_search(&name.value.as_str()).is_err()
                || name.value.starts_with("CACHE")
            {
                continue;
            }
            let later: Vec<Step<'_>> = step.stage.steps().skip(step.index + 1).collect();
            let reads = |step: &&Step<'_>| mentions(step.written().span.of(text), &name.value);
            let first = later.iter().find(reads);
            let end = first.map_or(later.len(), |first| first.index - step.index - 1);
            let runs = later[..end]
                .iter()
                .filter(|step| step.run().is_some())
                .count();
            if runs == 0 {
                continue;
            }
            let what = if runs == 1 {
                "the next `RUN`".to_owned()
            } else {
                format!("the next {runs} `RUN`s")
            };
            let found = diagnostics
                .report(
                    name.span,
                    format!("a new value of `{}` makes {what} run again", name.value),
                )
                .help("declare it right before the instruction that needs it");
            if let (Some(first), [_]) = (first, declarations.as_slice()) {
                let rest = match &declaration.default {
                    Some(default) => format!("{}={}", name.value, default.value),
                    None => name.value.clone(),
                };
                found.unsafe_fix(
                    "move it down",
                    [
                        removed(subject.model, step.written()),
                        inserted_before(subject.model, first.written(), "ARG", &rest),
                    ],
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn it_moves_to_where_it_is_needed() {
        let text =
            "FROM a\nARG GIT_SHA=none\n# tools\nRUN x\nRUN y\n\n# who\nENV REVISION=$GIT_SHA\n";
        assert_eq!(
            found(&RULE, text),
            "2:5 a new value of `GIT_SHA` makes the next 2 `RUN`s run again"
        );
        assert_eq!(
            fixed(&RULE, text),
            "FROM a\n# tools\nRUN x\nRUN y\n\n# who\nARG GIT_SHA=none\nENV REVISION=$GIT_SHA\n"
        );
        for text in [
            "FROM a\nARG GIT_SHA\nRUN make REV=$GIT_SHA\nRUN x\n",
            "FROM a\nRUN x\nARG GIT_SHA\nLABEL r=$GIT_SHA\n",
            "FROM a\nARG VERSION\nRUN x\n",
            "ARG GIT_SHA\nFROM a\nRUN x\n",
            "FROM a\nARG CACHE_BUST\nRUN x\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
