use super::unpinned::{self, Wording};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports an `apt-get install` that names packages without a version or a release (`name=version`, `name/release`).
    /// Files (`./tool.deb`) are not reported, nor is what only a variable knows whose value nobody can tell.
    ///
    /// ## Why it is bad
    /// The newest version of the day is installed. Tomorrow the same line gives another image, and a cached layer
    /// keeps an old one: which version an image holds cannot be read from the file.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update && apt-get install -y curl
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update && apt-get install -y curl=7.88.1-10+deb12u12
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3008",
        name: "apt-package-without-version",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "`apt-get install` names a package without a version",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let wording = Wording {
        managers: &[Manager::Apt],
        help: "write `name=version`; `apt-cache madison name` lists the versions there are",
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
            "apt-get install -y a=1 b=$V c/bookworm ./d.deb /tmp/e",
            "apt-get install -y $UNKNOWN $(cat list)",
            "apt-get install -y -t bookworm-backports a=1",
            "apt-get -o Dpkg::Options::=--force-confold install a=1 b-",
            "apt-get remove -y a && echo apt-get install b",
            "apt-get update",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn what_has_no_version() {
        for (run, expected) in [
            ("apt-get install -y a=1 b c", "`b`, `c` have no version"),
            (
                "apt-get install -y --no-install-recommends -t sid a",
                "`a` has no version",
            ),
            ("sudo apt-get -qq install a:i386", "`a` has no version"),
            (
                "pkgs='a b=1' && apt-get install -y $pkgs",
                "`a` has no version",
            ),
            (
                "apt-get install -y llvm-${V}-dev",
                "`llvm-${V}-dev` has no version",
            ),
            ("sh -c 'apt-get install -y a'", "`a` has no version"),
        ] {
            let text = found(&RULE, &format!("FROM debian:12\nRUN {run}\n"));
            assert!(text.ends_with(expected), "{run}: {text}");
        }
        assert_eq!(
            found(
                &RULE,
                "FROM debian:12\nRUN apt-get update \\\n && apt-get install -y \\\n  a=1 \\\n  b\n"
            ),
            "5:3 `b` has no version"
        );
    }
}
