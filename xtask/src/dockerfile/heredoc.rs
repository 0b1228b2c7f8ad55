//! Here-documents: `<<NAME` anywhere among the words of `RUN`, `COPY` and `ADD`, the bodies after the instruction.

use crate::dockerfile::Heredoc;
use crate::dockerfile::expand::Lexer;
use crate::dockerfile::logical_lines::Reader;
use crate::mapped_text::{MappedText, Piece};
use crate::source::Span;
use crate::text_search::Part;

/// What a here-document is announced by.
static MARK: Part = Part::new("<<");

/// What `<<NAME` announces.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Announced {
    /// The delimiter without quotes.
    pub(super) name: String,
    /// No part of the delimiter is quoted, so variables in the body are expanded.
    pub(super) expand: bool,
    /// `<<-`: leading tabs are dropped.
    pub(super) chomp: bool,
}

fn lexer(text: &str) -> Lexer<'_> {
    // Always the backslash here, whatever `# escape=` says: so does BuildKit.
    let mut lexer = Lexer::new(text, '\\', &|_| None);
    lexer.keep_unset = true;
    lexer
}

/// The here-documents that the words of an instruction announce, in order. If the words cannot be told apart (a quote
/// is open, a `${…}` is broken) there are none, as for `BuildKit`.
pub(super) fn announced(line: &str) -> Result<Vec<Announced>, String> {
    if !MARK.is_in(line) {
        return Ok(Vec::new());
    }
    let mut lexer = lexer(line);
    lexer.raw_quotes = true;
    lexer.raw_escapes = true;
    let Ok((_, words)) = lexer.run() else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for word in words {
        found.extend(parse(&word)?);
    }
    Ok(found)
}

/// Reads a word as `[fd]<<[-]NAME`.
pub(super) fn parse(word: &str) -> Result<Option<Announced>, String> {
    let word = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let Some(rest) = word.strip_prefix("<<") else {
        return Ok(None);
    };
    let (chomp, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let (_, words) = lexer(rest).run()?;
    let mut raw = lexer(rest);
    raw.raw_quotes = true;
    let (_, raw_words) = raw.run()?;
    let [name] = words.as_slice() else {
        return Ok(None);
    };
    let [raw_name] = raw_words.as_slice() else {
        return Err(format!("`{rest}` cannot be the name of a here-document"));
    };
    let quotes = |text: &str| text.matches(['\'', '"']).count();
    Ok(Some(Announced {
        expand: quotes(name) == quotes(raw_name),
        name: name.clone(),
        chomp,
    }))
}

/// Reads the body up to its terminator. Also the end of the terminator line.
pub(super) fn body(
    reader: &mut Reader<'_>,
    announced: Announced,
) -> Result<(Heredoc, usize), String> {
    let mut content = String::new();
    let mut pieces = Vec::new();
    let mut span: Option<Span> = None;
    while let Some(line) = reader.physical() {
        let start = span.map_or(line.start, |span| span.start);
        let candidate = if announced.chomp {
            line.text.trim_start_matches('\t')
        } else {
            line.text
        };
        if candidate == announced.name {
            let heredoc = Heredoc {
                name: announced.name,
                content: MappedText {
                    value: content,
                    span: Span::new(start, line.start),
                    pieces,
                },
                span: Span::new(start, line.start),
                expand: announced.expand,
            };
            return Ok((heredoc, line.start + line.text.len()));
        }
        if announced.chomp {
            let kept = line.raw.trim_start_matches('\t');
            pieces.push(Piece::new(content.len(), line.next - kept.len()));
            content.push_str(kept);
        } else {
            content.push_str(line.raw);
        }
        span = Some(Span::new(start, line.next));
    }
    Err(format!(
        "the here-document `{}` is not ended: no line consists of `{0}` only",
        announced.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Vec<String> {
        let show = |a: Announced| {
            let dash = if a.chomp { "-" } else { "" };
            let raw = if a.expand { "" } else { " raw" };
            format!("{dash}{}{raw}", a.name)
        };
        announced(line).unwrap().into_iter().map(show).collect()
    }

    #[test]
    fn every_word_can_announce_one() {
        assert_eq!(
            names("RUN <<A cat 3<<-'B' && x<<C <<\"D E\" <<F;"),
            ["A", "-B raw", "D E raw", "F;"]
        );
        assert_eq!(names("COPY <<\\A <<$B <<${C:-d}"), ["A", "$B", "${C:-d}"]);
    }

    #[test]
    fn what_only_looks_like_one() {
        for line in [
            "RUN '<<A' \"<<A\" <<<A << A $((1<<2))",
            "RUN it's <<A",
            "RUN ${#x} <<A",
        ] {
            assert_eq!(names(line), Vec::<String>::new(), "{line}");
        }
    }
}
