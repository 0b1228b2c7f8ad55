//! Which base images a stand-in can be made for: `node:<x.y.z>-alpine`.

use std::fmt;

use serde::Serialize;

/// An exact version of Node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

impl NodeVersion {
    /// Reads `20.18.0`, and nothing that has more or fewer parts.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        });
        let version = Self {
            major: parts.next()??,
            minor: parts.next()??,
            patch: parts.next()??,
        };
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for NodeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Serialize for NodeVersion {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A reference to an official Node image on Alpine, such as `docker.io/library/node:20.18.0-alpine3.20`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NodeReference {
    pub(super) version: NodeVersion,
    /// `3.20` in `-alpine3.20`.
    pub(super) alpine: Option<String>,
}

impl NodeReference {
    /// `None` for anything else: another image, another base, a tag that moves (`20-alpine`). A digest is ignored,
    /// as no stand-in could have it.
    pub(super) fn parse(reference: &str) -> Option<Self> {
        let name = reference
            .split_once('@')
            .map_or(reference, |(name, _)| name);
        let name = name.strip_prefix("docker.io/").unwrap_or(name);
        let tag = name
            .strip_prefix("library/")
            .unwrap_or(name)
            .strip_prefix("node:")?;
        let (version, alpine) = tag.split_once("-alpine")?;
        let is_release = |text: &str| {
            text.split('.')
                .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
        };
        let alpine = match alpine {
            "" => None,
            release if is_release(release) => Some(release.to_owned()),
            _ => return None,
        };
        Some(Self {
            version: NodeVersion::parse(version)?,
            alpine,
        })
    }

    /// The tag the official image has.
    pub(super) fn tag(&self) -> String {
        format!(
            "{}-alpine{}",
            self.version,
            self.alpine.as_deref().unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_alpine_tags_of_the_official_image_have_a_stand_in() {
        for (reference, tag) in [
            ("node:20.18.0-alpine", "20.18.0-alpine"),
            ("node:22.11.0-alpine3.20", "22.11.0-alpine3.20"),
            ("docker.io/library/node:20.18.0-alpine", "20.18.0-alpine"),
            ("docker.io/node:20.18.0-alpine", "20.18.0-alpine"),
            ("node:20.18.0-alpine@sha256:0123", "20.18.0-alpine"),
        ] {
            assert_eq!(
                NodeReference::parse(reference).map(|r| r.tag()).as_deref(),
                Some(tag),
                "{reference}"
            );
        }
        for reference in [
            "node:20-alpine",
            "node:20.18-alpine",
            "node:20.18.0.1-alpine",
            "node:lts-alpine",
            "node:20.18.0",
            "node:20.18.0-slim",
            "node:20.18.0-alpine3.x",
            "node:+20.18.0-alpine",
            "example.org/node:20.18.0-alpine",
            "python:3.12.1-alpine",
            "",
        ] {
            assert_eq!(NodeReference::parse(reference), None, "{reference}");
        }
    }

    #[test]
    fn versions_are_ordered_by_number() {
        let version = |text| NodeVersion::parse(text).unwrap();
        assert!(version("20.9.0") < version("20.18.0"));
        assert_eq!(version("20.18.0").to_string(), "20.18.0");
    }
}
