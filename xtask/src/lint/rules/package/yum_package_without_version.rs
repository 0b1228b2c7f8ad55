use super::unpinned::{self, Wording};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `yum install` that names packages or modules without a version (`name-version`). Files, addresses and groups are
    /// not reported.
    ///
    /// ## Why it is bad
    /// The newest version of the day is installed. Tomorrow the same line gives another image, and which version an image
    /// holds cannot be read from the file.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM centos:7
    /// RUN yum install -y httpd && yum clean all
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM centos:7
    /// RUN yum install -y httpd-2.4.6 && yum clean all
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3033",
        name: "yum-package-without-version",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "`yum install` names a package without a version",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let wording = Wording {
        managers: &[Manager::Yum],
        help: "write `name-version`; `yum --showduplicates list name` lists the versions there are",
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
            "yum install -y a-1.2 b-$V",
            "yum install -y https://x/y.rpm ./z.rpm @group",
            "yum update -y",
            "yum groupinstall x",
            "yum module install a:1",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM centos:7\nRUN {run}\n")),
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
                "FROM centos:7\nRUN yum -y --enablerepo x install gcc-c++ a-1\n"
            ),
            "2:35 `gcc-c++` has no version"
        );
    }
}
