use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, Parent};

declare! {
    /// ## What it does
    /// Reports `COPY --from=stage / /`.
    ///
    /// Unlike hadolint, a stage that starts from `scratch` is not reported: a file system put together elsewhere and
    /// copied into an empty image is one layer on purpose.
    ///
    /// ## Why it is bad
    /// The whole file system of one image is laid over that of another: compilers, caches and secrets of the build come
    /// along, and files of two distributions mix. It undoes what the stages were made for.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.23 AS build
    /// FROM alpine:3.20
    /// COPY --from=build / /
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM golang:1.23 AS build
    /// FROM alpine:3.20
    /// COPY --from=build /go/bin/server /usr/local/bin/
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3067",
        name: "copy-whole-root",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Size,
        summary: "the whole file system of another stage is copied",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let Some(copy) = step.copy() else { continue };
        let Some(from) = copy.flag("from") else {
            continue;
        };
        let root = copy.sources.iter().find(|source| source.value == "/");
        if let Some(root) = root
            && copy.destination.value == "/"
            && !matches!(step.stage.parent(), Parent::Scratch)
        {
            diagnostics
                .report(
                    root.span,
                    format!("everything of `{}` is copied", from.value),
                )
                .help("copy what the image needs, or start from `scratch`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn parts_and_flattened_images_are_fine() {
        for text in [
            "FROM a:1 AS b\nFROM scratch\nCOPY --from=b / /\n",
            "FROM a:1 AS b\nFROM c:1\nCOPY --from=b / /rootfs/\nCOPY --from=b /usr /\n",
            "FROM a:1\nCOPY / /\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
        assert_eq!(
            found(&RULE, "FROM a:1 AS b\nFROM c:1\nCOPY --link --from=b / /\n"),
            "3:22 everything of `b` is copied"
        );
    }
}
