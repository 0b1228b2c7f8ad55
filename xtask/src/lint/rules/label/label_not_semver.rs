use super::labels::report_values;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, LabelKind};

declare! {
    /// ## What it does
    /// Reports a label that the schema calls a semantic version and whose value is none.
    /// A value whose variables are not known is not looked at.
    ///
    /// ## Why it is bad
    /// Versions are compared by their parts. What has two parts, or a v in front, is no version to a program that compares them.
    ///
    /// ## Example
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.version" = "semver"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.version="1.2"
    /// ```
    ///
    /// ## Use instead
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.version" = "semver"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.version="1.2.0"
    /// ```
    ///
    /// ## Options
    /// `label-schema`: names of labels, each with the kind of its value; this rule looks at those of the kind
    /// `semver`.
    pub(super) static RULE = Rule {
        code: "DL3056",
        name: "label-not-semver",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a label that should hold a semantic version does not",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let help = "write major.minor.patch, as in 1.2.0";
    report_values(
        subject,
        diagnostics,
        LabelKind::Semver,
        is_valid,
        "semantic version",
        help,
    );
}

fn is_valid(value: &str) -> bool {
    let (rest, build) = match value.split_once('+') {
        Some((rest, build)) => (rest, Some(build)),
        None => (value, None),
    };
    let (core, pre) = match rest.split_once('-') {
        Some((core, pre)) => (core, Some(pre)),
        None => (rest, None),
    };
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    // No number has a zero in front.
    let is_number = |part: &str| is_digits(part) && (part.len() == 1 || !part.starts_with('0'));
    core.split('.').count() == 3
        && core.split('.').all(is_number)
        && pre.is_none_or(|pre| {
            pre.split('.')
                .all(|part| is_word(part) && (!is_digits(part) || is_number(part)))
        })
        && build.is_none_or(|build| build.split('.').all(is_word))
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_valid};
    use crate::lint::rules::tests::Repository;

    #[test]
    fn values_of_the_kind_and_others() {
        for value in ["1.2.0", "0.0.0", "1.0.0-rc.1+build.007", "1.0.0--x"] {
            assert!(is_valid(value), "{value}");
        }
        for value in [
            "1.2", "v1.2.0", "01.2.0", "1.2.0-", "1.2.0-01", "1.2.0+", "1.2.0.0", "latest",
        ] {
            assert!(!is_valid(value), "{value}");
        }
    }

    #[test]
    fn only_labels_of_this_kind_are_looked_at() {
        let found = |text: &str| {
            Repository::new(text)
                .options("[label-schema]\na = 'semver'\nb = 'text'\n")
                .found(&RULE)
        };
        assert_eq!(found("FROM x:1\nLABEL a=\"1.2.0\" b=\"1.2\" c=1\n"), "");
        assert_eq!(
            found("FROM x:1\nLABEL a=\"\"\nLABEL a=$UNKNOWN_VALUE\n"),
            ""
        );
        assert_eq!(
            found("FROM x:1\nLABEL a=\"1.2\"\n"),
            "2:9 `1.2` of `a` is no semantic version"
        );
    }
}
