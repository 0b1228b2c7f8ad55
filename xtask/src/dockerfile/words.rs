//! Arguments split into words, as ranges of the joined text.

use std::ops::Range;

/// What separates words where quotes have no meaning: `FROM`, `COPY`, `EXPOSE` and others.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\x0b' | b'\x0c' | b'\r' | b' ')
}

/// Splits at runs of blanks.
pub(super) fn split_blanks(text: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = range.start;
    for (at, byte) in text[range.clone()].bytes().enumerate() {
        if is_blank(byte) {
            let at = range.start + at;
            if at > start {
                words.push(start..at);
            }
            start = at + 1;
        }
    }
    if range.end > start {
        words.push(start..range.end);
    }
    words
}

/// The first word and the rest, split at the first run of blanks. The rest may be missing.
pub(super) fn split_first(
    text: &str,
    range: &Range<usize>,
) -> (Range<usize>, Option<Range<usize>>) {
    let content = &text[range.clone()];
    match content.bytes().position(is_blank) {
        None => (range.clone(), None),
        Some(at) => {
            let blanks = content[at..].bytes().take_while(|byte| is_blank(*byte));
            let rest = range.start + at + blanks.count();
            (range.start..range.start + at, Some(rest..range.end))
        }
    }
}

/// Splits at white space that is neither quoted nor escaped: `ENV`, `LABEL`, `ARG`. Quotes and escapes stay.
pub(super) fn split_quoted(text: &str, range: &Range<usize>, escape: char) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut word: Option<Range<usize>> = None;
    let mut quote: Option<char> = None;
    let mut chars = text[range.clone()].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let at = range.start + at;
        if quote.is_none() && c.is_whitespace() {
            words.extend(word.take());
            continue;
        }
        let mut end = at + c.len_utf8();
        match quote {
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ if c == escape && quote != Some('\'') => match chars.next() {
                Some((at, escaped)) => end = range.start + at + escaped.len_utf8(),
                // An escape character at the very end is dropped.
                None => break,
            },
            _ => {}
        }
        word = Some(word.map_or(at, |word| word.start)..end);
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str) -> Vec<&str> {
        split_quoted(text, &(0..text.len()), '\\')
            .into_iter()
            .map(|range| &text[range])
            .collect()
    }

    #[test]
    fn quotes_and_escapes_keep_words_together() {
        assert_eq!(
            quoted(r#"a="b c" d='e "f' "#),
            [r#"a="b c""#, r#"d='e "f'"#]
        );
        assert_eq!(quoted(r"a=b\ c d=\"), [r"a=b\ c", "d="]);
        assert_eq!(quoted(r#"a="x\" y" b"#), [r#"a="x\" y""#, "b"]);
        assert_eq!(quoted(r"a='x\' b"), [r"a='x\'", "b"]);
        assert_eq!(quoted(r#"a="open b"#), [r#"a="open b"#]);
        assert_eq!(quoted("\\"), Vec::<&str>::new());
        assert_eq!(quoted("a\u{a0}b"), ["a", "b"]);
    }

    #[test]
    fn blanks_are_ascii_only() {
        let text = "a \t\x0bb\u{a0}c";
        let words = split_blanks(text, &(0..text.len()));
        assert_eq!(
            words.iter().map(|r| &text[r.clone()]).collect::<Vec<_>>(),
            ["a", "b\u{a0}c"]
        );
    }
}
