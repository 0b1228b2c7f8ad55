//! Where the repository begins and which manifest counts.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result};

/// Where the manifest lies unless told otherwise, from the root.
pub const DEFAULT_MANIFEST: &str = "docker/docker.toml";

/// The repository and its manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The repository's root, absolute.
    pub root: Utf8PathBuf,
    /// The manifest, from the root.
    pub manifest: Utf8PathBuf,
}

/// Finds the manifest: the one named, or the nearest `docker/docker.toml` from `current_dir` upwards. The root is the
/// folder above the one it lies in.
///
/// # Errors
/// There is none.
pub fn find(current_dir: &Utf8Path, manifest: Option<&Utf8Path>) -> Result<Root> {
    if let Some(named) = manifest {
        let full = normal(&current_dir.join(named));
        if !is_there(&full) {
            return Err(Error::usage(format!("there is no manifest {named}"))
                .help(format!("looked for {full}")));
        }
        let root = full
            .parent()
            .and_then(Utf8Path::parent)
            .ok_or_else(|| {
                Error::usage(format!("{named} lies in no folder of a repository"))
                    .help("the repository's root is the folder above the one the manifest lies in: put it into `docker/`")
            })?
            .to_owned();
        let manifest = full
            .strip_prefix(&root)
            .map_or_else(|_| full.clone(), Utf8Path::to_owned);
        return Ok(Root { root, manifest });
    }
    current_dir
        .ancestors()
        .find(|folder| is_there(&folder.join(DEFAULT_MANIFEST)))
        .map(|root| Root {
            root: root.to_owned(),
            manifest: Utf8PathBuf::from(DEFAULT_MANIFEST),
        })
        .ok_or_else(|| {
            Error::usage(format!(
                "there is no {DEFAULT_MANIFEST} in {current_dir} or any folder above it"
            ))
            .help("run this inside the repository, or name the manifest with `--manifest FILE`")
            .help(
                "a manifest can be as short as:\n\
                 schema_version = 1\n\
                 [project]\n\
                 name = \"shop\"",
            )
        })
}

/// The repository's root, whether or not it has a manifest yet: as [`find`] says, else the nearest folder with `.git`.
///
/// # Errors
/// The manifest that is named is missing, or there is neither.
pub fn folder(current_dir: &Utf8Path, manifest: Option<&Utf8Path>) -> Result<Utf8PathBuf> {
    let error = match find(current_dir, manifest) {
        Ok(root) => return Ok(root.root),
        Err(error) if manifest.is_some() => return Err(error),
        Err(error) => error,
    };
    current_dir
        .ancestors()
        .find(|folder| is_there(&folder.join(".git")))
        .map(Utf8Path::to_owned)
        .ok_or(error.help("a git repository without a manifest would do here, too"))
}

/// Whether something lies there: reading it then tells what is wrong with a folder, a broken link, or missing rights.
fn is_there(path: &Utf8Path) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), NotFound | NotADirectory),
    }
}

/// Without `.` and `..`, as written: links are not followed, so that messages name what the user named.
pub(crate) fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let is_part = |part: &str| !matches!(part, "" | "." | "..");
    let inside = path.as_str().strip_prefix('/').unwrap_or(path.as_str());
    if inside.split('/').all(is_part) {
        return path.to_owned();
    }
    let mut normal = Utf8PathBuf::with_capacity(path.as_str().len());
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_what_leads_nowhere() {
        for (path, expected) in [
            ("/a/b", "/a/b"),
            ("a.b/.c/..d", "a.b/.c/..d"),
            ("/a/./b//c/", "/a/b/c"),
            ("./a/../b", "b"),
            ("/../a", "/a"),
            ("..", ""),
            ("/", "/"),
            ("", ""),
        ] {
            assert_eq!(normal(Utf8Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn the_root_is_above_the_manifest_wherever_one_stands() {
        let dir = tempfile::tempdir().unwrap();
        let top = Utf8Path::from_path(dir.path()).unwrap();
        for folder in ["docker", "apps/a", "other"] {
            std::fs::create_dir_all(top.join(folder)).unwrap();
        }
        std::fs::write(top.join("docker/docker.toml"), "").unwrap();
        std::fs::write(top.join("other/images.toml"), "").unwrap();
        let root = |manifest: &str| Root {
            root: top.to_owned(),
            manifest: manifest.into(),
        };
        assert_eq!(
            find(&top.join("apps/a"), None).unwrap(),
            root(DEFAULT_MANIFEST)
        );
        assert_eq!(
            find(
                &top.join("apps/a"),
                Some(Utf8Path::new("../../other/./images.toml"))
            )
            .unwrap(),
            root("other/images.toml")
        );
        let error = find(top, Some(Utf8Path::new("gone.toml"))).unwrap_err();
        assert!(
            error.to_string().contains("no manifest gone.toml"),
            "{error}"
        );
    }

    #[test]
    fn without_a_manifest_the_error_shows_the_shortest_one() {
        let dir = tempfile::tempdir().unwrap();
        let error = find(Utf8Path::from_path(dir.path()).unwrap(), None).unwrap_err();
        assert_eq!(error.exit(), crate::error::Exit::Usage);
        assert!(error.helps()[1].contains("schema_version = 1"));
    }

    #[test]
    fn a_folder_in_the_place_of_the_manifest_is_not_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let top = Utf8Path::from_path(dir.path()).unwrap();
        std::fs::create_dir_all(top.join("inner/docker/docker.toml")).unwrap();
        std::fs::create_dir(top.join("docker")).unwrap();
        std::fs::write(top.join("docker/docker.toml"), "").unwrap();
        assert_eq!(
            find(&top.join("inner"), None).unwrap().root,
            top.join("inner")
        );
    }

    #[test]
    fn a_repository_without_a_manifest_is_found_by_git() {
        let dir = tempfile::tempdir().unwrap();
        let top = Utf8Path::from_path(dir.path()).unwrap();
        let inner = top.join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        assert!(folder(&inner, None).is_err());
        // A work tree has a file of that name.
        std::fs::write(top.join(".git"), "gitdir: /elsewhere\n").unwrap();
        assert_eq!(folder(&inner, None).unwrap(), top);
        let named = folder(&inner, Some(Utf8Path::new("gone.toml"))).unwrap_err();
        assert!(
            named.to_string().contains("no manifest gone.toml"),
            "{named}"
        );
        std::fs::create_dir(top.join("a/docker")).unwrap();
        std::fs::write(top.join("a/docker/docker.toml"), "").unwrap();
        assert_eq!(folder(&inner, None).unwrap(), top.join("a"));
    }
}
