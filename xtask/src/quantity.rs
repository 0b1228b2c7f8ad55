//! Amounts as Kubernetes writes them: `250m`, `1.5`, `256Mi`
//! (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>).

/// A thousandth of the unit: of a core, of a byte.
const MILLI: u128 = 1_000;

/// Suffixes and what they multiply by, in thousandths.
const SUFFIXES: [(&str, u128); 14] = [
    ("Ki", MILLI << 10),
    ("Mi", MILLI << 20),
    ("Gi", MILLI << 30),
    ("Ti", MILLI << 40),
    ("Pi", MILLI << 50),
    ("Ei", MILLI << 60),
    ("m", 1),
    ("k", MILLI * 1_000),
    ("M", MILLI * 1_000_000),
    ("G", MILLI * 1_000_000_000),
    ("T", MILLI * 1_000_000_000_000),
    ("P", MILLI * 1_000_000_000_000_000),
    ("E", MILLI * 1_000_000_000_000_000_000),
    ("", MILLI),
];

/// An amount in thousandths; `None` if the text is none, or is finer than that.
#[must_use]
pub fn thousandths(text: &str) -> Option<u128> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    // `1e3` and `1E3` are powers of ten; a bare `E` is a suffix.
    let (scale, power) = match suffix.strip_prefix(['e', 'E']) {
        Some(power) if !power.is_empty() && power != "i" => {
            let power: u32 = power.strip_prefix('+').unwrap_or(power).parse().ok()?;
            (MILLI, 10_u128.checked_pow(power)?)
        }
        _ => {
            let (_, scale) = SUFFIXES.iter().find(|(name, _)| *name == suffix)?;
            (*scale, 1)
        }
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    let divisor = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let scaled = digits.checked_mul(scale)?.checked_mul(power)?;
    (scaled % divisor == 0).then_some(scaled / divisor)
}

/// Whole bytes; `None` if the text is no such amount.
#[must_use]
pub fn bytes(text: &str) -> Option<u64> {
    let amount = thousandths(text)?;
    u64::try_from(amount / MILLI).ok()
}

/// Bytes as short as they can be written exactly: `256Mi`.
#[must_use]
pub fn of_bytes(bytes: u64) -> String {
    let exact = [("Gi", 30), ("Mi", 20), ("Ki", 10)];
    for (suffix, bits) in exact {
        if bytes > 0 && bytes.trailing_zeros() >= bits {
            return format!("{}{suffix}", bytes >> bits);
        }
    }
    bytes.to_string()
}

/// Thousandths of a core: `250m`, `2`.
#[must_use]
pub fn of_cores(thousandths: u64) -> String {
    if thousandths.is_multiple_of(1_000) {
        (thousandths / 1_000).to_string()
    } else {
        format!("{thousandths}m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_kubernetes_reads_them() {
        for (text, expected) in [
            ("250m", Some(250)),
            ("1", Some(1_000)),
            ("0.5", Some(500)),
            (".5", Some(500)),
            ("1.", Some(1_000)),
            ("2Ki", Some(2_048_000)),
            ("1.5Gi", Some(1_610_612_736_000)),
            ("1e3", Some(1_000_000)),
            ("1E", Some(1_000_000_000_000_000_000_000)),
            ("1Ei", Some(1_152_921_504_606_846_976_000)),
            ("12E+2", Some(1_200_000)),
            ("0", Some(0)),
            ("", None),
            ("m", None),
            ("1 Mi", None),
            ("1KB", None),
            ("0.0001", None),
            ("-1", None),
            ("1e99", None),
            ("99999999999999999999999999999999E", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
        assert_eq!(bytes("256Mi"), Some(268_435_456));
    }

    #[test]
    fn amounts_are_written_short_and_exact() {
        for (bytes, text) in [
            (268_435_456, "256Mi"),
            (1 << 30, "1Gi"),
            (1_500_000_000, "1500000000"),
            (0, "0"),
        ] {
            assert_eq!(of_bytes(bytes), text);
        }
        assert_eq!(
            (of_cores(250), of_cores(2_000)),
            ("250m".into(), "2".into())
        );
    }

    proptest::proptest! {
        #[test]
        fn every_amount_is_read_back(bytes in 0_u64.., cores in 0_u64..1_000_000) {
            assert_eq!(super::bytes(&of_bytes(bytes)), Some(bytes));
            assert_eq!(thousandths(&of_cores(cores)), Some(u128::from(cores)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9.eEmkKMGi+-]{0,12}") {
            let _ = thousandths(&text);
        }
    }
}
