use super::options;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{Call, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a command that upgrades every package: `apk upgrade`, `apt-get upgrade` and `dist-upgrade`, `yum
    /// update`, `dnf upgrade`,
    /// `zypper update`; and one that takes every package with a fix of some kind: `dnf upgrade --security`. An upgrade of
    /// packages that it names is not reported.
    ///
    /// ## Why it is bad
    /// What comes out depends on the day, and a cached layer keeps the state of the day it was built. Each upgraded
    /// file is in the image
    /// twice: in the base image's layer, and in this one. A newer base image brings the same fixes for all who use it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update && apt-get upgrade -y && rm -rf /var/lib/apt/lists/*
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12.7
    /// RUN apt-get update && apt-get install -y --no-install-recommends openssl && rm -rf /var/lib/apt/lists/*
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2006",
        name: "os-upgrade-in-build",
        aliases: &["DKL-DI-0003"],
        severity: Severity::Note,
        enabled: true,
        category: Category::Reproducibility,
        summary: "all packages of the base image are upgraded",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

const MANAGERS: &[Manager] = &[
    Manager::Apk,
    Manager::Apt,
    Manager::Dnf,
    Manager::Microdnf,
    Manager::Yum,
    Manager::Zypper,
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (_, call) in options::calls(subject.model, MANAGERS) {
        let verbs: &[&str] = match call.manager {
            Manager::Apk => &["upgrade"],
            Manager::Apt => &["upgrade", "dist-upgrade", "full-upgrade", "safe-upgrade"],
            // `dist-upgrade` is DL3035's.
            Manager::Zypper => &["update", "up", "patch"],
            _ => &[
                "update",
                "upgrade",
                "distro-sync",
                "upgrade-minimal",
                "update-minimal",
            ],
        };
        if call.is_any(verbs) && call.operands.is_empty() {
            diagnostics
                .report(
                    options::head(&call),
                    format!(
                        "`{}` changes every package of the base image{}",
                        options::spoken(&call),
                        restriction(&call)
                    ),
                )
                .help("use a newer base image, or install the packages that are needed");
        }
    }
}

/// Of the families of `dnf` and `zypper`: only what has a fix of some kind is changed.
fn restriction(call: &Call<'_>) -> &'static str {
    let names = [
        "--advisories",
        "--advisory",
        "--bugfix",
        "--bz",
        "--bzs",
        "--cve",
        "--cves",
        "--enhancement",
        "--newpackage",
        "--sec-severity",
        "--secseverity",
        "--security",
    ];
    let is_patch = call.manager == Manager::Zypper && call.is_any(&["patch"]);
    if is_patch || call.invocation.has_option(&names) {
        " that has a fix"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn upgrades_of_named_packages_and_of_lists() {
        for run in [
            "apk update",
            "apk upgrade --no-cache openssl",
            "apt-get update",
            "dnf upgrade -y openssl",
            "dnf check-update",
            "yum install -y update",
            "npm update",
            "zypper -n dup",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn upgrades_of_everything() {
        for (run, command) in [
            ("apk --no-cache upgrade", "apk upgrade"),
            ("apt-get -y dist-upgrade", "apt-get dist-upgrade"),
            ("microdnf upgrade -y --nodocs", "microdnf upgrade"),
            ("zypper -n up", "zypper up"),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                format!("2:5 `{command}` changes every package of the base image")
            );
        }
    }

    #[test]
    fn upgrades_of_what_has_a_fix() {
        for (run, command) in [
            ("yum update -y --security", "yum update"),
            (
                "dnf -y update-minimal --sec-severity=Critical",
                "dnf update-minimal",
            ),
            ("zypper -n patch", "zypper patch"),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                format!("2:5 `{command}` changes every package of the base image that has a fix")
            );
        }
    }
}
