//! The sizes of one image over commits: in order, each commit once, and not without end.

use serde::{Deserialize, Deserializer};

use crate::date::Date;
use crate::image::history::Point;

/// How many are kept.
pub(super) const MOST: usize = 500;
/// How many of the newest are never thinned out.
pub(super) const NEWEST: usize = 250;

/// Reads points, oldest first; a day that is none is an error at its place.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Point>, D::Error> {
    /// As [`Point`], with a day that is one.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Written {
        commit: String,
        date: Date,
        platform: String,
        unpacked_bytes: u64,
        compressed_bytes: u64,
        visible_bytes: Option<u64>,
        hidden_bytes: Option<u64>,
    }

    let written = Vec::<Written>::deserialize(deserializer)?;
    let point = |written: Written| Point {
        commit: written.commit,
        date: written.date.to_string(),
        platform: written.platform,
        unpacked_bytes: written.unpacked_bytes,
        compressed_bytes: written.compressed_bytes,
        visible_bytes: written.visible_bytes,
        hidden_bytes: written.hidden_bytes,
    };
    let mut points: Vec<Point> = written.into_iter().map(point).collect();
    points.sort_by(|a, b| a.date.cmp(&b.date));
    Ok(points)
}

/// With one more, which replaces one of the same commit.
pub(super) fn merged(mut points: Vec<Point>, new: Point) -> Vec<Point> {
    points.retain(|point| point.commit != new.commit);
    points.push(new);
    // Days sort as texts do. Points of one day stay in the order in which they were recorded.
    points.sort_by(|a, b| a.date.cmp(&b.date));
    while points.len() > MOST {
        let Some(least) = least(&points) else { break };
        points.remove(least);
    }
    points
}

/// The one whose absence leaves the smallest gap, so that old points thin out evenly; the oldest of equals. The first
/// is where everything began, and the newest are needed for the trend.
fn least(points: &[Point]) -> Option<usize> {
    let day = |index: usize| {
        let date: Option<Date> = points[index].date.parse().ok();
        date.map_or(0, Date::unix_days)
    };
    (1..points.len().saturating_sub(NEWEST))
        .min_by_key(|index| (day(index + 1) - day(index - 1), *index))
}
