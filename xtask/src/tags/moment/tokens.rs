//! The tokens of a format, and what each of them shows.

use super::{Local, MONTHS, WEEKDAYS};

/// A part of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'f> {
    /// `YYYY`.
    Field(&'f str),
    /// `[at]`, `\Y` or a character that is no token.
    Literal(&'f str),
}

/// All tokens, those that begin with another one before it.
const FIELDS: [&str; 69] = [
    "Hmmss", "Hmm", "hmmss", "hmm", "Mo", "MMMM", "MMM", "MM", "M", "Do", "DDDo", "DDDD", "DDD",
    "DD", "D", "dddd", "ddd", "dd", "do", "d", "wo", "ww", "w", "Wo", "WW", "W", "Qo", "Q",
    "NNNNN", "NNNN", "NNN", "NN", "N", "YYYYYY", "YYYYY", "YYYY", "YY", "Y", "yyyy", "yyy", "yy",
    "yo", "y", "ggggg", "gggg", "gg", "GGGGG", "GGGG", "GG", "e", "E", "a", "A", "hh", "h", "HH",
    "H", "kk", "k", "mm", "m", "ss", "s", "x", "X", "zz", "z", "ZZ", "Z",
];
/// Tokens that stand for others.
const LONG: [(&str, &str); 10] = [
    ("LTS", "h:mm:ss A"),
    ("LT", "h:mm A"),
    ("LLLL", "dddd, MMMM D, YYYY h:mm A"),
    ("LLL", "MMMM D, YYYY h:mm A"),
    ("LL", "MMMM D, YYYY"),
    ("L", "MM/DD/YYYY"),
    ("llll", "ddd, MMM D, YYYY h:mm A"),
    ("lll", "MMM D, YYYY h:mm A"),
    ("ll", "MMM D, YYYY"),
    ("l", "M/D/YYYY"),
];

/// The parts of a format whose long tokens are expanded.
pub(super) fn split(format: &str) -> impl Iterator<Item = Token<'_>> {
    parts(format, |rest| {
        // Up to nine digits of a fraction.
        let fraction = rest.bytes().take_while(|byte| *byte == b'S').count().min(9);
        if fraction > 0 {
            return Some(fraction);
        }
        let field = FIELDS.iter().find(|field| rest.starts_with(**field));
        field.map(|field| field.len())
    })
}

/// The parts of a format in which only long tokens are tokens.
pub(super) fn split_long(format: &str) -> impl Iterator<Item = Token<'_>> {
    parts(format, |rest| {
        LONG.iter()
            .find(|(token, _)| rest.starts_with(token))
            .map(|(token, _)| token.len())
    })
}

/// What a part of [`split_long`] stands for.
pub(super) fn expanded(token: Token<'_>) -> &str {
    match token {
        Token::Literal(text) => text,
        Token::Field(text) => LONG
            .iter()
            .find(|(long, _)| *long == text)
            .map_or(text, |(_, format)| format),
    }
}

fn parts(format: &str, field: impl Fn(&str) -> Option<usize>) -> impl Iterator<Item = Token<'_>> {
    let mut rest = format;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let bracketed = (first == '[')
            .then(|| rest[1..].find(['[', ']']))
            .flatten()
            .filter(|end| rest[1 + end..].starts_with(']'));
        let (length, is_field) = match (bracketed, first) {
            (Some(end), _) => (end + 2, false),
            (None, '\\') => (1 + field(&rest[1..]).unwrap_or(0), false),
            (None, _) => match field(rest) {
                Some(length) => (length, true),
                None => (first.len_utf8(), false),
            },
        };
        let (part, behind) = rest.split_at(length);
        rest = behind;
        Some(if is_field {
            Token::Field(part)
        } else {
            Token::Literal(part)
        })
    })
}

