//! Writing a file so that nobody ever reads half of it.

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result};

/// Writes beside the file, then renames: a reader sees the old contents or the new, and a crash leaves the old. The
/// folder is made if it is missing. A link stays a link: what it points to is replaced.
///
/// # Errors
/// If the folder cannot be made or the file cannot be written; what was there before is then untouched.
pub fn write(file: &Utf8Path, contents: impl AsRef<[u8]>) -> Result<()> {
    let failed = |e: std::io::Error| Error::usage(format!("failed to write {file}")).because(e);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let place = file.canonicalize_utf8().unwrap_or_else(|_| file.to_owned());
    if place.metadata().is_ok_and(|there| !there.is_file()) {
        // A device or a pipe takes what is written to it; in its place it would be destroyed.
        return std::fs::write(&place, contents).map_err(failed);
    }
    // The process ID keeps two commands at the same time apart.
    let beside = Utf8PathBuf::from(format!("{place}.{}.new", std::process::id()));
    std::fs::write(&beside, contents)
        .and_then(|()| std::fs::rename(&beside, &place))
        .map_err(|error| {
            // Half a file is worth nothing; if it cannot be removed either, the first error is the one to tell.
            let _ = std::fs::remove_file(&beside);
            failed(error)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Utf8Path) -> Vec<String> {
        let mut names: Vec<String> = folder
            .read_dir_utf8()
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn contents_are_replaced_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap().join("a/b");
        let file = folder.join("x.json");
        write(&file, "old").unwrap();
        write(&file, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(names(&folder), ["x.json"]);
    }

    #[test]
    fn a_link_stays_and_a_device_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        let link = folder.join("link");
        write(&folder.join("file"), "old").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        write(&link, "new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(folder.join("file")).unwrap(), "new");

        let null = folder.join("null");
        std::os::unix::fs::symlink("/dev/null", &null).unwrap();
        write(&null, "gone").unwrap();
        assert!(!Utf8Path::new("/dev/null").is_file());
    }

    #[test]
    fn a_failure_names_the_file_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        let taken = folder.join("taken");
        std::fs::create_dir(&taken).unwrap();
        let error = write(&taken, "x").unwrap_err();
        assert!(error.message().contains(taken.as_str()), "{error}");
        assert_eq!(names(folder), ["taken"]);
    }
}
