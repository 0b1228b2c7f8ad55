//! What the rules say of the build contexts.

use std::fmt::Write as _;

use camino::Utf8Path;

use super::subjects::{Subjects, threads};
use crate::commands::lint::Judgment;
use crate::finding::Finding;
use crate::lint::{Input, Outcome, Run, fingerprint};

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
        threads: threads(),
    }
    .carry_out();
    fingerprint::assign(&mut findings, &|path| {
        surroundings.dockerfiles.contains_key(Utf8Path::new(path))
    });
    let paths = looked
        .images
        .iter()
        .map(|subject| subject.dockerfile.clone());
    Judgment {
        findings,
        suppressed,
        files: paths.collect(),
        whole: true,
        ..Judgment::default()
    }
}

/// `3 findings`, `no findings`.
pub(super) fn summary(judgment: &Judgment, known: usize) -> String {
    let findings: &[Finding] = &judgment.findings;
    let mut text = match findings.len() {
        0 => "no findings".to_owned(),
        count => super::number(count, "finding"),
    };
    let mendable = findings.iter().filter(|finding| finding.fix.is_some());
    for (count, what) in [
        (mendable.count(), "with a fix"),
        (judgment.suppressed, "suppressed"),
        (known, "known"),
    ] {
        if count > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, ", {count} {what}");
        }
    }
    text
}
