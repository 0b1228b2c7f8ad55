use camino::Utf8Path;

use crate::finding::Severity;
use crate::lint::build_files::compose;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, EntryKind, Options, Surroundings};
use crate::project::suggestion::nearest;

declare! {
    /// ## What it does
    /// Reports a service of a compose file that is built from a Dockerfile which is not there. The path of `dockerfile` is
    /// from `context`, and that of `context` from the compose file.
    ///
    /// ## Why it is bad
    /// `docker compose up --build` stops, and so does whoever starts the project for the first time.
    ///
    /// ## Example
    /// ```yaml path=compose.yaml
    /// services:
    ///   shop:
    ///     build: ./shop
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=compose.yaml
    /// services:
    ///   shop:
    ///     build:
    ///       context: .
    /// ```
    /// ```dockerfile
    /// FROM scratch
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3207",
        name: "compose-dockerfile-missing",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a compose file builds a Dockerfile that is not there",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    let Some(files) = surroundings.files.as_deref() else {
        return;
    };
    let is_there = |path: &str| {
        let kind = files.kind(Utf8Path::new(path));
        kind.is_some_and(|kind| kind != EntryKind::Folder)
    };
    for file in surroundings.compose_files() {
        for build in compose::builds(file) {
            if is_there(&build.dockerfile) {
                continue;
            }
            let known = surroundings.dockerfiles.keys().map(|path| path.as_str());
            let near = nearest(&build.dockerfile, known).map(str::to_owned);
            let found = diagnostics.report_in(
                &file.source,
                build.dockerfile_span,
                format!(
                    "`{}` is built from `{}`, which is not there",
                    build.service, build.dockerfile
                ),
            );
            match near {
                Some(near) => found.help(format!("did you mean `{near}`?")),
                None => found.help("correct `context` or `dockerfile`"),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(build: &str) -> String {
        Repository::new("FROM scratch\n")
            .file("apps/a/Dockerfile", "FROM scratch\n")
            .file(
                "docker/compose.yaml",
                &format!("services:\n  s:\n    build: {build}\n"),
            )
            .found(&RULE)
    }

    #[test]
    fn paths_start_at_the_compose_file() {
        assert_eq!(
            found("{context: .., dockerfile: apps/b/Dockerfile}"),
            "docker/compose.yaml:3:38 `s` is built from `apps/b/Dockerfile`, which is not there"
        );
        assert!(found("../apps").contains("`apps/Dockerfile`"));
        for build in [
            "..",
            "../apps/a",
            "{context: .., dockerfile: apps/a/Dockerfile}",
            "{context: ../apps/a, dockerfile: ../../Dockerfile}",
            "{context: '${CONTEXT}'}",
            "{context: 'https://example.com/x.git'}",
            "{context: ../../elsewhere}",
            "{dockerfile_inline: FROM scratch}",
        ] {
            assert_eq!(found(build), "", "{build}");
        }
    }
}
