//! What a trial tells the audit trail: one entry for each image, with what it came to.

use std::collections::BTreeMap;

use crate::audit::{Action, Check, Image, Outcome as Recorded};
use crate::cli::Common;
use crate::commands::audit::{Event, Recorder};
use crate::environment::Environment;
use crate::error::Result;
use crate::project::Project;
use crate::trial::{Outcome, Report, Subject};

/// Puts a trial into the record. Where that cannot be, it is told, and an error only if everything must be recorded.
pub(super) fn record(
    report: &Report,
    project: &Project,
    platform: &str,
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    let events = report
        .subjects
        .iter()
        .map(|subject| event(subject, project, platform))
        .collect();
    let recorded =
        Recorder::open(project, environment).and_then(|recorder| recorder.note(events, common));
    match recorded {
        Err(error) if !project.manifest.audit.required => {
            common.note(environment, &format!("warning: {error}"));
            Ok(())
        }
        recorded => recorded,
    }
}

fn event(subject: &Subject, project: &Project, platform: &str) -> Event {
    let own = project.image(&subject.name);
    let image = own.map(|image| Image {
        name: Some(image.name.clone()),
        reference: subject.image.clone(),
        digest: subject.digest.clone(),
        platform: Some(platform.to_owned()),
    });
    let is_wrong = |outcome: Outcome| matches!(outcome, Outcome::Failed | Outcome::Unknown);
    let wrong: Vec<&str> = subject
        .verdicts
        .iter()
        .filter(|verdict| is_wrong(verdict.outcome))
        .map(|verdict| verdict.property.name)
        .collect();
    let numbers = subject.measurements.iter();
    let mut details: BTreeMap<String, String> = numbers
        .map(|one| {
            (
                one.name.to_owned(),
                super::output::number(one.value, one.unit),
            )
        })
        .collect();
    details.insert("subject".to_owned(), subject.name.clone());
    Event {
        action: Action::Test,
        image,
        verdicts: vec![Check {
            check: format!("test {}", subject.suite.word()),
            outcome: match subject.outcome() {
                Outcome::Passed | Outcome::Skipped => Recorded::Pass,
                Outcome::Unknown => Recorded::Unknown,
                Outcome::Failed => Recorded::Fail,
            },
            detail: (!wrong.is_empty()).then(|| wrong.join(", ")),
        }],
        details,
    }
}
