//! Names of images as the engine and BuildKit read them (`distribution/reference`).

use std::fmt;

/// The name of an image, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageName {
    /// `ghcr.io`, or `docker.io` where none is written.
    pub domain: String,
    /// `ddoachi/jts-base`, or `library/node` where only `node` is written.
    pub path: String,
    /// `latest` is not filled in.
    pub tag: Option<String>,
    /// `sha256:…`.
    pub digest: Option<String>,
}

impl ImageName {
    /// Takes an expanded name apart; `None` if it is not the name of an image.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash belongs to a port.
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (name, None),
        };
        let (domain, path) = match name.split_once('/') {
            Some((first, rest))
                if first == "localhost"
                    || first.contains(['.', ':'])
                    || first.contains(|c: char| c.is_ascii_uppercase()) =>
            {
                (first, rest)
            }
            _ => ("docker.io", name),
        };
        let domain = if domain == "index.docker.io" {
            "docker.io"
        } else {
            domain
        };
        let path = if domain == "docker.io" && !path.contains('/') {
            format!("library/{path}")
        } else {
            path.to_owned()
        };
        let digest_fits =
            digest.is_none_or(|d| d.split_once(':').is_some_and(|(_, hex)| !hex.is_empty()));
        let tag_fits = tag.is_none_or(|tag| {
            !tag.is_empty()
                && tag.len() <= 128
                && !tag.starts_with(['.', '-'])
                && tag
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
        });
        let path_fits = path.split('/').all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
        });
        (digest_fits && tag_fits && path_fits).then(|| Self {
            domain: domain.to_owned(),
            path,
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// What is asked of a registry: in full, with the tag, `latest` where there is none, and without the digest.
    #[must_use]
    pub fn tagged(&self) -> String {
        let tag = self.tag.as_deref().unwrap_or("latest");
        format!("{}/{}:{tag}", self.domain, self.path)
    }

    /// The key a named context must have so that BuildKit finds it for this reference: the short name, without
    /// `:latest`. Bake does not make it so, and a key that is written otherwise is silently ignored.
    #[must_use]
    pub fn context_key(&self) -> String {
        let short = match self.domain.as_str() {
            "docker.io" => self
                .path
                .strip_prefix("library/")
                .unwrap_or(&self.path)
                .to_owned(),
            domain => format!("{domain}/{}", self.path),
        };
        match (self.tag.as_deref(), &self.digest) {
            (None | Some("latest"), None) => short,
            (tag, digest) => short + &suffix(tag, digest.as_deref()),
        }
    }
}

impl fmt::Display for ImageName {
    /// In full: `docker.io/library/node:20.18.0-alpine`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = suffix(self.tag.as_deref(), self.digest.as_deref());
        write!(f, "{}/{}{tail}", self.domain, self.path)
    }
}

fn suffix(tag: Option<&str>, digest: Option<&str>) -> String {
    let tag = tag.map(|tag| format!(":{tag}")).unwrap_or_default();
    let digest = digest
        .map(|digest| format!("@{digest}"))
        .unwrap_or_default();
    tag + &digest
}

#[cfg(test)]
mod tests {
    use super::ImageName;

    /// Every row of the table of keys that BuildKit was seen to find, and those it was not.
    #[test]
    fn context_keys_are_those_buildkit_looks_up() {
        for (reference, key) in [
            ("ghcr.io/o/base:latest", "ghcr.io/o/base"),
            ("ghcr.io/o/base", "ghcr.io/o/base"),
            ("ghcr.io/o/base:1", "ghcr.io/o/base:1"),
            ("node:20-alpine", "node:20-alpine"),
            ("docker.io/library/node:latest", "node"),
            ("index.docker.io/library/node", "node"),
            ("docker.io/o/x:1", "o/x:1"),
            ("node:20@sha256:ab", "node:20@sha256:ab"),
            ("node@sha256:ab", "node@sha256:ab"),
            ("node:latest@sha256:ab", "node:latest@sha256:ab"),
            ("localhost:5000/x:latest", "localhost:5000/x"),
            ("localhost/x", "localhost/x"),
        ] {
            let parsed = ImageName::parse(reference).unwrap();
            assert_eq!(parsed.context_key(), key, "{reference}");
        }
    }

    #[test]
    fn names_in_full() {
        for (text, full) in [
            ("node:20", Some("docker.io/library/node:20")),
            ("o/x", Some("docker.io/o/x")),
            ("h:1/x@sha256:ab", Some("h:1/x@sha256:ab")),
            ("", None),
            ("Node", None),
            ("x:", None),
            ("x:.a", None),
            ("a//b", None),
            ("x@", None),
        ] {
            let parsed = ImageName::parse(text).map(|r| r.to_string());
            assert_eq!(parsed.as_deref(), full, "{text}");
        }
    }

    #[test]
    fn a_registry_is_asked_for_tags() {
        for (text, asked) in [
            ("node", "docker.io/library/node:latest"),
            ("node@sha256:ab", "docker.io/library/node:latest"),
            ("h:1/x:2@sha256:ab", "h:1/x:2"),
        ] {
            assert_eq!(ImageName::parse(text).unwrap().tagged(), asked);
        }
    }
}
