use super::is_many;
use crate::finding::Severity;
use crate::lint::build_files::image_steps::Step;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::source::Spanned;

declare! {
    /// ## What it does
    /// Reports `cache-to: type=gha` without a `scope` of its own where a workflow has several builds: several steps, a
    /// matrix, or a bake file with `*.cache-to`.
    ///
    /// ## Why it is bad
    /// Without a scope all builds share the one called `buildkit`, and each build replaces what the one before has
    /// written: the last one wins, the others start from nothing the next time.
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
    ///           cache-to: type=gha,mode=max
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
    ///           cache-to: type=gha,mode=max,scope=${{ matrix.service }}
    /// ```
    /// ```dockerfile path=apps/shop/Dockerfile
    /// FROM scratch
    /// ```
    /// ```dockerfile path=apps/stock/Dockerfile
    /// FROM scratch
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/build/cache/backends/gha/#scope>
    pub(super) static RULE = Rule {
        code: "DW2001",
        name: "cache-scope-shared",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Cache,
        summary: "several builds write one build cache over each other",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        let mut without: Vec<(Step<'_>, Spanned<String>)> = Vec::new();
        let mut count = 0;
        for step in workflow.image_steps() {
            for (line, of_all) in written(step) {
                let many = of_all || is_many(step.job);
                match scope(&line.value) {
                    None => {
                        count += if many { 2 } else { 1 };
                        without.push((step, line));
                    }
                    Some(scope) if many && !of_all && !scope.contains("${{") => {
                        report(
                            step,
                            &line,
                            &format!("every job of the matrix writes the cache `{scope}`"),
                            diagnostics,
                        );
                    }
                    Some(_) => {}
                }
            }
        }
        if count > 1 {
            for (step, line) in without {
                let what =
                    "several builds write the one cache that has no scope, and the last one wins";
                report(step, &line, what, diagnostics);
            }
        }
    }
}

fn report(step: Step<'_>, line: &Spanned<String>, what: &str, diagnostics: &mut Diagnostics<'_>) {
    diagnostics
        .report_in(&step.job.workflow.source, line.span, what)
        .help("give each image and platform a scope of its own, such as `scope=${{ matrix.service }}-amd64`");
}

/// What a step writes to the cache of GitHub, and whether each target of a bake file does.
fn written(step: Step<'_>) -> Vec<(Spanned<String>, bool)> {
    let source = &step.job.workflow.source;
    let lines = |input: &str| {
        step.input(input)
            .map(|node| node.lines(source))
            .unwrap_or_default()
    };
    let is_gha = |line: &str| {
        line.split(',')
            .any(|field| field.trim().ends_with("type=gha"))
    };
    let mut found = Vec::new();
    if step.uses("docker/build-push-action") {
        found.extend(lines("cache-to").into_iter().map(|line| (line, false)));
    } else if step.uses("docker/bake-action") {
        let of_all = lines("set").into_iter();
        found.extend(
            of_all
                .filter(|line| line.value.starts_with("*.cache-to"))
                .map(|line| (line, true)),
        );
    }
    found.retain(|(line, _)| is_gha(&line.value));
    found
}

fn scope(line: &str) -> Option<&str> {
    let mut fields = line.split(',');
    fields.find_map(|field| field.trim().strip_prefix("scope="))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(steps: &str) -> String {
        let text = format!("on: push\njobs:\n  b:\n    steps:\n{steps}");
        Repository::new("FROM scratch\n")
            .file(".github/workflows/w.yml", &text)
            .found(&RULE)
    }

    #[test]
    fn one_build_alone_needs_no_scope() {
        let one = "      - uses: docker/build-push-action@v6\n        with: {cache-to: 'type=gha,mode=max'}\n";
        assert_eq!(found(one), "");
        let two = found(&one.repeat(2));
        assert_eq!(two.lines().count(), 2, "{two}");
        assert!(
            two.starts_with(".github/workflows/w.yml:6:27 several builds"),
            "{two}"
        );
        let bake = "      - uses: docker/bake-action@v6\n        with:\n          set: |\n            *.cache-from=type=gha\n            *.cache-to=type=gha,mode=max\n";
        assert!(
            found(bake).starts_with(".github/workflows/w.yml:9:13 "),
            "{}",
            found(bake)
        );
        assert_eq!(found(&bake.replace("*.cache-to", "shop.cache-to")), "");
        let registry = one.replace("type=gha", "type=registry,ref=x").repeat(2);
        assert_eq!(found(&registry), "");
    }
}
