use std::collections::BTreeSet;

use camino::Utf8Path;

use crate::dockerfile::InstructionKind;
use crate::finding::Severity;
use crate::lint::build_files::compose;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Model, Options, Surroundings};
use crate::project::suggestion::nearest;
use crate::source::{Source, Spanned};

declare! {
    /// ## What it does
    /// Reports a build argument of a workflow (`build-args` of `docker/build-push-action`) or of a compose file (`args`)
    /// that no `ARG` of the Dockerfile takes.
    ///
    /// ## Why it is bad
    /// The value goes nowhere: `BuildKit` warns in the middle of its log and builds on. Either the argument is left over,
    /// or the Dockerfile lacks the line that would use it.
    ///
    /// Where a matrix builds several Dockerfiles, it is enough if one of them takes the argument.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG VERSION
    /// LABEL version=$VERSION
    /// ```
    /// ```yaml path=compose.yaml
    /// services:
    ///   shop:
    ///     build:
    ///       context: .
    ///       args:
    ///         VERSOIN: "1.2"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG VERSION
    /// LABEL version=$VERSION
    /// ```
    /// ```yaml path=compose.yaml
    /// services:
    ///   shop:
    ///     build:
    ///       context: .
    ///       args:
    ///         VERSION: "1.2"
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3201",
        name: "build-arg-not-declared",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a workflow or compose file passes a build argument that no `ARG` takes",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

/// Arguments that `BuildKit` takes without a declaration.
const PREDEFINED: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "SOURCE_DATE_EPOCH",
];

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        for build in workflow.builds() {
            let args = build.build_args();
            if args.is_empty() {
                continue;
            }
            let paths: Vec<String> = build
                .dockerfiles()
                .into_iter()
                .map(|file| file.path)
                .collect();
            let names: Vec<Spanned<String>> = args.into_iter().map(|arg| arg.name).collect();
            report(surroundings, &workflow.source, &names, &paths, diagnostics);
        }
    }
    for file in surroundings.compose_files() {
        for build in compose::builds(file) {
            let paths = [build.dockerfile];
            report(surroundings, &file.source, &build.args, &paths, diagnostics);
        }
    }
}

fn report(
    surroundings: &Surroundings,
    source: &Source,
    args: &[Spanned<String>],
    paths: &[String],
    diagnostics: &mut Diagnostics<'_>,
) {
    let models: Vec<(&str, &Model)> = paths
        .iter()
        .filter_map(|path| {
            let model = surroundings.dockerfiles.get(Utf8Path::new(path))?;
            Some((path.as_str(), &**model))
        })
        .collect();
    if models.is_empty() {
        return;
    }
    let declared: BTreeSet<&str> = models
        .iter()
        .flat_map(|(_, model)| declared(model))
        .collect();
    for arg in args {
        let name = arg.value.as_str();
        let upper = name.to_ascii_uppercase();
        let is_predefined = PREDEFINED.contains(&upper.as_str()) || name.starts_with("BUILDKIT_");
        // Only the expression's value knows the name.
        if declared.contains(name) || is_predefined || name.is_empty() || name.contains("${") {
            continue;
        }
        let place = match models.as_slice() {
            [(path, _)] => (*path).to_owned(),
            [(path, _), rest @ ..] => format!("{path} and {} other Dockerfiles", rest.len()),
            [] => continue,
        };
        let found = diagnostics.report_in(
            source,
            arg.span,
            format!("no `ARG` takes the build argument `{name}` in {place}"),
        );
        match nearest(name, declared.iter().copied()) {
            Some(near) => found.help(format!("did you mean `{near}`?")),
            None => found.help("remove it, or declare the `ARG` where it is used"),
        };
    }
}

/// The names of every `ARG`, global ones and triggers included.
fn declared(model: &Model) -> impl Iterator<Item = &str> {
    let globals = model
        .file
        .global_args
        .iter()
        .map(|arg| arg.name.value.as_str());
    let others = model.steps().flat_map(|step| match step.kind() {
        InstructionKind::Arg(args) => args.as_slice(),
        _ => &[],
    });
    globals.chain(others.map(|arg| arg.name.value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn workflow(with: &str) -> Repository {
        let text = format!(
            "on: push\njobs:\n  build:\n    strategy:\n      matrix:\n        service: [a, b]\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n{with}"
        );
        Repository::new("ARG VERSION\nFROM scratch\nARG COMMIT\n")
            .file("a/Dockerfile", "FROM scratch\nARG ONLY_A\n")
            .file("b/Dockerfile", "FROM scratch\n")
            .file(".github/workflows/w.yml", &text)
    }

    #[test]
    fn lines_of_a_workflow_are_checked_one_by_one() {
        let found = workflow(
            "          build-args: |\n            VERSION=1\n            COMIT=${{ github.sha }}\n            NEW=2\n",
        );
        assert_eq!(
            found.found(&RULE),
            ".github/workflows/w.yml:12:13 no `ARG` takes the build argument `COMIT` in Dockerfile\n\
             .github/workflows/w.yml:13:13 no `ARG` takes the build argument `NEW` in Dockerfile"
        );
        assert_eq!(found.findings(&RULE)[0].help, ["did you mean `COMMIT`?"]);
    }

    #[test]
    fn a_matrix_is_followed() {
        let with = |args: &str| {
            format!(
                "          file: ${{{{ matrix.service }}}}/Dockerfile\n          build-args: {args}\n"
            )
        };
        assert_eq!(workflow(&with("ONLY_A=1")).found(&RULE), "");
        assert!(
            workflow(&with("NONE=1"))
                .found(&RULE)
                .ends_with("in a/Dockerfile and 1 other Dockerfiles")
        );
    }

    #[test]
    fn what_is_not_known_or_needs_no_declaration_is_fine() {
        for with in [
            "          build-args: HTTP_PROXY=x\n",
            "          build-args: BUILDKIT_INLINE_CACHE=1\n",
            "          build-args: ${{ inputs.args }}\n",
            "          file: nowhere/Dockerfile\n          build-args: X=1\n",
            "          file: ${{ inputs.file }}\n          build-args: X=1\n",
            "          context: https://example.com/a.git\n          build-args: X=1\n",
        ] {
            assert_eq!(workflow(with).found(&RULE), "", "{with}");
        }
    }

    #[test]
    fn compose_lists_and_mappings_are_read() {
        let compose = |args: &str| {
            Repository::new("FROM scratch\nARG A\n")
                .file(
                    "docker/compose.yaml",
                    &format!(
                        "services:\n  x:\n    build:\n      context: ..\n      args: {args}\n"
                    ),
                )
                .found(&RULE)
        };
        assert_eq!(
            compose("[A=1, B=2]"),
            "docker/compose.yaml:5:19 no `ARG` takes the build argument `B` in Dockerfile"
        );
        assert_eq!(compose("{A: 1}"), "");
    }
}
