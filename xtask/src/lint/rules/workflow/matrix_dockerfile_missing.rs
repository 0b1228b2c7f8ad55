use camino::Utf8Path;

use crate::finding::Severity;
use crate::lint::build_files::github::Job;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::project::suggestion::nearest;

declare! {
    /// ## What it does
    /// Reports a Dockerfile that a workflow builds with `docker/build-push-action` and that is not in the repository. The
    /// matrix of the job is followed: the finding is at the value whose Dockerfile is missing.
    ///
    /// ## Why it is bad
    /// The job fails, and unless `fail-fast: false` is set it takes the other jobs of the matrix with it.
    ///
    /// ## Example
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
    ///
    /// ## Use instead
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
    pub(super) static RULE = Rule {
        code: "DX3204",
        name: "matrix-dockerfile-missing",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a workflow builds a Dockerfile that is not there",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    let Some(files) = surroundings.files.as_deref() else {
        return;
    };
    for workflow in surroundings.workflows() {
        for build in workflow.builds() {
            for file in build.dockerfiles() {
                if files.kind(Utf8Path::new(&file.path)).is_some()
                    || is_mentioned(build.job, &file.path)
                {
                    continue;
                }
                let (span, message) = match file.from_matrix {
                    Some(value) => (
                        value.content_span(),
                        format!(
                            "`{}` has no Dockerfile: `{}` is not there",
                            value.as_str().unwrap_or_default(),
                            file.path
                        ),
                    ),
                    None => (
                        file.span,
                        format!("the Dockerfile `{}` is not there", file.path),
                    ),
                };
                let known = surroundings.dockerfiles.keys().map(|path| path.as_str());
                let near = nearest(&file.path, known).map(str::to_owned);
                let found = diagnostics.report_in(&workflow.source, span, message);
                match near {
                    Some(near) => found.help(format!("did you mean `{near}`?")),
                    None => found.help("write the Dockerfile, or do not build it"),
                };
            }
        }
    }
}

/// Whether a script of the job names the file: it may write it. Every folder may have a `Dockerfile`.
fn is_mentioned(job: Job<'_>, path: &str) -> bool {
    let name = Utf8Path::new(path).file_name().unwrap_or(path);
    let word = if name == "Dockerfile" { path } else { name };
    let scripts = job.steps().iter();
    let mut scripts = scripts.filter_map(|step| step.get("run")?.as_str());
    scripts.any(|script| script.contains(word))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(matrix: &str, with: &str) -> String {
        let text = format!(
            "on: push\nenv:\n  FOLDER: apps\njobs:\n  build:\n    strategy:\n      matrix: {matrix}\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {with}\n"
        );
        Repository::new("FROM scratch\n")
            .file("apps/a/Dockerfile", "FROM scratch\n")
            .file(".github/workflows/w.yml", &text)
            .found(&RULE)
    }

    #[test]
    fn each_value_is_reported_where_it_stands() {
        assert_eq!(
            found(
                "{service: [a, b, c]}",
                "{file: './apps/${{ matrix.service }}/Dockerfile'}"
            ),
            ".github/workflows/w.yml:7:29 `b` has no Dockerfile: `apps/b/Dockerfile` is not there\n\
             .github/workflows/w.yml:7:32 `c` has no Dockerfile: `apps/c/Dockerfile` is not there"
        );
        assert_eq!(
            found("{a: [1]}", "{file: docker/Dockerfile}"),
            ".github/workflows/w.yml:10:22 the Dockerfile `docker/Dockerfile` is not there"
        );
        assert!(
            found(
                "{include: [{dir: apps/x}]}",
                "{context: '${{ matrix.dir }}'}"
            )
            .contains("apps/x/Dockerfile")
        );
    }

    #[test]
    fn what_a_script_writes_is_not_missing() {
        let text = "on: push\njobs:\n  b:\n    steps:\n      - run: cat x > Dockerfile.gpu\n      - uses: docker/build-push-action@v6\n        with: {file: ./Dockerfile.gpu}\n";
        let repository = Repository::new("FROM scratch\n").file(".github/workflows/w.yml", text);
        assert_eq!(repository.found(&RULE), "");
    }

    #[test]
    fn what_is_there_or_not_known_is_fine() {
        for (matrix, with) in [
            (
                "{service: [a]}",
                "{file: 'apps/${{matrix.service}}/Dockerfile'}",
            ),
            ("{service: [a]}", "{context: 'apps/${{ matrix.service }}'}"),
            ("{service: [a]}", "{context: '${{ env.FOLDER }}/a'}"),
            ("{service: [a]}", "{}"),
            ("{service: [a]}", "{file: '${{ inputs.file }}'}"),
            (
                "'${{ fromJSON(needs.plan.outputs.matrix) }}'",
                "{file: 'apps/${{ matrix.service }}/Dockerfile'}",
            ),
            ("{service: [a]}", "{context: 'https://example.com/x.git'}"),
        ] {
            assert_eq!(found(matrix, with), "", "{matrix} {with}");
        }
    }
}
