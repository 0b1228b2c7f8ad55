//! Whither the size of an image goes, and when it will be over its budget.
//!
//! The slope is Theil and Sen's: the median of the slopes between all pairs of days. Half of the changes would have to
//! be odd for it to be: one commit that brings a model and the next one that removes it change nothing, where a
//! line of least squares would bend.

use serde::Serialize;

use super::history::Point;
use crate::date::Date;
use crate::size::{Bytes, Change};

/// Fewer days with points say nothing.
const FEWEST_DAYS: usize = 4;
/// A shorter time says nothing, in days.
const SHORTEST: i64 = 14;
/// What lies behind so many days with points is another story.
const LATEST_DAYS: usize = 60;
/// Nobody plans further ahead, in days.
const FARTHEST: i64 = 2 * 365;

/// How a measure of an image changes over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Trend {
    /// Bytes a week; at least one.
    pub bytes_per_week: i64,
    /// The first day it was read from.
    pub since: Date,
    /// The last one.
    pub until: Date,
    /// The days between them that have a point, both included.
    pub days: usize,
    /// What the measure was last.
    pub latest_bytes: u64,
}

/// When a limit will be exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// The limit.
    pub limit_bytes: u64,
    /// The first day on which it is.
    pub date: Date,
    /// How many days that is from today.
    pub days: i64,
    /// At which growth.
    pub bytes_per_week: i64,
}

impl Trend {
    /// Of what `measure` tells of each point; points of which it tells nothing are left out. Of each day the last
    /// point counts. `None` if there are fewer than 4 days or less than 14 between the first and the last, or the
    /// image does not grow. The points must be of one platform, oldest first.
    #[must_use]
    pub fn of(points: &[Point], measure: impl Fn(&Point) -> Option<u64>) -> Option<Self> {
        let mut days: Vec<(i64, u64)> = Vec::new();
        for point in points {
            let (Ok(date), Some(bytes)) = (point.date.parse::<Date>(), measure(point)) else {
                continue;
            };
            let day = date.unix_days();
            if days.last().is_some_and(|(last, _)| *last == day) {
                days.pop();
            }
            days.push((day, bytes));
        }
        let days = &days[days.len().saturating_sub(LATEST_DAYS)..];
        let ((first, _), (last, latest)) = (*days.first()?, *days.last()?);
        if days.len() < FEWEST_DAYS || last - first < SHORTEST {
            return None;
        }
        let per_week = weekly(days);
        (per_week >= 1).then(|| Self {
            bytes_per_week: per_week,
            since: Date::from_unix_days(first),
            until: Date::from_unix_days(last),
            days: days.len(),
            latest_bytes: latest,
        })
    }

    /// When a limit will be exceeded if it goes on like this from `today` on; `None` if it is already, or if that is
    /// more than two years away.
    #[must_use]
    pub fn forecast(&self, limit: Bytes, today: Date) -> Option<Forecast> {
        let left = i128::from(limit.0.checked_sub(self.latest_bytes)?);
        // The first whole day on which more than what is left has been added.
        let days = left * 7 / i128::from(self.bytes_per_week.max(1)) + 1;
        let days = i64::try_from(days).ok().filter(|days| *days <= FARTHEST)?;
        Some(Forecast {
            limit_bytes: limit.0,
            date: today.plus_days(days),
            days,
            bytes_per_week: self.bytes_per_week,
        })
    }
}

impl Forecast {
    /// `at +1.8 MB a week the budget of 150.0 MB is broken in 5 weeks, on 2027-01-04`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let when = match self.days {
            ..=1 => "tomorrow".to_owned(),
            2..14 => format!("in {} days", self.days),
            _ => format!("in {} weeks", (self.days + 3) / 7),
        };
        format!(
            "at {} a week the budget of {} is broken {when}, on {}",
            Change(self.bytes_per_week),
            Bytes(self.limit_bytes),
            self.date
        )
    }
}

