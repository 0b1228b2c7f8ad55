use foldhash::HashSet;

use super::shipped::{last_users, shipped, user_value};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `USER root` that is the last `USER` of a stage that is run: the last stage, or one that no other uses.
    ///
    /// Unlike hadolint, stages that only build something for others are not reported.
    ///
    /// ## Why it is bad
    /// The container's program has all rights in it, and whoever takes it over starts from there. To become root for a few
    /// instructions is fine; to go back afterwards was forgotten.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22.11.0
    /// USER root
    /// RUN apt-get update
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:22.11.0
    /// USER root
    /// RUN apt-get update
    /// USER node
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/build/building/best-practices/#user>
    pub(super) static RULE = Rule {
        code: "DL3002",
        name: "last-user-root",
        aliases: &["CIS-DI-0001"],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "the last `USER` of the image is root",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let users = last_users(subject.model);
    let mut reported = HashSet::default();
    for stage in shipped(subject.model) {
        let Some((step, user)) = users[stage.index] else {
            continue;
        };
        let value = user_value(step, user);
        let name = value.as_deref().and_then(|value| value.split(':').next());
        // Two stages can have it from the same parent.
        if !matches!(name, Some("root" | "0")) || !reported.insert(user.span) {
            continue;
        }
        diagnostics
            .report(user.span, format!("the image runs as `{}`", user.value))
            .help("end with a `USER` without privileges");
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn who_goes_back_or_builds_for_others_is_fine() {
        for text in [
            "FROM a:1\n",
            "FROM a:1\nUSER root\nUSER 1000\n",
            "FROM a:1 AS b\nUSER root\nFROM c:1\nCOPY --from=b /x /x\n",
            "FROM a:1 AS b\nUSER root\nFROM b\nUSER app\n",
            "FROM a:1\nONBUILD USER root\nUSER rooty\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn root_is_inherited_and_reported_once() {
        assert_eq!(
            found(&RULE, "FROM a:1 AS b\nUSER 0:0\nFROM b AS test\nFROM b\n"),
            "2:6 the image runs as `0:0`"
        );
        assert_eq!(
            found(
                &RULE,
                "FROM a:1 AS dev\nUSER root\nFROM b:1\nUSER \"root\"\n"
            ),
            "2:6 the image runs as `root`\n4:6 the image runs as `\"root\"`"
        );
    }
}
