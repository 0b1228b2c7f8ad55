//! Shell patterns in `${x#pattern}` and its like: `*`, `?` and literal characters, no brackets.
//!
//! `BuildKit` turns them into regular expressions in which neither `*` nor `?` matches a line break, and the leftmost
//! match with the first star's preference wins. The matcher here tries in the same order and remembers what failed.

use foldhash::HashSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Star,
    Any,
    Literal(char),
}

/// A parsed pattern.
#[derive(Debug)]
pub(super) struct Pattern(Vec<Token>);

impl Pattern {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' => Token::Star,
                '?' => Token::Any,
                '\\' => match chars.next() {
                    Some(escaped @ ('}' | '/' | '*' | '?' | '\\')) => Token::Literal(escaped),
                    other => {
                        let escaped = other.map(String::from).unwrap_or_default();
                        return Err(format!(
                            "`\\{escaped}` in the pattern `{text}` escapes nothing that needs it"
                        ));
                    }
                },
                c => Token::Literal(c),
            });
        }
        Ok(Self(tokens))
    }

    /// `value` without the shortest or longest prefix that matches.
    pub(super) fn without_prefix(&self, value: &str, longest: bool) -> String {
        let value: Vec<char> = value.chars().collect();
        let end = find_at(&self.0, &value, 0, longest, &mut HashSet::default()).unwrap_or(0);
        value[end..].iter().collect()
    }

    /// `value` without the shortest or longest suffix that matches.
    pub(super) fn without_suffix(&self, value: &str, longest: bool) -> String {
        let reversed: Vec<char> = value.chars().rev().collect();
        let tokens: Vec<Token> = self.0.iter().rev().copied().collect();
        let end = find_at(&tokens, &reversed, 0, longest, &mut HashSet::default()).unwrap_or(0);
        reversed[end..].iter().rev().collect()
    }

    /// The first match replaced by `replacement` as it is.
    pub(super) fn replace_first(&self, value: &str, replacement: &str) -> String {
        let value: Vec<char> = value.chars().collect();
        match self.find(&value, 0) {
            None => value.into_iter().collect(),
            Some((start, end)) => {
                let before = value[..start].iter();
                let after = value[end..].iter();
                before
                    .copied()
                    .chain(replacement.chars())
                    .chain(after.copied())
                    .collect()
            }
        }
    }

    /// All matches replaced. Here `BuildKit` lets Go expand `$0` and the like in the replacement; so do we.
    pub(super) fn replace_all(&self, value: &str, replacement: &str) -> String {
        let value: Vec<char> = value.chars().collect();
        let mut result = String::new();
        let (mut copied, mut from) = (0, 0);
        while from <= value.len() {
            let Some((start, end)) = self.find(&value, from) else {
                break;
            };
            result.extend(&value[copied..start]);
            // An empty match right after another match is none.
            if end > copied || start == 0 {
                let matched: String = value[start..end].iter().collect();
                expand_template(replacement, &matched, &mut result);
            }
            copied = end;
            from = end.max(from + 1);
        }
        result.extend(&value[copied..]);
        result
    }

    fn find(&self, value: &[char], from: usize) -> Option<(usize, usize)> {
        let mut failed = HashSet::default();
        (from..=value.len())
            .find_map(|start| Some((start, find_at(&self.0, value, start, true, &mut failed)?)))
    }
}

/// Where a match that starts at `start` ends. `tried` keeps (token, position) pairs that led nowhere.
fn find_at(
    tokens: &[Token],
    value: &[char],
    start: usize,
    longest: bool,
    tried: &mut HashSet<(usize, usize)>,
) -> Option<usize> {
    let mut open = vec![(0, start)];
    while let Some((token, at)) = open.pop() {
        let Some(&kind) = tokens.get(token) else {
            return Some(at);
        };
        let next = value.get(at).copied();
        match kind {
            Token::Literal(c) if next == Some(c) => open.push((token + 1, at + 1)),
            Token::Any if next.is_some_and(|c| c != '\n') => open.push((token + 1, at + 1)),
            Token::Star if tried.insert((token, at)) => {
                let stop = (token + 1, at);
                let go_on = next.filter(|&c| c != '\n').map(|_| (token, at + 1));
                if longest {
                    open.push(stop);
                    open.extend(go_on);
                } else {
                    open.extend(go_on);
                    open.push(stop);
                }
            }
            _ => {}
        }
    }
    None
}

/// Go's `regexp.Expand` for an expression without groups: `$0` is the match, other names are empty, `$$` is `$`.
fn expand_template(template: &str, matched: &str, result: &mut String) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        result.push_str(before);
        rest = after;
        if let Some(after) = after.strip_prefix('$') {
            result.push('$');
            rest = after;
            continue;
        }
        let (braced, body) = match after.strip_prefix('{') {
            Some(body) => (true, body),
            None => (false, after),
        };
        let length = body
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(body.len());
        let (name, after_name) = body.split_at(length);
        let after_name = if braced {
            after_name.strip_prefix('}')
        } else {
            Some(after_name)
        };
        match after_name {
            Some(after_name) if !name.is_empty() => {
                if name.bytes().all(|b| b == b'0') && name.len() == 1 {
                    result.push_str(matched);
                }
                rest = after_name;
            }
            _ => result.push('$'),
        }
    }
    result.push_str(rest);
}
