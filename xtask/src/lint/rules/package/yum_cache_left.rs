use super::cleaning::{self, Remains};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{self, Call, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_runs_if_any_calls;
use crate::shell::Invocation;

declare! {
    /// ## What it does
    /// Reports a `RUN` that installs or updates with `yum` and neither runs `yum clean all` nor removes
    /// `/var/cache/yum`, unless a cache is mounted there.
    ///
    /// ## Why it is bad
    /// Metadata and downloaded packages stay in the layer: tens of megabytes that are of no use. Cleaning in another
    /// `RUN` does not help, as the layer below keeps them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM centos:7
    /// RUN yum install -y httpd-2.4.6
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM centos:7
    /// RUN yum install -y httpd-2.4.6 && yum clean all
    /// ```
    ///
    /// ## Fix safety
    /// Safe where nothing later in the stage uses `yum` and no other stage starts from it; otherwise unsafe: what comes
    /// later would download the metadata again.
    pub(super) static RULE = Rule {
        code: "DL3032",
        name: "yum-cache-left",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Size,
        summary: "`yum install` leaves its cache in the image",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let remains = Remains {
        folders: &["/var/cache/yum", "/var/cache/dnf"],
        what: "its cache",
        command: "yum clean all",
        is_cleaner,
    };
    for (step, _) in unix_runs_if_any_calls(subject.model, &[Manager::Yum]) {
        cleaning::report(step, diagnostics, &[Manager::Yum], leaves, remains);
    }
}

fn leaves(call: &Call<'_>) -> bool {
    call.is_any(&[
        "install",
        "reinstall",
        "localinstall",
        "groupinstall",
        "group install",
        "module install",
        "upgrade",
        "update",
    ])
}

fn is_cleaner(invocation: &Invocation) -> bool {
    packages::call_of(invocation, &[Manager::Yum, Manager::Dnf])
        .is_some_and(|call| call.is("clean"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn caches_that_go_away() {
        for run in [
            "yum install -y a && yum clean all",
            "yum -y install a && dnf -y clean all",
            "yum install -y a && rm -rf /var/cache/yum",
            "yum install -y a; rm -rf /var/cache/*",
            "--mount=type=cache,target=/var/cache/yum yum install -y a",
            "yum remove -y a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM centos:7\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn caches_that_stay() {
        for run in [
            "yum install -y a",
            "yum -y update",
            "yum clean all && yum install -y a",
            "yum install -y a\nRUN yum clean all",
        ] {
            assert_ne!(
                found(&RULE, &format!("FROM centos:7\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
        assert_eq!(
            fixed(
                &RULE,
                "FROM centos:7\nRUN yum update -y && yum install -y a\n"
            ),
            "FROM centos:7\nRUN yum update -y && yum install -y a && yum clean all\n"
        );
        // Only blanks are indentation; a form feed is a part of a word.
        assert_eq!(
            fixed(
                &RULE,
                "FROM centos:7\nRUN a && \\\n  yum -y install \\\n  \u{c}a\n"
            ),
            "FROM centos:7\nRUN a && \\\n  yum -y install \\\n  \u{c}a && \\\n  yum clean all\n"
        );
    }
}
