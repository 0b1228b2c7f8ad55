//! Regular expressions as JavaScript writes them (ECMA-262, "Patterns", without the flags u and v), said in the words of
//! the `regex` crate. What that cannot do (looking around, back references) is refused.

use std::fmt::Write;

use regex::{Regex, RegexBuilder};

/// What a text must look like.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// As it is written.
    pub(super) text: String,
    flags: String,
    regex: Regex,
    is_global: bool,
}

/// What matching comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'t> {
    Nothing,
    /// It matches, without that group.
    NoGroup,
    Text(&'t str),
}

/// In a pattern, the name of the image.
const IMAGE: &str = "{{image}}";

impl Pattern {
    /// `/pattern/flags`, or a pattern alone.
    ///
    /// # Errors
    /// Why it is none, as a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let inside = text
            .strip_prefix('/')
            .and_then(|text| text.rsplit_once('/'));
        match inside {
            Some((pattern, flags)) if !pattern.is_empty() => Self::new(pattern, flags),
            _ => Self::new(text, ""),
        }
    }

    /// A pattern with flags.
    ///
    /// # Errors
    /// As [`Pattern::parse`].
    pub(super) fn new(text: &str, flags: &str) -> Result<Self, String> {
        // Any name will do to find out whether it is a pattern.
        Self::compiled(text, flags, "image")
    }

    /// The pattern with the name of an image in it.
    ///
    /// # Errors
    /// As [`Pattern::parse`].
    pub(super) fn of_image(&self, image: &str) -> Result<Self, String> {
        if self.text.contains(IMAGE) {
            Self::compiled(&self.text, &self.flags, image)
        } else {
            Ok(self.clone())
        }
    }

    fn compiled(text: &str, flags: &str, image: &str) -> Result<Self, String> {
        if let Some(flag) = flags.chars().find(|flag| !"dgimsuy".contains(*flag)) {
            return Err(format!(
                "`{flag}` is no flag of a regular expression that is known here: d, g, i, m, s, u, y"
            ));
        }
        let has = |flag: char| flags.contains(flag);
        let mut translated = translated(&text.replace(IMAGE, &regex::escape(image)))?;
        if has('y') {
            translated = format!(r"\A(?:{translated})");
        }
        let regex = RegexBuilder::new(&translated)
            .case_insensitive(has('i'))
            .multi_line(has('m'))
            .dot_matches_new_line(has('s'))
            .build()
            .map_err(|error| reason(text, &error))?;
        Ok(Self {
            text: text.to_owned(),
            flags: flags.to_owned(),
            regex,
            // With both, JavaScript looks for all matches from the beginning on.
            is_global: has('g'),
        })
    }

    /// How many groups it has.
    pub(super) fn groups(&self) -> usize {
        self.regex.captures_len() - 1
    }

    /// What `text.match(pattern)[group]` is. With the flag g the groups are the matches.
    pub(super) fn find<'t>(&self, text: &'t str, group: usize) -> Found<'t> {
        let found = if self.is_global {
            let mut matches = self.regex.find_iter(text).peekable();
            if matches.peek().is_none() {
                return Found::Nothing;
            }
            matches.nth(group)
        } else {
            let Some(captures) = self.regex.captures(text) else {
                return Found::Nothing;
            };
            captures.get(group)
        };
        found.map_or(Found::NoGroup, |found| Found::Text(found.as_str()))
    }
}

fn reason(text: &str, error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("the regular expression `{text}` needs more than {limit} bytes")
        }
        // The last line says what is wrong, those before show where in the translated text.
        error => {
            let told = error.to_string();
            let why = told.lines().last().unwrap_or_default();
            let why = why.strip_prefix("error: ").unwrap_or(why);
            format!("`{text}` is no regular expression: {why}")
        }
    }
}

/// The same pattern in the syntax of the `regex` crate.
fn translated(text: &str) -> Result<String, String> {
    let characters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    let mut at = 0;
    while let Some(&c) = characters.get(at) {
        match c {
            '\\' => at = escape(&characters, at, &mut out, false)?,
            '[' => at = class(&characters, at, &mut out)?,
            '(' => at = group(&characters, at, &mut out)?,
            '{' if !is_quantifier(&characters[at..]) => {
                out.push_str(r"\{");
                at += 1;
            }
            '}' | ']' => {
                // A brace that ends a quantifier was taken with it.
                out.push('\\');
                out.push(c);
                at += 1;
            }
            '{' => {
                while characters[at] != '}' {
                    out.push(characters[at]);
                    at += 1;
                }
                out.push('}');
                at += 1;
            }
            _ => {
                out.push(c);
                at += 1;
            }
        }
    }
    Ok(out)
}

