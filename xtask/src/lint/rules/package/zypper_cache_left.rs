use super::cleaning::{self, Remains};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{self, Call, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_runs_if_any_calls;
use crate::shell::Invocation;

declare! {
    /// ## What it does
    /// Reports a `RUN` that installs or updates with `zypper` and neither runs `zypper clean` nor removes
    /// `/var/cache/zypp`, unless a cache is mounted there.
    ///
    /// ## Why it is bad
    /// Metadata and downloaded packages stay in the layer: tens of megabytes that are of no use. Cleaning in another
    /// `RUN` does not help, as the layer below keeps them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper -n install curl=8.6.0
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper -n install curl=8.6.0 && zypper clean --all
    /// ```
    ///
    /// ## Fix safety
    /// Safe where nothing later in the stage uses `zypper` and no other stage starts from it; otherwise unsafe: what
    /// comes later would download the metadata again.
    pub(super) static RULE = Rule {
        code: "DL3036",
        name: "zypper-cache-left",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Size,
        summary: "`zypper install` leaves its cache in the image",
        fix: Fixability::Sometimes(crate::edit::Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let remains = Remains {
        folders: &["/var/cache/zypp"],
        what: "its cache",
        command: "zypper clean --all",
        is_cleaner,
    };
    for (step, _) in unix_runs_if_any_calls(subject.model, &[Manager::Zypper]) {
        cleaning::report(step, diagnostics, &[Manager::Zypper], leaves, remains);
    }
}

fn leaves(call: &Call<'_>) -> bool {
    call.is_any(&[
        "install",
        "in",
        "update",
        "up",
        "patch",
        "dist-upgrade",
        "dup",
    ])
}

fn is_cleaner(invocation: &Invocation) -> bool {
    packages::call_of(invocation, &[Manager::Zypper])
        .is_some_and(|call| call.is_any(&["clean", "cc"]))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn caches_that_go_away() {
        for run in [
            "zypper -n in a && zypper clean",
            "zypper -n in a && zypper cc -a",
            "zypper -n in a && rm -rf /var/cache/zypp/*",
            "--mount=type=cache,target=/var/cache/zypp zypper -n in a",
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
    fn caches_that_stay() {
        for run in ["zypper -n in a", "zypper -n up"] {
            assert_ne!(
                found(&RULE, &format!("FROM opensuse/leap:15\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
        assert_eq!(
            fixed(&RULE, "FROM opensuse/leap:15\nRUN zypper -n in a\n"),
            "FROM opensuse/leap:15\nRUN zypper -n in a && zypper clean --all\n"
        );
    }
}
