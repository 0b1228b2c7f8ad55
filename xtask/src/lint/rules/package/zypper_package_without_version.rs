use super::unpinned::{self, Wording};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `zypper install` that names packages without a version (`name=version`). Files, addresses and patterns are not
    /// reported.
    ///
    /// ## Why it is bad
    /// The newest version of the day is installed. Tomorrow the same line gives another image, and which version an image
    /// holds cannot be read from the file.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper -n install curl && zypper clean
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper -n install curl=8.6.0 && zypper clean
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3037",
        name: "zypper-package-without-version",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "`zypper install` names a package without a version",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let wording = Wording {
        managers: &[Manager::Zypper],
        help: "write `name=version`; `zypper search -s name` lists the versions there are",
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
            "zypper -n in a=1 'b>=2'",
            "zypper -n in ./a.rpm",
            "zypper -n in -t pattern devel",
            "zypper -n rm a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM opensuse/leap:15\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn what_has_no_version() {
        assert_eq!(
            found(
                &RULE,
                "FROM opensuse/leap:15\nRUN zypper --non-interactive install a-1\n"
            ),
            "2:38 `a-1` has no version"
        );
    }
}
