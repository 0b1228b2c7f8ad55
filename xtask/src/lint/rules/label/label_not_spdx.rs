use super::labels::report_values;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, LabelKind};

declare! {
    /// ## What it does
    /// Reports a label that the schema calls a license and whose value is no SPDX license expression.
    /// A value whose variables are not known is not looked at.
    ///
    /// ## Why it is bad
    /// Whoever has to know the licenses of what runs lets a program read the labels. It knows the identifiers of the SPDX list, and nothing else.
    ///
    /// ## Example
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.licenses" = "spdx"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.licenses="Apache License"
    /// ```
    ///
    /// ## Use instead
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.licenses" = "spdx"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.licenses="Apache-2.0 OR MIT"
    /// ```
    ///
    /// ## Options
    /// `label-schema`: names of labels, each with the kind of its value; this rule looks at those of the kind
    /// `spdx`.
    pub(super) static RULE = Rule {
        code: "DL3054",
        name: "label-not-spdx",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a label that should hold a license expression does not",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let help = "use identifiers of the SPDX license list, joined by AND, OR and WITH";
    report_values(
        subject,
        diagnostics,
        LabelKind::Spdx,
        is_valid,
        "SPDX license expression",
        help,
    );
}

fn is_valid(value: &str) -> bool {
    spdx::Expression::parse(value).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_valid};
    use crate::lint::rules::tests::Repository;

    #[test]
    fn values_of_the_kind_and_others() {
        for value in [
            "MIT",
            "Apache-2.0 WITH LLVM-exception",
            "(MIT OR Apache-2.0) AND BSD-3-Clause",
            "LicenseRef-ours",
        ] {
            assert!(is_valid(value), "{value}");
        }
        for value in ["Apache License", "GPL3", "MIT and", "mit/apache"] {
            assert!(!is_valid(value), "{value}");
        }
    }

    #[test]
    fn only_labels_of_this_kind_are_looked_at() {
        let found = |text: &str| {
            Repository::new(text)
                .options("[label-schema]\na = 'spdx'\nb = 'text'\n")
                .found(&RULE)
        };
        assert_eq!(
            found("FROM x:1\nLABEL a=\"Apache-2.0 OR MIT\" b=\"Apache License\" c=1\n"),
            ""
        );
        assert_eq!(
            found("FROM x:1\nLABEL a=\"\"\nLABEL a=$UNKNOWN_VALUE\n"),
            ""
        );
        assert_eq!(
            found("FROM x:1\nLABEL a=\"Apache License\"\n"),
            "2:9 `Apache License` of `a` is no SPDX license expression"
        );
    }
}
