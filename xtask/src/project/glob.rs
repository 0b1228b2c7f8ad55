//! Finding files by pattern: `*` and `?` within one name, `**` for any number of folders.

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result};

/// A file that was found, and what the last wildcard of the pattern stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Match {
    /// From the root.
    pub(crate) path: Utf8PathBuf,
    /// `api` for `apps/api/Dockerfile` found by `apps/*/Dockerfile`.
    pub(crate) wildcard: Option<String>,
}

/// The files below `root` that match, sorted by path, each once.
///
/// A wildcard matches neither hidden names nor `node_modules` and `target`; `**` does not follow symbolic links to
/// folders, so links that go round in a circle do no harm.
pub(crate) fn find(root: &Utf8Path, pattern: &str) -> Result<Vec<Match>> {
    let parts: Vec<&str> = pattern.split('/').collect();
    let mut found = Vec::new();
    walk(root, Utf8Path::new(""), &parts, None, &mut found)?;
    found.sort();
    found.dedup_by(|a, b| a.path == b.path);
    Ok(found)
}

/// Whether a path from the root matches, by the same rules but without looking at the disk.
pub(crate) fn matches(pattern: &str, path: &Utf8Path) -> bool {
    fn parts_match(pattern: &[&str], path: &[&str]) -> bool {
        match pattern.split_first() {
            None => path.is_empty(),
            Some((&"**", rest)) => {
                (0..=path.len()).any(|skipped| parts_match(rest, &path[skipped..]))
            }
            Some((part, rest)) => path
                .split_first()
                .is_some_and(|(name, path)| name_matches(part, name) && parts_match(rest, path)),
        }
    }
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.as_str().split('/').collect();
    parts_match(&pattern, &path)
}

/// Names no wildcard stands for.
fn passed_over(name: &str) -> bool {
    name.starts_with('.') || name == "node_modules" || name == "target"
}

fn walk(
    root: &Utf8Path,
    folder: &Utf8Path,
    parts: &[&str],
    wildcard: Option<&str>,
    found: &mut Vec<Match>,
) -> Result<()> {
    let Some((part, rest)) = parts.split_first() else {
        return Ok(());
    };
    if *part == "**" {
        // `**` as no folder at all, then as one more.
        walk(root, folder, rest, wildcard, found)?;
        for name in entries(root, folder)? {
            let path = folder.join(&name);
            let real_folder = std::fs::symlink_metadata(root.join(&path)).is_ok_and(|m| m.is_dir());
            if real_folder && !passed_over(&name) {
                walk(root, &path, parts, Some(&name), found)?;
            }
        }
        return Ok(());
    }
    if !part.contains(['*', '?']) {
        let path = folder.join(part);
        if !rest.is_empty() {
            return walk(root, &path, rest, wildcard, found);
        }
        if is_there(&root.join(&path)) {
            found.push(Match {
                path,
                wildcard: wildcard.map(str::to_owned),
            });
        }
        return Ok(());
    }
    for name in entries(root, folder)? {
        if !passed_over(&name) && name_matches(part, &name) {
            let stands_for = if rest.is_empty() {
                bare(part, &name).or(wildcard)
            } else {
                Some(name.as_str())
            };
            step(root, &folder.join(&name), rest, stands_for, found)?;
        }
    }
    Ok(())
}

fn step(
    root: &Utf8Path,
    path: &Utf8Path,
    rest: &[&str],
    wildcard: Option<&str>,
    found: &mut Vec<Match>,
) -> Result<()> {
    if !rest.is_empty() {
        return walk(root, path, rest, wildcard, found);
    }
    // Broken links and folders are not what a wildcard stands for.
    if root.join(path).is_file() {
        found.push(Match {
            path: path.to_owned(),
            wildcard: wildcard.map(str::to_owned),
        });
    }
    Ok(())
}

/// Whether a file that is named in full lies there. Reading it tells what is wrong with a folder, a broken link, a
/// pipe or missing rights; to leave it out would lose a service without a word.
fn is_there(full: &Utf8Path) -> bool {
    full.symlink_metadata().map_or_else(
        |e| e.kind() == std::io::ErrorKind::PermissionDenied,
        |_| true,
    )
}

