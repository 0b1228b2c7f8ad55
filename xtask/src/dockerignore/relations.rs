//! What patterns have to do with each other: whether one leaves nothing to do for the other.

use std::collections::{HashSet, VecDeque};

use super::pattern::Pattern;
use super::regex::{Regex, States};

/// Whether every path that one pattern matches is matched by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Certainly.
    Yes,
    /// There is a path that the other one matches alone.
    No,
    /// It would take too long to find out, or needs a feature of expressions that leaked in.
    Unknown,
}

/// Pairs of states that are looked at before it takes too long.
const MAX_PAIRS: usize = 4_000;

/// Characters that are tried before it takes too long, each weighed by the states it is tried on.
const MAX_STEPS: usize = 1_000_000;

/// Longer expressions come from repetitions and are not compared.
const MAX_SIZE: usize = 2_000;

impl Pattern {
    /// Whether every path that `other` matches, itself or through a folder above it, is matched by `self`, itself or
    /// through a folder above it. Exceptions count as what they match. Paths with a line break, which `**/` stops at,
    /// are left out of account.
    #[must_use]
    pub fn covers(&self, other: &Self) -> Covers {
        if self.text() == other.text() {
            return Covers::Yes;
        }
        if other.is_literal() {
            return if !is_path(other.text()) || self.matches_at_or_above(other.text()) {
                Covers::Yes
            } else {
                Covers::No
            };
        }
        let (Some(ours), Some(theirs)) = (self.expression(), other.expression()) else {
            return Covers::Unknown;
        };
        compare(&ours, &theirs).unwrap_or(Covers::Unknown)
    }

    /// Whether a path or a folder above it matches.
    fn matches_at_or_above(&self, path: &str) -> bool {
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        folders.chain([path]).any(|path| self.matches(path))
    }
}

fn is_path(text: &str) -> bool {
    text.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// How far the last part of a path has come: `.` and `..` are no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Part {
    Empty,
    Dot,
    Dots,
    Name,
}

impl Part {
    const fn then(self, character: char) -> Self {
        match (self, character) {
            (_, '/') => Self::Empty,
            (Self::Empty, '.') => Self::Dot,
            (Self::Dot, '.') => Self::Dots,
            _ => Self::Name,
        }
    }
}

