use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::image::pinning::asked;

declare! {
    /// ## What it does
    /// Reports an image with tag and digest whose tag points to another image now. It takes `--pin`, which asks the
    /// registry; without it nothing is reported.
    ///
    /// A digest of one platform's image out of the index that the tag points to is not reported.
    ///
    /// ## Why it is bad
    /// The digest alone counts: builds go on with the old image, without the security fixes that its publisher has put
    /// under the same tag. The tag beside it tells otherwise.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22.11.0-alpine3.20@sha256:0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f
    /// ```
    /// What the registry says to `--pin`:
    /// ```text registry
    /// node:22.11.0-alpine3.20 sha256:1b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a4863
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:22.11.0-alpine3.20@sha256:1b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a4863
    /// ```
    /// ```text registry
    /// node:22.11.0-alpine3.20 sha256:1b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a4863
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: what is built changes. Look at what is new in the image, and test what is built on it.
    pub(super) static RULE = Rule {
        code: "DX1504",
        name: "digest-behind-tag",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Security,
        summary: "the tag points to another digest now than the one that is pinned (with `--pin`)",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for asked in asked(subject) {
        let (Some(digest), Some(tag)) = (&asked.name.digest, &asked.name.tag) else {
            continue;
        };
        let published = asked.published;
        if *digest == published.digest || published.members.contains(digest) {
            continue;
        }
        let found = diagnostics
            .report(
                asked.span,
                format!("the tag `{tag}` points to another digest now than `{digest}`"),
            )
            .help(format!(
                "`{}` is `{}` now",
                asked.name.tagged(),
                published.digest
            ))
            .property("digest", published.digest.as_str());
        if let Ok(edit) = asked.moved(subject) {
            found.unsafe_fix(format!("move on to `{}`", published.digest), [edit]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    const OLD: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    const NEW: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

    fn repository(text: &str, published: &str) -> Repository {
        let digests = |text: &str| text.replace("OLD", OLD).replace("NEW", NEW);
        Repository::new(&digests(text)).published(&digests(published))
    }

    #[test]
    fn a_tag_that_moved_is_followed_where_someone_says_so() {
        for (text, expected) in [
            ("FROM node:20@OLD AS a\n", "FROM node:20@NEW AS a\n"),
            (
                "FROM scratch\nCOPY --from=node:20@OLD / /\n",
                "FROM scratch\nCOPY --from=node:20@NEW / /\n",
            ),
            (
                "ARG I=node:20@OLD\nFROM $I\n",
                "ARG I=node:20@NEW\nFROM $I\n",
            ),
            (
                "ARG V=20\nFROM node:$V@OLD\n",
                "ARG V=20\nFROM node:$V@OLD\n",
            ),
        ] {
            let repository = repository(text, "node:20 NEW");
            assert!(
                repository
                    .found(&RULE)
                    .contains("`20` points to another digest"),
                "{text}"
            );
            let fixed = repository.fixed(&RULE);
            assert_eq!(fixed.replace(OLD, "OLD").replace(NEW, "NEW"), expected);
        }
    }

    #[test]
    fn the_digest_of_one_platform_is_no_older_one() {
        for (text, published) in [
            ("FROM node:20@OLD\n", "node:20 OLD"),
            ("FROM node:20@OLD\n", "node:20 NEW OLD"),
            ("FROM node@OLD\n", "node:latest NEW"),
            ("FROM node:20\n", "node:20 NEW"),
        ] {
            assert_eq!(repository(text, published).found(&RULE), "", "{text}");
        }
    }
}
