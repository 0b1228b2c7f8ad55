//! Reading a record of the repository: as it is in the checkout, in a file, or at a commit.

use std::io::ErrorKind;
use std::time::Duration;

use camino::Utf8Path;

use super::images::LookedAt;
use crate::atomic_file;
use crate::engine::lock::Lock;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git;
use crate::source::Source;

/// A kind of record.
pub(super) struct RecordKind<R> {
    /// What it is of, for messages: `sizes`.
    pub(super) of: &'static str,
    /// How a commit gets one, for messages: ``record them there with `docker-scan --record` ``.
    pub(super) how: &'static str,
    /// The largest file that is read, in bytes.
    pub(super) max_bytes: u64,
    /// Reads its text.
    pub(super) parse: fn(&Source) -> Result<R>,
}

/// How long to wait for others that bring the record up to date: they hold it for milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

impl<R> RecordKind<R> {
    /// Reads the record again and writes what `update` makes of it, while no other run does: two that record different
    /// images at once both have theirs in it.
    pub(super) fn update(
        &self,
        root: &Utf8Path,
        file: &Utf8Path,
        update: impl FnOnce(Option<R>) -> String,
    ) -> Result<()> {
        let lock = root.join(format!("target/docker-record/{}.lock", self.of));
        let _lock = Lock::take(&lock, PATIENCE, &|| ())?;
        atomic_file::write(file, update(self.current(root, file)?))
    }

    /// The record in a file; `None` if there is no such file.
    pub(super) fn current(&self, root: &Utf8Path, file: &Utf8Path) -> Result<Option<R>> {
        match file.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            _ => self.in_file(root, file).map(Some),
        }
    }

    /// Messages name a file of the repository from its root.
    fn in_file(&self, root: &Utf8Path, file: &Utf8Path) -> Result<R> {
        let path = file.strip_prefix(root).unwrap_or(file);
        (self.parse)(&Source::read_up_to(root, path, self.max_bytes)?)
    }

    /// The record in the file that a word names, else the one that a commit of that name has as `file`.
    pub(super) fn named(
        &self,
        word: &str,
        file: &Utf8Path,
        place: &LookedAt,
        environment: &Environment,
    ) -> Result<R> {
        let path = environment.current_dir.join(word);
        if path.is_file() {
            return self.in_file(&place.root, &path);
        }
        let path = file.strip_prefix(&place.root).map_err(|_| {
            Error::usage(format!(
                "{file} lies outside of the repository, so no commit has it"
            ))
            .help("name a file with `--against FILE`")
        })?;
        let found = git::text_at(environment.runner.as_ref(), &place.root, word, path);
        let found = found.map_err(|error| {
            Error::usage(format!("{word} is neither a file nor a commit"))
                .because(
                    error
                        .tool_output()
                        .map_or_else(|| error.to_string(), str::to_owned),
                )
                .help(
                    "name a commit, a branch or a tag that this clone has, or a file with a record",
                )
        })?;
        match found {
            Some(source) => (self.parse)(&source),
            None => Err(
                Error::usage(format!("{word} has no record of {} ({path})", self.of)).help(
                    format!(
                        "{}, or compare with a file of CI: `--against FILE`",
                        self.how
                    ),
                ),
            ),
        }
    }
}
