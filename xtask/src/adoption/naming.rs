//! What a Dockerfile is called by its place, and the pattern that finds its like.

use camino::Utf8Path;

/// The name of what a Dockerfile makes, and the glob of `services.dockerfiles` by which it gets that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Naming {
    pub(super) name: String,
    pub(super) pattern: String,
    /// It is named by its file's name and not by its folder: `Dockerfile.api`.
    pub(super) by_file: bool,
}

impl Naming {
    /// Reads a path from the root; `None` for a Dockerfile in the root, which nothing names.
    pub(super) fn of(path: &Utf8Path) -> Option<Self> {
        let file = path.file_name()?;
        let folder = path.parent().map_or("", Utf8Path::as_str);
        let inside = |pattern: &str| match folder {
            "" => pattern.to_owned(),
            folder => format!("{folder}/{pattern}"),
        };
        for word in ["Dockerfile", "dockerfile", "Containerfile"] {
            if let Some(name) = file
                .strip_prefix(word)
                .and_then(|rest| rest.strip_prefix('.'))
            {
                return Some(Self {
                    name: name.to_owned(),
                    pattern: inside(&format!("{word}.*")),
                    by_file: true,
                });
            }
            if let Some(name) = file
                .strip_suffix(word)
                .and_then(|rest| rest.strip_suffix('.'))
            {
                return Some(Self {
                    name: name.to_owned(),
                    pattern: inside(&format!("*.{word}")),
                    by_file: true,
                });
            }
        }
        let folder = path.parent().filter(|folder| !folder.as_str().is_empty())?;
        let above = folder.parent().map_or("", Utf8Path::as_str);
        let pattern = match above {
            "" => format!("*/{file}"),
            above => format!("{above}/*/{file}"),
        };
        Some(Self {
            name: folder.file_name()?.to_owned(),
            pattern,
            by_file: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_what_is_made() {
        for (path, expected) in [
            ("apps/api/Dockerfile", Some(("api", "apps/*/Dockerfile"))),
            ("api/Containerfile", Some(("api", "*/Containerfile"))),
            ("a/b/c/Dockerfile", Some(("c", "a/b/*/Dockerfile"))),
            ("Dockerfile.api", Some(("api", "Dockerfile.*"))),
            (
                "docker/api.Dockerfile",
                Some(("api", "docker/*.Dockerfile")),
            ),
            ("Dockerfile", None),
        ] {
            let naming = Naming::of(Utf8Path::new(path));
            let told = naming
                .as_ref()
                .map(|n| (n.name.as_str(), n.pattern.as_str()));
            assert_eq!(told, expected, "{path}");
        }
    }
}