impl Local {
    /// What a part of a format shows.
    pub(super) fn shown(&self, token: Token<'_>) -> String {
        let field = match token {
            Token::Field(field) => field,
            Token::Literal(text) => {
                let inside = text
                    .strip_prefix('[')
                    .and_then(|text| text.strip_suffix(']'));
                let text = inside.or_else(|| text.strip_prefix('\\')).unwrap_or(text);
                return text.to_owned();
            }
        };
        let (year, month, day) = (
            i64::from(self.date.year),
            i64::from(self.date.month),
            i64::from(self.date.day),
        );
        let weekday = self.weekday();
        let weekday_number = i64::try_from(weekday).unwrap_or_default();
        let name = |names: &[&str], at: usize, length: usize| {
            let name = names.get(at).copied().unwrap_or_default();
            name.get(..length).unwrap_or(name).to_owned()
        };
        let month_index = usize::from(self.date.month.saturating_sub(1));
        let (hour, minute, second) = (self.hour(), self.minute(), self.second % 60);
        let quarter = (month - 1) / 3 + 1;
        match field {
            "M" | "MM" => padded(month, field.len()),
            "MMM" => name(&MONTHS, month_index, 3),
            "MMMM" => name(&MONTHS, month_index, usize::MAX),
            "D" | "DD" => padded(day, field.len()),
            "DDD" => padded(self.day_of_year(), 1),
            "DDDD" => padded(self.day_of_year(), 3),
            "d" | "e" => padded(weekday_number, 1),
            "dd" => name(&WEEKDAYS, weekday, 2),
            "ddd" => name(&WEEKDAYS, weekday, 3),
            "dddd" => name(&WEEKDAYS, weekday, usize::MAX),
            "E" => padded(if weekday == 0 { 7 } else { weekday_number }, 1),
            "w" | "ww" => padded(self.local_week().0, field.len()),
            "W" | "WW" => padded(self.iso_week().0, field.len()),
            "Q" => padded(quarter, 1),
            "Mo" => ordinal(month),
            "Do" => ordinal(day),
            "DDDo" => ordinal(self.day_of_year()),
            "do" => ordinal(weekday_number),
            "wo" => ordinal(self.local_week().0),
            "Wo" => ordinal(self.iso_week().0),
            "Qo" => ordinal(quarter),
            "yo" => ordinal(year),
            "NNNN" => "Anno Domini".to_owned(),
            "N" | "NN" | "NNN" | "NNNNN" => "AD".to_owned(),
            "Y" => padded(year, 4),
            "YY" => padded(year % 100, 2),
            "YYYYYY" => format!("+{}", padded(year, 6)),
            "YYYY" | "YYYYY" | "y" | "yy" | "yyy" | "yyyy" => padded(year, field.len()),
            "gg" => padded(self.local_week().1 % 100, 2),
            "gggg" | "ggggg" => padded(self.local_week().1, field.len()),
            "GG" => padded(self.iso_week().1 % 100, 2),
            "GGGG" | "GGGGG" => padded(self.iso_week().1, field.len()),
            "A" => half(hour).to_uppercase(),
            "a" => half(hour).to_owned(),
            "H" | "HH" => padded(hour, field.len()),
            "h" | "hh" => padded(self.hour_of_half_day(), field.len()),
            "k" | "kk" => padded(if hour == 0 { 24 } else { hour }, field.len()),
            "m" | "mm" => padded(minute, field.len()),
            "s" | "ss" => padded(second, field.len()),
            "Hmm" => format!("{hour}{minute:02}"),
            "Hmmss" => format!("{hour}{minute:02}{second:02}"),
            "hmm" => format!("{}{minute:02}", self.hour_of_half_day()),
            "hmmss" => format!("{}{minute:02}{second:02}", self.hour_of_half_day()),
            "X" => self.unix.to_string(),
            "x" => format!("{}000", self.unix),
            "z" | "zz" => self.zone.clone(),
            "Z" => self.offset_text(":"),
            "ZZ" => self.offset_text(""),
            // A fraction of a second: moments are whole ones.
            _ => "0".repeat(field.len()),
        }
    }

    fn offset_text(&self, separator: &str) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.abs() / 60;
        format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
    }
}

fn padded(number: i64, width: usize) -> String {
    format!("{number:0width$}")
}

fn half(hour: i64) -> &'static str {
    if hour < 12 { "am" } else { "pm" }
}

fn ordinal(number: i64) -> String {
    let end = match (number % 100 / 10, number % 10) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}
