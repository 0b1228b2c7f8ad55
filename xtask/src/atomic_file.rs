//! Writing a file so that nobody ever reads half of it.

use std::fs::{File, Permissions};
use std::io::{BufWriter, IntoInnerError, Write};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::{Error, Result};

/// Writes beside the file, then renames: a reader sees the old contents or the new, and a crash leaves the old. The
/// folder is made if it is missing. A link stays a link: what it points to is replaced. The rights of a file that is
/// there stay as they are. What writers that were killed left beside the file is removed.
///
/// # Errors
/// If the folder cannot be made or the file cannot be written; what was there before is then untouched.
pub fn write(file: &Utf8Path, contents: impl AsRef<[u8]>) -> Result<()> {
    let contents = contents.as_ref();
    replace(&real(file), Kind::AsItIs, &mut |out| {
        out.write_all(contents)
    })
}

/// As [`write`], for a program: everybody may run it, from the moment on that it is there. It takes the place of a
/// link, and what the link points to stays as it is.
///
/// # Errors
/// As [`write`].
pub fn write_program(file: &Utf8Path, contents: impl AsRef<[u8]>) -> Result<()> {
    let contents = contents.as_ref();
    replace(file, Kind::Program, &mut |out| out.write_all(contents))
}

/// As [`write`], for what is too large to be held in memory.
///
/// # Errors
/// As [`write`], and those of `contents`.
pub fn write_pieces(
    file: &Utf8Path,
    contents: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    replace(&real(file), Kind::AsItIs, contents)
}

/// As [`write`], and what is written survives that the machine loses its power: for files that tell what was done
/// elsewhere, as journals do. Takes as long as the disk takes.
///
/// # Errors
/// As [`write`].
pub fn write_durably(file: &Utf8Path, contents: impl AsRef<[u8]>) -> Result<()> {
    let contents = contents.as_ref();
    replace(&real(file), Kind::Durable, &mut |out| {
        out.write_all(contents)
    })
}

/// Whether a name is one of those that files have while they are written, before they are renamed: such a file is
/// being written by another process, or was left by one that was killed.
#[must_use]
pub fn is_unfinished(name: &str) -> bool {
    let stem = name
        .strip_prefix('.')
        .and_then(|rest| rest.strip_suffix(".new"));
    let number = stem.and_then(|stem| stem.rsplit_once('.'));
    number.is_some_and(|(name, number)| !name.is_empty() && is_number(number))
}

fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// What is special about a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    AsItIs,
    /// It is on the disk when the call returns.
    Durable,
    /// It can be run.
    Program,
}

/// Where a link leads.
fn real(file: &Utf8Path) -> Utf8PathBuf {
    file.canonicalize_utf8().unwrap_or_else(|_| file.to_owned())
}

fn replace(
    file: &Utf8Path,
    kind: Kind,
    contents: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    let failed = |e: std::io::Error| Error::usage(format!("failed to write {file}")).because(e);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let there = file.metadata().ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        // A device or a pipe takes what is written to it; in its place it would be destroyed.
        let opened = File::options().write(true).open(file);
        return opened
            .and_then(|mut there| contents(&mut there))
            .map_err(failed);
    }
    let (handle, beside) = open_beside(file).map_err(failed)?;
    let write = || {
        let rights = match kind {
            Kind::Program => Some(Permissions::from_mode(0o755)),
            Kind::AsItIs | Kind::Durable => there.map(|there| there.permissions()),
        };
        if let Some(rights) = rights {
            handle.set_permissions(rights)?;
        }
        let mut out = BufWriter::new(&handle);
        contents(&mut out)?;
        out.into_inner().map_err(IntoInnerError::into_error)?;
        if kind == Kind::Durable {
            handle.sync_all()?;
        }
        std::fs::rename(&beside, file)?;
        if kind == Kind::Durable {
            // A new name is on the disk once its folder is.
            File::open(folder_of(file))?.sync_all()?;
        }
        Ok(())
    };
    write().map_err(|error| {
        // Half a file is worth nothing; if it cannot be removed either, the first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })?;
    sweep(file);
    Ok(())
}

/// How often another name is tried.
const ATTEMPTS: u32 = 100;

/// A file of our own beside another. It is locked for as long as it is open: what is not locked was left behind.
fn open_beside(place: &Utf8Path) -> std::io::Result<(File, Utf8PathBuf)> {
    // The process ID keeps two commands at the same time apart; where it does not (threads, containers that share the
    // folder), the lock does.
    let process = std::process::id();
    let name = place.file_name().unwrap_or_default();
    for attempt in 0..ATTEMPTS {
        // Hidden, so that no pattern such as `Dockerfile.*` finds it.
        let beside = folder_of(place).join(match attempt {
            0 => format!(".{name}.{process}.new"),
            _ => format!(".{name}.{process}-{attempt}.new"),
        });
        let handle = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&beside)?;
        // Some file systems have no locks, which is another error: then nothing is swept there either.
        if flock(&handle, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
            continue;
        }
        // Whoever took it for a leftover before it was locked has removed it.
        if is_still_at(&handle, &beside) {
            handle.set_len(0)?;
            return Ok((handle, beside));
        }
    }
    Err(std::io::Error::other("no name beside it is free"))
}

