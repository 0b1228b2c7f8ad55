//! One pattern, and what it matches.

use std::ops::Range;

use super::regex::Regex;
use super::wildcard::Wildcard;
use crate::source::Span;

/// One pattern of an ignore file.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    exception: bool,
    span: Span,
    matcher: Matcher,
    /// How many bytes at the start of the text every match starts with.
    head: usize,
    /// How many bytes at the end of the text every match ends with.
    tail: usize,
    /// The part of the text that every match of an expression has in it somewhere.
    inside: Range<usize>,
}

/// A byte order mark. `BuildKit` drops one that a pattern starts with when it makes an expression of it, but nowhere
/// else.
const MARK: char = '\u{feff}';

/// What makes a part of a pattern mean something else than itself, stars and question marks aside.
const LEAKING: [char; 7] = ['|', '{', '}', '\\', '[', ']', '^'];

/// How a pattern is carried out: most need no expression.
#[derive(Clone, Debug)]
pub(super) enum Matcher {
    /// The path is the text.
    Exact,
    /// `text**`: the path starts with what stands before the stars.
    Prefix,
    /// `**text`, `**/text`: the path ends with what stands behind the stars, or is it without the slash.
    Suffix,
    /// `*.md`, `**/*.md`: text and single stars in one name, in the root or anywhere.
    Name { anywhere: bool },
    /// Anything else.
    Regex(Box<Regex>),
}

impl Pattern {
    /// `text` is cleaned and has no `!`.
    pub(super) fn new(text: &str, exception: bool, span: Span) -> Result<Self, String> {
        if Wildcard::new(text).is_none() {
            return Err(format!("`{text}` has a `[` or `\\` that is not complete"));
        }
        let matcher =
            compile(text).map_err(|error| format!("`{text}` matches nothing: {error}"))?;
        Ok(Self {
            text: text.to_owned(),
            exception,
            span,
            head: head_length(text, &matcher),
            tail: tail_length(text, &matcher),
            inside: inside(text, &matcher),
            matcher,
        })
    }

    /// It without `!`, cleaned: no slash at its start or end, no `./`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// It takes paths back in (`!`).
    #[must_use]
    pub const fn is_exception(&self) -> bool {
        self.exception
    }

    /// Where it stands, `!` included.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// Whether a path itself matches. What is below a path that matches is not asked for here.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        match &self.matcher {
            Matcher::Exact => path == self.text,
            Matcher::Prefix => path.starts_with(self.prefix()),
            Matcher::Suffix => {
                let suffix = self.suffix();
                path.as_bytes().ends_with(suffix)
                    || suffix.strip_prefix(b"/") == Some(path.as_bytes())
            }
            Matcher::Name { anywhere: false } => name_matches(&self.text, path),
            Matcher::Name { anywhere: true } => {
                let start = path.bytes().rposition(|byte| byte == b'/');
                let name = start.map_or(path, |at| &path[at + 1..]);
                let first = self.text.as_bytes().get(3);
                if first.is_some_and(|byte| *byte != b'*' && name.as_bytes().first() != Some(byte))
                {
                    return false;
                }
                // What stands before the name is matched by a dot, which no line break is.
                name.ends_with(self.tail())
                    && name_matches(&self.text[3..], name)
                    && !path[..path.len() - name.len()].contains('\n')
            }
            Matcher::Regex(regex) => {
                // An expression is slow: first what can be seen without it.
                path.starts_with(self.head())
                    && path.ends_with(self.tail())
                    && path.contains(&self.text[self.inside.clone()])
                    && regex.is_match(path)
            }
        }
    }

    /// It says a place from the context's root: no wildcard at its start lets it match in any folder.
    #[must_use]
    pub fn is_anchored(&self) -> bool {
        !self.text.starts_with("**")
    }

    /// It has no wildcard, class or escape.
    #[must_use]
    pub const fn is_literal(&self) -> bool {
        matches!(self.matcher, Matcher::Exact)
    }

    /// How it is carried out.
    pub(super) const fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// The expression that matches what it matches, for what compares patterns; `None` where there is none.
    pub(super) fn expression(&self) -> Option<Regex> {
        let text = match &self.matcher {
            Matcher::Regex(regex) => return Some(Regex::clone(regex)),
            Matcher::Exact => escape(&self.text),
            Matcher::Prefix => format!("{}{ANYTHING}", escape(self.prefix())),
            Matcher::Suffix if self.text.starts_with(MARK) => return None,
            Matcher::Suffix => match self.text.strip_prefix("**/") {
                Some(name) => format!("({ANYTHING}/)?{}", escape(name)),
                None => format!("{ANYTHING}{}", escape(&self.text[2..])),
            },
            Matcher::Name { anywhere } => {
                let name = if *anywhere {
                    &self.text[3..]
                } else {
                    &self.text
                };
                let parts: Vec<String> = name.split('*').map(escape).collect();
                let above = if *anywhere { "(.*/)?" } else { "" };
                format!("{above}{}", parts.join("[^/]*"))
            }
        };
        Regex::new(&format!("^{text}$")).ok()
    }

    /// How much memory its expression needs, in instructions.
    pub(super) fn size(&self) -> usize {
        match &self.matcher {
            Matcher::Regex(regex) => regex.size(),
            _ => 0,
        }
    }

    /// What every match starts with.
    pub(super) fn head(&self) -> &str {
        &self.text[..self.head]
    }

    /// What every match ends with.
    pub(super) fn tail(&self) -> &str {
        &self.text[self.text.len() - self.tail..]
    }

    /// Of a [`Matcher::Prefix`]: what stands before the stars.
    fn prefix(&self) -> &str {
        &self.text[..self.text.len() - 2]
    }

    /// Of a [`Matcher::Suffix`]: `BuildKit` takes off the two bytes of the stars, even where a byte order mark, which
    /// it did not see, stands before them.
    fn suffix(&self) -> &[u8] {
        &self.text.as_bytes()[2..]
    }

    /// Whether it could match something below a folder. `true` where that is not clear.
    #[must_use]
    pub fn may_match_below(&self, folder: &str) -> bool {
        let head = self.head();
        let below = |text: &str| {
            text.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        // A wildcard may still complete the folder's name.
        below(head) || (!self.is_literal() && folder.starts_with(head))
    }
}

