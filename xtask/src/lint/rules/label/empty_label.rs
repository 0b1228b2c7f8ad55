use super::labels::{key, labels, value};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a label of the schema whose value is empty. Without a schema nothing is reported.
    ///
    /// ## Why it is bad
    /// An empty label looks as if the matter had been taken care of. Often the value was meant to come from a build
    /// argument that is not passed.
    ///
    /// ## Example
    /// ```toml
    /// [label-schema]
    /// maintainer = "text"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL maintainer=""
    /// ```
    ///
    /// ## Use instead
    /// ```toml
    /// [label-schema]
    /// maintainer = "text"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL maintainer="team@example.com"
    /// ```
    ///
    /// ## Options
    /// `label-schema`: names of labels, each with the kind of its value.
    pub(super) static RULE = Rule {
        code: "DL3051",
        name: "empty-label",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a label of the schema is empty",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let schema = &subject.options.label_schema;
    if schema.is_empty() {
        return;
    }
    for (step, pair) in labels(subject.model) {
        if schema.contains_key(key(pair))
            && value(step, pair).is_some_and(|value| value.trim().is_empty())
        {
            diagnostics
                .report(pair.key.span, format!("`{}` is empty", key(pair)))
                .help("give it a value");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    #[test]
    fn blanks_are_nothing_and_other_labels_are_free() {
        let found = |text: &str| {
            Repository::new(text)
                .options("[label-schema]\na = 'url'\n")
                .found(&RULE)
        };
        assert_eq!(found("FROM x:1\nLABEL a=b c=\"\"\n"), "");
        assert_eq!(
            found("FROM x:1\nLABEL a=\nLABEL \"a\"=' '\n"),
            "2:7 `a` is empty\n3:7 `a` is empty"
        );
    }
}
