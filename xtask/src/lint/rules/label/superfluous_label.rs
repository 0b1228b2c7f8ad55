use super::labels::{key, labels};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::project::suggestion::nearest;

declare! {
    /// ## What it does
    /// Reports a label that is not in the schema. It does so only where `strict-labels` is set.
    ///
    /// ## Why it is bad
    /// A schema that is agreed on says which labels there are. Another one is a misspelled name, or something that
    /// nobody will look for.
    ///
    /// ## Example
    /// ```toml
    /// strict-labels = true
    /// [label-schema]
    /// maintainer = "email"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL maintaner="team@example.com"
    /// ```
    ///
    /// ## Use instead
    /// ```toml
    /// strict-labels = true
    /// [label-schema]
    /// maintainer = "email"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL maintainer="team@example.com"
    /// ```
    ///
    /// ## Options
    /// `strict-labels`: whether labels outside of `label-schema` are reported.
    pub(super) static RULE = Rule {
        code: "DL3050",
        name: "superfluous-label",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Style,
        summary: "a label is not in the schema",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let schema = &subject.options.label_schema;
    if !subject.options.strict_labels {
        return;
    }
    for (_, pair) in labels(subject.model) {
        let key = key(pair);
        if key.contains('$') || schema.contains_key(key) {
            continue;
        }
        let found = diagnostics.report(pair.key.span, format!("`{key}` is not in the schema"));
        match nearest(key, schema.keys().map(String::as_str)) {
            Some(near) => found.help(format!("did you mean `{near}`?")),
            None => found.help("remove the label, or add it to the schema"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    #[test]
    fn only_a_strict_schema_excludes_labels() {
        let repository = Repository::new("FROM a:1\nLABEL a=1 \"b\"=2\n");
        assert_eq!(
            repository
                .clone()
                .options("[label-schema]\na = 'text'\n")
                .found(&RULE),
            ""
        );
        assert_eq!(
            repository
                .options("strict-labels = true\n[label-schema]\na = 'text'\n")
                .found(&RULE),
            "2:11 `b` is not in the schema"
        );
    }
}
