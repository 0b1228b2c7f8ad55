use std::collections::BTreeSet;

use camino::Utf8Path;

use crate::dockerfile::Stage;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Model, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports a step of `docker/build-push-action` without `target` where the Dockerfile has another named stage,
    /// besides the last, that no stage is built from.
    ///
    /// ## Why it is bad
    /// The last stage is built, whatever it is called. Whoever adds a stage below it, or moves one, publishes another
    /// image, and nothing fails. The reader does not see which image it is, either.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: true
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20 AS development
    /// RUN apk add --no-cache git
    ///
    /// FROM alpine:3.20 AS production
    /// RUN true
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///         with:
    ///           push: true
    ///           target: production
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20 AS development
    /// RUN apk add --no-cache git
    ///
    /// FROM alpine:3.20 AS production
    /// RUN true
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/build/building/multi-stage/#stop-at-a-specific-build-stage>
    pub(super) static RULE = Rule {
        code: "DW1003",
        name: "target-left-to-order",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a workflow builds one of several images of a Dockerfile without saying which",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for build in workflow.builds() {
            if build.input("target").is_some() {
                continue;
            }
            let files = build.dockerfiles();
            let ends = files.iter().find_map(|file| {
                let model = surroundings.dockerfiles.get(Utf8Path::new(&file.path))?;
                let ends = ends(model);
                (ends.len() > 1).then_some((file, ends))
            });
            let Some((file, ends)) = ends else {
                continue;
            };
            let names: Vec<String> = ends.iter().map(|name| format!("`{name}`")).collect();
            diagnostics
                .report_in(
                    &workflow.source,
                    file.span,
                    format!(
                        "{} makes {}: no `target` says which is built, so the last one is",
                        file.path,
                        names.join(" and ")
                    ),
                )
                .help(format!(
                    "add `target: {}`",
                    ends.last().map_or("", |name| name.as_str())
                ));
        }
    }
}

/// The names of the stages that no other one is built from; none if the last one has no name.
fn ends(model: &Model) -> Vec<String> {
    let used: BTreeSet<usize> = model.graph.dependencies.iter().flatten().copied().collect();
    let ends = model
        .file
        .stages
        .iter()
        .filter(|stage| !used.contains(&stage.index));
    let named = |stage: &Stage| stage.name.as_ref().map(|name| name.value.clone());
    if model.file.stages.last().and_then(named).is_none() {
        return Vec::new();
    }
    ends.filter_map(named).collect()
}
