//! The record of sizes: what was recorded before, and writing what there is now.

use camino::{Utf8Path, Utf8PathBuf};

use super::arguments::Arguments;
use super::looked::Looked;
use crate::atomic_file;
use crate::commands::images::LookedAt;
use crate::date::Date;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git;
use crate::image::analysis::Analysis;
use crate::image::record::{self, Moment, Record};
use crate::source::Source;

/// Where the record is, from the root.
const RECORD: &str = "docker/sizes.json";

/// What was recorded before.
#[derive(Debug, Default)]
pub(super) struct Known {
    file: Utf8PathBuf,
    /// What the file says now.
    pub(super) now: Option<Record>,
    /// What `--against` names.
    pub(super) against: Option<Against>,
}

/// A record to compare with.
#[derive(Debug)]
pub(super) struct Against {
    /// As the user names it.
    pub(super) name: String,
    pub(super) record: Record,
}

impl Known {
    /// Reads the record, and the one to compare with.
    ///
    /// # Errors
    /// One of them is broken, or there is none to compare with.
    pub(super) fn read(
        arguments: &Arguments,
        place: &LookedAt,
        environment: &Environment,
    ) -> Result<Self> {
        let given = arguments.record_file.as_ref();
        let file = given.map_or_else(
            || place.root.join(RECORD),
            |file| environment.current_dir.join(file),
        );
        let now = match file.symlink_metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            _ => Some(from_file(&place.root, &file)?),
        };
        let against = match &arguments.against {
            Some(word) => Some(Against {
                name: word.clone(),
                record: named(word, &file, place, environment)?,
            }),
            None => None,
        };
        Ok(Self { file, now, against })
    }
}

/// Messages name a file of the repository from its root.
fn from_file(root: &Utf8Path, file: &Utf8Path) -> Result<Record> {
    let path = file.strip_prefix(root).unwrap_or(file);
    Record::parse(&Source::read_up_to(root, path, record::MAX_BYTES)?)
}

/// A record in a file, else the one that a commit has.
fn named(
    word: &str,
    file: &Utf8Path,
    place: &LookedAt,
    environment: &Environment,
) -> Result<Record> {
    let path = environment.current_dir.join(word);
    if path.is_file() {
        return from_file(&place.root, &path);
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
            .help("name a commit, a branch or a tag that this clone has, or a file with a record")
    })?;
    match found {
        Some(source) => Record::parse(&source),
        None => Err(Error::usage(format!("{word} has no record of sizes ({path})"))
            .help("record the sizes there with `docker-size --record`, or compare with a file of CI: `--against FILE`")),
    }
}

/// Writes the images of the manifest to the record. The file it went to.
///
/// # Errors
/// There is no commit, no such image, or the file cannot be written.
pub(super) fn write(
    looked: &Looked<'_>,
    known: &Known,
    environment: &Environment,
) -> Result<Utf8PathBuf> {
    let head = git::head(environment.runner.as_ref(), &looked.place.root).ok_or_else(|| {
        Error::usage("there is no commit to record the sizes of")
            .help("commit first: a record says which commit had which sizes")
    })?;
    let commit = head.revision.trim_end_matches("-dirty").to_owned();
    let day: Option<Date> = head.date.get(..10).and_then(|day| day.parse().ok());
    let date = day.ok_or_else(|| {
        Error::failed("failed to read the date of the commit").because(&head.date)
    })?;
    let own = looked.images.iter().filter(|image| image.own.is_some());
    let analyses: Vec<Analysis> = own.map(|image| image.analysis.clone()).collect();
    if analyses.is_empty() {
        return Err(Error::usage(
            "no image of the manifest was looked at, and only those are recorded",
        ));
    }
    let mut record = Record::updated(known.now.clone(), &analyses, &Moment { commit, date });
    if let Some(project) = &looked.place.project {
        record.retain(|name| project.images.iter().any(|image| image.name == name));
    }
    atomic_file::write(&known.file, record.json())?;
    Ok(known.file.clone())
}
