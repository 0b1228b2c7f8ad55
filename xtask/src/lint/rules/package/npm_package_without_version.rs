use super::unpinned::{self, Wording};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports an `npm install` (or `npm i`, `npm add`) that names packages or repositories without a version or tag.
    ///
    /// ## Why it is bad
    /// What `latest` points to on the day of the build is installed. The same line gives another program tomorrow, and
    /// nobody can tell from the file which one an image holds.
    ///
    /// Unlike hadolint, the short forms `npm i` and `npm add` count too, and a folder (`npm install .`) does not.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20
    /// RUN npm install -g serve
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20
    /// RUN npm install -g serve@14.2.3
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3016",
        name: "npm-package-without-version",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "`npm install` names a package without a version",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let wording = Wording {
        managers: &[Manager::Npm],
        help: "write `name@version`",
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
            "npm install",
            "npm ci",
            "npm install . ./a b.tgz https://x/c.tgz",
            "npm install --prefix /x --registry https://r a@1 @s/b@2",
            "npm install git+ssh://a/b#v1",
            "npm run install x",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM node:20\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn what_has_no_version() {
        for (run, expected) in [
            ("npm i -g @s/a b@1", "`@s/a` has no version"),
            ("npm install a/b", "`a/b` has no version"),
        ] {
            let text = found(&RULE, &format!("FROM node:20\nRUN {run}\n"));
            assert!(text.ends_with(expected), "{run}: {text}");
        }
    }
}
