use super::options;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::Manager;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::{is_mounted, unix_runs};
use crate::lint::rules::mending::is_open;
use crate::lint::{Model, Parent, StageModel, Step};
use crate::shell::Connector;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports an `apt-get install` in a `RUN` without `apt-get update`, where an earlier `RUN` of the stage (or of one
    /// it starts from) has run
    /// it, unless the lists are on a mount.
    ///
    /// ## Why it is bad
    /// The layer with the lists comes from the cache for weeks, while the archive moves on: `install` asks for versions
    /// that are no longer
    /// there, and the build fails with 404. The lists also stay in the image, as a later `RUN` cannot take them out of
    /// the layer.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update
    /// RUN apt-get install -y --no-install-recommends curl
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN apt-get update \
    ///     && apt-get install -y --no-install-recommends curl \
    ///     && rm -rf /var/lib/apt/lists/*
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the lists are fetched once more, right before they are used.
    pub(super) static RULE = Rule {
        code: "DX2009",
        name: "apt-install-without-update",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`apt-get install` uses lists of an earlier layer",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let mut updates = None;
    for (step, run) in unix_runs(subject.model) {
        let mut calls = step.calls_of(&[Manager::Apt]);
        let first = calls.find(|call| call.is_any(&["update", "install"]));
        let Some(call) = first.filter(|call| call.is("install")) else {
            continue;
        };
        let only_files = call
            .operands
            .iter()
            .all(|it| it.text.starts_with(['/', '.']));
        if only_files || is_mounted(run, "/var/lib/apt/lists") {
            continue;
        }
        let updates = updates.get_or_insert_with(|| first_updates(subject.model));
        if !is_updated_before(step, updates) {
            continue;
        }
        let found = diagnostics
            .report(
                options::head(&call),
                "the package lists come from an earlier layer",
            )
            .help("run `apt-get update` in the same `RUN`");
        let is_plain = call.invocation.through.is_empty() && !call.invocation.piped;
        if is_plain
            && is_open(step, call.invocation)
            && call.invocation.connector != Connector::Pipe
        {
            let at = call.invocation.span.start;
            found.fix(
                "run `apt-get update` before",
                [(Span::new(at, at), "apt-get update && ".to_owned())],
            );
        }
    }
}

/// By stage, the first step that updates the lists.
fn first_updates(model: &Model) -> Vec<Option<usize>> {
    let updates = |step: &Step<'_>| {
        step.run().is_some() && step.calls_of(&[Manager::Apt]).any(|call| call.is("update"))
    };
    model
        .stages()
        .map(|stage| stage.steps().find(updates).map(|step| step.index))
        .collect()
}

fn is_updated_before(step: Step<'_>, first_updates: &[Option<usize>]) -> bool {
    let mut stage = step.stage;
    let mut end = step.index;
    loop {
        if first_updates[stage.index].is_some_and(|first| first < end) {
            return true;
        }
        let Parent::Stage(index) = stage.parent() else {
            return false;
        };
        stage = StageModel {
            index: *index,
            ..stage
        };
        end = usize::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn lists_that_are_new() {
        for text in [
            "RUN apt-get update && apt-get install -y a",
            "RUN apt-get install -y a",
            "RUN apt-get update\nRUN --mount=type=cache,target=/var/lib/apt/lists apt-get install -y a",
            "RUN apt-get update\nRUN apt-get install -y ./a.deb",
            "RUN apt-get update\nRUN apt-get update; apt-get install -y a",
            "RUN apt-get update\nRUN apt-get remove -y a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\n{text}\n")),
                "",
                "{text}"
            );
        }
    }

    #[test]
    fn lists_of_an_earlier_layer() {
        for (before, after) in [
            (
                "RUN apt-get update\nRUN x && \\\n  apt-get -y install a",
                "RUN apt-get update\nRUN x && \\\n  apt-get update && apt-get -y install a",
            ),
            (
                "RUN apt-get update\nFROM a\nRUN A=b apt-get install -y a",
                "RUN apt-get update\nFROM a\nRUN apt-get update && A=b apt-get install -y a",
            ),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM debian:12 AS a\n{before}\n")),
                format!("FROM debian:12 AS a\n{after}\n")
            );
        }
    }
}
