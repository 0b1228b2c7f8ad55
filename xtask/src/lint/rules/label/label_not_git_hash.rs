use super::labels::report_values;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, LabelKind};

declare! {
    /// ## What it does
    /// Reports a label that the schema calls a hash and whose value is no git hash, in full or as its first seven digits.
    /// A value whose variables are not known is not looked at.
    ///
    /// ## Why it is bad
    /// The label says which commit an image was built from. A branch or a tag moves, and any other text leads nowhere.
    ///
    /// ## Example
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.revision" = "hash"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.revision="v1.2.3"
    /// ```
    ///
    /// ## Use instead
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.revision" = "hash"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.revision="0123456789abcdef0123456789abcdef01234567"
    /// ```
    ///
    /// ## Options
    /// `label-schema`: names of labels, each with the kind of its value; this rule looks at those of the kind
    /// `hash`.
    pub(super) static RULE = Rule {
        code: "DL3055",
        name: "label-not-git-hash",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a label that should hold a git hash does not",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let help = "write the commit in full, or its first seven digits";
    report_values(
        subject,
        diagnostics,
        LabelKind::Hash,
        is_valid,
        "git hash",
        help,
    );
}

/// SHA-1 or SHA-256 in full, or the short form of seven digits.
fn is_valid(value: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    matches!(value.len(), 7 | 40 | 64) && value.bytes().all(is_hex)
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_valid};
    use crate::lint::rules::tests::Repository;

    #[test]
    fn values_of_the_kind_and_others() {
        for value in ["0123abc", "0123456789abcdef0123456789abcdef01234567"] {
            assert!(is_valid(value), "{value}");
        }
        for value in ["main", "0123ab", "0123abg", "ABCDEF0"] {
            assert!(!is_valid(value), "{value}");
        }
    }

    #[test]
    fn only_labels_of_this_kind_are_looked_at() {
        let found = |text: &str| {
            Repository::new(text)
                .options("[label-schema]\na = 'hash'\nb = 'text'\n")
                .found(&RULE)
        };
        assert_eq!(
            found(
                "FROM x:1\nLABEL a=\"0123456789abcdef0123456789abcdef01234567\" b=\"v1.2.3\" c=1\n"
            ),
            ""
        );
        assert_eq!(
            found("FROM x:1\nLABEL a=\"\"\nLABEL a=$UNKNOWN_VALUE\n"),
            ""
        );
        assert_eq!(
            found("FROM x:1\nLABEL a=\"v1.2.3\"\n"),
            "2:9 `v1.2.3` of `a` is no git hash"
        );
    }
}
