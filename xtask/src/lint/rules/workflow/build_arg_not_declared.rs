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
    /// Reports a build argument of a workflow (`build-args` of `docker/build-push-action`), of a compose file or of a bake
    /// file (`args`, in HCL or JSON) that no `ARG` of the Dockerfile takes.
    ///
    /// ## Why it is bad
    /// The value goes nowhere: `BuildKit` warns in the middle of its log and builds on. Either the argument is left over,
    /// or the Dockerfile lacks the line that would use it.
    ///
    /// Where a matrix builds several Dockerfiles, or several targets inherit the argument, it is enough if one of them
    /// takes it.
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
        summary: "a workflow, compose or bake file passes a build argument that no `ARG` takes",
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
    for bake in surroundings.bake_files() {
        for target in bake.arguments() {
            let is_known = |path: &&String| {
                let path = Utf8Path::new(path.as_str());
                surroundings.dockerfiles.contains_key(path)
            };
            let known = target
                .dockerfiles
                .iter()
                .map(|places| places.iter().find(is_known).cloned());
            // All of them have to be known.
            let Some(paths) = known.collect::<Option<Vec<_>>>() else {
                continue;
            };
            for argument in target.arguments {
                let names = std::slice::from_ref(&argument.name);
                report(surroundings, &argument.source, names, &paths, diagnostics);
            }
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
        assert_eq!(
            found.findings(&RULE)[0].help[..],
            ["did you mean `COMMIT`?"]
        );
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

    fn bake(path: &str, text: &str) -> String {
        Repository::new("FROM scratch\nARG A\n")
            .file("web/Dockerfile", "FROM scratch\nARG B\n")
            .file("docker/own/Dockerfile", "FROM scratch\nARG C\n")
            .file(path, text)
            .found(&RULE)
    }

    #[test]
    fn bake_targets_pass_arguments_to_their_heirs() {
        let common = "target \"common\" {\n  args = {\n    B = 1\n    D = x\n  }\n}\n";
        let web = "target \"web\" {\n  inherits = [\"common\"]\n  context = \"web\"\n}\n";
        assert_eq!(
            bake("docker-bake.hcl", &format!("{common}{web}")),
            "docker-bake.hcl:4:5 no `ARG` takes the build argument `D` in web/Dockerfile"
        );
        // Alone it is built from the Dockerfile of the root.
        assert_eq!(
            bake("docker-bake.hcl", common),
            "docker-bake.hcl:3:5 no `ARG` takes the build argument `B` in Dockerfile\n\
             docker-bake.hcl:4:5 no `ARG` takes the build argument `D` in Dockerfile"
        );
        let computed = "target \"web\" {\n  inherits = [base]\n  context = \"web\"\n}\n";
        assert_eq!(bake("docker-bake.hcl", &format!("{common}{computed}")), "");
        let circle = "target \"a\" {\n  inherits = [\"b\"]\n  args = { A = 1 }\n}\ntarget \"b\" {\n  inherits = [\"a\"]\n  dockerfile = \"Dockerfile\"\n}\n";
        assert_eq!(bake("docker-bake.hcl", circle), "");
    }

    #[test]
    fn bake_files_are_read_as_they_are_written() {
        let json = r#"{"target": {"web": {"context": "./web", "args": {"B": "1", "BB": null}}}}"#;
        assert_eq!(
            bake("docker-bake.json", json),
            "docker-bake.json:1:61 no `ARG` takes the build argument `BB` in web/Dockerfile"
        );
        // Paths count from the folder that bake runs in: the root, or the file's.
        for (context, found) in [
            ("own", "docker/own/Dockerfile"),
            ("docker/own", "docker/own/Dockerfile"),
            (".", "Dockerfile"),
        ] {
            let text =
                format!("target \"x\" {{\n  context = \"{context}\"\n  args = {{ Z = 1 }}\n}}\n");
            assert!(bake("docker/docker-bake.hcl", &text).ends_with(&format!("in {found}")));
        }
        for text in [
            "target \"x\" {\n  context = \"https://example.com/x.git\"\n  args = { Z = 1 }\n}\n",
            "target \"x\" {\n  context = \"${FOLDER}\"\n  args = { Z = 1 }\n}\n",
            "target \"x\" {\n  dockerfile-inline = \"FROM scratch\"\n  args = { Z = 1 }\n}\n",
            "target \"x\" {\n  dockerfile = \"none\"\n  args = { Z = 1 }\n}\n",
            "target \"x\" {\n  args = { A = 1, HTTP_PROXY = y }\n}\n",
            "target \"x\" {\n  args = merge(a, { Z = 1 })\n}\n",
            "target \"x\" {\n  args = { Z = 1\n",
        ] {
            assert_eq!(bake("docker-bake.hcl", text), "", "{text}");
        }
    }
}
