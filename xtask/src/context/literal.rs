//! A path as a pattern of an ignore file.

/// A pattern that matches a path and, where that can be written, no other: a blank at an end becomes a class, a line
/// break any character.
#[must_use]
pub fn literal_pattern(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    let last = path.chars().count().saturating_sub(1);
    for (at, character) in path.chars().enumerate() {
        match character {
            '*' | '?' | '[' | ']' | '\\' | '|' | '^' | '{' | '}' => {
                pattern.push('\\');
                pattern.push(character);
            }
            '#' | '!' if at == 0 => {
                pattern.push('\\');
                pattern.push(character);
            }
            '\n' | '\r' | '\u{feff}' => pattern.push('?'),
            blank if blank.is_whitespace() && (at == 0 || at == last) => {
                pattern.push('[');
                pattern.push(blank);
                pattern.push(']');
            }
            character => pattern.push(character),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dockerignore::Patterns;
    use crate::source::Source;

    proptest! {
        #[test]
        fn the_pattern_matches_its_path(
            path in "[ab #!*?\\[\\]{}|^\\\\.+$( \u{a0}é\n-]{1,6}(/[a b*!#]{1,3})?",
            other in "[ab #!*]{1,3}",
        ) {
            // Not what a path is made of.
            prop_assume!(!path.split('/').any(|part| part == "." || part == ".."));
            let text = format!("{}\n!{}\n", literal_pattern(&path), literal_pattern(&path));
            let (patterns, errors) = Patterns::parse(&Source::new("x", text.as_str()));
            prop_assert_eq!(errors, []);
            prop_assert_eq!(patterns.patterns().len(), 2, "{:?}", text);
            for pattern in patterns.patterns() {
                prop_assert!(pattern.matches(&path), "{:?} {:?}", text, path);
                if other != path && !path.contains('\n') {
                    prop_assert!(!pattern.matches(&other), "{:?} {:?}", text, other);
                }
            }
        }
    }
}
