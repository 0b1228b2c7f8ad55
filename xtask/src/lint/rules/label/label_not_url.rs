use super::labels::report_values;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, LabelKind};

declare! {
    /// ## What it does
    /// Reports a label that the schema calls a URL and whose value is none.
    /// A value whose variables are not known is not looked at.
    ///
    /// ## Why it is bad
    /// Tools make links of such labels. Without a scheme, or with blanks in it, the link leads nowhere.
    ///
    /// ## Example
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.url" = "url"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.url="example.com"
    /// ```
    ///
    /// ## Use instead
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.url" = "url"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.url="https://example.com/app"
    /// ```
    ///
    /// ## Options
    /// `label-schema`: names of labels, each with the kind of its value; this rule looks at those of the kind
    /// `url`.
    pub(super) static RULE = Rule {
        code: "DL3052",
        name: "label-not-url",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a label that should hold a URL does not",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let help = "write it in full, with its scheme";
    report_values(subject, diagnostics, LabelKind::Url, is_valid, "URL", help);
}

/// A scheme, `:`, and something without blanks; with `//`, a host.
fn is_valid(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once(':') else {
        return false;
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let has_target = match rest.strip_prefix("//") {
        Some(rest) => !rest.is_empty() && (!rest.starts_with(['/', '?', '#']) || scheme == "file"),
        None => !rest.is_empty(),
    };
    is_scheme
        && has_target
        && !value.contains(|c: char| c.is_whitespace() || "<>\"`{}|\\^".contains(c))
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_valid};
    use crate::lint::rules::tests::Repository;

    #[test]
    fn values_of_the_kind_and_others() {
        for value in [
            "https://example.com",
            "git+ssh://git@example.com/a.git",
            "file:///x",
            "mailto:a@b.c",
        ] {
            assert!(is_valid(value), "{value}");
        }
        for value in [
            "example.com",
            "https://",
            "https://a b",
            "://x",
            "1a://b",
            "https:///x",
        ] {
            assert!(!is_valid(value), "{value}");
        }
    }

    #[test]
    fn only_labels_of_this_kind_are_looked_at() {
        let found = |text: &str| {
            Repository::new(text)
                .options("[label-schema]\na = 'url'\nb = 'text'\n")
                .found(&RULE)
        };
        assert_eq!(
            found("FROM x:1\nLABEL a=\"https://example.com/app\" b=\"example.com\" c=1\n"),
            ""
        );
        assert_eq!(
            found("FROM x:1\nLABEL a=\"\"\nLABEL a=$UNKNOWN_VALUE\n"),
            ""
        );
        assert_eq!(
            found("FROM x:1\nLABEL a=\"example.com\"\n"),
            "2:9 `example.com` of `a` is no URL"
        );
    }
}
