//! Regular expressions as Go writes them (<https://github.com/google/re2/wiki/Syntax>), in the syntax of the engine that
//! is here.

use std::fmt;

use regex_lite::Regex;

/// White space for Go: the vertical tab is none.
const SPACE: &str = r"\t\n\x0C\r ";

/// A pattern that may match anywhere in a text.
#[derive(Clone)]
pub struct Pattern {
    written: String,
    regex: Regex,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it is none, or none that is understood here.
    pub fn new(written: &str) -> Result<Self, String> {
        let regex = Regex::new(&translated(written)?).map_err(|error| error.to_string())?;
        Ok(Self {
            written: written.to_owned(),
            regex,
        })
    }

    /// Whether it matches somewhere.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// As it was written.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.written)
    }
}

/// What Go means, for an engine whose classes can be nested and combined, and which knows no quoted text.
fn translated(written: &str) -> Result<String, String> {
    let mut out = String::with_capacity(written.len());
    let mut rest = written;
    let mut in_class = false;
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        rest = behind;
        match first {
            '\\' => {
                let Some(escaped) = behind.chars().next() else {
                    return Err("it ends with a backslash".to_owned());
                };
                rest = &behind[escaped.len_utf8()..];
                match escaped {
                    'Q' if !in_class => {
                        let (quoted, behind) = match rest.split_once(r"\E") {
                            Some((quoted, behind)) => (quoted, behind),
                            None => (rest, ""),
                        };
                        out.push_str(&regex_lite::escape(quoted));
                        rest = behind;
                    }
                    'p' | 'P' => {
                        return Err(format!(
                            "classes of Unicode (`\\{escaped}…`) are not supported; write the characters out: `[a-z]`"
                        ));
                    }
                    's' if in_class => out.push_str(SPACE),
                    's' => out.push_str(&format!("[{SPACE}]")),
                    'S' if !in_class => out.push_str(&format!("[^{SPACE}]")),
                    _ => out.extend(['\\', escaped]),
                }
            }
            '[' if in_class => {
                let named = behind.starts_with(':').then(|| behind.find(":]")).flatten();
                if let Some(end) = named {
                    out.push('[');
                    out.push_str(&behind[..end + 2]);
                    rest = &behind[end + 2..];
                } else {
                    out.push_str(r"\[");
                }
            }
            '[' => {
                in_class = true;
                out.push('[');
                if let Some(behind) = rest.strip_prefix('^') {
                    out.push('^');
                    rest = behind;
                }
                // The first `]` of a class is one of its characters.
                if let Some(behind) = rest.strip_prefix(']') {
                    out.push_str(r"\]");
                    rest = behind;
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            // Twice in a row they would combine classes.
            '&' | '~' if in_class => out.extend(['\\', first]),
            _ => out.push(first),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        let compiled = Pattern::new(pattern);
        compiled
            .unwrap_or_else(|why| panic!("{pattern}: {why}"))
            .is_match(text)
    }

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        for (pattern, text, expected) in [
            (
                r".*httpredir\.debian\.org.*",
                "deb http://httpredir.debian.org/",
                true,
            ),
            (r"^\d{4}-\d{2}$", "2026-12", true),
            // Digits, words and white space are of ASCII.
            (r"\d", "٣", false),
            (r"\w", "é", false),
            (r"^\s$", "\u{b}", false),
            (r"^[\s]$", "\t", true),
            (r"^\S$", "\u{b}", true),
            // Without `m`, lines do not count; without `s`, a dot ends with its line.
            (r"^b", "a\nb", false),
            (r"(?m)^b$", "a\nb", true),
            (r"a.b", "a\nb", false),
            (r"(?s)a.b", "a\nb", true),
            (r"(?i)OK", "ok", true),
            (r"\Qa.b[\E+", "a.b[[", true),
            (r"\Qa.b", "axb", false),
            (r"[[]x", "[x", true),
            (r"[]]x", "]x", true),
            (r"[^]]x", "]x", false),
            (r"[a&&b]", "&", true),
            (r"^[[:alpha:]-]+$", "a-b", true),
            (r"\/path\-x", "/path-x", true),
            (r"(?P<name>a)+?", "aa", true),
            (r"a|", "b", true),
            ("", "anything", true),
            (r"\x41\x{42}", "AB", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text:?}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for pattern in [
            "(",
            "a**{",
            "[a",
            "\\",
            r"\p{Greek}",
            r"(?=a)",
            r"\1",
            "a{2,1}",
        ] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_pattern_or_refused(text in "[\\[\\]\\\\^:a-cQEsSpd&~().*+?{}0-9|-]{0,20}") {
            if let Ok(pattern) = Pattern::new(&text) {
                let _ = pattern.is_match("abc[]&~ Q");
            }
        }

        #[test]
        fn a_quoted_text_matches_itself(text in "[^\\\\]{0,20}") {
            let pattern = format!("^\\Q{text}\\E$");
            proptest::prop_assert!(matches(&pattern, &text));
        }
    }
}
