//! Images held to their budgets before they are built.

use super::findings::amount;
use super::{Judgment, Measured, Measures, Verdict, judge, signed};
use crate::date::Date;
use crate::finding::{Finding, Severity};
use crate::project::manifest::Budget;
use crate::size::Bytes;

/// What is known of an image that was not built.
#[derive(Clone, Copy, Debug)]
pub struct AtLeast {
    /// All layers, unpacked.
    pub unpacked: Bytes,
    /// The largest layer, unpacked.
    pub layer: Bytes,
    /// It may be more.
    pub is_open: bool,
}

/// Holds an image that was not built against the limits of the day `today`. What may be more is never within.
#[must_use]
pub fn judge_estimate(
    image: &str,
    at_least: AtLeast,
    budget: &Budget,
    today: Date,
) -> Vec<Judgment> {
    let measures = Measures {
        unpacked: Measured::Bytes(signed(at_least.unpacked.0)),
        layer: Measured::Bytes(signed(at_least.layer.0)),
        ..Measures::default()
    };
    let mut judgments = judge(image, &measures, budget, today);
    for judgment in judgments.iter_mut().filter(|_| at_least.is_open) {
        // What is left may be less, or nothing.
        judgment.headroom_bytes = judgment.headroom_bytes.filter(|left| *left < 0);
        if judgment.verdict == Verdict::Within {
            judgment.verdict = Verdict::Unknown;
        }
    }
    judgments
}

/// The limits that an image will exceed (B006).
#[must_use]
pub fn findings_of_estimate(image: &str, dockerfile: &str, judgments: &[Judgment]) -> Vec<Finding> {
    let over = judgments
        .iter()
        .filter(|judgment| judgment.verdict == Verdict::Over);
    over.filter_map(|judgment| {
        let (limit, bytes) = (judgment.hard_bytes?, judgment.bytes?);
        let size = bytes.unsigned_abs();
        Some(
            Finding::new(
                "B006",
                "estimate-over-budget",
                Severity::Error,
                format!(
                    "{image}: it will have at least {}, over the budget of {} by {}",
                    amount(judgment.measure, size),
                    Bytes(limit),
                    Bytes(size.saturating_sub(limit))
                ),
            )
            .help("make it smaller, or record an exception with reason and date in docker.toml")
            .property("bytes", bytes)
            .property("budget_bytes", limit)
            .property("image", image)
            .property("measure", judgment.measure.name())
            .in_file(dockerfile),
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Manifest;
    use crate::source::Source;

    const MANIFEST: &str = "schema_version = 1
[project]
name = \"shop\"
[budget]
unpacked = \"150 MB\"
waste = \"1 MB\"
[budget.soft]
unpacked = \"100 MB\"
[[budget.exceptions]]
image = \"api\"
measure = \"unpacked\"
limit = \"200 MB\"
reason = \"r\"
expires = 2026-12-31
";

    /// How images of so many megabytes stand on a day, with what is left, and what is told of them.
    fn judged(image: &str, megabytes: u64, is_open: bool, day: &str) -> (String, Vec<String>) {
        let manifest = Manifest::parse(&Source::new("docker/docker.toml", MANIFEST)).unwrap();
        let at_least = AtLeast {
            unpacked: Bytes(megabytes * 1_000_000),
            layer: Bytes(0),
            is_open,
        };
        let judgments = judge_estimate(image, at_least, &manifest.budget, day.parse().unwrap());
        let findings = findings_of_estimate(image, "Dockerfile", &judgments);
        let told = findings
            .into_iter()
            .map(|one| format!("{} {}", one.code, one.message));
        let shown = judgments.iter().map(|one| {
            let left = one.headroom_bytes.map(|left| left / 1_000_000);
            format!("{} {:?} {left:?}", one.measure, one.verdict)
        });
        (shown.collect::<Vec<_>>().join(", "), told.collect())
    }

    #[test]
    fn what_may_be_more_is_never_within() {
        let shown = |megabytes, is_open| judged("web", megabytes, is_open, "2026-12-01").0;
        let layer = "layer Unlimited None";
        assert_eq!(
            shown(60, false),
            format!("unpacked Within Some(90), {layer}")
        );
        assert_eq!(shown(60, true), format!("unpacked Unknown None, {layer}"));
        assert_eq!(
            shown(120, true),
            format!("unpacked AboveSoft None, {layer}")
        );
        assert_eq!(
            shown(160, true),
            format!("unpacked Over Some(-10), {layer}")
        );
    }

    #[test]
    fn an_exception_holds_for_estimates_up_to_its_last_day() {
        assert_eq!(judged("api", 160, true, "2026-12-31").1, [""; 0]);
        assert_eq!(
            judged("api", 160, true, "2027-01-01").1,
            [
                "B006 api: it will have at least 160.0 MB unpacked, over the budget of 150.0 MB by 10.0 MB"
            ]
        );
    }
}
