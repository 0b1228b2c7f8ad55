use super::labels::{key, labels};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

/// Namespaces that Docker keeps for itself.
const RESERVED: [&str; 3] = ["com.docker.", "io.docker.", "org.dockerproject."];
/// What Docker asks the authors of its extensions to set, in spite of that.
const EXTENSIONS: [&str; 2] = ["com.docker.desktop.extension.", "com.docker.extension."];

declare! {
    /// ## What it does
    /// Reports the name of a label that does not follow Docker's guidelines: lower-case letters and digits in parts that
    /// single dots and dashes separate, a letter first, and none of the namespaces that Docker reserves.
    ///
    /// ## Why it is bad
    /// Tools select images by label. Names that differ in case or separators are different labels to them, and what is in
    /// Docker's own namespaces can get another meaning with its next release.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL com.example.Build_Date="2026-01-01"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL com.example.build-date="2026-01-01"
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: whoever reads the label looks for its old name. There is a fix where case and separators are the matter.
    ///
    /// ## References
    /// - <https://docs.docker.com/engine/manage-resources/labels/#key-format-recommendations>
    pub(super) static RULE = Rule {
        code: "DL3048",
        name: "invalid-label-key",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Style,
        summary: "the name of a label does not follow the guidelines",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (_, pair) in labels(subject.model) {
        let key = key(pair);
        if key.contains('$') {
            continue;
        }
        let starts_with = |prefixes: &[&str]| prefixes.iter().any(|prefix| key.starts_with(prefix));
        let problem = if starts_with(&RESERVED) && !starts_with(&EXTENSIONS) {
            "is in a namespace that Docker reserves"
        } else if is_well_formed(key) {
            continue;
        } else {
            "is not made of lower-case letters, digits, single dots and dashes"
        };
        let found = diagnostics
            .report(pair.key.span, format!("`{key}` {problem}"))
            .help("use the reverse notation of a domain you own");
        let better = key.to_lowercase().replace('_', "-");
        if is_well_formed(&better) && better != key && key == pair.key.value {
            found.unsafe_fix(format!("write `{better}`"), [(pair.key.span, better)]);
        }
    }
}

fn is_well_formed(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.split(['.', '-']).all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn names_that_follow_the_guidelines() {
        for key in [
            "maintainer",
            "org.opencontainers.image.source",
            "\"a.b-c1\"",
            "com.docker.desktop.extension.icon",
            "$PREFIX.x",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a:1\nLABEL {key}=x\n")),
                "",
                "{key}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(
            found(&RULE, "FROM a:1\nLABEL a=b com.docker.x=y \\\n  a..b=c\n"),
            "2:11 `com.docker.x` is in a namespace that Docker reserves\n\
             3:3 `a..b` is not made of lower-case letters, digits, single dots and dashes"
        );
        assert_eq!(
            fixed(
                &RULE,
                "FROM a:1\nLABEL Maintainer=x Build_Date=\"y\" 1a=z\n"
            ),
            "FROM a:1\nLABEL maintainer=x build-date=\"y\" 1a=z\n"
        );
    }
}