/// `{2}`, `{2,}`, `{2,3}`; any other brace is itself.
fn is_quantifier(characters: &[char]) -> bool {
    let inside: String = characters[1..].iter().take_while(|c| **c != '}').collect();
    let is_closed = characters.len() > inside.chars().count() + 1;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let fits = match inside.split_once(',') {
        Some((least, most)) => is_number(least) && (most.is_empty() || is_number(most)),
        None => is_number(&inside),
    };
    is_closed && fits
}

/// The beginning of a group.
fn group(characters: &[char], at: usize, out: &mut String) -> Result<usize, String> {
    let rest: String = characters[at..].iter().take(4).collect();
    if !rest.starts_with("(?") {
        out.push('(');
        return Ok(at + 1);
    }
    if rest.starts_with("(?:") {
        out.push_str("(?:");
        return Ok(at + 3);
    }
    for (start, what) in [
        ("(?=", "ahead"),
        ("(?!", "ahead"),
        ("(?<=", "behind"),
        ("(?<!", "behind"),
    ] {
        if rest.starts_with(start) {
            return Err(format!(
                "looking {what} (`{start}…)`) is not known here; say it with a group"
            ));
        }
    }
    if rest.starts_with("(?<") {
        out.push_str("(?<");
        return Ok(at + 3);
    }
    Err(format!("`{rest}` begins no group of a regular expression"))
}

/// A class `[…]`: in JavaScript nothing in it begins another one, and `&&`, `--`, `~~` are characters.
fn class(characters: &[char], at: usize, out: &mut String) -> Result<usize, String> {
    let mut at = at + 1;
    let is_negated = characters.get(at) == Some(&'^');
    if is_negated {
        at += 1;
    }
    if characters.get(at) == Some(&']') {
        // Nothing, or anything.
        out.push_str(if is_negated { r"[\s\S]" } else { r"[^\s\S]" });
        return Ok(at + 1);
    }
    out.push_str(if is_negated { "[^" } else { "[" });
    let begin = out.len();
    while let Some(&c) = characters.get(at) {
        match c {
            ']' => {
                out.push(']');
                return Ok(at + 1);
            }
            '\\' => at = escape(characters, at, out, true)?,
            '[' | '&' | '~' => {
                out.push('\\');
                out.push(c);
                at += 1;
            }
            '-' => {
                let is_at_edge = out.len() == begin || characters.get(at + 1) == Some(&']');
                let is_doubled = characters.get(at + 1) == Some(&'-') || out.ends_with(r"\-");
                out.push_str(if is_at_edge || is_doubled { r"\-" } else { "-" });
                at += 1;
            }
            _ => {
                out.push(c);
                at += 1;
            }
        }
    }
    Err("a class `[…]` of the regular expression does not end".to_owned())
}

/// An escape; within a class some mean something else.
fn escape(
    characters: &[char],
    at: usize,
    out: &mut String,
    in_class: bool,
) -> Result<usize, String> {
    let Some(&c) = characters.get(at + 1) else {
        return Err("the regular expression ends with a backslash".to_owned());
    };
    let next = at + 2;
    match c {
        // JavaScript's are those of ASCII.
        'd' => out.push_str(r"[0-9]"),
        'D' => out.push_str(r"[^0-9]"),
        'w' => out.push_str(r"[0-9A-Za-z_]"),
        'W' => out.push_str(r"[^0-9A-Za-z_]"),
        's' | 'S' | 't' | 'n' | 'r' | 'f' | 'v' => {
            out.push('\\');
            out.push(c);
        }
        'b' if in_class => out.push_str(r"\x08"),
        'b' => out.push_str(r"(?-u:\b)"),
        'B' => return Err(r"`\B` is not known here".to_owned()),
        '0' if !characters.get(next).is_some_and(char::is_ascii_digit) => out.push_str(r"\x00"),
        '0'..='9' => return Err(format!("the back reference `\\{c}` is not known here")),
        'k' => return Err(r"the back reference `\k` is not known here".to_owned()),
        'c' | 'p' | 'P' => return Err(format!("`\\{c}` is not known here")),
        'x' | 'u' => return hexadecimal(characters, at, c, out),
        _ => out.push_str(&regex::escape(&c.to_string())),
    }
    Ok(next)
}

