use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::image::pinning;
use crate::lint::{Diagnostics, Parent};
use crate::text_search::last_part;

declare! {
    /// ## What it does
    /// Reports a `FROM` that names an image without a tag and without a digest.
    ///
    /// A variable is not reported here: what its default says is the matter of `latest-via-argument`. An image that
    /// another Dockerfile of this repository builds is not reported either.
    ///
    /// ## Why it is bad
    /// Without a tag the image is `latest`: whatever its publisher called so last. The same Dockerfile builds on a
    /// new major version from one day to the next, and nothing in the repository says so.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian
    /// ```
    /// What the registry says to `--pin`:
    /// ```text registry
    /// debian:latest sha256:1b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a4863
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12.7-slim
    /// ```
    ///
    /// ## Fix safety
    /// Safe, and only with `--pin`, which asks the registry: the tag `latest` is written and gets the digest it has now, so
    /// that what is built now is built from now on.
    ///
    /// ## References
    /// - <https://docs.docker.com/build/building/best-practices/#pin-base-image-versions>
    pub(super) static RULE = Rule {
        code: "DL3006",
        name: "image-without-tag",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "the base image has neither tag nor digest",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        let base = &stage.stage().base;
        if !matches!(stage.parent(), Parent::Image(_)) || base.value.contains('$') {
            continue;
        }
        // The name itself need not be one: templates have placeholders there.
        let last = last_part(&base.value);
        if !last.is_empty() && !last.contains([':', '@']) && !base.value.contains('@') {
            let found = diagnostics
                .report(
                    base.span,
                    format!(
                        "`{}` has no tag, so it is whatever `latest` is today",
                        base.value
                    ),
                )
                .help("name the version that the image is built and tested with");
            pinning::fix(subject, stage.index, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_has_no_tag_of_its_own_to_have() {
        for text in [
            "FROM scratch\n",
            "FROM a:1 AS b\nFROM b\n",
            "FROM a@sha256:abcd\n",
            "ARG I=a\nFROM $I\n",
            "FROM localhost:5000/a:1\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(
            found(
                &RULE,
                "FROM --platform=$BUILDPLATFORM localhost:5000/a AS b\n"
            ),
            "1:32 `localhost:5000/a` has no tag, so it is whatever `latest` is today"
        );
        assert_eq!(
            found(&RULE, "FROM a:1\nFROM b\n"),
            "2:6 `b` has no tag, so it is whatever `latest` is today"
        );
    }
}
