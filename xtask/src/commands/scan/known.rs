//! The record of vulnerabilities: what was recorded before, and writing what was seen now.

use camino::Utf8PathBuf;

use super::answer::Answer;
use super::arguments::Arguments;
use super::settings::Settings;
use crate::commands::images::LookedAt;
use crate::commands::recorded::RecordKind;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git;
use crate::scan::record::{self, Moment, Observation, Record};

/// What was recorded before.
#[derive(Debug)]
pub(super) struct Known {
    file: Utf8PathBuf,
    /// What the file says now.
    pub(super) now: Option<Record>,
    /// What `--against` names.
    pub(super) against: Option<Record>,
}

impl Known {
    /// Reads the record, and the one to compare with.
    ///
    /// # Errors
    /// One of them is broken, or there is none to compare with.
    pub(super) fn read(
        arguments: &Arguments,
        settings: &Settings,
        place: &LookedAt,
        environment: &Environment,
    ) -> Result<Self> {
        let file = match &arguments.record_file {
            Some(file) => environment.current_dir.join(file),
            None => place.root.join(&settings.scan.record),
        };
        let now = KIND.current(&place.root, &file)?;
        let against = match &arguments.policy.against {
            Some(word) => Some(KIND.named(word, &file, place, environment)?),
            None => None,
        };
        Ok(Self { file, now, against })
    }
}

const KIND: RecordKind<Record> = RecordKind {
    of: "vulnerabilities",
    how: "record them there with `docker-scan --record`",
    max_bytes: record::MAX_BYTES,
    parse: Record::parse,
};

/// Writes what was seen of the images of the manifest to the record. The file it went to.
///
/// # Errors
/// There is no commit, no such image, or the file cannot be written.
pub(super) fn write(
    answer: &Answer<'_>,
    place: &LookedAt,
    environment: &Environment,
) -> Result<Utf8PathBuf> {
    let head = git::head(environment.runner.as_ref(), &place.root).ok_or_else(|| {
        Error::usage("there is no commit to record the vulnerabilities of")
            .help("commit first: a record says at which commit each was seen")
    })?;
    let platforms: Vec<String> = answer
        .images
        .iter()
        .map(|image| image.image.config.platform())
        .collect();
    let mut observations = Vec::new();
    for (index, image) in answer.images.iter().enumerate() {
        let Some(own) = image.own.as_deref() else {
            continue;
        };
        let of_image = || {
            let cases = answer.cases.iter();
            cases.filter(move |case| std::ptr::eq(case.image, image))
        };
        // What is accepted is there all the same, and its time runs on.
        let is_there = |case: &&crate::scan::case::Case<'_>| {
            let statement = case.exemption.and_then(|at| answer.exemptions.get(at));
            !case.is_exempt
                || statement
                    .is_some_and(|one| one.statement == crate::scan::exemption::Statement::Accepted)
        };
        observations.push(Observation {
            name: own,
            platform: &platforms[index],
            vulnerabilities: of_image()
                .filter(is_there)
                .map(|case| case.vulnerability)
                .collect(),
            looked: answer.data.looked.get(index).cloned().unwrap_or_default(),
            unconcerned: of_image()
                .filter(|case| !is_there(case))
                .map(|case| case.vulnerability)
                .collect(),
        });
    }
    if observations.is_empty() {
        return Err(Error::usage(
            "no image of the manifest was looked at, and only those are recorded",
        ));
    }
    let moment = Moment {
        commit: head.revision.trim_end_matches("-dirty").to_owned(),
        time: answer.now,
    };
    KIND.update(&place.root, &answer.known.file, |now| {
        let mut record = Record::updated(now, &observations, &moment);
        if let Some(project) = &place.project {
            record.retain(|name| project.images.iter().any(|image| image.name == name));
        }
        record.json()
    })?;
    Ok(answer.known.file.clone())
}