/// `\x41`, `\u0041`.
fn hexadecimal(
    characters: &[char],
    at: usize,
    kind: char,
    out: &mut String,
) -> Result<usize, String> {
    let count = if kind == 'x' { 2 } else { 4 };
    let digits: String = characters[at + 2..].iter().take(count).collect();
    let is_whole = digits.chars().count() == count && digits.chars().all(|c| c.is_ascii_hexdigit());
    if !is_whole {
        return Err(format!("`\\{kind}{digits}` names no character"));
    }
    // Writing to a string does not fail.
    let _ = write!(out, r"\x{{{digits}}}");
    Ok(at + 2 + count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_javascript() {
        for (pattern, text, group, expected) in [
            (r"\d.\d.\d", "v1.2.3", 0, Found::Text("1.2.3")),
            (r"v(.*)", "v2.0.8-beta.67", 1, Found::Text("2.0.8-beta.67")),
            (r"/V(.*)/i", "v1", 1, Found::Text("1")),
            (r"/\d+/", "20200110-RC2", 0, Found::Text("20200110")),
            (r"/(\d+)-(\d+)?/", "12-", 2, Found::NoGroup),
            (r"/\d/g", "a1b2c3", 1, Found::Text("2")),
            (r"/\d/g", "a1", 3, Found::NoGroup),
            (r"/\d/y", "a1", 0, Found::Nothing),
            (r"^v\d$", "xv1", 0, Found::Nothing),
            (r"p1/v(\d.\d.\d)", "p1/v1.2.3", 1, Found::Text("1.2.3")),
            (r"(?<name>[a-z]+)-", "ab-1", 1, Found::Text("ab")),
            (r"[[&~a--]+", "[&~a-", 0, Found::Text("[&~a-")),
            (r"[\w.-]+", "a_b.c-d e", 0, Found::Text("a_b.c-d")),
            (r"[^]x", "ax", 0, Found::Text("ax")),
            (r"a{1}{", "a{", 0, Found::Text("a{")),
            (r"a{,2}", "a{,2}", 0, Found::Text("a{,2}")),
            (r"\x41\u0042", "AB", 0, Found::Text("AB")),
            (r"\bv1\b", "a v1 b", 0, Found::Text("v1")),
            (r"\d+", "٣4", 0, Found::Text("4")),
            (r"\/\-\_\@", "/-_@", 0, Found::Text("/-_@")),
            (r"x/", "x/", 0, Found::Text("x/")),
        ] {
            let compiled = Pattern::parse(pattern).unwrap();
            assert_eq!(compiled.find(text, group), expected, "{pattern}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        for (pattern, expected) in [
            (r"(?=a)", "looking ahead"),
            (r"(?<!a)b", "looking behind"),
            (r"(a)\1", "back reference"),
            (r"(?i)a", "begins no group"),
            (r"/a/x", "no flag"),
            (r"a\", "backslash"),
            (r"[a", "does not end"),
            (r"(a", "no regular expression"),
            (r"a{3,2}", "no regular expression"),
            (r"\p{L}", "not known"),
            (r"\x4", "no character"),
            (r"(a{9999}){9999}", "needs more than"),
        ] {
            let error = Pattern::parse(pattern).unwrap_err();
            assert!(error.contains(expected), "{pattern}: {error}");
        }
    }

    #[test]
    fn the_image_is_a_word_and_no_pattern() {
        let pattern = Pattern::parse("^{{image}}/v(.*)").unwrap();
        let of = |image: &str| pattern.of_image(image).unwrap().find("a.b/v1", 1);
        assert_eq!(of("a.b"), Found::Text("1"));
        assert_eq!(of("a"), Found::Nothing);
        let other = pattern.of_image("a.b").unwrap();
        assert_eq!(other.find("axb/v1", 1), Found::Nothing);
    }
}
