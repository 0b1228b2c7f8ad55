//! What a build tells the audit trail.

use std::collections::BTreeMap;

use super::Build;
use super::verdict::{ImageVerdict, Verdict};
use crate::audit::{Action, Check, Image, Outcome};
use crate::commands::audit::Event;
use crate::engine::bake::TargetMetadata;
use crate::project::ImageName;
use crate::project::budget;

/// One event for each image that was built, on each platform.
pub(super) fn built(build: &Build<'_>, verdict: &Verdict) -> Vec<Event> {
    let event = |image: &ImageVerdict| {
        let mut details = BTreeMap::from([
            ("engine".to_owned(), verdict.engine.version.clone()),
            ("stage".to_owned(), verdict.stage.clone()),
            (
                "steps_cached".to_owned(),
                format!("{}/{}", image.steps_cached, image.steps),
            ),
        ]);
        if let Some(bytes) = image.unpacked_bytes {
            details.insert("unpacked_bytes".to_owned(), bytes.to_string());
        }
        if verdict.stand_in {
            details.insert("stand_in".to_owned(), "true".to_owned());
        }
        Event {
            action: Action::Build,
            image: Some(Image {
                name: Some(image.name.clone()),
                reference: Some(image.tag.clone()).filter(|tag| !tag.is_empty()),
                digest: image.digest.clone(),
                platform: Some(image.platform.clone()),
            }),
            verdicts: if build.arguments.has_budgets() {
                vec![within_budget(image)]
            } else {
                Vec::new()
            },
            details,
        }
    };
    verdict.images.iter().map(event).collect()
}

fn within_budget(image: &ImageVerdict) -> Check {
    let broken = image
        .judgments
        .iter()
        .find(|one| one.verdict == budget::Verdict::Over);
    Check {
        check: "budget".to_owned(),
        outcome: match image.within_budget {
            Some(true) => Outcome::Pass,
            Some(false) => Outcome::Fail,
            None => Outcome::Unknown,
        },
        detail: broken
            .map(|one| format!("{} is over its limit", one.measure.name()))
            .or_else(|| image.exception.clone()),
    }
}

/// One event for each name that was pushed.
pub(super) fn pushed(build: &Build<'_>, metadata: &BTreeMap<String, TargetMetadata>) -> Vec<Event> {
    let mut events = Vec::new();
    for target in &build.targets {
        let Some(pushed) = metadata.get(&target.name) else {
            continue;
        };
        for name in pushed.names.split(',').map(str::trim) {
            if ImageName::parse(name).is_none() {
                continue;
            }
            events.push(Event {
                action: Action::Push,
                image: Some(Image {
                    name: Some(target.image.clone()),
                    reference: Some(name.to_owned()),
                    digest: pushed.digest.clone(),
                    platform: None,
                }),
                verdicts: Vec::new(),
                details: BTreeMap::new(),
            });
        }
    }
    events
}
