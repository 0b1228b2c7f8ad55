//! The record of sizes: what was recorded before, and writing what there is now.

use camino::Utf8PathBuf;

use super::arguments::Arguments;
use super::looked::Looked;
use crate::commands::images::LookedAt;
use crate::commands::recorded::RecordKind;
use crate::date::Date;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git;
use crate::image::analysis::Analysis;
use crate::image::record::{self, Moment, Record};

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
        let now = KIND.current(&place.root, &file)?;
        let against = match &arguments.against {
            Some(word) => Some(Against {
                name: word.clone(),
                record: KIND.named(word, &file, place, environment)?,
            }),
            None => None,
        };
        Ok(Self { file, now, against })
    }
}

const KIND: RecordKind<Record> = RecordKind {
    of: "sizes",
    how: "record the sizes there with `docker-size --record`",
    max_bytes: record::MAX_BYTES,
    parse: Record::parse,
};

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
    KIND.update(&looked.place.root, &known.file, |now| {
        let mut record = Record::updated(now, &analyses, &Moment { commit, date });
        if let Some(project) = &looked.place.project {
            record.retain(|name| project.images.iter().any(|image| image.name == name));
        }
        record.json()
    })?;
    Ok(known.file.clone())
}
