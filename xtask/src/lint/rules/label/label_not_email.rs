use super::labels::report_values;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, LabelKind};

declare! {
    /// ## What it does
    /// Reports a label that the schema calls an e-mail address and whose value is none.
    /// A value whose variables are not known is not looked at.
    ///
    /// ## Why it is bad
    /// The address is for the moment when something is wrong with an image. Then it has to work.
    ///
    /// ## Example
    /// ```toml
    /// [label-schema]
    /// "maintainer" = "email"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL maintainer="Jo Doe"
    /// ```
    ///
    /// ## Use instead
    /// ```toml
    /// [label-schema]
    /// "maintainer" = "email"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL maintainer="jo@example.com"
    /// ```
    ///
    /// ## Options
    /// `label-schema`: names of labels, each with the kind of its value; this rule looks at those of the kind
    /// `email`.
    pub(super) static RULE = Rule {
        code: "DL3058",
        name: "label-not-email",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a label that should hold an e-mail address does not",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let help = "write it as name@example.com";
    report_values(
        subject,
        diagnostics,
        LabelKind::Email,
        is_valid,
        "e-mail address",
        help,
    );
}

/// One `@` between a name without blanks and the name of a host with a dot.
fn is_valid(value: &str) -> bool {
    let Some((name, host)) = value.rsplit_once('@') else {
        return false;
    };
    let is_name = !name.is_empty()
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&*+/=?^_`{|}~-".contains(&byte));
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    is_name && host.contains('.') && host.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_valid};
    use crate::lint::rules::tests::Repository;

    #[test]
    fn values_of_the_kind_and_others() {
        for value in ["a@example.com", "first.last+tag@mail.example.co.uk"] {
            assert!(is_valid(value), "{value}");
        }
        for value in [
            "Jo Doe",
            "a@b",
            "@example.com",
            "a b@example.com",
            "a@-x.com",
            "a..b@example.com",
        ] {
            assert!(!is_valid(value), "{value}");
        }
    }

    #[test]
    fn only_labels_of_this_kind_are_looked_at() {
        let found = |text: &str| {
            Repository::new(text)
                .options("[label-schema]\na = 'email'\nb = 'text'\n")
                .found(&RULE)
        };
        assert_eq!(
            found("FROM x:1\nLABEL a=\"jo@example.com\" b=\"Jo Doe\" c=1\n"),
            ""
        );
        assert_eq!(
            found("FROM x:1\nLABEL a=\"\"\nLABEL a=$UNKNOWN_VALUE\n"),
            ""
        );
        assert_eq!(
            found("FROM x:1\nLABEL a=\"Jo Doe\"\n"),
            "2:9 `Jo Doe` of `a` is no e-mail address"
        );
    }
}
