use crate::dockerfile::{Base, ReferenceKind};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::image::pinning;
use crate::lint::rules::variable_use::only_variable;
use crate::lint::{Diagnostics, Parent};
use crate::project::ImageName;

declare! {
    /// ## What it does
    /// Reports a base image whose tag is `latest`, or missing, once the defaults of the `ARG`s in it are filled in.
    ///
    /// ## Why it is bad
    /// The moving tag is out of sight: the `FROM` shows a variable and looks as if somebody had chosen a version.
    /// Every build that does not pass the argument, a developer's above all, gets whatever was published last.
    ///
    /// An image without a tag is not reported where another Dockerfile of the repository builds it.
    ///
    /// ## Example
    /// ```dockerfile
    /// ARG BASE_IMAGE=ghcr.io/example/base:latest
    /// FROM ${BASE_IMAGE}
    /// ```
    /// What the registry says to `--pin`:
    /// ```text registry
    /// ghcr.io/example/base:latest sha256:1b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a48631b7d2e5f0c9a4863
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// ARG BASE_IMAGE=ghcr.io/example/base:1.4.2
    /// FROM ${BASE_IMAGE}
    /// ```
    ///
    /// ## Fix safety
    /// Safe, and only with `--pin`, which asks the registry: the tag keeps its name and gets the digest it has now, so
    /// that what is built now is built from now on.
    /// There is no fix where an argument is only a part of the reference.
    pub(super) static RULE = Rule {
        code: "DX1501",
        name: "latest-via-argument",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "the default of an argument makes the base image's tag `latest`",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let model = subject.model;
    for image in &model.graph.images {
        // A literal tag is the matter of other rules.
        if image.kind != ReferenceKind::From
            || !image.raw.value.contains('$')
            || image.raw.value.ends_with(":latest")
            || !image.undefined.is_empty()
            || model.graph.bases.get(image.stage) != Some(&Base::Image)
        {
            continue;
        }
        let Some(name) = ImageName::parse(&image.reference) else {
            continue;
        };
        let own = matches!(model.parents.get(image.stage), Some(Parent::Own { .. }));
        let moves = match name.tag.as_deref() {
            None => name.digest.is_none() && !own,
            Some(tag) => tag == "latest" && name.digest.is_none(),
        };
        if !moves {
            continue;
        }
        let declaration = only_variable(&image.raw.value).and_then(|variable| {
            let named = model.file.global_args.iter().rev();
            named
                .into_iter()
                .find(|argument| argument.name.value == variable)
        });
        let why = if name.tag.is_some() {
            ""
        } else {
            ", which has no tag"
        };
        let found = match declaration
            .and_then(|declaration| Some((declaration, declaration.default.as_ref()?)))
        {
            Some((declaration, default)) => diagnostics.report(
                default.span,
                format!(
                    "`{}` is `{}`{why} unless a build says otherwise",
                    declaration.name.value, image.reference
                ),
            ),
            None => diagnostics.report(
                image.raw.span,
                format!("`{}` is `{}`{why}", image.raw.value, image.reference),
            ),
        }
        .help("make a version the default");
        pinning::fix(subject, image.stage, found);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn versions_and_unknown_values_are_fine() {
        for text in [
            "ARG V=20\nFROM node:$V\n",
            "ARG I\nFROM $I\n",
            "ARG V=latest\nFROM node:1\n",
            "ARG I=a@sha256:abcd\nFROM $I\n",
            "FROM node-$TARGETARCH\n",
            "FROM a:1 AS dev\nARG X\nFROM dev\n",
            "ARG S=dev\nFROM a:1 AS dev\nFROM $S\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn the_default_is_where_the_tag_hides() {
        assert_eq!(
            found(&RULE, "ARG I=node\nFROM $I\n"),
            "1:7 `I` is `node`, which has no tag unless a build says otherwise"
        );
        assert_eq!(
            found(&RULE, "ARG V=latest\nFROM a:${V}\n"),
            "2:6 `a:${V}` is `a:latest`"
        );
    }
}
