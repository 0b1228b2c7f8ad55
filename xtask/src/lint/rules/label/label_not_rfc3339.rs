use super::labels::report_values;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, LabelKind};

declare! {
    /// ## What it does
    /// Reports a label that the schema calls a time and whose value is not one as RFC 3339 has it.
    /// A value whose variables are not known is not looked at.
    ///
    /// ## Why it is bad
    /// Images are sorted and expired by such labels. What a program cannot read as a time is left out, or taken for the oldest.
    ///
    /// ## Example
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.created" = "rfc3339"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.created="2026-01-31"
    /// ```
    ///
    /// ## Use instead
    /// ```toml
    /// [label-schema]
    /// "org.opencontainers.image.created" = "rfc3339"
    /// ```
    /// ```dockerfile
    /// FROM alpine:3.20
    /// LABEL org.opencontainers.image.created="2026-01-31T12:00:00Z"
    /// ```
    ///
    /// ## Options
    /// `label-schema`: names of labels, each with the kind of its value; this rule looks at those of the kind
    /// `rfc3339`.
    pub(super) static RULE = Rule {
        code: "DL3053",
        name: "label-not-rfc3339",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a label that should hold a time does not",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let help = "write it like 2026-01-31T12:00:00Z";
    report_values(
        subject,
        diagnostics,
        LabelKind::Rfc3339,
        is_valid,
        "time as RFC 3339 has it",
        help,
    );
}

/// `2026-01-31T12:00:00[.5](Z|+01:00)`; a blank or a small letter may stand for `T`.
fn is_valid(value: &str) -> bool {
    try_read(value).is_some()
}

fn try_read(value: &str) -> Option<()> {
    let (date, time) = value.split_at_checked(10)?;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let year = number(date.get(..4)?, 0, 9999)?;
    let month = number(date.get(5..7)?, 1, 12)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    number(date.get(8..10)?, 1, days)?;
    let (clock, rest) = time.split_at_checked(8)?;
    number(clock.get(..2)?, 0, 23)?;
    number(clock.get(3..5)?, 0, 59)?;
    // A leap second is one.
    number(clock.get(6..8)?, 0, 60)?;
    let separators = [
        date.get(4..5)?,
        date.get(7..8)?,
        clock.get(2..3)?,
        clock.get(5..6)?,
    ];
    if separators != ["-", "-", ":", ":"] {
        return None;
    }
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (zone.len() < fraction.len()).then_some(zone)?
        }
        None => rest,
    };
    if zone.eq_ignore_ascii_case("z") {
        return Some(());
    }
    let offset = zone.strip_prefix(['+', '-'])?;
    let (hours, minutes) = offset.split_once(':')?;
    number(hours, 0, 23)?;
    number(minutes, 0, 59)?;
    (hours.len() == 2 && minutes.len() == 2).then_some(())
}

fn number(digits: &str, least: u32, most: u32) -> Option<u32> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number)?;
    (least..=most).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_valid};
    use crate::lint::rules::tests::Repository;

    #[test]
    fn values_of_the_kind_and_others() {
        for value in [
            "2026-01-31T12:00:00Z",
            "2024-02-29t23:59:60.25+01:00",
            "1970-01-01 00:00:00-00:00",
        ] {
            assert!(is_valid(value), "{value}");
        }
        for value in [
            "2026-01-31",
            "2026-02-29T00:00:00Z",
            "2026-01-31T12:00:00",
            "2026-01-31T24:00:00Z",
            "2026-1-31T12:00:00Z",
            "2026-01-31T12:00:00.Z",
            "yesterday",
        ] {
            assert!(!is_valid(value), "{value}");
        }
    }

    #[test]
    fn only_labels_of_this_kind_are_looked_at() {
        let found = |text: &str| {
            Repository::new(text)
                .options("[label-schema]\na = 'rfc3339'\nb = 'text'\n")
                .found(&RULE)
        };
        assert_eq!(
            found("FROM x:1\nLABEL a=\"2026-01-31T12:00:00Z\" b=\"2026-01-31\" c=1\n"),
            ""
        );
        assert_eq!(
            found("FROM x:1\nLABEL a=\"\"\nLABEL a=$UNKNOWN_VALUE\n"),
            ""
        );
        assert_eq!(
            found("FROM x:1\nLABEL a=\"2026-01-31\"\n"),
            "2:9 `2026-01-31` of `a` is no time as RFC 3339 has it"
        );
    }
}