/// Makes the expression that `BuildKit` would make. It escapes `.`, `+`, `(`, `)` and `$` only: `|`, `{`, `}` and `^`
/// keep their meaning in an expression, and a class can match `/`.
fn compile(text: &str) -> Result<Matcher, String> {
    if !text.contains(['*', '?', '[', ']', '\\']) {
        return Ok(Matcher::Exact);
    }
    let mut matcher = Matcher::Exact;
    let mut is_regex = false;
    let mut regex = "^".to_owned();
    let mut characters = text.strip_prefix(MARK).unwrap_or(text).chars().peekable();
    let mut first = true;
    while let Some(character) = characters.next() {
        match character {
            '*' if characters.peek() == Some(&'*') => {
                characters.next();
                characters.next_if_eq(&'/');
                if characters.peek().is_some() {
                    regex.push_str("(.*/)?");
                    is_regex = true;
                } else if !is_regex && matches!(matcher, Matcher::Exact) {
                    matcher = Matcher::Prefix;
                } else {
                    regex.push_str(".*");
                    is_regex = true;
                }
                if first {
                    matcher = Matcher::Suffix;
                    is_regex = false;
                }
            }
            '*' => {
                regex.push_str("[^/]*");
                is_regex = true;
            }
            '?' => {
                regex.push_str("[^/]");
                is_regex = true;
            }
            '.' | '+' | '(' | ')' | '$' => {
                regex.push('\\');
                regex.push(character);
            }
            '\\' => {
                regex.push('\\');
                if let Some(escaped) = characters.next() {
                    regex.push(escaped);
                    is_regex = true;
                }
            }
            '[' | ']' => {
                regex.push(character);
                is_regex = true;
            }
            character => regex.push(character),
        }
        first = false;
    }
    if !is_regex {
        return Ok(matcher);
    }
    let name = text.strip_prefix("**/");
    if is_simple_name(name.unwrap_or(text)) {
        return Ok(Matcher::Name {
            anywhere: name.is_some(),
        });
    }
    regex.push('$');
    Ok(Matcher::Regex(Box::new(Regex::new(&regex)?)))
}

/// Whether a pattern is one name of text and single stars, which needs no expression.
fn is_simple_name(text: &str) -> bool {
    !text.contains(['/', '?', '[', ']', '\\', '^', '|', '{', '}', MARK]) && !text.contains("**")
}

