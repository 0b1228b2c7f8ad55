use super::unpinned::{self, Wording};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `dnf install` or `microdnf install` that names packages or modules without a version (`name-version`). Files,
    /// addresses and groups are not reported.
    ///
    /// ## Why it is bad
    /// The newest version of the day is installed. Tomorrow the same line gives another image, and which version an image
    /// holds cannot be read from the file.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM fedora:40
    /// RUN dnf install -y httpd && dnf clean all
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM fedora:40
    /// RUN dnf install -y httpd-2.4.59 && dnf clean all
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3041",
        name: "dnf-package-without-version",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "`dnf install` names a package without a version",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let wording = Wording {
        managers: &[Manager::Dnf, Manager::Microdnf],
        help: "write `name-version`; `dnf --showduplicates list name` lists the versions there are",
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
            "dnf install -y a-1",
            "dnf install -y @group ./x.rpm",
            "dnf upgrade -y",
            "dnf -y module install a:1",
            "yum install -y a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM fedora:40\nRUN {run}\n")),
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
                "FROM fedora:40\nRUN microdnf install -y --setopt=install_weak_deps=0 a\n"
            ),
            "2:54 `a` has no version"
        );
        assert_eq!(
            found(&RULE, "FROM fedora:40\nRUN dnf -y module install a\n"),
            "2:27 `a` has no version"
        );
    }
}
