//! Versions of tools, as far as a minimum needs them.

use std::fmt;

/// The first three numbers of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub [u32; 3]);

impl Version {
    /// Reads `v0.29.1`, `28.5.2+dfsg4`, `27.0-rc.1`; `None` where it starts with no number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = [0; 3];
        let mut words = text.trim().trim_start_matches('v').split('.');
        for (place, number) in numbers.iter_mut().enumerate() {
            let Some(word) = words.next() else { break };
            let digits = word
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(word.len());
            match word[..digits].parse() {
                Ok(parsed) => *number = parsed,
                Err(_) if place == 0 => return None,
                Err(_) => break,
            }
            if digits < word.len() {
                break;
            }
        }
        Some(Self(numbers))
    }

    /// Whether `found` is older than `minimum`. A version that cannot be read (a developer's build) is not.
    #[must_use]
    pub fn older(found: &str, minimum: Self) -> bool {
        Self::parse(found).is_some_and(|found| found < minimum)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_far_as_they_are_numbers() {
        for (text, numbers) in [
            ("v0.29.1", [0, 29, 1]),
            ("28.5.2+dfsg4", [28, 5, 2]),
            ("27.0-rc.1", [27, 0, 0]),
            ("2.40.3-3", [2, 40, 3]),
            ("24", [24, 0, 0]),
        ] {
            assert_eq!(Version::parse(text), Some(Version(numbers)), "{text}");
        }
        assert_eq!(Version::parse("dev"), None);
        assert!(Version::older("0.9.9", Version([0, 17, 0])));
        assert!(!Version::older("0.17.0", Version([0, 17, 0])));
        assert!(!Version::older("dev", Version([0, 17, 0])));
    }
}
