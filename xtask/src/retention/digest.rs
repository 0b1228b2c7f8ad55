//! The name of content by its checksum.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};

/// `sha256:…` or `sha512:…` in lower case, as the OCI image specification (descriptor, "Digests") registers them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    /// The SHA-256 of content.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(format!("sha256:{}", hexadecimal(&Sha256::digest(bytes))))
    }

    /// Whether content is what the digest names.
    #[must_use]
    pub fn names(&self, bytes: &[u8]) -> bool {
        match self.0.split_once(':') {
            Some(("sha512", hex)) => hexadecimal(&Sha512::digest(bytes)) == hex,
            _ => *self == Self::of(bytes),
        }
    }

    /// `sha256:…`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For people: the first digits.
    #[must_use]
    pub fn short(&self) -> &str {
        let start = self.0.find(':').map_or(0, |colon| colon + 1);
        &self.0[start..start + 12]
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (algorithm, hex) = text.split_once(':').unwrap_or_default();
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => 0,
        };
        let digits = hex
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if length == 0 || hex.len() != length || !digits {
            return Err(format!("\"{}\" is no digest", text.escape_debug()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_strictly_and_name_their_content() {
        let abc = Digest::of(b"abc");
        assert_eq!(abc.short(), "ba7816bf8f01");
        assert_eq!(abc.as_str().parse(), Ok(abc.clone()));
        assert!(abc.names(b"abc") && !abc.names(b"abd"));
        let long = format!("sha512:{}", hexadecimal(&Sha512::digest(b"abc")));
        let long: Digest = long.parse().unwrap();
        assert!(long.names(b"abc") && !long.names(b"abd"));
        for text in [
            "",
            "sha256:",
            "sha256:ab",
            "md5:ab",
            &abc.as_str().to_uppercase(),
            "sha256:ä",
        ] {
            text.parse::<Digest>().unwrap_err();
        }
    }
}
