//! Go's `path/filepath.Match`: what a wildcard is in the sources of `COPY`, and what `BuildKit` checks before it uses a
//! pattern of an ignore file.

/// A name or path with wildcards: `*` and `?` stop at `/`, a class does not, `\` takes the next character as it is.
#[derive(Clone, Debug)]
pub struct Wildcard(Vec<Token>);

#[derive(Clone, Debug)]
enum Token {
    Star,
    Any,
    Literal(char),
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Wildcard {
    /// Reads a pattern; `None` if a bracket or an escape is not complete.
    #[must_use]
    pub fn new(pattern: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        let mut rest = pattern.chars();
        while let Some(character) = rest.next() {
            tokens.push(match character {
                '*' => Token::Star,
                '?' => Token::Any,
                '[' => {
                    let (class, behind) = class(rest.as_str())?;
                    rest = behind.chars();
                    class
                }
                '\\' => Token::Literal(rest.next()?),
                literal => Token::Literal(literal),
            });
        }
        Some(Self(tokens))
    }

    /// Whether a text has a wildcard that no `\` takes the meaning of.
    #[must_use]
    pub fn is_in(text: &str) -> bool {
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                '*' | '?' | '[' => return true,
                '\\' => {
                    characters.next();
                }
                _ => {}
            }
        }
        false
    }

    /// Whether the whole of a name or path matches. Each star takes as little as lets what follows it match, and that
    /// is not tried again: a class that matched `/` can hide a match, as it does in Go.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let (mut at, mut rest) = (0, text);
        // Where to go on if what follows the last star does not match: that star takes one character more.
        let mut star: Option<(usize, &str)> = None;
        loop {
            match self.0.get(at) {
                Some(Token::Star) => {
                    at += 1;
                    star = Some((at, rest));
                    continue;
                }
                None if rest.is_empty() => return true,
                Some(token) => {
                    if let Some(next) = rest.chars().next().filter(|next| token.takes(*next)) {
                        at += 1;
                        rest = &rest[next.len_utf8()..];
                        continue;
                    }
                }
                None => {}
            }
            let Some((behind, from)) = star else {
                return false;
            };
            match from.chars().next() {
                Some(skipped) if skipped != '/' => {
                    rest = &from[skipped.len_utf8()..];
                    at = behind;
                    star = Some((behind, rest));
                }
                _ => return false,
            }
        }
    }
}

impl Token {
    fn takes(&self, character: char) -> bool {
        match self {
            Self::Star => false,
            Self::Any => character != '/',
            Self::Literal(literal) => character == *literal,
            Self::Class { negated, ranges } => {
                let is_in = |(low, high): &(char, char)| (*low..=*high).contains(&character);
                ranges.iter().any(is_in) != *negated
            }
        }
    }
}

/// A class whose `[` is taken, and what is behind it.
fn class(text: &str) -> Option<(Token, &str)> {
    let (negated, mut rest) = match text.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut ranges = Vec::new();
    loop {
        if let Some(behind) = rest.strip_prefix(']')
            && !ranges.is_empty()
        {
            return Some((Token::Class { negated, ranges }, behind));
        }
        let (low, behind) = class_character(rest)?;
        rest = behind;
        let mut high = low;
        if let Some(behind) = rest.strip_prefix('-') {
            (high, rest) = class_character(behind)?;
        }
        ranges.push((low, high));
    }
}

/// One character of a class. Something has to follow it.
fn class_character(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    let character = match characters.next()? {
        '-' | ']' => return None,
        '\\' => characters.next()?,
        character => character,
    };
    let rest = characters.as_str();
    (!rest.is_empty()).then_some((character, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Wildcard;

    /// Go's own table of `filepath.Match`, as far as names are UTF-8.
    #[test]
    fn names_match_as_in_go() {
        for (pattern, name, expected) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "a", true),
            ("a*", "abc", true),
            ("a*", "ab/c", false),
            ("a*/b", "abc/b", true),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[c]", "abc", true),
            ("ab[b-d]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^c]", "abc", false),
            ("ab[^b-d]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("a?b", "a☺b", true),
            ("a[^a]b", "a☺b", true),
            ("a???b", "a☺b", false),
            ("[a-ζ]*", "α", true),
            ("*[a-ζ]", "A", false),
            ("a?b", "a/b", false),
            ("a*b", "a/b", false),
            ("a[^x]b", "a/b", true),
            ("[\\]a]", "]", true),
            ("[\\-]", "-", true),
            ("[x\\-]", "z", false),
            ("[\\-x]", "-", true),
            ("*x", "xxx", true),
            ("", "", true),
            ("**", "a/b", false),
        ] {
            let wildcard = Wildcard::new(pattern).unwrap();
            assert_eq!(wildcard.matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_not_complete_is_no_pattern() {
        for pattern in [
            "[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a[", "a\\", "[a", "[\\",
        ] {
            assert!(Wildcard::new(pattern).is_none(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn a_text_that_is_escaped_matches_itself_alone(text in "[ab*?\\[\\]\\\\/^é-]{0,8}", other in "[ab*/é]{0,4}") {
            let escaped: String = text.chars().flat_map(|c| ['\\', c]).collect();
            prop_assert!(!Wildcard::is_in(&escaped));
            let wildcard = Wildcard::new(&escaped).unwrap();
            prop_assert!(wildcard.matches(&text));
            prop_assert_eq!(wildcard.matches(&other), text == other);
        }

        #[test]
        fn nothing_panics(pattern in "\\PC{0,12}", text in "\\PC{0,12}") {
            let matched = Wildcard::new(&pattern).is_some_and(|wildcard| wildcard.matches(&text));
            prop_assert!(!matched || pattern.is_empty() == text.is_empty() || pattern.contains('*'));
        }
    }
}
