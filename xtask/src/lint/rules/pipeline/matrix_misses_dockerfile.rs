use std::collections::BTreeSet;

use crate::expression::{self, Piece};
use crate::finding::Severity;
use crate::lint::build_files::BuildFile;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// Reports a list of a matrix that gives the path of the Dockerfile, such as `apps/${{ matrix.service
    /// }}/Dockerfile`, where a Dockerfile of that pattern is in the repository and no workflow builds it.
    ///
    /// ## Why it is bad
    /// The list is written by hand and the services are not: a new one is reviewed, merged, and never built. Nobody is
    /// told.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     strategy:
    ///       matrix:
    ///         service: [shop]
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           file: apps/${{ matrix.service }}/Dockerfile
    /// ```
    /// ```dockerfile path=apps/shop/Dockerfile
    /// FROM scratch
    /// ```
    /// ```dockerfile path=apps/stock/Dockerfile
    /// FROM scratch
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     strategy:
    ///       matrix:
    ///         service: [shop, stock]
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           file: apps/${{ matrix.service }}/Dockerfile
    /// ```
    /// ```dockerfile path=apps/shop/Dockerfile
    /// FROM scratch
    /// ```
    /// ```dockerfile path=apps/stock/Dockerfile
    /// FROM scratch
    /// ```
    pub(super) static RULE = Rule {
        code: "DW1004",
        name: "matrix-misses-dockerfile",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a list of services in a workflow leaves out one that has a Dockerfile",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    let built: BTreeSet<String> = surroundings
        .workflows()
        .iter()
        .flat_map(BuildFile::builds)
        .flat_map(|build| build.dockerfiles())
        .map(|file| file.path)
        .collect();
    for workflow in surroundings.workflows() {
        for build in workflow.builds() {
            let text = build
                .input("file")
                .and_then(Node::as_str)
                .unwrap_or_default();
            let Some((before, key, behind)) = pattern(text) else {
                continue;
            };
            let matrix = build.job.node.at(&["strategy", "matrix"]);
            let Some(list) = matrix.and_then(|matrix| matrix.entry(key)) else {
                continue;
            };
            let left_out: Vec<&str> = surroundings
                .dockerfiles
                .keys()
                .filter(|path| !built.contains(path.as_str()))
                .filter_map(|path| path.as_str().strip_prefix(before)?.strip_suffix(behind))
                .filter(|name| !name.is_empty() && !name.contains('/'))
                .collect();
            if left_out.is_empty() || list.value.items().is_empty() {
                continue;
            }
            let named: Vec<String> = left_out.iter().map(|name| format!("`{name}`")).collect();
            diagnostics
                .report_in(
                    &workflow.source,
                    list.key.span,
                    format!("`{key}` leaves out {}, which no workflow builds", named.join(", ")),
                )
                .help("add what is missing, or let the list be made from the Dockerfiles that are there");
        }
    }
}

/// `apps/${{ matrix.service }}/Dockerfile` in its three parts.
fn pattern(text: &str) -> Option<(&str, &str, &str)> {
    let text = text.strip_prefix("./").unwrap_or(text);
    match expression::pieces(text)[..] {
        [
            Piece::Text(before),
            Piece::Expression(key),
            Piece::Text(behind),
        ] => Some((before, key.strip_prefix("matrix.")?, behind)),
        [Piece::Expression(key), Piece::Text(behind)] => {
            Some(("", key.strip_prefix("matrix.")?, behind))
        }
        _ => None,
    }
}
