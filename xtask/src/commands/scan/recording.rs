//! What a scan tells the audit trail: one entry for each image of the manifest, with its verdict and what it rests on.

use std::collections::BTreeMap;

use super::answer::{Answer, Verdict};
use crate::audit::{Action, Check, Image, Outcome};
use crate::cli::Common;
use crate::commands::audit::{Event, Recorder};
use crate::environment::Environment;
use crate::error::Result;
use crate::project::Project;
use crate::scan::scanned::Scanned;

/// Puts a scan into the record. Where that cannot be, it is told, and an error only if everything must be recorded.
pub(super) fn record(
    answer: &Answer<'_>,
    project: &Project,
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    let recorded = Recorder::open(project, environment)
        .and_then(|recorder| recorder.note(scanned(answer), common));
    match recorded {
        Err(error) if !project.manifest.audit.required => {
            common.note(environment, &format!("warning: {error}"));
            Ok(())
        }
        recorded => recorded,
    }
}

/// The events of a scan. Images that are none of the manifest's are looked at, not answered for.
fn scanned(answer: &Answer<'_>) -> Vec<Event> {
    let own = answer.images.iter().filter(|image| image.own.is_some());
    own.map(|image| event(answer, image)).collect()
}

fn event<'a>(answer: &'a Answer<'a>, image: &'a Scanned) -> Event {
    let verdict = answer.verdict(image);
    let cases: Vec<_> = answer.cases_of(image).collect();
    let exempt = cases.iter().filter(|case| case.is_exempt).count();
    let mut details = BTreeMap::from([
        ("packages".to_owned(), image.packages.len().to_string()),
        (
            "vulnerabilities".to_owned(),
            (cases.len() - exempt).to_string(),
        ),
        ("accepted".to_owned(), exempt.to_string()),
    ]);
    for age in &answer.data.ages {
        if let Some(day) = age.as_of {
            let key = format!("data {} {}", age.finder.name(), age.ecosystem);
            details.insert(key, day.to_string());
        }
    }
    let unknown = image.unknowns.iter().find(|unknown| !unknown.is_nobodys);
    Event {
        action: Action::Scan,
        image: Some(Image {
            name: image.own.clone(),
            reference: image.image.names.first().cloned(),
            digest: Some(image.digest().to_owned()),
            platform: Some(image.image.config.platform()),
        }),
        verdicts: vec![Check {
            check: "scan".to_owned(),
            outcome: match verdict {
                Verdict::Passed => Outcome::Pass,
                Verdict::Failed => Outcome::Fail,
                Verdict::Unknown => Outcome::Unknown,
            },
            detail: match verdict {
                Verdict::Unknown => unknown.map(|unknown| unknown.reason.clone()),
                _ => None,
            },
        }],
        details,
    }
}
