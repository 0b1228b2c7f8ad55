use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a stage's name with capital letters.
    ///
    /// ## Why it is bad
    /// The builder keeps names in lower case. `FROM Build` after `AS Build` does not find the stage: it is taken for an
    /// image, whose name cannot have capitals.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.23 AS Build
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM golang:1.23 AS build
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the name the builder uses is written; `COPY --from` and `--target` do not look at the case.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/stage-name-casing/>
    pub(super) static RULE = Rule {
        code: "StageNameCasing",
        name: "stage-name-with-capitals",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Style,
        summary: "the name of a stage has capital letters",
        fix: Fixability::Always(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for name in subject
        .model
        .file
        .stages
        .iter()
        .filter_map(|stage| stage.name.as_ref())
    {
        if !name.value.chars().any(char::is_uppercase) {
            continue;
        }
        let lower = name.value.to_lowercase();
        diagnostics
            .report(
                name.span,
                format!("the stage `{}` is `{lower}` for the builder", name.value),
            )
            .help("write it in lower case")
            .fix(format!("write `{lower}`"), [(name.span, lower)]);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn only_the_name_is_changed() {
        assert_eq!(found(&RULE, "FROM a:1 AS b-2.c_d\nFROM a:1\n"), "");
        assert_eq!(
            fixed(
                &RULE,
                "from Reg:5000/a:B as BuildStage\nCOPY --from=BuildStage A B\n"
            ),
            "from Reg:5000/a:B as buildstage\nCOPY --from=BuildStage A B\n"
        );
    }
}
