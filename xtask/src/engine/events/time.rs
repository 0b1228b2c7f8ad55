//! The moments in BuildKit's stream.

use std::time::Duration;

/// A moment as nanoseconds since 1970, UTC. buildx shifts the engine's clock to the client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Reads RFC 3339 (`2026-11-22T18:22:29.588731254Z`, or with an offset such as `+01:00`). BuildKit writes year 1
    /// where it means "not yet": that and anything unreadable is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_once(['T', 't'])?;
        let mut parts = date.split('-');
        let (year, month, day) = (
            number(parts.next()?)?,
            number(parts.next()?)?,
            number(parts.next()?)?,
        );
        if parts.next().is_some() || !(1970..2262).contains(&year) {
            return None;
        }
        let zone_at = rest.find(['Z', 'z', '+', '-'])?;
        let (clock, zone) = rest.split_at(zone_at);
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
        let mut parts = clock.split(':');
        let (hour, minute, second) = (
            number(parts.next()?)?,
            number(parts.next()?)?,
            number(parts.next()?)?,
        );
        if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let seconds =
            days_since_1970(year, month, day)? * 86_400 + hour * 3_600 + minute * 60 + second
                - offset_seconds(zone)?;
        seconds
            .checked_mul(1_000_000_000)?
            .checked_add(nanoseconds(fraction)?)
            .map(Self)
    }

    /// How long after `earlier`; zero if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let nanoseconds = self.0.saturating_sub(earlier.0);
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0))
    }
}

fn number(digits: &str) -> Option<i64> {
    let plain =
        !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

fn nanoseconds(fraction: &str) -> Option<i64> {
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    digits.parse().ok()
}

fn offset_seconds(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    Some(sign * (number(hours)? * 3_600 + number(minutes)? * 60))
}

/// Howard Hinnant's `days_from_civil`.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_exactly() {
        for (text, nanoseconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-02T00:00:01.5Z", Some(86_401_500_000_000)),
            (
                "2000-02-29T12:00:00.000000001Z",
                Some(951_825_600_000_000_001),
            ),
            (
                "2026-11-22T18:22:29.588731254Z",
                Some(1_795_371_749_588_731_254),
            ),
            (
                "2026-11-22T19:22:29.588731254+01:00",
                Some(1_795_371_749_588_731_254),
            ),
            (
                "2026-11-22T12:52:29.588731254-05:30",
                Some(1_795_371_749_588_731_254),
            ),
            ("0001-01-01T00:00:00Z", None),
            ("2026-13-22T18:22:29Z", None),
            ("2026-11-22T18:22:29", None),
            ("2026-11-22", None),
            ("2026-11-22T18:22:2\u{e9}Z", None),
            ("", None),
        ] {
            assert_eq!(Timestamp::parse(text).map(|t| t.0), nanoseconds, "{text}");
        }
    }

    #[test]
    fn a_clock_that_ran_backwards_gives_no_time() {
        let (early, late) = (Timestamp(5), Timestamp(9));
        assert_eq!(late.since(early), Duration::from_nanos(4));
        assert_eq!(early.since(late), Duration::ZERO);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            let _ = Timestamp::parse(&text);
        }
    }
}
