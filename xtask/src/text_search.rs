//! Searches in texts by bytes. Those of the standard library read characters first, which for the short words and single
//! signs of Dockerfiles takes most of their time.

use std::sync::OnceLock;

use memchr::memmem;

/// A part that is looked for in many texts: how to look for it is worked out once.
#[derive(Debug)]
pub struct Part {
    text: &'static str,
    finder: OnceLock<memmem::Finder<'static>>,
}

impl Part {
    /// Nothing is worked out yet.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self {
            text,
            finder: OnceLock::new(),
        }
    }

    /// Whether it stands somewhere in a text.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.finder().find(text.as_bytes()).is_some()
    }

    /// Where it stands in a text, from byte to byte; places do not overlap.
    pub fn places_in<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        self.finder().find_iter(text.as_bytes())
    }

    fn finder(&self) -> &memmem::Finder<'static> {
        self.finder.get_or_init(|| memmem::Finder::new(self.text))
    }
}

/// By byte, whether it is a letter or digit of ASCII, or one of some signs.
#[must_use]
pub const fn letters_digits_and(signs: &[u8]) -> [bool; 256] {
    let mut meant = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        meant[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < signs.len() {
        meant[signs[at] as usize] = true;
        at += 1;
    }
    meant
}

/// What a path ends with, behind its last slash; all of it where it has none.
#[must_use]
#[inline]
pub fn last_part(path: &str) -> &str {
    around_last_slash(path).map_or(path, |(_, name)| name)
}

/// What stands before and behind the last slash.
#[must_use]
#[inline]
pub fn around_last_slash(path: &str) -> Option<(&str, &str)> {
    let slash = path.bytes().rposition(|byte| byte == b'/')?;
    Some((&path[..slash], &path[slash + 1..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    static PART: Part = Part::new("ab");

    proptest! {
        #[test]
        fn they_find_what_the_standard_library_finds(text in "[a-c/$é]{0,12}") {
            prop_assert_eq!(PART.is_in(&text), text.contains("ab"));
            let places: Vec<usize> = text.match_indices("ab").map(|(at, _)| at).collect();
            prop_assert_eq!(PART.places_in(&text).collect::<Vec<_>>(), places);
            let meant = letters_digits_and(b"$/");
            let is_meant = |byte: u8| byte.is_ascii_alphanumeric() || b"$/".contains(&byte);
            prop_assert!(text.bytes().all(|byte| meant[usize::from(byte)] == is_meant(byte)));
            prop_assert_eq!(Some(last_part(&text)), text.rsplit('/').next());
            prop_assert_eq!(around_last_slash(&text), text.rsplit_once('/'));
        }
    }
}
