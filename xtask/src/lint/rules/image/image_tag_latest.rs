use crate::dockerfile::Base;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::image::pinning;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a `FROM` whose tag is `latest`.
    ///
    /// ## Why it is bad
    /// `latest` is a tag like any other, moved whenever the publisher likes: the same Dockerfile builds another image
    /// tomorrow, and an old build cannot be repeated. With a digest behind it the tag says nothing and is not reported.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:latest
    /// ```
    /// What the registry says to `--pin`:
    /// ```text registry
    /// node:latest sha256:1b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a4863
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:22.11.0-alpine3.20
    /// ```
    ///
    /// ## Fix safety
    /// Safe, and only with `--pin`, which asks the registry: the tag keeps its name and gets the digest it has now, so
    /// that what is built now is built from now on.
    pub(super) static RULE = Rule {
        code: "DL3007",
        name: "image-tag-latest",
        aliases: &["DKL-DI-0006"],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "the base image's tag is `latest`",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        let base = &stage.stage().base;
        let Some(name) = base.value.strip_suffix(":latest") else {
            continue;
        };
        if subject.model.graph.bases[stage.index] != Base::Image {
            continue;
        }
        let tag = Span::new(base.span.end - "latest".len(), base.span.end);
        let is_in_one_piece = tag.of(subject.model.file.source.text()) == "latest";
        let found = diagnostics
            .report(
                if is_in_one_piece { tag } else { base.span },
                format!("`latest` of `{name}` is another image tomorrow"),
            )
            .help("name the version that the image is built and tested with");
        pinning::fix(subject, stage.index, found);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_the_tag_itself_is_meant() {
        for text in [
            "FROM a:1\n",
            "FROM a:latest@sha256:abcd\n",
            "FROM a:latest-slim\n",
            "FROM a/latest:1\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
        assert_eq!(
            found(&RULE, "ARG R=r\nFROM ${R}/a:latest AS b\n"),
            "2:13 `latest` of `${R}/a` is another image tomorrow"
        );
    }
}
