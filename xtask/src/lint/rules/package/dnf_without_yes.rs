use super::{confirmation, options};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `dnf` command that asks for confirmation: `install`, `reinstall`, `localinstall`, groups and modules
    /// without `-y`
    /// or `--assumeyes`. `microdnf` counts too.
    ///
    /// ## Why it is bad
    /// Nobody can answer during a build: the command aborts, and the build with it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM fedora:40
    /// RUN dnf install httpd-2.4.59 && dnf clean all
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM fedora:40
    /// RUN dnf install -y httpd-2.4.59 && dnf clean all
    /// ```
    ///
    /// ## Fix safety
    /// Safe: without it, the command fails.
    pub(super) static RULE = Rule {
        code: "DL3038",
        name: "dnf-without-yes",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`dnf install` asks before it installs",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, call) in options::calls(subject.model, &[Manager::Dnf, Manager::Microdnf]) {
        confirmation::report(step, &call, diagnostics);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn what_asks_nothing() {
        for run in [
            "dnf install -y a",
            "dnf -y install a",
            "dnf -qy install a",
            "dnf install --assumeyes a",
            "yes | dnf install a",
            "dnf install a --downloadonly",
            "dnf --setopt=assumeyes=1 install a",
            "dnf clean all",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM fedora:40\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn what_asks() {
        for (run, expected) in [
            ("dnf install a", "dnf install -y a"),
            (
                "dnf --enablerepo y groupinstall a",
                "dnf --enablerepo y groupinstall -y a",
            ),
            ("dnf module install a", "dnf module install -y a"),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM fedora:40\nRUN {run}\n")),
                format!("FROM fedora:40\nRUN {expected}\n")
            );
        }
    }
}
