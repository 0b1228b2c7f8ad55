use super::unpinned::{self, Wording};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `gem install` that names gems without a version: neither `name:version` nor `--version`.
    ///
    /// ## Why it is bad
    /// The newest release of the day is installed. The same line gives another image tomorrow.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM ruby:3.3
    /// RUN gem install bundler
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM ruby:3.3
    /// RUN gem install bundler:2.5.11
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3028",
        name: "gem-without-version",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "`gem install` names a gem without a version",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let wording = Wording {
        managers: &[Manager::Gem],
        help: "write `name:version`",
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
            "gem install a:1 b:2",
            "gem install a -v 1",
            "gem install a --version=1",
            "gem install a.gem",
            "gem update --system",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM ruby:3\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn what_has_no_version() {
        assert_eq!(
            found(&RULE, "FROM ruby:3\nRUN gem install --no-document a:1 b\n"),
            "2:35 `b` has no version"
        );
    }
}
