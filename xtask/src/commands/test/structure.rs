//! Files of container-structure-test: read, and each test of them made.

mod cases;
mod containers;
mod files;

use std::time::Instant;

use self::cases::Case;
use self::files::View;
use super::Trial;
use crate::engine::images::{self, Keeping};
use crate::error::{Error, Exit, Result};
use crate::image::accounting::SavedImage;
use crate::image::layer::Detail;
use crate::trial::structure::{self, Rootfs, TestFile};
use crate::trial::{Measurement, Subject, Suite, Unit, Verdict};

pub(super) fn run(trial: &Trial<'_>) -> Result<Vec<Subject>> {
    let cases = cases::find(trial)?;
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let mut references: Vec<&str> = cases.iter().map(|case| case.reference.as_str()).collect();
    references.sort_unstable();
    references.dedup();
    let folder = trial.project.root.join("target/docker-size");
    let keeping = Keeping {
        folder: &folder,
        detail: Detail::Entries,
    };
    let note = trial.means.note;
    let runner = trial.means.runner;
    let read = images::read_entries(runner, trial.engine, &references, keeping, note)?;
    let session = if cases.iter().any(|case| case.file.has_commands()) {
        Some(trial.session()?)
    } else {
        None
    };
    let images = cases
        .iter()
        .map(|case| {
            let at = references.iter().position(|one| *one == case.reference);
            let image = at.and_then(|at| read.get(at));
            image.ok_or_else(|| Error::failed(format!("failed to read {}", case.reference)))
        })
        .collect::<Result<Vec<&SavedImage>>>()?;
    let views = cases
        .iter()
        .zip(&images)
        .map(|(case, image)| View::of(case, image));
    let views = views.collect::<Result<Vec<View>>>()?;
    // What all tests look into is read in one pass: images share most of their layers.
    let contents = files::read(trial, &references, &views)?;
    let mut subjects = Vec::new();
    for ((case, image), view) in cases.iter().zip(images).zip(&views) {
        trial.means.interrupt.check()?;
        let begin = Instant::now();
        let task = trial.progress.begin(&case.subject);
        task.step(case.file.source.path().as_str());
        let mut verdicts = Vec::new();
        if let Some(session) = &session {
            verdicts.extend(containers::run(trial, session, case, image)?);
        }
        let variables = case.variables(image);
        verdicts.extend(of_files(case, image, &view.rootfs(&contents), &|text| {
            variables.expand(text)
        }));
        let subject = subject(case, image, verdicts, begin.elapsed().as_secs_f64());
        task.end(&subject);
        subjects.push(subject);
    }
    Ok(subjects)
}

fn subject(case: &Case, image: &SavedImage, verdicts: Vec<Verdict>, seconds: f64) -> Subject {
    let digest = image
        .manifest_digest
        .as_ref()
        .unwrap_or(&image.config_digest);
    Subject {
        image: Some(case.reference.clone()),
        digest: Some(digest.clone()),
        path: Some(case.file.source.path().to_string()),
        measurements: vec![Measurement {
            name: "structure-tests-time",
            value: (seconds * 1000.0).round(),
            unit: Unit::Milliseconds,
            budget: None,
        }],
        verdicts,
        ..Subject::new(&case.subject, Suite::Structure)
    }
}

/// The tests that need no container: files, configuration, licenses.
fn of_files(
    case: &Case,
    image: &SavedImage,
    rootfs: &Rootfs<'_>,
    expand: &dyn Fn(&str) -> String,
) -> Vec<Verdict> {
    let file: &TestFile = &case.file;
    let mut verdicts = Vec::new();
    for test in &file.existence {
        let path = expand(&test.path);
        verdicts.push(structure::existence(file, test, &path, rootfs));
    }
    for test in &file.contents {
        let path = expand(&test.path);
        verdicts.push(structure::content(file, test, &path, rootfs));
    }
    if let Some(test) = &file.metadata {
        verdicts.push(structure::metadata(file, test, &image.config.config));
    }
    for test in &file.licenses {
        verdicts.push(structure::licenses(file, test, rootfs));
    }
    verdicts
}

/// Whether an error is one to stop for, rather than one that makes a single test unknown.
fn stops(error: &Error) -> bool {
    error.exit() == Exit::Interrupted
}
