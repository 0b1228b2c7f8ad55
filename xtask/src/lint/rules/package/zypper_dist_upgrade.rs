use super::options;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports `zypper dist-upgrade` (`dup`).
    ///
    /// ## Why it is bad
    /// It brings every package to the newest state of the repositories, vendor and architecture changes included: what
    /// comes out
    /// depends on the day, and shares little with the base image whose layers stay below.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper -n dist-upgrade
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper -n install curl=8.6.0 && zypper clean
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3035",
        name: "zypper-dist-upgrade",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "`zypper dist-upgrade` replaces the whole distribution",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (_, call) in options::calls(subject.model, &[Manager::Zypper]) {
        if call.is_any(&["dist-upgrade", "dup"]) {
            diagnostics
                .report(
                    options::head(&call),
                    format!(
                        "`{}` replaces the distribution of the base image",
                        options::spoken(&call)
                    ),
                )
                .help("start from a newer base image");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_the_upgrade_of_everything() {
        for run in ["zypper -n update", "zypper -n in dup=1", "zypper -n patch"] {
            assert_eq!(
                found(&RULE, &format!("FROM opensuse/leap:15\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
        assert_eq!(
            found(
                &RULE,
                "FROM opensuse/leap:15\nRUN zypper -n --releasever 15.6 dup --allow-vendor-change\n"
            ),
            "2:5 `zypper dup` replaces the distribution of the base image"
        );
    }
}
