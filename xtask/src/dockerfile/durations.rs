//! Go's durations: `1h15m30.5s`.

use std::time::Duration;

/// Reads a duration as Go's `time.ParseDuration` does. Negative ones are not needed here and count as no duration.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.strip_prefix('+').unwrap_or(text);
    if text == "0" {
        return Some(Duration::ZERO);
    }
    if text.is_empty() {
        return None;
    }
    let mut rest = text;
    let mut nanoseconds: u128 = 0;
    while !rest.is_empty() {
        let whole = digits(rest);
        rest = &rest[whole.len()..];
        let mut fraction = "";
        if let Some(after) = rest.strip_prefix('.') {
            fraction = digits(after);
            rest = &after[fraction.len()..];
        }
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let unit_length = rest
            .find(|c: char| c == '.' || c.is_ascii_digit())
            .unwrap_or(rest.len());
        let unit: u128 = match &rest[..unit_length] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        rest = &rest[unit_length..];
        let whole: u128 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok().filter(|&n| n <= u128::from(u64::MAX))?
        };
        let mut amount = whole * unit;
        let mut place = unit;
        // No unit has more than 13 decimal places of nanoseconds.
        for digit in fraction.bytes().take(13) {
            let value = place * u128::from(digit - b'0') / 10;
            amount += value;
            place /= 10;
        }
        nanoseconds = nanoseconds
            .checked_add(amount)
            .filter(|&n| n <= i64::MAX as u128)?;
    }
    u64::try_from(nanoseconds).ok().map(Duration::from_nanos)
}

fn digits(text: &str) -> &str {
    &text[..text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composite_and_fractional_durations() {
        for (text, milliseconds) in [
            ("30s", 30_000),
            ("1m30s", 90_000),
            ("1.5s", 1_500),
            (".5s", 500),
            ("0", 0),
            ("1h0m1ms", 3_600_001),
        ] {
            assert_eq!(
                parse_duration(text),
                Some(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "1",
            "s",
            ".s",
            "1x",
            "-1s",
            "1s ",
            "99999999999999999999s",
            "9999999h",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
        assert_eq!(parse_duration("1µs"), Some(Duration::from_micros(1)));
    }
}
