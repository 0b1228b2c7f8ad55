//! The exec form: a JSON array of strings, read as Go's `encoding/json` reads it.

use std::ops::Range;

/// What arguments are that may be a JSON array.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Array {
    /// No JSON array: the shell form.
    Not,
    /// A JSON array with something else than strings in it, which is an error.
    Mixed,
    /// The decoded strings, each with its range (quotes included).
    Strings(Vec<(String, Range<usize>)>),
}

/// Reads `text[range]`.
pub(super) fn array(text: &str, range: &Range<usize>) -> Array {
    let content = &text[range.clone()];
    let trimmed = content.trim_start();
    if !trimmed.starts_with('[') {
        return Array::Not;
    }
    let mut parser = Parser {
        bytes: trimmed.as_bytes(),
        text: trimmed,
        at: 1,
    };
    let offset = range.end - trimmed.len();
    parser.elements(offset).unwrap_or(Array::Not)
}

struct Parser<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn elements(&mut self, offset: usize) -> Option<Array> {
        let mut strings = Vec::new();
        let mut mixed = false;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
        } else {
            loop {
                self.blanks();
                let start = self.at;
                if self.peek() == Some(b'"') {
                    strings.push((self.string()?, offset + start..offset + self.at));
                } else {
                    self.value()?;
                    mixed = true;
                }
                self.blanks();
                self.at += 1;
                match self.bytes.get(self.at - 1)? {
                    b',' => {}
                    b']' => break,
                    _ => return None,
                }
            }
        }
        self.blanks();
        if self.at != self.bytes.len() {
            return None;
        }
        Some(if mixed {
            Array::Mixed
        } else {
            Array::Strings(strings)
        })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// A value that is no string at this level: passed over, with a stack of its own since nesting has no limit.
    fn value(&mut self) -> Option<()> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.blanks();
            match self.peek()? {
                b'[' => {
                    self.at += 1;
                    self.blanks();
                    if self.peek() != Some(b']') {
                        open.push(b']');
                        continue;
                    }
                    self.at += 1;
                }
                b'{' => {
                    self.at += 1;
                    self.blanks();
                    if self.peek() != Some(b'}') {
                        open.push(b'}');
                        self.key()?;
                        continue;
                    }
                    self.at += 1;
                }
                b'"' => {
                    self.string()?;
                }
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                b'n' => self.word("null")?,
                _ => self.number()?,
            }
            // After a value: close what closes, or go on after a comma.
            loop {
                let Some(&close) = open.last() else {
                    return Some(());
                };
                self.blanks();
                let next = self.peek()?;
                self.at += 1;
                if next == close {
                    open.pop();
                } else if next == b',' {
                    if close == b'}' {
                        self.key()?;
                    }
                    break;
                } else {
                    return None;
                }
            }
        }
    }

    fn key(&mut self) -> Option<()> {
        self.blanks();
        self.string()?;
        self.blanks();
        self.word(":")
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.bytes[self.at..]
            .starts_with(word.as_bytes())
            .then(|| self.at += word.len())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        if self.peek() != Some(b'"') {
            return None;
        }
        self.at += 1;
        let mut value = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek()?, b'"' | b'\\' | 0..=0x1f) {
                self.at += 1;
            }
            value.push_str(&self.text[start..self.at]);
            let stop = self.peek()?;
            self.at += 1;
            match stop {
                b'"' => return Some(value),
                b'\\' => value.push(self.escape()?),
                // A control character.
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(match c {
            b'"' | b'\\' | b'/' => char::from(c),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return None,
        })
    }

    /// After `\u`: a code unit, or a surrogate pair. A surrogate on its own becomes U+FFFD, as in Go.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if let Some(c) = char::from_u32(first) {
            return Some(c);
        }
        let after_first = self.at;
        if self.bytes[self.at..].starts_with(b"\\u") {
            self.at += 2;
            let second = self.hex()?;
            if (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(&second) {
                return char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            }
            self.at = after_first;
        }
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |value, &b| {
            Some(value * 16 + char::from(b).to_digit(16)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> Option<Vec<String>> {
        match array(text, &(0..text.len())) {
            Array::Strings(strings) => Some(strings.into_iter().map(|(s, _)| s).collect()),
            _ => None,
        }
    }

    #[test]
    fn arrays_of_strings_are_decoded() {
        assert_eq!(strings("[]"), Some(vec![]));
        assert_eq!(
            strings(r#" [ "a" , "b c" ] "#),
            Some(vec!["a".into(), "b c".into()])
        );
        assert_eq!(
            strings(r#"["\n\"\/\u00e9\ud83d\ude00\ud800x"]"#),
            Some(vec!["\n\"/é😀\u{fffd}x".into()])
        );
        let text = r#"x ["a", "é"]"#;
        let Array::Strings(found) = array(text, &(2..text.len())) else {
            panic!()
        };
        assert_eq!(&text[found[1].1.clone()], "\"é\"");
    }

    #[test]
    fn anything_else_is_the_shell_form_or_an_error() {
        for text in [
            "",
            "a",
            "['a']",
            r#"["a",]"#,
            r#"["a"#,
            r#"["a"] x"#,
            "[\"\t\"]",
            r#"["\x"]"#,
            "[01]",
            "[a]",
        ] {
            assert_eq!(array(text, &(0..text.len())), Array::Not, "{text}");
        }
        for text in [
            "[1]",
            "[null]",
            r#"["a", ["b"]]"#,
            r#"[{"a": [1, -2.5e+3, {}], "b": []}]"#,
            "[true,false]",
        ] {
            assert_eq!(array(text, &(0..text.len())), Array::Mixed, "{text}");
        }
    }

    #[test]
    fn deep_nesting_needs_no_stack() {
        let text = "[".repeat(1_000_000);
        assert_eq!(array(&text, &(0..text.len())), Array::Not);
        let text = format!("{text}{}", "]".repeat(1_000_000));
        assert_eq!(array(&text, &(0..text.len())), Array::Mixed);
    }
}
