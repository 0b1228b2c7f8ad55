//! Making a key pair.

use std::fs::File;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{FlockOperation, flock};

use super::program::Cosign;
use super::refusal::Refusal;
use crate::atomic_file::is_still_at;
use crate::error::{Error, Result};
use crate::process::Runner;

/// The ends of the two files, and their rights.
const PARTS: [(&str, u32); 2] = [("key", 0o600), ("pub", 0o644)];

/// Makes a key pair, `PREFIX.key` (for its owner alone) and `PREFIX.pub`. What is there is never replaced; a pair of which
/// an earlier run was stopped between its two files is completed. The password is what `COSIGN_PASSWORD` says.
///
/// # Errors
/// One of the files is there, or cannot be made.
pub fn generate_key(
    cosign: &Cosign,
    runner: &dyn Runner,
    prefix: &Utf8Path,
) -> Result<[Utf8PathBuf; 2]> {
    let pair = Pair::named(prefix);
    let failed =
        |e: io::Error| Error::usage(format!("failed to write {}", pair.files[0])).because(e);
    if pair.go_on().map_err(failed)? {
        return Ok(pair.files);
    }
    if let Some(file) = pair.files.iter().find(|file| is_there(file)) {
        return Err(taken(file));
    }
    std::fs::create_dir_all(&pair.folder).map_err(failed)?;
    let (work, lock) = own_folder(prefix).map_err(failed)?;
    let made = (|| {
        let inside = work.join("made");
        let output = cosign.run(
            runner,
            ["generate-key-pair", "--output-key-prefix", inside.as_str()],
        )?;
        if !output.success() {
            return Err(Refusal::of(&output).into_error("make a key pair", &output));
        }
        for (file, part) in pair.files.iter().zip(PARTS) {
            publish(&work, part, file).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => taken(file),
                _ => failed(error),
            })?;
        }
        Ok(())
    })();
    if made.is_err() && same_file(&work.join("made.key"), &pair.files[0]) {
        // Half a pair would be in the way of the next run; nobody was told of it.
        let _ = std::fs::remove_file(&pair.files[0]);
    }
    // Only links to what stays, or nothing of worth.
    let _ = std::fs::remove_dir_all(&work);
    drop(lock);
    made.map(|()| pair.files)
}

fn taken(file: &Utf8Path) -> Error {
    Error::usage(format!(
        "{file} is there already, and a key is never replaced"
    ))
    .help("choose another name, or move it away: what it signed is verified with it")
}

/// A pair, made or not.
struct Pair {
    folder: Utf8PathBuf,
    /// What both names begin with.
    name: String,
    files: [Utf8PathBuf; 2],
}

impl Pair {
    fn named(prefix: &Utf8Path) -> Self {
        let folder = prefix.parent().filter(|folder| !folder.as_str().is_empty());
        Self {
            folder: folder.unwrap_or(Utf8Path::new(".")).to_owned(),
            name: prefix.file_name().unwrap_or_default().to_owned(),
            files: PARTS.map(|(end, _)| Utf8PathBuf::from(format!("{prefix}.{end}"))),
        }
    }

    /// Puts the second file beside the first where a run was stopped between them, and removes what such runs left.
    /// Whether the pair is complete by that.
    fn go_on(&self) -> io::Result<bool> {
        let entries = match self.folder.read_dir_utf8() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            entries => entries?,
        };
        let mut is_completed = false;
        for entry in entries {
            let work = entry?.into_path();
            let Some(lock) = unless_gone(self.left(&work))?.flatten() else {
                continue;
            };
            let is_ours = same_file(&work.join("made.key"), &self.files[0]);
            if is_ours && !is_there(&self.files[1]) && is_there(&work.join("made.pub")) {
                publish(&work, PARTS[1], &self.files[1])?;
                is_completed = true;
            }
            // What it has besides is no key that anybody was told of.
            if is_ours || !self.files.iter().any(|file| is_there(file)) {
                unless_gone(std::fs::remove_dir_all(&work))?;
            }
            drop(lock);
        }
        Ok(is_completed)
    }

    /// Whether a path is the folder of a run that is no more; with it, the right to do away with it.
    fn left(&self, path: &Utf8Path) -> io::Result<Option<File>> {
        let name = path.file_name().unwrap_or_default();
        let number = name
            .strip_prefix(&self.name)
            .and_then(|rest| rest.strip_prefix('.')?.strip_suffix(".new"));
        let is_number = number.is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        if is_number && path.symlink_metadata()?.is_dir() {
            lock(path)
        } else {
            Ok(None)
        }
    }
}

/// How often another name is tried.
const ATTEMPTS: u32 = 100;

/// A folder of our own, so that what is in it is nobody else's for a moment either; with the lock that tells others that
/// it was not left behind.
fn own_folder(prefix: &Utf8Path) -> io::Result<(Utf8PathBuf, File)> {
    let process = std::process::id();
    for attempt in 0..ATTEMPTS {
        let work = Utf8PathBuf::from(match attempt {
            0 => format!("{prefix}.{process}.new"),
            _ => format!("{prefix}.{process}{attempt:03}.new"),
        });
        match std::fs::DirBuilder::new().mode(0o700).create(&work) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            made => made?,
        }
        // Whoever took it for a leftover before it was locked has removed it, or is about to.
        if let Some(lock) = unless_gone(lock(&work))?.flatten()
            && is_still_at(&lock, &work)
        {
            return Ok((work, lock));
        }
        // Whoever has it may leave it. It is empty.
        let _ = std::fs::remove_dir(&work);
    }
    Err(io::Error::other("no name beside it is free"))
}