/// Whether a path still leads to what was opened there: nobody has removed or replaced it.
pub(crate) fn is_still_at(handle: &File, file: &Utf8Path) -> bool {
    let (Ok(open), Ok(there)) = (handle.metadata(), file.metadata()) else {
        return false;
    };
    (open.dev(), open.ino()) == (there.dev(), there.ino())
}

fn folder_of(place: &Utf8Path) -> &Utf8Path {
    let folder = place.parent().filter(|folder| !folder.as_str().is_empty());
    folder.unwrap_or(Utf8Path::new("."))
}

/// Removes what killed writers of this file left. That something stays is no reason to fail: the file is written.
fn sweep(place: &Utf8Path) {
    let (Some(name), Ok(entries)) = (place.file_name(), folder_of(place).read_dir_utf8()) else {
        return;
    };
    for entry in entries.flatten() {
        let number = entry.file_name().strip_prefix('.');
        let number = number
            .and_then(|rest| rest.strip_prefix(name))
            .and_then(|rest| rest.strip_prefix('.'))
            .and_then(|rest| rest.strip_suffix(".new"));
        if !number.is_some_and(is_number) {
            continue;
        }
        if let Ok(left) = File::options().write(true).open(entry.path())
            && flock(&left, FlockOperation::NonBlockingLockExclusive).is_ok()
            && is_still_at(&left, entry.path())
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
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
    fn what_a_killed_writer_left_goes_and_what_a_living_one_writes_stays() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        let file = folder.join("x.json");
        for left in [
            ".x.json.17.new",
            ".x.json.17-2.new",
            ".x.json.old.new",
            ".y.json.17.new",
        ] {
            std::fs::write(folder.join(left), "half").unwrap();
        }
        let (_writing, beside) = open_beside(&file).unwrap();
        write_durably(&file, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        let living = beside.file_name().unwrap();
        assert!(is_unfinished(living) && !is_unfinished(".x.json.old.new"));
        let mut expected = [living, ".x.json.old.new", ".y.json.17.new", "x.json"];
        expected.sort_unstable();
        assert_eq!(names(folder), expected);
    }

    #[test]
    fn threads_that_write_the_same_file_do_not_mix() {
        let dir = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(dir.path()).unwrap().join("x");
        let texts: Vec<String> = (0..8).map(|n: u8| n.to_string().repeat(100_000)).collect();
        std::thread::scope(|scope| {
            let file = &file;
            for text in &texts {
                scope.spawn(move || (0..20).for_each(|_| write(file, text).unwrap()));
            }
        });
        assert!(texts.contains(&std::fs::read_to_string(&file).unwrap()));
        assert_eq!(names(file.parent().unwrap()), ["x"]);
    }

    #[test]
    fn the_rights_of_a_file_stay() {
        let dir = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(dir.path()).unwrap().join("hook");
        write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o750)).unwrap();
        write(&file, "new").unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o750);
    }

    #[test]
    fn a_program_takes_the_place_of_a_link_and_can_be_run() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        let hook = folder.join("hook");
        write(&folder.join("file"), "mine").unwrap();
        std::os::unix::fs::symlink("file", &hook).unwrap();
        write_program(&hook, "ours").unwrap();
        assert!(!hook.is_symlink());
        assert_eq!(hook.metadata().unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(
            std::fs::read_to_string(folder.join("file")).unwrap(),
            "mine"
        );
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