/// The median of all slopes, in bytes a week, rounded.
fn weekly(days: &[(i64, u64)]) -> i64 {
    let mut slopes: Vec<f64> = Vec::with_capacity(days.len() * days.len() / 2);
    for (index, (day, bytes)) in days.iter().enumerate() {
        for (later, more) in &days[index + 1..] {
            // Days are in order and each is there once; a history out of order has no slope here.
            if later > day {
                let change = Change::between(*bytes, *more).0;
                slopes.push(change as f64 / (later - day) as f64);
            }
        }
    }
    slopes.sort_by(f64::total_cmp);
    let middle = slopes.len() / 2;
    let median = match (slopes.get(middle), slopes.len() % 2) {
        (Some(upper), 0) => f64::midpoint(slopes[middle - 1], *upper),
        (Some(median), _) => *median,
        (None, _) => 0.0,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float beyond what fits becomes the largest number"
    )]
    let weekly = (median * 7.0).round() as i64;
    weekly
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points at `start` plus so many days, of so many bytes.
    fn points(sizes: &[(i64, u64)]) -> Vec<Point> {
        let start: Date = "2026-10-01".parse().unwrap();
        let point = |(days, bytes): &(i64, u64)| Point {
            commit: format!("{days}-{bytes}"),
            date: start.plus_days(*days).to_string(),
            platform: "linux/amd64".to_owned(),
            unpacked_bytes: *bytes,
            compressed_bytes: 0,
            visible_bytes: None,
            hidden_bytes: (*bytes > 100).then_some(*bytes),
        };
        sizes.iter().map(point).collect()
    }

    fn trend(sizes: &[(i64, u64)]) -> Option<Trend> {
        Trend::of(&points(sizes), |point| Some(point.unpacked_bytes))
    }

    #[test]
    fn one_commit_that_comes_and_goes_changes_nothing() {
        let steady = [(0, 100), (7, 107), (14, 114), (21, 121), (28, 128)];
        let mut odd = steady.to_vec();
        odd.insert(3, (16, 90_000));
        odd.insert(1, (3, 5));
        assert_eq!(trend(&steady).unwrap().bytes_per_week, 7);
        assert_eq!(trend(&odd).unwrap().bytes_per_week, 7);
    }

    #[test]
    fn too_little_and_no_growth_say_nothing() {
        let grows = [(0, 1), (5, 2_000), (10, 3_000), (14, 4_000)];
        assert!(trend(&grows).is_some());
        // Three days, thirteen days, a day that counts once, nothing at all.
        assert_eq!(trend(&grows[1..]), None);
        assert_eq!(trend(&[(0, 1), (5, 2_000), (10, 3_000), (13, 4_000)]), None);
        assert_eq!(trend(&[(0, 1), (5, 2_000), (5, 3_000), (14, 4_000)]), None);
        assert_eq!(trend(&[]), None);
        assert_eq!(trend(&[(0, 9), (5, 9), (10, 9), (14, 9)]), None);
        assert_eq!(trend(&[(0, 9_000), (5, 800), (10, 70), (14, 6)]), None);
        // Less than one byte a week is no growth.
        assert_eq!(trend(&[(0, 9), (50, 9), (100, 10), (150, 10)]), None);
    }

    #[test]
    fn of_a_day_the_last_point_counts_and_unknown_ones_do_not() {
        let sizes = [
            (0, 101),
            (7, 5_000),
            (7, 102),
            (14, 50),
            (14, 103),
            (21, 104),
            (22, 3),
        ];
        let hidden = Trend::of(&points(&sizes), |point| point.hidden_bytes).unwrap();
        assert_eq!(
            (hidden.bytes_per_week, hidden.days, hidden.latest_bytes),
            (1, 4, 104)
        );
        assert_eq!(hidden.until.to_string(), "2026-10-22");
    }

    #[test]
    fn only_the_last_days_count() {
        // It shrank for long, and grows now.
        let mut sizes: Vec<(i64, u64)> = (0..100)
            .map(|day: i64| (day, 10_000 - day.unsigned_abs()))
            .collect();
        sizes.extend((100..160).map(|day: i64| (day, 20_000 + 10 * day.unsigned_abs())));
        assert_eq!(trend(&sizes).unwrap().bytes_per_week, 70);
    }

    #[test]
    fn the_day_is_told_on_which_the_budget_breaks() {
        let trend = trend(&[
            (0, 135_600_000),
            (7, 137_400_000),
            (14, 139_200_000),
            (21, 141_000_000),
        ])
        .unwrap();
        let today: Date = "2026-11-30".parse().unwrap();
        let told = |limit: u64| trend.forecast(Bytes(limit), today).map(|f| f.sentence());
        assert_eq!(
            told(150_000_000).unwrap(),
            "at +1.8 MB a week the budget of 150.0 MB is broken in 5 weeks, on 2027-01-05"
        );
        assert_eq!(
            told(142_000_000).unwrap(),
            "at +1.8 MB a week the budget of 142.0 MB is broken in 4 days, on 2026-12-04"
        );
        // It stands right at its limit.
        assert_eq!(
            told(141_000_000).unwrap(),
            "at +1.8 MB a week the budget of 141.0 MB is broken tomorrow, on 2026-12-01"
        );
        assert_eq!(told(140_999_999), None);
        assert_eq!(told(1_000_000_000), None);
        assert_eq!(told(u64::MAX), None);
    }

    proptest::proptest! {
        /// A line is found again, whatever days there are points for.
        #[test]
        fn a_line_is_found_again(
            days in proptest::collection::btree_set(0_i64..400, 4..40),
            a_day in 1_u64..1_000_000,
        ) {
            let sizes: Vec<(i64, u64)> = days
                .iter()
                .map(|day| (*day, 1_000 + a_day * day.unsigned_abs()))
                .collect();
            let long = days.last().unwrap() - days.first().unwrap() >= SHORTEST;
            let expected = long.then(|| i64::try_from(a_day * 7).unwrap());
            proptest::prop_assert_eq!(trend(&sizes).map(|trend| trend.bytes_per_week), expected);
        }
    }
}