/// `None` where another run has removed meanwhile what is asked for.
fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// A lock on a folder, which goes with the process that has it; `None` if another one has it.
fn lock(folder: &Utf8Path) -> io::Result<Option<File>> {
    let file = File::open(folder)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(error) if error == rustix::io::Errno::WOULDBLOCK => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Gives a made file its rights and its name.
fn publish(work: &Utf8Path, (end, mode): (&str, u32), file: &Utf8Path) -> io::Result<()> {
    let inside = work.join(format!("made.{end}"));
    std::fs::set_permissions(&inside, std::fs::Permissions::from_mode(mode))?;
    // A link is made or not; a renaming would replace what somebody put there meanwhile.
    std::fs::hard_link(&inside, file)
}

fn is_there(file: &Utf8Path) -> bool {
    file.symlink_metadata().is_ok()
}

fn same_file(a: &Utf8Path, b: &Utf8Path) -> bool {
    let identity = |file: &Utf8Path| {
        let about = file.symlink_metadata().ok()?;
        Some((about.dev(), about.ino()))
    };
    identity(a).is_some_and(|it| identity(b) == Some(it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Reply, Scripted};

    #[test]
    fn a_folder_of_ones_own_is_nobody_elses_and_what_is_gone_is_no_failure() {
        let dir = tempfile::tempdir().unwrap();
        let prefix = Utf8Path::from_path(dir.path()).unwrap().join("k");
        let (first, lock) = own_folder(&prefix).unwrap();
        let (second, _lock) = own_folder(&prefix).unwrap();
        assert_ne!(first, second);
        let pair = Pair::named(&prefix);
        // Locked, they are no leftovers; the one that is no more locked is.
        assert!(!pair.go_on().unwrap());
        assert!(first.is_dir() && second.is_dir());
        drop(lock);
        assert!(!pair.go_on().unwrap());
        assert!(!first.exists() && second.is_dir());
        assert!(unless_gone(pair.left(&first)).unwrap().is_none());
    }

    struct Place {
        _folder: tempfile::TempDir,
        prefix: Utf8PathBuf,
    }

    impl Place {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let prefix = Utf8PathBuf::from_path_buf(folder.path().join("k")).unwrap();
            Self {
                _folder: folder,
                prefix,
            }
        }

        fn file(&self, end: &str) -> Utf8PathBuf {
            Utf8PathBuf::from(format!("{}.{end}", self.prefix))
        }

        /// What a run has made that was stopped.
        fn stopped(&self) -> Utf8PathBuf {
            let work = self.file("17.new");
            std::fs::create_dir(&work).unwrap();
            std::fs::write(work.join("made.key"), "private").unwrap();
            std::fs::write(work.join("made.pub"), "public").unwrap();
            work
        }

        /// Where cosign cannot be asked for another one.
        fn generate(&self) -> Result<[Utf8PathBuf; 2]> {
            let there = Scripted::default().on("version", Reply::ok("{\"gitVersion\":\"v3.1.1\"}"));
            let cosign = Cosign::find(&there, Utf8Path::new("/none")).unwrap();
            let runner = Scripted::default().on("generate", Reply::failure(1, "asked"));
            generate_key(&cosign, &runner, &self.prefix)
        }

        fn names(&self) -> Vec<String> {
            let entries = self.prefix.parent().unwrap().read_dir_utf8().unwrap();
            let mut names: Vec<String> = entries
                .map(|entry| entry.unwrap().file_name().to_owned())
                .collect();
            names.sort();
            names
        }
    }

    #[test]
    fn a_key_is_never_replaced() {
        let place = Place::new();
        std::fs::write(place.file("pub"), "mine").unwrap();
        let error = place.generate().unwrap_err();
        assert!(error.message().contains("never replaced"), "{error}");
        assert_eq!(place.names(), ["k.pub"]);
        // Nor completed by what is not its other half.
        std::fs::rename(place.file("pub"), place.file("key")).unwrap();
        place.stopped();
        let error = place.generate().unwrap_err();
        assert!(error.message().contains("never replaced"), "{error}");
        assert_eq!(place.names(), ["k.17.new", "k.key"]);
    }

    #[test]
    fn a_pair_of_which_only_one_file_was_made_is_completed() {
        let place = Place::new();
        let work = place.stopped();
        std::fs::hard_link(work.join("made.key"), place.file("key")).unwrap();
        place.generate().unwrap();
        assert_eq!(place.names(), ["k.key", "k.pub"]);
        assert_eq!(std::fs::read(place.file("pub")).unwrap(), b"public");
        assert!(place.generate().is_err());
    }

    #[test]
    fn a_key_without_a_name_goes_and_that_of_another_run_stays() {
        let place = Place::new();
        let work = place.stopped();
        let lock = lock(&work).unwrap();
        assert!(lock.is_some());
        assert!(place.generate().is_err(), "cosign is asked for another one");
        assert_eq!(place.names(), ["k.17.new"]);
        drop(lock);
        assert!(place.generate().is_err());
        assert_eq!(place.names(), [""; 0]);
    }
}
