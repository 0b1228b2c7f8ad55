use camino::Utf8Path;

use crate::finding::Severity;
use crate::lint::build_files::compose;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::project::suggestion::nearest;

declare! {
    /// ## What it does
    /// Reports a `target` of a compose file that is no stage of the service's Dockerfile.
    ///
    /// ## Why it is bad
    /// The build stops: stages are found by name, without regard to case.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS development
    /// ```
    /// ```yaml path=compose.yaml
    /// services:
    ///   shop:
    ///     build:
    ///       context: .
    ///       target: dev
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20 AS development
    /// ```
    /// ```yaml path=compose.yaml
    /// services:
    ///   shop:
    ///     build:
    ///       context: .
    ///       target: development
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3208",
        name: "compose-target-missing",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a compose file builds a stage that is not there",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for file in surroundings.compose_files() {
        for build in compose::builds(file) {
            let Some(node) = build.target else {
                continue;
            };
            let Some(target) = node.text().filter(|text| !text.contains('$')) else {
                continue;
            };
            let path = Utf8Path::new(&build.dockerfile);
            let Some(model) = surroundings.dockerfiles.get(path) else {
                continue;
            };
            let stages = || model.file.stages.iter();
            let names = || stages().filter_map(|stage| Some(stage.name.as_ref()?.value.as_str()));
            let is_index = target
                .parse::<usize>()
                .is_ok_and(|index| index < stages().count());
            if is_index || names().any(|name| name.eq_ignore_ascii_case(target)) {
                continue;
            }
            let found = diagnostics.report_in(
                &file.source,
                node.content_span(),
                format!("{path} has no stage `{target}`"),
            );
            match nearest(target, names()) {
                Some(near) => found.help(format!("did you mean `{near}`?")),
                None => found.help(format!(
                    "its stages are {}",
                    names()
                        .map(|name| format!("`{name}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                )),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    #[test]
    fn stages_are_found_by_name_or_number() {
        for (target, expected) in [
            ("prod", ""),
            ("PROD", ""),
            ("1", ""),
            ("${TARGET}", ""),
            ("prot", "compose.yaml:5:15 Dockerfile has no stage `prot`"),
            ("7", "compose.yaml:5:15 Dockerfile has no stage `7`"),
        ] {
            let compose =
                format!("services:\n  s:\n    build:\n      context: .\n      target: {target}\n");
            let found = Repository::new("FROM scratch AS build\nFROM build AS Prod\n")
                .file("compose.yaml", &compose)
                .found(&RULE);
            assert_eq!(found, expected, "{target}");
        }
    }
}