/// The names in a folder, sorted; none if it is not there or not a folder.
fn entries(root: &Utf8Path, folder: &Utf8Path) -> Result<Vec<String>> {
    let full = root.join(folder);
    if !full.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |error| Error::usage(format!("failed to look into {full}")).because(error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&full).map_err(failed)? {
        // A name that is not UTF-8 can match nothing that is written in the manifest.
        if let Ok(name) = entry.map_err(failed)?.file_name().into_string() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Whether a name matches a pattern without `/`.
pub(crate) fn name_matches(pattern: &str, name: &str) -> bool {
    fn chars_match(pattern: &[char], name: &[char]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            // Greedy backtracking is fine: names are short and patterns have a star or two.
            Some(('*', rest)) => (0..=name.len()).any(|n| chars_match(rest, &name[n..])),
            Some((c, rest)) => name
                .split_first()
                .is_some_and(|(first, name)| (c == first || *c == '?') && chars_match(rest, name)),
        }
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    chars_match(&pattern, &name)
}

/// `api` for `api.Dockerfile` found by `*.Dockerfile`; nothing for `Dockerfile` found by `Dockerfile*`.
fn bare<'a>(pattern: &str, name: &'a str) -> Option<&'a str> {
    let first = pattern.find(['*', '?'])?;
    let last = pattern.rfind(['*', '?'])?;
    name.strip_prefix(&pattern[..first])?
        .strip_suffix(&pattern[last + 1..])
        .filter(|middle| !middle.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        dir
    }

    fn found(dir: &tempfile::TempDir, pattern: &str) -> Vec<String> {
        let root = Utf8Path::from_path(dir.path()).unwrap();
        find(root, pattern)
            .unwrap()
            .into_iter()
            .map(|m| format!("{}={}", m.wildcard.unwrap_or_default(), m.path))
            .collect()
    }

    #[test]
    fn the_last_wildcard_is_the_name() {
        let dir = tree(&[
            "apps/b/Dockerfile",
            "apps/a/Dockerfile",
            "apps/a/x/Dockerfile",
            "apps/Dockerfile",
            "apps/.hidden/Dockerfile",
            "apps/node_modules/Dockerfile",
            "services/pay/docker/Dockerfile",
            "images/web.Dockerfile",
            "images/Dockerfile.api",
        ]);
        for (pattern, expected) in [
            (
                "apps/*/Dockerfile",
                vec!["a=apps/a/Dockerfile", "b=apps/b/Dockerfile"],
            ),
            (
                "services/*/docker/Dockerfile",
                vec!["pay=services/pay/docker/Dockerfile"],
            ),
            ("images/*.Dockerfile", vec!["web=images/web.Dockerfile"]),
            ("images/Dockerfile.*", vec!["api=images/Dockerfile.api"]),
            ("apps/Dockerfile", vec!["=apps/Dockerfile"]),
            (
                "apps/?/Dockerfile",
                vec!["a=apps/a/Dockerfile", "b=apps/b/Dockerfile"],
            ),
            (
                "apps/**/Dockerfile",
                vec![
                    "=apps/Dockerfile",
                    "a=apps/a/Dockerfile",
                    "x=apps/a/x/Dockerfile",
                    "b=apps/b/Dockerfile",
                ],
            ),
            ("nothing/*/Dockerfile", vec![]),
        ] {
            assert_eq!(found(&dir, pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn links_that_go_round_in_a_circle_do_no_harm() {
        use std::os::unix::fs::symlink;
        let dir = tree(&["apps/a/Dockerfile"]);
        let at = |path: &str| dir.path().join(path);
        symlink("..", at("apps/a/up")).unwrap();
        symlink("self", at("apps/self")).unwrap();
        symlink("nowhere", at("apps/a/Dockerfile.gone")).unwrap();
        assert_eq!(found(&dir, "**/Dockerfile*"), ["a=apps/a/Dockerfile"]);
        assert_eq!(found(&dir, "apps/*/Dockerfile"), ["a=apps/a/Dockerfile"]);
    }

    #[test]
    fn what_cannot_be_a_dockerfile_is_found_where_its_name_is_written_in_full() {
        let dir = tree(&["apps/a/Dockerfile", "apps/b/Dockerfile/x"]);
        std::fs::create_dir(dir.path().join("apps/c")).unwrap();
        std::os::unix::fs::symlink("gone", dir.path().join("apps/c/Dockerfile")).unwrap();
        assert_eq!(
            found(&dir, "apps/*/Dockerfile"),
            [
                "a=apps/a/Dockerfile",
                "b=apps/b/Dockerfile",
                "c=apps/c/Dockerfile"
            ]
        );
        assert_eq!(found(&dir, "apps/*/Dockerfile*"), ["a=apps/a/Dockerfile"]);
    }

    #[test]
    fn paths_match_without_a_disk() {
        for (pattern, path, expected) in [
            ("apps/*/Dockerfile", "apps/a/Dockerfile", true),
            ("apps/*/Dockerfile", "apps/a/b/Dockerfile", false),
            ("**/Dockerfile", "Dockerfile", true),
            ("apps/**", "apps/a/b", true),
            ("apps/a", "apps/ab", false),
            ("*a*b*", "xaxxbx", true),
        ] {
            assert_eq!(
                matches(pattern, Utf8Path::new(path)),
                expected,
                "{pattern} {path}"
            );
        }
    }
}
