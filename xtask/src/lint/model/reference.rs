//! The parts of an image reference that tell what is inside.

/// A reference, taken apart. Variables that are not known stand as [`UNKNOWN`] in it.
#[derive(Debug)]
pub(super) struct Reference<'r> {
    /// With host, in full: `docker.io/library/node`.
    pub(super) name: String,
    /// The tag; empty if there is none.
    pub(super) tag: &'r str,
}

/// Stands for text that is not known.
pub(super) const UNKNOWN: char = '\u{fffd}';

/// What Docker Hub calls the official images of one architecture: `arm64v8/alpine`.
const ARCHITECTURES: [&str; 10] = [
    "amd64", "arm32v5", "arm32v6", "arm32v7", "arm64v8", "i386", "mips64le", "ppc64le", "riscv64",
    "s390x",
];

impl<'r> Reference<'r> {
    /// `None` if the name itself is not known.
    pub(super) fn parse(text: &'r str) -> Option<Self> {
        let name = text.split_once('@').map_or(text, |(name, _)| name);
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (name, ""),
        };
        if name.is_empty() || name.contains(UNKNOWN) {
            return None;
        }
        let (host, path) = match name.split_once('/') {
            Some((host, path)) if host == "localhost" || host.contains(['.', ':']) => (host, path),
            _ => ("docker.io", name),
        };
        // Mirrors of the official images keep their names.
        let (host, path) = match (host, path) {
            ("index.docker.io" | "registry-1.docker.io" | "mirror.gcr.io", path) => {
                ("docker.io", path)
            }
            ("public.ecr.aws", path) => match path.strip_prefix("docker/") {
                Some(path) => ("docker.io", path),
                None => (host, path),
            },
            other => other,
        };
        // The official images of one architecture have the name of it in front.
        let path = match path.split_once('/') {
            Some((architecture, image))
                if host == "docker.io"
                    && ARCHITECTURES.contains(&architecture)
                    && !image.contains('/') =>
            {
                image
            }
            _ => path,
        };
        let library = if host == "docker.io" && !path.contains('/') {
            "library/"
        } else {
            ""
        };
        Some(Self {
            name: [host, "/", library, path].concat(),
            tag,
        })
    }

    /// The name of an official image: `node`.
    pub(super) fn official(&self) -> Option<&str> {
        self.name.strip_prefix("docker.io/library/")
    }

    /// The parts of the tag between dashes.
    pub(super) fn words(&self) -> impl Iterator<Item = &'r str> {
        self.tag.split('-').filter(|word| !word.is_empty())
    }

    /// The version at the front of the tag, if it has at least so many parts: `20.18.0`.
    pub(super) fn version(&self, parts: usize) -> Option<&'r str> {
        let first = self.words().next()?;
        let number = first.strip_prefix('v').unwrap_or(first);
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        (number.split('.').all(is_number) && number.split('.').count() >= parts).then_some(number)
    }

    /// The distribution that the tag names, with its release if it names that, too.
    pub(super) fn distribution(&self) -> Option<(&'static str, &'r str)> {
        let mut words = self.words().peekable();
        while let Some(word) = words.next() {
            if let Some(release) = word.strip_prefix("alpine") {
                let is_release = release.starts_with(|c: char| c.is_ascii_digit());
                return Some(("alpine", if is_release { release } else { "" }));
            }
            let debian = match word {
                "stretch" => "9",
                "buster" => "10",
                "bullseye" => "11",
                "bookworm" => "12",
                "trixie" => "13",
                _ => "",
            };
            if !debian.is_empty() {
                return Some(("debian", debian));
            }
            let ubuntu = match word {
                "bionic" => "18.04",
                "focal" => "20.04",
                "jammy" => "22.04",
                "noble" => "24.04",
                "ubuntu" => words.peek().copied().unwrap_or_default(),
                _ => match word.strip_prefix("ubuntu") {
                    Some(release) => release,
                    None => continue,
                },
            };
            return Some(("ubuntu", ubuntu));
        }
        None
    }

    /// The tag has this word.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words().any(|own| own == word)
    }
}

#[cfg(test)]
mod tests {
    use super::Reference;

    #[test]
    fn official_images_under_other_names() {
        for (text, name) in [
            ("node:20", "node"),
            ("docker.io/library/node", "node"),
            ("mirror.gcr.io/node", "node"),
            ("public.ecr.aws/docker/library/node", "node"),
            ("i386/ubuntu:focal", "ubuntu"),
            ("arm64v8/alpine:3.20", "alpine"),
        ] {
            let reference = Reference::parse(text);
            assert_eq!(
                reference.as_ref().and_then(Reference::official),
                Some(name),
                "{text}"
            );
        }
        for text in ["grafana/grafana", "ghcr.io/i386/ubuntu", "i386/a/b"] {
            let reference = Reference::parse(text).unwrap();
            assert_eq!(reference.official(), None, "{text}");
        }
    }
}
