use super::unpinned::{self, Wording};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `go install`, `go get` or `go run` of a package of another module without a version, or with `@latest`.
    ///
    /// Unlike hadolint, packages of the standard library and of the module itself (`./cmd/tool`, `cmd/tool`, `main.go`) are
    /// not reported: nothing is downloaded for them.
    ///
    /// ## Why it is bad
    /// What is newest on the day of the build is installed. The same line gives another program tomorrow.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.23
    /// RUN go install golang.org/x/tools/cmd/stringer@latest
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM golang:1.23
    /// RUN go install golang.org/x/tools/cmd/stringer@v0.24.0
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3062",
        name: "go-package-without-version",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "`go install` names a package without a version",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let wording = Wording {
        managers: &[Manager::Go],
        help: "write `path@version`",
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
            "go install ./... . cmd/x std",
            "go run main.go",
            "go run ./cmd a.b/c",
            "go install -tags x a.b/c@v1",
            "go install a.b/c@$V",
            "go get ./...",
            "go build a.b/c",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM golang:1\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn what_has_no_version() {
        for (run, expected) in [
            ("go get -u a.b/c", "`a.b/c` has no version"),
            (
                "CGO_ENABLED=0 go install -ldflags '-s -w' a.b/c",
                "`a.b/c` has no version",
            ),
            ("go run a.b/c d.e/f", "`a.b/c` has no version"),
        ] {
            let text = found(&RULE, &format!("FROM golang:1\nRUN {run}\n"));
            assert!(text.ends_with(expected), "{run}: {text}");
        }
    }
}
