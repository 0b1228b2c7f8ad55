use super::unpinned::{self, Wording};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports an `apk add` that names packages without a version (`name=version`, `name~version`). A repository's tag
    /// (`name@edge`) is no version. Files are not reported, nor is what only a variable knows whose value nobody can tell.
    ///
    /// ## Why it is bad
    /// The newest version of the day is installed. Tomorrow the same line gives another image, and which version an image
    /// holds cannot be read from the file.
    ///
    /// Alpine's repositories keep only the newest build of a package: `name~=1.2` accepts every build of 1.2 and is less
    /// brittle than `name=1.2.3-r4`.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache curl
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache curl~=8.9
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3018",
        name: "apk-package-without-version",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "`apk add` names a package without a version",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let wording = Wording {
        managers: &[Manager::Apk],
        help: "write `name=version`, or `name~=version` for any build of it",
    };
    unpinned::report(subject.model, diagnostics, wording, |_| false);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_has_a_version_or_needs_none() {
        for run in [
            "apk add a=1 b~1.2 c~=1 'd>1' 'e<2' ./f.apk !g",
            "apk add --no-cache -t .build a=1",
            "apk --no-cache --virtual .build add a=1",
            "apk add --repository https://x a=1",
            "apk add --no-cache $UNKNOWN node=$V",
            "apk del a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM alpine:3\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn what_has_no_version() {
        for (text, expected) in [
            (
                "RUN apk add -t .build a b=1 c",
                "2:23 `a`, `c` have no version",
            ),
            ("RUN apk add a@edge", "2:13 `a` has no version"),
            ("ONBUILD RUN apk add a", "2:21 `a` has no version"),
            ("RUN [\"apk\", \"add\", \"a\"]", "2:20 `a` has no version"),
            ("RUN <<EOF\napk add \\\n  a\nEOF", "4:3 `a` has no version"),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM alpine:3\n{text}\n")),
                expected,
                "{text}"
            );
        }
    }
}