/// Reads all paths at once, with both expressions, as far as they may still match theirs and nothing above matches
/// ours. `None` if that takes too long.
fn compare(ours: &Regex, theirs: &Regex) -> Option<Covers> {
    if ours.size().max(theirs.size()) > MAX_SIZE {
        return None;
    }
    let mut characters: Vec<char> = ours.borders().chain(theirs.borders()).collect();
    // Characters between two borders are all alike. A path has no zero byte, and one with a line break is nobody's.
    characters.extend(['\u{1}', '\u{b}', '.', '/', '0']);
    characters.retain(|character| !matches!(character, '\0' | '\n'));
    characters.sort_unstable();
    characters.dedup();
    let start: (States, States, Part) = (ours.states()?, theirs.states()?, Part::Empty);
    let mut seen = HashSet::from([start.clone()]);
    let mut left = VecDeque::from([start]);
    let mut steps = 0;
    while let Some((our_states, their_states, part)) = left.pop_front() {
        let is_ours = ours.accepts(&our_states);
        if part == Part::Name && !is_ours && theirs.accepts(&their_states) {
            return Some(Covers::No);
        }
        steps += characters.len() * (1 + our_states.len() + their_states.len());
        if steps > MAX_STEPS || seen.len() > MAX_PAIRS {
            return None;
        }
        for &character in &characters {
            // What is below a folder of ours is ours.
            if character == '/' && (part != Part::Name || is_ours) {
                continue;
            }
            let next_theirs = theirs.step(&their_states, character);
            if next_theirs.is_empty() {
                continue;
            }
            let next = (
                ours.step(&our_states, character),
                next_theirs,
                part.then(character),
            );
            if seen.insert(next.clone()) {
                left.push_back(next);
            }
        }
    }
    Some(Covers::Yes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Covers;
    use crate::dockerignore::{Pattern, Patterns};
    use crate::source::Source;

    fn pattern(text: &str) -> Pattern {
        let (patterns, errors) = Patterns::parse(&Source::new("x", text));
        assert_eq!(errors, [], "{text}");
        patterns.patterns()[0].clone()
    }

    #[test]
    fn what_is_matched_anyway_is_covered() {
        for (one, other, expected) in [
            ("a", "a", Covers::Yes),
            ("a", "a/b", Covers::Yes),
            ("a/b", "a", Covers::No),
            ("a", "b", Covers::No),
            ("a", "ab", Covers::No),
            ("*", "a/b", Covers::Yes),
            ("**", "**/*.md", Covers::Yes),
            ("*", "**/*.md", Covers::Yes),
            ("**/a", "a", Covers::Yes),
            ("**/a", "x/a/b", Covers::Yes),
            ("**/a", "**/a/b", Covers::Yes),
            ("**/a/b", "**/a", Covers::No),
            ("a", "**/a", Covers::No),
            ("**/*.md", "docs/*.md", Covers::Yes),
            ("docs/*.md", "**/*.md", Covers::No),
            ("docs/**", "docs", Covers::No),
            ("docs", "docs/**", Covers::Yes),
            ("docs/*", "docs/**", Covers::Yes),
            ("docs/**", "docs/*", Covers::Yes),
            ("docs/**", "docs/a*/?", Covers::Yes),
            ("docs**", "docs", Covers::Yes),
            ("docs**", "docsy/*.md", Covers::Yes),
            ("**/.env*", "**/.env.local", Covers::Yes),
            ("**/.env*", ".env.*", Covers::Yes),
            ("**/.env.*", "**/.env", Covers::No),
            ("**/*", "*", Covers::Yes),
            ("[a-c]x", "[ab]x", Covers::Yes),
            ("[ab]x", "[a-c]x", Covers::No),
            ("[ab]", "?", Covers::No),
            ("**foo", "**/foo", Covers::Yes),
            ("**/foo", "**foo", Covers::No),
            ("*.*", "?*", Covers::No),
            ("a/**/b", "a/b", Covers::Yes),
            ("a/**/b", "a/*/b", Covers::Yes),
            ("a/*/b", "a/**/b", Covers::No),
            (
                "apps/*/node_modules",
                "apps/web/node_modules/*",
                Covers::Yes,
            ),
            // What matches nothing is covered by all.
            ("a", "../x", Covers::Yes),
            // Alternatives, and what looks at neighbors, are not compared.
            ("a|b*", "ab*", Covers::Unknown),
            ("x\\b*", "xy*", Covers::Unknown),
        ] {
            let found = pattern(one).covers(&pattern(other));
            assert_eq!(found, expected, "{one} covers {other}");
        }
    }

    #[test]
    fn comparing_ends_soon_whatever_the_patterns_are() {
        let start = std::time::Instant::now();
        for (one, other) in [
            ("**/a*b*c*d*e*f*g*h", "**/h*g*f*e*d*c*b*a"),
            ("*a?????????????????", "*b?????????????????"),
            ("[ab]*{1}x{1000}*", "*x{500}*"),
        ] {
            let read = |text: &str| Patterns::parse(&Source::new("x", text)).0;
            if let ([one], [other]) = (read(one).patterns(), read(other).patterns()) {
                let _ = one.covers(other);
            }
        }
        assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    }

    fn part() -> impl Strategy<Value = String> {
        let tokens = [
            "a", "b", "ab", "*", "?", "**", "[ab]", "[^a]", ".", "a*", "*b", ".a", "{1}", "|", "^",
        ];
        prop::collection::vec(prop::sample::select(tokens.to_vec()), 1..3)
            .prop_map(|tokens| tokens.concat())
    }

    fn some_pattern() -> impl Strategy<Value = String> {
        prop::collection::vec(part(), 1..4).prop_map(|parts| parts.join("/"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn what_is_covered_matches(
            one in some_pattern(),
            other in some_pattern(),
            paths in prop::collection::vec("[ab.]{1,3}(/[ab.]{1,2}){0,3}", 1..40),
        ) {
            let read = |text: &str| Patterns::parse(&Source::new("x", text)).0;
            let (one, other) = (read(&one), read(&other));
            let ([one], [other]) = (one.patterns(), other.patterns()) else {
                return Ok(());
            };
            if one.covers(other) == Covers::Yes {
                for path in paths.iter().filter(|path| super::is_path(path)) {
                    prop_assert!(
                        !other.matches_at_or_above(path) || one.matches_at_or_above(path),
                        "{} does not cover {}: {path}", one.text(), other.text()
                    );
                }
            }
        }

        /// Both ways of matching are the same, so that what is compared is what is carried out.
        #[test]
        fn expressions_match_as_their_pattern_does(
            text in some_pattern(),
            path in "[ab.]{1,3}(/[ab.]{1,2}){0,2}",
        ) {
            let (patterns, _) = Patterns::parse(&Source::new("x", text));
            for pattern in patterns.patterns() {
                if let Some(expression) = pattern.expression() {
                    prop_assert_eq!(expression.is_match(&path), pattern.matches(&path), "{:?}", pattern);
                }
            }
        }
    }
}