/// Whether text with single stars matches a name. A star that failed is tried one byte further on, the last one only.
fn name_matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut read) = (0, 0);
    let mut star = None;
    while read < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(byte) if *byte == name[read] => {
                at += 1;
                read += 1;
            }
            _ => match star {
                Some((star_at, star_read)) if name[star_read] != b'/' => {
                    at = star_at + 1;
                    read = star_read + 1;
                    star = Some((star_at, read));
                }
                _ => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// Any text, line breaks included.
const ANYTHING: &str = "[\\x{0}-\\x{10FFFF}]*";

/// The expression that matches a text and nothing else.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// How much of a pattern every match starts with.
fn head_length(text: &str, matcher: &Matcher) -> usize {
    match matcher {
        Matcher::Exact => text.len(),
        Matcher::Prefix => text.len() - 2,
        Matcher::Suffix | Matcher::Name { anywhere: true } => 0,
        // An alternative is not anchored at all.
        Matcher::Regex(_) if text.contains('|') || text.starts_with(MARK) => 0,
        Matcher::Name { anywhere: false } | Matcher::Regex(_) => {
            let special = ['*', '?', '[', ']', '\\', '^', '{'];
            let end = text.find(special).unwrap_or(text.len());
            let repeated = text[end..].starts_with('{');
            let last = text[..end].chars().next_back().filter(|_| repeated);
            end - last.map_or(0, char::len_utf8)
        }
    }
}

/// How much of a pattern every match ends with.
fn tail_length(text: &str, matcher: &Matcher) -> usize {
    match matcher {
        Matcher::Exact => text.len(),
        Matcher::Prefix => 0,
        Matcher::Suffix if text.starts_with(MARK) => 0,
        // `**/x` matches `x` as well.
        Matcher::Suffix => text[2..].trim_start_matches('/').len(),
        Matcher::Regex(_) if text.contains(['|', '{', '}', '\\', '^']) => 0,
        Matcher::Regex(_) if text.starts_with(MARK) => 0,
        Matcher::Name { .. } | Matcher::Regex(_) => {
            // What stands behind the last class stands for itself.
            let tail = text.rfind(['*', '?', ']']).map_or("", |at| &text[at + 1..]);
            if text[..text.len() - tail.len()].ends_with("**") {
                // `a/**/x` matches `a/x` as well.
                tail.trim_start_matches('/').len()
            } else {
                tail.len()
            }
        }
    }
}

/// The longest part of a pattern that every match has in it, where it needs an expression.
fn inside(text: &str, matcher: &Matcher) -> Range<usize> {
    // What stands before a class stands for itself, if nothing else in the pattern means that it is not needed.
    let classes = text.find('[').unwrap_or(text.len());
    let leaks = text.contains(['|', '{', '}', '\\', '^']) || text[..classes].contains(LEAKING);
    if !matches!(matcher, Matcher::Regex(_)) || leaks || text.starts_with(MARK) {
        return 0..0;
    }
    let text = &text[..classes];
    let mut longest = 0..0;
    let mut start = 0;
    let ends = text.match_indices(['*', '?']).map(|(at, _)| at);
    for end in ends.chain([text.len()]) {
        // Stars may take the slash behind them with them.
        let slash = text[start..end].starts_with('/') && text[..start].ends_with("**");
        let part = start + usize::from(slash)..end;
        if part.len() > longest.len() {
            longest = part;
        }
        start = end + 1;
    }
    longest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Matcher, Pattern, name_matches};
    use crate::dockerignore::regex::Regex;
    use crate::source::Span;

    #[test]
    fn an_expression_is_asked_for_few_paths() {
        for (text, inside) in [
            ("**/core.[0-9]*", "core."),
            ("a/**/bc/*[x]def", "bc/"),
            ("**/[ab]c", ""),
            ("ab|c[d]", ""),
            ("ab{2}[d]", ""),
        ] {
            let pattern = Pattern::new(text, false, Span::default()).unwrap();
            assert_eq!(&text[pattern.inside], inside, "{text}");
        }
    }

    proptest! {
        /// What is seen of a path before its expression is asked says nothing else than the expression.
        #[test]
        fn patterns_match_as_their_expression_does(
            parts in prop::collection::vec(
                prop::sample::select(vec!["a", "b", "*", "**", "?", "/", "[ab]", "[^a]", "[a-b/]", ".", "|", "^"]),
                1..8,
            ),
            path in "[ab./]{0,8}",
        ) {
            let Ok(pattern) = Pattern::new(&parts.concat(), false, Span::default()) else {
                return Ok(());
            };
            if let Matcher::Regex(regex) = pattern.matcher() {
                prop_assert_eq!(pattern.matches(&path), regex.is_match(&path), "{}", pattern.text());
            }
        }

        #[test]
        fn names_match_as_their_expression_does(
            parts in prop::collection::vec(prop::sample::select(vec!["a", "b", "*", "é", "."]), 1..7),
            name in "[abé./]{0,8}",
        ) {
            let pattern = parts.concat();
            prop_assume!(!pattern.contains("**"));
            let expression = pattern.replace('.', "\\.").replace('*', "[^/]*");
            let regex = Regex::new(&format!("^{expression}$")).unwrap();
            prop_assert_eq!(name_matches(&pattern, &name), regex.is_match(&name), "{} {}", pattern, name);
        }
    }
}
