//! The lines of a list, and their fields: one record of comma-separated values (RFC 4180) each.

use crate::error::Error;
use crate::source::Location;

/// One line of a list such as `--tags`.
#[derive(Clone, Debug)]
pub struct Line {
    /// The list: `tags`.
    pub list: &'static str,
    /// From 1; in a manifest, the place in the list.
    pub number: usize,
    /// Without white space around it.
    pub text: String,
    /// Where it stands, if it stands in a file.
    pub place: Option<Location>,
}

/// The lines of a text that say something: not those that are empty or begin with `#`.
#[must_use]
pub fn lines(list: &'static str, text: &str) -> Vec<Line> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| Line {
            list,
            number,
            text: line.to_owned(),
            place: None,
        })
        .collect()
}

/// A field of a line: `key=value`, or a value alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// In lower case; `None` for a value alone.
    pub(super) key: Option<String>,
    pub(super) value: String,
}

impl Line {
    /// An error about this line.
    pub(super) fn wrong(&self, message: impl std::fmt::Display) -> Error {
        let error = Error::usage(format!("`{}`: {message}", self.text));
        match &self.place {
            Some(place) => error.at(place.clone()),
            None => error.because(format!("line {} of the {}", self.number, self.list)),
        }
    }

    /// Its fields; those that are empty say nothing.
    ///
    /// # Errors
    /// Quotes that are no quotes of comma-separated values.
    pub(super) fn fields(&self) -> Result<Vec<Field>, Error> {
        let fields = record(&self.text).map_err(|message| {
            self.wrong(message).help(
                "put the whole field between quotes, and write a quote in it twice: `\"pattern=\\d{1,3}\"`",
            )
        })?;
        let fields = fields.into_iter().filter(|field| !field.trim().is_empty());
        Ok(fields
            .map(|field| match field.split_once('=') {
                Some((key, value)) if !key.is_empty() => Field {
                    key: Some(key.trim().to_lowercase()),
                    value: value.trim().to_owned(),
                },
                _ => Field {
                    key: None,
                    value: field.trim().to_owned(),
                },
            })
            .collect())
    }
}

/// The fields of a record. A field that begins with a quote ends with one; within it a quote is written twice.
fn record(text: &str) -> Result<Vec<String>, &'static str> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (field, behind) = if let Some(quoted) = rest.strip_prefix('"') {
            quoted_field(quoted)?
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            let (field, behind) = rest.split_at(end);
            if field.contains('"') {
                return Err("a quote stands within a field that does not begin with one");
            }
            (field.to_owned(), behind)
        };
        fields.push(field);
        match behind.strip_prefix(',') {
            Some(behind) => rest = behind,
            None if behind.trim().is_empty() => return Ok(fields),
            None => return Err("something stands behind the quote that ends a field"),
        }
    }
}

/// Behind the opening quote: the field, and what stands behind the closing one.
fn quoted_field(text: &str) -> Result<(String, &str), &'static str> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"').ok_or("a quote does not end")?;
        field.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(behind) => {
                field.push('"');
                rest = behind;
            }
            None => return Ok((field, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Result<Vec<String>, String> {
        record(text).map_err(str::to_owned)
    }

    #[test]
    fn records_are_those_of_comma_separated_values() {
        let of = |fields: &[&str]| Ok(fields.iter().map(|f| (*f).to_owned()).collect());
        for (text, expected) in [
            ("type=raw,value=a", of(&["type=raw", "value=a"])),
            ("a", of(&["a"])),
            ("a,", of(&["a", ""])),
            (
                r#"type=match,"pattern=\d{1,3}""#,
                of(&["type=match", r"pattern=\d{1,3}"]),
            ),
            (r#""a ""b"" c",d"#, of(&[r#"a "b" c"#, "d"])),
        ] {
            assert_eq!(fields(text), expected, "{text}");
        }
        for text in [r#"a"b"#, r#""a"#, r#""a"b"#, r#"x, "y""#] {
            assert!(fields(text).is_err(), "{text}");
        }
    }

    #[test]
    fn empty_lines_and_comments_say_nothing() {
        let told: Vec<(usize, String)> = lines("tags", "\n  # no\n  type=sha  \r\n\nx # y\n")
            .into_iter()
            .map(|line| (line.number, line.text))
            .collect();
        assert_eq!(told, [(3, "type=sha".to_owned()), (5, "x # y".to_owned())]);
    }
}
