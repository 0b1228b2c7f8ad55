use super::{confirmation, options};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `yum` command that asks for confirmation: `install`, `reinstall`, `localinstall`, groups and modules
    /// without `-y`
    /// or `--assumeyes`.
    ///
    /// ## Why it is bad
    /// Nobody can answer during a build: the command aborts, and the build with it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM fedora:40
    /// RUN yum install httpd-2.4.59 && yum clean all
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM fedora:40
    /// RUN yum install -y httpd-2.4.59 && yum clean all
    /// ```
    ///
    /// ## Fix safety
    /// Safe: without it, the command fails.
    pub(super) static RULE = Rule {
        code: "DL3030",
        name: "yum-without-yes",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`yum install` asks before it installs",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, call) in options::calls(subject.model, &[Manager::Yum]) {
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
            "yum install -y a",
            "yum -y install a",
            "yum -qy install a",
            "yum install --assumeyes a",
            "yes | yum install a",
            "yum install a --downloadonly",
            "yum --setopt=assumeyes=1 install a",
            "yum clean all",
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
            ("yum install a", "yum install -y a"),
            (
                "yum --enablerepo y groupinstall a",
                "yum --enablerepo y groupinstall -y a",
            ),
            ("yum module install a", "yum module install -y a"),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM fedora:40\nRUN {run}\n")),
                format!("FROM fedora:40\nRUN {expected}\n")
            );
        }
    }
}
