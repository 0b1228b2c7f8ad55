//! The image of a container, as a manifest writes it.

/// What a container that nothing has given a tag or digest is of: nobody pushes it, so nothing is started by mistake.
pub const UNPINNED: &str = "unpinned";

/// A name, and what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageField<'t> {
    /// `ghcr.io/acme/api`, as written.
    pub name: &'t str,
    /// `:tag`, `@sha256:…`, both, or nothing.
    pub suffix: &'t str,
}

impl<'t> ImageField<'t> {
    /// Takes the text apart.
    #[must_use]
    pub fn of(text: &'t str) -> Self {
        let digest = text.find('@').unwrap_or(text.len());
        // A colon before the last slash belongs to a port.
        let slash = text[..digest].rfind('/').map_or(0, |at| at + 1);
        let end = text[slash..digest]
            .find(':')
            .map_or(digest, |at| slash + at);
        Self {
            name: &text[..end],
            suffix: &text[end..],
        }
    }

    /// Its tag.
    #[must_use]
    pub fn tag(self) -> Option<&'t str> {
        let tag = self.suffix.strip_prefix(':')?;
        Some(tag.split('@').next().unwrap_or(tag))
    }

    /// Its digest, `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn digest(self) -> Option<&'t str> {
        let (_, digest) = self.suffix.split_once('@')?;
        let hex = digest.strip_prefix("sha256:")?;
        (hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_no_tags_and_half_a_digest_is_none() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (text, name, tag, pinned) in [
            ("api", "api", None, false),
            ("localhost:5000/api", "localhost:5000/api", None, false),
            (
                "localhost:5000/api:1",
                "localhost:5000/api",
                Some("1"),
                false,
            ),
            (
                &format!("ghcr.io/a/api@{digest}"),
                "ghcr.io/a/api",
                None,
                true,
            ),
            (&format!("api:1@{digest}"), "api", Some("1"), true),
            ("api@sha256:ab", "api", None, false),
        ] {
            let field = ImageField::of(text);
            assert_eq!((field.name, field.tag()), (name, tag), "{text}");
            assert_eq!(field.digest().is_some(), pinned, "{text}");
        }
    }
}
