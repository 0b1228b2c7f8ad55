use crate::dockerfile::Stage;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a stage without a name that the last stage does not need, neither itself nor through others.
    ///
    /// A stage with a name may be what somebody builds with `--target`, and is not reported.
    ///
    /// ## Why it is bad
    /// `BuildKit` skips the stage, so that nothing it says is ever tested; older builders run it for nothing. Most often
    /// a `COPY --from` was forgotten, or the stage was left behind when the file changed.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22.11.0
    /// COPY . /src
    /// RUN npm run build
    ///
    /// FROM nginx:1.27.2
    /// COPY html /usr/share/nginx/html
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:22.11.0 AS build
    /// COPY . /src
    /// RUN npm run build
    ///
    /// FROM nginx:1.27.2
    /// COPY --from=build /src/html /usr/share/nginx/html
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2201",
        name: "stage-never-used",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a stage without a name is needed by no other stage",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let model = subject.model;
    let stages = &model.file.stages;
    let Some(last) = stages.len().checked_sub(1).filter(|last| *last > 0) else {
        return;
    };
    if stages[..last].iter().all(|stage| stage.name.is_some()) {
        return;
    }
    // A named stage can be built for its own sake, with all that it needs.
    let mut needed = vec![false; stages.len()];
    let is_target = |stage: &&Stage| stage.name.is_some() || stage.index == last;
    let mut open: Vec<usize> = stages
        .iter()
        .filter(is_target)
        .map(|stage| stage.index)
        .collect();
    while let Some(index) = open.pop() {
        if !std::mem::replace(&mut needed[index], true) {
            open.extend(&model.graph.dependencies[index]);
        }
    }
    // A FROM that could not be read has lost its name.
    let errors = &model.file.errors;
    let is_broken = |stage: &Stage| {
        let first = errors.partition_point(|error| error.span.start < stage.span.start);
        errors
            .get(first)
            .is_some_and(|error| error.span.start < stage.span.end)
    };
    for stage in stages
        .iter()
        .filter(|stage| !needed[stage.index] && !is_broken(stage))
    {
        diagnostics
            .report(
                stage.span,
                format!(
                    "no stage needs this one, which starts from `{}`",
                    stage.base.value
                ),
            )
            .help("name it and copy from it, or remove it");
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn used_and_named_stages_are_fine() {
        for text in [
            "FROM a:1\n",
            "FROM a:1\nFROM b:1\nCOPY --from=0 /a /a\n",
            "FROM a:1 AS test\nFROM b:1\n",
            "FROM a:1\nFROM a:1 AS dev\nCOPY --from=0 /a /a\nFROM b:1\n",
            "FROM a:1 AS 1x\nFROM b:1\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn an_index_does_not_help_a_mount() {
        assert_eq!(
            found(
                &RULE,
                "FROM a:1\nFROM b:1\nRUN --mount=from=0,target=/x true\n"
            ),
            "1:1 no stage needs this one, which starts from `a:1`"
        );
    }
}
