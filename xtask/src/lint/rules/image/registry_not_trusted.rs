use crate::dockerfile::ReferenceKind;
use crate::finding::Severity;
use crate::lint::published::place;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, Parent};
use crate::project::ImageName;

declare! {
    /// ## What it does
    /// Reports an image from a registry that is not on the list of trusted ones: in `FROM`, in `COPY --from` and in
    /// `RUN --mount=from`. Without a list nothing is reported.
    ///
    /// An image whose registry depends on a variable without a default is not reported, nor is a base that another
    /// Dockerfile of the repository builds.
    ///
    /// ## Why it is bad
    /// Whatever is in a base image ends up in production, with all rights of the container. A list of registries that
    /// somebody answers for keeps typosquats and private experiments out.
    ///
    /// ## Example
    /// ```toml
    /// trusted-registries = ["docker.io", "*.example.com"]
    /// ```
    /// ```dockerfile
    /// FROM random.io/alpine:3.20
    /// ```
    ///
    /// ## Use instead
    /// ```toml
    /// trusted-registries = ["docker.io", "*.example.com"]
    /// ```
    /// ```dockerfile
    /// FROM registry.example.com/alpine:3.20
    /// ```
    ///
    /// ## Options
    /// `trusted-registries`: names of registries, each with a `*` at its beginning or end if wanted. Images without a
    /// registry are of `docker.io`, which `hub.docker.com` means too.
    pub(super) static RULE = Rule {
        code: "DL3026",
        name: "registry-not-trusted",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Security,
        summary: "the image comes from a registry that is not trusted",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let trusted = &subject.options.trusted_registries;
    if trusted.is_empty() {
        return;
    }
    let model = subject.model;
    for image in &model.graph.images {
        let own = matches!(model.parents.get(image.stage), Some(Parent::Own { .. }));
        if !image.undefined.is_empty() || (own && image.kind == ReferenceKind::From) {
            continue;
        }
        let Some(name) = ImageName::parse(&image.reference) else {
            continue;
        };
        if !trusted.iter().any(|pattern| matches(pattern, &name.domain)) {
            diagnostics
                .report(
                    place(image, model.file.source.text()),
                    format!(
                        "`{}` of `{}` is no trusted registry",
                        name.domain, image.reference
                    ),
                )
                .help(format!("use an image from {}", trusted.join(", ")));
        }
    }
}

fn matches(pattern: &str, registry: &str) -> bool {
    if registry == "docker.io" && matches!(pattern, "hub.docker.com" | "index.docker.io") {
        return true;
    }
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => registry.ends_with(end),
        (None, Some(start)) => registry.starts_with(start),
        (None, None) => registry == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(trusted: &str, dockerfile: &str) -> String {
        Repository::new(dockerfile)
            .options(&format!("trusted-registries = [{trusted}]"))
            .found(&RULE)
    }

    #[test]
    fn patterns_are_anchored_on_the_side_without_a_star() {
        for (trusted, image, fine) in [
            ("'docker.io'", "debian:1", true),
            ("'hub.docker.com'", "debian:1", true),
            ("'*.example.com'", "a.example.com/b:1", true),
            ("'*.example.com'", "a.example.com.evil.io/b:1", false),
            ("'example.*'", "example.org/b:1", true),
            ("'*'", "x.io/b:1", true),
            ("'x.io:5000'", "x.io/b:1", false),
        ] {
            let findings = found(trusted, &format!("FROM {image}\n"));
            assert_eq!(findings.is_empty(), fine, "{trusted} {image}: {findings}");
        }
    }

    #[test]
    fn every_way_to_bring_in_an_image_counts_and_stages_do_not() {
        assert_eq!(
            found(
                "'docker.io'",
                "FROM a:1 AS b\nFROM b\nCOPY --from=b /x /x\nCOPY --from=x.io/c:1 /y /y\n\
                 RUN --mount=type=bind,from=y.io/d:1,target=/d true\n"
            ),
            "4:13 `x.io` of `x.io/c:1` is no trusted registry\n5:28 `y.io` of `y.io/d:1` is no trusted registry"
        );
        assert_eq!(found("'docker.io'", "ARG R\nFROM $R/a:1\n"), "");
    }
}
