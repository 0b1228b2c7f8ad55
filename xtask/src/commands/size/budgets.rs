//! Images held to their budgets.

use std::time::UNIX_EPOCH;

use super::looked::{Looked, LookedImage};
use super::recording::Known;
use crate::date::Date;
use crate::environment::Environment;
use crate::finding::Finding;
use crate::image::history::Point;
use crate::project::budget::{self, Base, Judged, Judgment, Measures};

/// The day on which images are judged, in UTC.
pub(super) fn today(environment: &Environment) -> Date {
    let since = (environment.clock)()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Date::from_unix_seconds(since.as_secs())
}

/// How each image stands to its limits; nothing for those that are none of the manifest.
pub(super) fn judge(
    looked: &Looked<'_>,
    known: &Known,
    environment: &Environment,
) -> Vec<Vec<Judgment>> {
    let today = today(environment);
    let judge = |image: &LookedImage| {
        let (Some(project), Some(own)) = (&looked.place.project, &image.own) else {
            return Vec::new();
        };
        let analysis = &image.analysis;
        let point: Option<Point> = known.against.as_ref().and_then(|against| {
            let recorded = against.record.image(own, &analysis.platform)?;
            Some(recorded.point())
        });
        let base = match (&known.against, &point) {
            (None, _) => Base::NotAsked,
            (Some(_), None) => Base::New,
            (Some(_), Some(point)) => Base::At(point),
        };
        budget::judge(
            own,
            &Measures::of(analysis, base),
            &project.manifest.budget,
            today,
        )
    };
    looked.images.iter().map(judge).collect()
}

/// What is wrong with the images and their budgets.
pub(super) fn findings(
    looked: &Looked<'_>,
    judged: &[Vec<Judgment>],
    environment: &Environment,
) -> Vec<Finding> {
    let Some(project) = &looked.place.project else {
        return Vec::new();
    };
    let judged: Vec<Judged<'_>> = looked
        .images
        .iter()
        .zip(judged)
        .filter_map(|(image, judgments)| {
            let own = image.own.as_deref()?;
            Some(Judged {
                image: own,
                platform: &image.analysis.platform,
                dockerfile: looked
                    .place
                    .definition(own)
                    .map(|image| image.path().as_str()),
                is_stand_in: image.is_stand_in,
                judgments,
            })
        })
        .collect();
    budget::findings(&project.manifest, &judged, today(environment))
}
