//! From any text to a tag (`distribution/reference`: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`).

use sha2::{Digest, Sha256};

/// The longest tag, in characters.
pub(super) const MAX_TAG: usize = 128;
/// How many digits of the digest stand behind a tag that is cut.
const DIGEST_DIGITS: usize = 8;

/// A text as a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sanitized {
    pub(super) tag: String,
    /// What was done beside replacing characters, as a sentence.
    pub(super) note: Option<&'static str>,
}

/// The text as a tag: runs of characters that no tag has become a hyphen, hyphens and periods in front go, and what is
/// too long is cut and ends with the beginning of its digest, so that two long names stay two. `None` if nothing is left.
pub(super) fn sanitized(text: &str) -> Option<Sanitized> {
    let mut tag = String::with_capacity(text.len());
    let mut is_replaced = false;
    for c in text.chars() {
        let fits = c.is_ascii_alphanumeric() || "._-".contains(c);
        if fits {
            tag.push(c);
        } else if !is_replaced {
            tag.push('-');
        }
        is_replaced = !fits;
    }
    let mut note = None;
    let begin = tag.trim_start_matches(['-', '.']).len();
    if begin < tag.len() {
        tag.replace_range(..tag.len() - begin, "");
        note = Some("a tag cannot begin with a hyphen or a period");
    }
    if tag.is_empty() {
        return None;
    }
    if tag.len() > MAX_TAG {
        let digest = Sha256::digest(tag.as_bytes());
        let digits: String = digest
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .take(DIGEST_DIGITS)
            .filter_map(|digit| char::from_digit(u32::from(digit), 16))
            .collect();
        tag.truncate(MAX_TAG - DIGEST_DIGITS - 1);
        tag = format!("{tag}-{digits}");
        note = Some("a tag has at most 128 characters; the end tells those apart that begin alike");
    }
    Some(Sanitized { tag, note })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_tags() {
        for (text, expected) in [
            ("main", "main"),
            ("my/branch", "my-branch"),
            ("a&b'c d", "a-b-c-d"),
            ("feature//x", "feature-x"),
            ("a-/-b", "a---b"),
            ("ünï", "n-"),
            ("_x", "_x"),
            ("-.-x-", "x-"),
            ("1.2.3+build.5", "1.2.3-build.5"),
        ] {
            assert_eq!(sanitized(text).unwrap().tag, expected, "{text}");
        }
        assert_eq!(sanitized(""), None);
        assert_eq!(sanitized("-./"), None);
    }

    #[test]
    fn long_names_stay_apart() {
        let long = "b".repeat(MAX_TAG);
        assert_eq!(sanitized(&long).unwrap().tag, long);
        let (one, two) = (format!("{long}1"), format!("{long}2"));
        let (one, two) = (sanitized(&one).unwrap(), sanitized(&two).unwrap());
        assert_ne!(one.tag, two.tag);
        assert_eq!(
            (
                one.tag.len(),
                one.tag == sanitized(&format!("{long}1")).unwrap().tag
            ),
            (MAX_TAG, true)
        );
    }
}
