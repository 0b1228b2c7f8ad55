use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::image::pinning::{Obstacle, asked};

declare! {
    /// ## What it does
    /// Reports an image without a digest, in `FROM`, in `COPY --from` and in `RUN --mount=from`, with the digest that its
    /// tag has now. It takes `--pin`, which asks the registry; without it nothing is reported, because without a fix
    /// nobody writes a digest.
    ///
    /// Images that this repository builds are not asked about, nor those that a named context of a bake file replaces.
    ///
    /// ## Why it is bad
    /// A tag is a name that its publisher can give to another image at any time, the most exact one as well. Only a digest
    /// names the bytes: with it a build can be repeated, and nobody who gets hold of the tag gets into the build.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22.11.0-alpine3.20
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
    /// Safe: the digest is the one of the index of all platforms, where there is one, so that every platform still gets
    /// its image. Where an argument holds the whole reference, its default gets the digest, unless the argument is used
    /// for something else, too. Where an argument is only a part of it (`node:${NODE_VERSION}`) there is no fix: the
    /// digest would silently win over the version that a build asks for.
    pub(super) static RULE = Rule {
        code: "DX1503",
        name: "image-without-digest",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "the image has no digest (with `--pin`)",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for asked in asked(subject) {
        if asked.name.digest.is_some() {
            continue;
        }
        let digest = &asked.published.digest;
        let found = diagnostics
            .report(
                asked.span,
                format!("`{}` has no digest", asked.image.reference),
            )
            .property("digest", digest.as_str());
        match asked.pinned(subject) {
            Ok(edit) => found
                .help(format!("`{}` is `{digest}` now", asked.name.tagged()))
                .fix(asked.message(), [edit]),
            Err(obstacle) => found.help(match obstacle {
                Obstacle::Part => format!(
                    "it is `{digest}` now; a digest would win over every other value of the variable, so let one argument \
                     hold the whole reference and pin its default"
                ),
                Obstacle::Shared(name) => format!(
                    "it is `{digest}` now; `{name}` is used elsewhere, too, so pin it where it can bear a digest"
                ),
                Obstacle::Layout => {
                    format!("it is `{digest}` now; write the reference in one piece with it")
                }
            }),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn fixed(text: &str) -> String {
        let published = ["node:20", "node:latest", "r.io:5000/x:1", "node:20-slim"]
            .map(|name| format!("{name} {A}"))
            .join("\n");
        let fixed = Repository::new(text).published(&published).fixed(&RULE);
        fixed.replace(A, "A")
    }

    #[test]
    fn every_way_to_name_an_image_gets_its_digest() {
        for (text, expected) in [
            ("FROM node:20 AS a\n", "FROM node:20@A AS a\n"),
            ("FROM node\n", "FROM node:latest@A\n"),
            (
                "FROM --platform=$BUILDPLATFORM node:20\n",
                "FROM --platform=$BUILDPLATFORM node:20@A\n",
            ),
            (
                "FROM scratch\nCOPY --from=r.io:5000/x:1 /a /a\n",
                "FROM scratch\nCOPY --from=r.io:5000/x:1@A /a /a\n",
            ),
            (
                "FROM scratch\nRUN --mount=type=bind,from=node:20,target=/n true\n",
                "FROM scratch\nRUN --mount=type=bind,from=node:20@A,target=/n true\n",
            ),
            ("ARG I=node:20\nFROM $I\n", "ARG I=node:20@A\nFROM $I\n"),
            (
                "ARG I=\"node\"\nFROM ${I} AS a\nFROM $I\n",
                "ARG I=\"node:latest@A\"\nFROM ${I} AS a\nFROM $I\n",
            ),
            (
                "FROM node:20\r\nFROM node:20\r\n",
                "FROM node:20@A\r\nFROM node:20@A\r\n",
            ),
        ] {
            assert_eq!(fixed(text), expected);
        }
    }

    #[test]
    fn a_digest_never_wins_over_what_a_build_may_ask_for() {
        for text in [
            "ARG V=20\nFROM node:$V\n",
            "ARG V=20\nARG I=node:$V\nFROM $I\n",
            "ARG I=node:20\nFROM $I AS a\nFROM $I-slim\n",
            "ARG I=node:20\nFROM $I AS a\nFROM ${I}\nARG I\n",
            "ARG I=node:20\nARG J=$I\nFROM $I\n",
            "ARG I=alpine\nARG I=node:20\nFROM $I\n",
            "FROM node:\\\n20\n",
        ] {
            let repository = Repository::new(text).published(&format!("node:20 {A}"));
            assert!(repository.found(&RULE).ends_with("has no digest"), "{text}");
            assert_eq!(repository.fixed(&RULE), text);
        }
        let help = |text: &str| {
            let found = Repository::new(text)
                .published(&format!("node:20 {A}"))
                .findings(&RULE);
            found[0].help[0].replace(A, "A")
        };
        insta::assert_snapshot!(help("ARG V=20\nFROM node:$V\n"), @"it is `A` now; a digest would win over every other value of the variable, so let one argument hold the whole reference and pin its default");
    }

    #[test]
    fn who_was_not_asked_says_nothing() {
        let text = "FROM node:20\nCOPY --from=alpine:3 / /\n";
        assert_eq!(Repository::new(text).found(&RULE), "");
        let known = Repository::new(text).published(&format!("alpine:3 {A}"));
        assert_eq!(known.found(&RULE), "2:13 `alpine:3` has no digest");
    }
}
