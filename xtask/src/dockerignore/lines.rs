//! From a file's lines to patterns.

use super::header;
use super::pattern::Pattern;
use crate::source::Span;

/// A line may not be longer: `BuildKit` refuses the file.
pub const MAX_LINE_BYTES: usize = 64 * 1024 - 1;

/// How many instructions the expressions of one file may have: about fifty million bytes.
const MAX_INSTRUCTIONS: usize = 4_000_000;

/// What `BuildKit` refuses, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The place.
    pub span: Span,
    /// A lower-case sentence.
    pub message: String,
}

/// Reads all lines. A comment starts in the first column; a byte order mark may stand before the first line.
pub(super) fn read(text: &str) -> (Vec<Pattern>, Vec<SyntaxError>) {
    let mut patterns = Vec::new();
    let mut errors = Vec::new();
    let mut start = 0;
    let mut left = MAX_INSTRUCTIONS;
    for line in text.split_inclusive('\n') {
        let line_start = start;
        start += line.len();
        let ended = line.strip_suffix('\n').unwrap_or(line);
        if ended.len() > MAX_LINE_BYTES {
            errors.push(SyntaxError {
                span: Span::new(line_start, line_start + ended.len()),
                message: format!("the line is longer than {MAX_LINE_BYTES} bytes"),
            });
            continue;
        }
        let mark = if line_start == 0 && line.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        let content = &ended[mark..];
        let written = content.trim();
        if content.starts_with('#') || written.is_empty() {
            continue;
        }
        let at = line_start + mark + (content.len() - content.trim_start().len());
        let span = Span::new(at, at + written.len());
        match pattern(written, span) {
            Ok(Some(pattern)) if pattern.size() > left => {
                let message = "with it the file repeats too much".to_owned();
                errors.push(SyntaxError { span, message });
            }
            Ok(Some(pattern)) => {
                left -= pattern.size();
                patterns.push(pattern);
            }
            Ok(None) => {}
            Err(message) => errors.push(SyntaxError { span, message }),
        }
    }
    header::refuse(&mut patterns, &mut errors);
    (patterns, errors)
}

/// One pattern as it is written. It is cleaned twice, as `BuildKit` does: once where the file is read, once where the
/// matcher is made, which sees what `!` and the first `/` leave behind.
fn pattern(written: &str, span: Span) -> Result<Option<Pattern>, String> {
    let (inverted, rest) = match written.strip_prefix('!') {
        Some(rest) => (true, rest.trim()),
        None => (false, written),
    };
    let mut text = if rest.is_empty() {
        String::new()
    } else {
        let cleaned = clean(rest);
        match cleaned.strip_prefix('/') {
            Some(relative) if !relative.is_empty() => relative.to_owned(),
            _ => cleaned,
        }
    };
    if inverted {
        text.insert(0, '!');
    }
    matcher(&text, span)
}

/// What the matcher makes of a pattern; nothing of one that is blank.
pub(super) fn matcher(text: &str, span: Span) -> Result<Option<Pattern>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let text = clean(text);
    match text.strip_prefix('!') {
        Some("") => Err("`!` takes back nothing: a pattern has to follow".to_owned()),
        Some(pattern) => Pattern::new(pattern, true, span).map(Some),
        None => Pattern::new(&text, false, span).map(Some),
    }
}

/// The shortest path that means the same, as Go's `path.Clean` finds it: no `.`, no `//`, no `..` that something
/// stands before.
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(part),
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.as_str()) {
        (true, _) => format!("/{joined}"),
        (false, "") => ".".to_owned(),
        (false, _) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn paths_are_cleaned_as_go_does() {
        for (path, expected) in [
            ("a/", "a"),
            ("./a//b/.", "a/b"),
            ("a/../b", "b"),
            ("a/..", "."),
            ("../a/../..", "../.."),
            ("/../a", "/a"),
            ("//", "/"),
            ("", "."),
        ] {
            assert_eq!(clean(path), expected, "{path}");
        }
    }
}
