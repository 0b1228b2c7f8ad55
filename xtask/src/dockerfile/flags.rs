//! `--name[=value]` before the arguments, and which instruction takes which.

use std::ops::Range;

use crate::dockerfile::logical_lines::LogicalLine;
use crate::dockerfile::{Flag, SyntaxError};
use crate::source::{Span, Spanned};

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing, or `true` or `false`.
    Bool,
    /// One value, given once.
    Text,
    /// One value, as often as wanted.
    Texts,
}

/// The flags of an instruction, in its upper-case spelling. None for most.
fn known(instruction: &str) -> &'static [(&'static str, Kind)] {
    use Kind::{Bool, Text, Texts};
    match instruction {
        "FROM" => &[("platform", Text)],
        "RUN" => &[
            ("mount", Texts),
            ("network", Text),
            ("security", Text),
            ("device", Texts),
        ],
        "COPY" => &[
            ("from", Text),
            ("chown", Text),
            ("chmod", Text),
            ("link", Bool),
            ("parents", Bool),
            ("exclude", Texts),
        ],
        "ADD" => &[
            ("chown", Text),
            ("chmod", Text),
            ("link", Bool),
            ("keep-git-dir", Bool),
            ("checksum", Text),
            ("unpack", Bool),
            ("exclude", Texts),
        ],
        "HEALTHCHECK" => &[
            ("interval", Text),
            ("timeout", Text),
            ("start-period", Text),
            ("start-interval", Text),
            ("retries", Text),
        ],
        _ => &[],
    }
}

/// A flag as it stands, before anyone asked whether the instruction knows it.
#[derive(Debug)]
pub(super) struct RawFlag {
    /// The joined text it covers.
    pub(super) range: Range<usize>,
    /// Without quotes and escapes, with the dashes.
    text: String,
    /// Where in `text` and where in the joined text the first `=` is.
    equals: Option<(usize, usize)>,
}

impl RawFlag {
    fn resolve(&self, line: &LogicalLine<'_>) -> Flag {
        let Range { start, end } = self.range;
        let (name, value) = match self.equals {
            None => (self.text[2..].to_owned(), None),
            Some((in_text, at)) => {
                let value = self.text[in_text + 1..].to_owned();
                let span = line.span(&(at + 1..end));
                (
                    self.text[2..in_text].to_owned(),
                    Some(Spanned::new(value, span)),
                )
            }
        };
        let name_end = self.equals.map_or(end, |(_, at)| at);
        Flag {
            name: Spanned::new(name, line.span(&(start + 2..name_end))),
            value,
        }
    }
}

/// `BuildKit` goes byte by byte here and takes the bytes 0x85 and 0xA0 for white space, as Latin-1 has it.
fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '\x0b' | '\u{85}' | '\u{a0}')
}

/// Takes the flags from the head of the arguments; what is left is returned too.
pub(super) fn take(text: &str, range: &Range<usize>, escape: char) -> (Vec<RawFlag>, Range<usize>) {
    let mut flags = Vec::new();
    let mut at = range.start;
    loop {
        let rest = &text[at..range.end];
        at = range.end - rest.trim_start_matches(is_space).len();
        if !text[at..range.end].starts_with("--") {
            return (flags, at..range.end);
        }
        let (flag, next) = word(text, at..range.end, escape);
        at = next;
        if flag.text == "--" {
            return (flags, at..range.end);
        }
        flags.push(flag);
    }
}

fn word(text: &str, range: Range<usize>, escape: char) -> (RawFlag, usize) {
    let mut word = RawFlag {
        range: range.clone(),
        text: String::new(),
        equals: None,
    };
    let mut quote: Option<char> = None;
    let mut chars = text[range.clone()].char_indices();
    while let Some((at, mut c)) = chars.next() {
        let at = range.start + at;
        match quote {
            None if is_space(c) => {
                word.range.end = at;
                return (word, at);
            }
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                continue;
            }
            Some(open) if open == c => {
                quote = None;
                continue;
            }
            _ => {}
        }
        if c == escape {
            match chars.next() {
                Some((_, escaped)) => c = escaped,
                None => break,
            }
        }
        if c == '=' && word.equals.is_none() {
            word.equals = Some((word.text.len(), at));
        }
        word.text.push(c);
    }
    (word, range.end)
}

/// Checks the flags against what the instruction knows.
pub(super) fn check(
    line: &LogicalLine<'_>,
    instruction: &str,
    raw: &[RawFlag],
) -> Result<Vec<Flag>, SyntaxError> {
    let known = known(instruction);
    let mut flags: Vec<Flag> = Vec::with_capacity(raw.len());
    for raw in raw {
        let flag = raw.resolve(line);
        let name = &flag.name.value;
        let error = |message: String| SyntaxError {
            span: line.span(&raw.range),
            message,
        };
        let Some(&(_, kind)) = known.iter().find(|(known, _)| known == name) else {
            let names: Vec<_> = known.iter().map(|(name, _)| format!("--{name}")).collect();
            return Err(error(if names.is_empty() {
                format!("{instruction} takes no flags, not `--{name}`")
            } else {
                format!(
                    "{instruction} has no flag `--{name}`; it takes {}",
                    names.join(", ")
                )
            }));
        };
        if kind != Kind::Texts && flags.iter().any(|earlier| earlier.name.value == *name) {
            return Err(error(format!("`--{name}` is given twice")));
        }
        match (kind, &flag.value) {
            (Kind::Bool, Some(value)) if value.value.is_empty() => {
                return Err(error(format!("`--{name}=` lacks its value")));
            }
            (Kind::Bool, Some(value)) => {
                if !["true", "false"].contains(&value.value.to_ascii_lowercase().as_str()) {
                    return Err(error(format!(
                        "`--{name}` is true or false, not `{}`",
                        value.value
                    )));
                }
            }
            (Kind::Text | Kind::Texts, None) => {
                return Err(error(format!("`--{name}` lacks its value")));
            }
            (Kind::Bool, None) | (Kind::Text | Kind::Texts, Some(_)) => {}
        }
        flags.push(flag);
    }
    Ok(flags)
}

/// The whole flag: dashes, name and value.
pub(super) fn span_of(flag: &Flag) -> Span {
    let end = flag
        .value
        .as_ref()
        .map_or(flag.name.span.end, |value| value.span.end);
    Span::new(flag.name.span.start.saturating_sub(2), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_lose_quotes_and_escapes_and_keep_their_places() {
        let text = r#"--a="b c"d --e\=f=g --h -- --i j"#;
        let line_source = format!("FROM a\nRUN {text}\n");
        let mut reader = crate::dockerfile::logical_lines::Reader::new(&line_source);
        reader.logical();
        let line = reader.logical().unwrap();
        let (raw, rest) = take(&line.text, &(4..line.text.len()), '\\');
        let flags: Vec<_> = raw
            .iter()
            .map(|raw| {
                let flag = raw.resolve(&line);
                let value = flag.value.as_ref();
                (
                    flag.name.value.clone(),
                    value.map(|value| value.value.clone()),
                    span_of(&flag).of(&line_source).to_owned(),
                )
            })
            .collect();
        let expected = [
            ("a", Some("b cd"), r#"--a="b c"d"#),
            ("e", Some("f=g"), r"--e\=f=g"),
            ("h", None, "--h"),
        ]
        .map(|(name, value, place)| {
            (
                name.to_owned(),
                value.map(ToOwned::to_owned),
                place.to_owned(),
            )
        });
        assert_eq!(flags, expected);
        assert_eq!(line.text[rest].trim(), "--i j");
    }
}
