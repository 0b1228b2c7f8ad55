//! What the rules say of the build contexts.

use camino::Utf8Path;

use super::subjects::Subjects;
use crate::commands::lint::{self, Judgment};
use crate::lint::{Input, Outcome, Run, fingerprint};
use crate::parallel;

/// Judges the Dockerfiles that are looked at, and their ignore files.
pub(super) fn judge(looked: &mut Subjects) -> Judgment {
    looked.look_for_secrets();
    let surroundings = &looked.surroundings;
    let models = looked
        .images
        .iter()
        .filter_map(|subject| surroundings.dockerfiles.get(&subject.dockerfile).cloned());
    let Outcome {
        mut findings,
        suppressed,
    } = Run {
        surroundings,
        inputs: models.map(Input::Model).collect(),
        configuration: &looked.settings.configuration,
        repository: true,
        external: None,
        threads: parallel::threads(),
    }
    .carry_out();
    fingerprint::assign(&mut findings, &|path| {
        surroundings.dockerfiles.contains_key(Utf8Path::new(path))
    });
    let paths = looked
        .images
        .iter()
        .map(|subject| subject.dockerfile.to_string());
    Judgment {
        findings,
        suppressed,
        files: paths.collect(),
        whole: true,
        ..Judgment::default()
    }
}

/// `3 findings, 1 with a fix`, `no findings`.
pub(super) fn summary(judgment: &Judgment, known: usize) -> String {
    let found = match judgment.findings.len() {
        0 => "no findings".to_owned(),
        count => lint::number(count, "finding"),
    };
    found + &lint::remarks(judgment, known)
}
