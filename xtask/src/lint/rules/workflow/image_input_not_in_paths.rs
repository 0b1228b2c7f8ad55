use std::collections::BTreeSet;

use camino::Utf8Path;

use super::path_filter::passes;
use crate::finding::Severity;
use crate::lint::build_context::{BuildContext, copy_sources, join};
use crate::lint::build_files::BuildFile;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, EntryKind, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// Reports a `paths` filter of a workflow that builds images and does not start when something changes that the
    /// Dockerfiles copy: lock files, configuration in the repository's root, the ignore file, the Dockerfile itself.
    ///
    /// ## Why it is bad
    /// A dependency is updated, everything is green, and the image still has the old one: the build never ran.
    ///
    /// ## Example
    /// ```dockerfile path=apps/shop/Dockerfile
    /// FROM node:22-alpine
    /// COPY package.json package-lock.json ./
    /// COPY apps/shop apps/shop
    /// ```
    /// ```json path=package-lock.json
    /// {}
    /// ```
    /// ```yaml path=.github/workflows/build.yml
    /// on:
    ///   push:
    ///     paths: ["apps/**"]
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           file: apps/shop/Dockerfile
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile path=apps/shop/Dockerfile
    /// FROM node:22-alpine
    /// COPY package.json package-lock.json ./
    /// COPY apps/shop apps/shop
    /// ```
    /// ```json path=package-lock.json
    /// {}
    /// ```
    /// ```yaml path=.github/workflows/build.yml
    /// on:
    ///   push:
    ///     paths: ["apps/**", "package*.json"]
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           file: apps/shop/Dockerfile
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3205",
        name: "image-input-not-in-paths",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a workflow's `paths` leaves out files that its images are made of",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

/// Files in a root that decide what a build makes; of a copy of everything only these count.
const DECISIVE: &[&str] = &[
    ".npmrc",
    ".yarnrc.yml",
    "Cargo.lock",
    "Cargo.toml",
    "Gemfile.lock",
    "Pipfile.lock",
    "angular.json",
    "bun.lock",
    "bun.lockb",
    "build.gradle",
    "build.gradle.kts",
    "composer.lock",
    "go.mod",
    "go.sum",
    "lerna.json",
    "nx.json",
    "package-lock.json",
    "package.json",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "poetry.lock",
    "pom.xml",
    "pyproject.toml",
    "requirements.txt",
    "tsconfig.base.json",
    "tsconfig.json",
    "turbo.json",
    "uv.lock",
    "yarn.lock",
];

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        // By event: a push and a pull request may have the same filter, written twice.
        let filters: Vec<(&str, &Node)> = ["push", "pull_request"]
            .into_iter()
            .filter_map(|event| Some((event, workflow.event(event)?.get("paths")?)))
            .collect();
        if filters.is_empty() {
            continue;
        }
        let inputs = inputs(surroundings, workflow);
        for (event, paths) in filters {
            let patterns: Vec<&str> = paths.one_or_many().filter_map(Node::as_str).collect();
            let missing: Vec<&str> = inputs
                .iter()
                .map(String::as_str)
                .filter(|input| passes(&patterns, input) == Some(false))
                .collect();
            let Some(first) = missing.first() else {
                continue;
            };
            let place = workflow
                .event(event)
                .and_then(|event| event.entry("paths"))
                .map_or(paths.span, |entry| entry.key.span);
            let more = match missing.len() {
                1 => "is".to_owned(),
                2 => format!("and `{}` are", missing[1]),
                count => format!("and {} other paths are", count - 1),
            };
            let list: Vec<String> = missing.iter().map(|path| format!("`{path}`")).collect();
            diagnostics
                .report_in(
                    &workflow.source,
                    place,
                    format!("`{first}` {more} part of the images, and a change does not start the workflow"),
                )
                .help(format!("add {}", list.join(", ")))
                .property("missing", missing);
        }
    }
}

/// One path for each thing that the images of a workflow are made of. For a folder a path in it stands.
fn inputs(surroundings: &Surroundings, workflow: &BuildFile) -> BTreeSet<String> {
    let mut inputs = BTreeSet::new();
    for file in workflow.builds().flat_map(|build| build.dockerfiles()) {
        let Some(model) = surroundings.dockerfiles.get(Utf8Path::new(&file.path)) else {
            continue;
        };
        let Some(context) = BuildContext::of(model, surroundings) else {
            continue;
        };
        let root = context.root.as_str();
        inputs.insert(file.path);
        inputs.extend(
            context
                .ignore
                .as_ref()
                .map(|ignore| ignore.source.path().to_string()),
        );
        for source in model.steps().flat_map(copy_sources) {
            if source.path.is_empty() {
                let entries = context.entries("");
                let names = entries.iter().map(|entry| entry.name.as_str());
                let decisive = names.filter(|name| DECISIVE.contains(name));
                inputs.extend(
                    decisive
                        .filter(|name| !context.decide(name).ignored)
                        .map(|name| join(root, name)),
                );
                continue;
            }
            for path in context.find(&source) {
                if context.decide(&path).ignored {
                    continue;
                }
                let path = match context.kind(&path) {
                    Some(EntryKind::Folder) => match file_below(&context, &path) {
                        Some(file) => file,
                        None => continue,
                    },
                    _ => path,
                };
                inputs.insert(join(root, &path));
            }
        }
    }
    inputs
}

/// The first file of a folder that enters the build.
fn file_below(context: &BuildContext<'_>, folder: &str) -> Option<String> {
    let mut found = None;
    context.walk(folder, &mut |entry| {
        if found.is_none() && entry.kind == EntryKind::File && !entry.decision.ignored {
            found = Some(entry.path.to_owned());
        }
        found.is_none()
    });
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(paths: &str) -> String {
        let text = format!(
            "on:\n  pull_request:\n    paths: {paths}\njobs:\n  b:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          file: apps/a/Dockerfile\n"
        );
        Repository::new("FROM scratch\n")
            .file(
                "apps/a/Dockerfile",
                "FROM scratch\nCOPY package*.json nx.json ./\nCOPY libs libs\n",
            )
            .file("package.json", "")
            .file("package-lock.json", "")
            .file("nx.json", "")
            .file("libs/x/y.ts", "")
            .file(".dockerignore", "")
            .file(".github/workflows/w.yml", &text)
            .found(&RULE)
    }

    #[test]
    fn what_is_copied_has_to_be_in_the_filter() {
        assert_eq!(
            found("['apps/**', 'libs/**']"),
            ".github/workflows/w.yml:3:5 `.dockerignore` and 3 other paths are part of the images, and a change does not start the workflow"
        );
        assert!(found("['apps/**', '*.json', .dockerignore]").contains("`libs/x/y.ts` is part"));
        assert!(found("['**', '!nx.json']").contains("`nx.json` is part"));
        for paths in [
            "['**']",
            "['apps/**', 'libs/**', '*.json', '.dockerignore']",
            "['[a-z]*']",
        ] {
            assert_eq!(found(paths), "", "{paths}");
        }
    }
}
