use super::cleaning::{self, Remains};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{self, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_runs_if_any_calls;
use crate::shell::Invocation;

declare! {
    /// ## What it does
    /// Reports a `RUN` that installs or updates with `dnf` or `microdnf` and neither runs the program's `clean all` nor
    /// removes its folder in `/var/cache`, unless a cache is mounted there.
    ///
    /// ## Why it is bad
    /// Metadata and downloaded packages stay in the layer: tens of megabytes that are of no use. Cleaning in another
    /// `RUN` does not help, as the layer below keeps them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM fedora:40
    /// RUN dnf install -y httpd-2.4.59
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM fedora:40
    /// RUN dnf install -y httpd-2.4.59 && dnf clean all
    /// ```
    ///
    /// ## Fix safety
    /// Safe where nothing later in the stage uses the program and no other stage starts from it; otherwise unsafe: what
    /// comes later would download the metadata again.
    pub(super) static RULE = Rule {
        code: "DL3040",
        name: "dnf-cache-left",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Size,
        summary: "`dnf install` leaves its cache in the image",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

const VERBS: &[&str] = &[
    "install",
    "reinstall",
    "localinstall",
    "groupinstall",
    "group install",
    "module install",
    "upgrade",
    "update",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let dnf = Remains {
        folders: &["/var/cache/dnf", "/var/cache/libdnf5"],
        what: "its cache",
        command: "dnf clean all",
        is_cleaner: |it| cleans(it, &[Manager::Dnf, Manager::Yum]),
    };
    let microdnf = Remains {
        folders: &["/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5"],
        command: "microdnf clean all",
        is_cleaner: |it| cleans(it, &[Manager::Microdnf]),
        ..dnf
    };
    for (step, _) in unix_runs_if_any_calls(subject.model, &[Manager::Dnf, Manager::Microdnf]) {
        cleaning::report(
            step,
            diagnostics,
            &[Manager::Dnf],
            |call| call.is_any(VERBS),
            dnf,
        );
        cleaning::report(
            step,
            diagnostics,
            &[Manager::Microdnf],
            |call| call.is_any(VERBS),
            microdnf,
        );
    }
}

fn cleans(invocation: &Invocation, managers: &[Manager]) -> bool {
    packages::call_of(invocation, managers).is_some_and(|call| call.is("clean"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn caches_that_go_away() {
        for run in [
            "dnf install -y a && dnf clean all",
            "dnf -y upgrade && yum clean all",
            "dnf install -y a && rm -rf /var/cache/dnf",
            "dnf5 install -y a; rm -rf /var/cache/libdnf5/*",
            "--mount=type=cache,target=/var/cache/dnf dnf install -y a",
            "--mount=type=cache,target=/var/cache dnf install -y a",
            "microdnf install -y a && microdnf clean all",
            "dnf config-manager --add-repo x",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM fedora:40\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn caches_that_stay() {
        assert_eq!(
            found(
                &RULE,
                "FROM fedora:40\nRUN microdnf install -y a && dnf clean all\n"
            ),
            "2:5 `microdnf install` leaves its cache in the image"
        );
        assert_eq!(
            fixed(
                &RULE,
                "FROM fedora:40\nRUN dnf install -y \\\n  a \\\n  b\nRUN true\n"
            ),
            "FROM fedora:40\nRUN dnf install -y \\\n  a \\\n  b && \\\n  dnf clean all\nRUN true\n"
        );
    }
}
