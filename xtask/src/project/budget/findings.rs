//! What is wrong with images and their budgets, as findings.

use std::collections::{BTreeMap, BTreeSet};

use super::{Judgment, Verdict};
use crate::date::Date;
use crate::finding::{Finding, Severity};
use crate::project::manifest::{Budget, Exception, Manifest, Measure};
use crate::size::Bytes;

/// An image that was judged, on one platform.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The image, as the manifest names it.
    pub image: &'a str,
    /// Such as `linux/amd64`.
    pub platform: &'a str,
    /// Its Dockerfile, from the root, which findings are shown in.
    pub dockerfile: Option<&'a str>,
    /// Whether it stands on something that stands in for its base: its size says nothing of exceptions.
    pub is_stand_in: bool,
    /// What was found out.
    pub judgments: &'a [Judgment],
}

/// What is wrong: limits that are exceeded (B001), measures that could not be taken (B002), exceptions whose day has
/// passed (B003), soft limits that are exceeded (B004), and exceptions that no judged platform needs (B005).
#[must_use]
pub fn findings(manifest: &Manifest, judged: &[Judged<'_>], today: Date) -> Vec<Finding> {
    let mut findings: Vec<Finding> = judged
        .iter()
        .flat_map(|image| {
            let several = judged
                .iter()
                .any(|other| other.image == image.image && other.platform != image.platform);
            let called = if several {
                format!("{} ({})", image.image, image.platform)
            } else {
                image.image.to_owned()
            };
            let measures = image.judgments.iter();
            measures
                .filter_map(move |judgment| of_measure(image, &called, judgment))
                .collect::<Vec<_>>()
        })
        .collect();
    let budget = &manifest.budget;
    let names: BTreeSet<&str> = judged.iter().map(|image| image.image).collect();
    let place = |index: usize| manifest.key_location(&["budget", "exceptions", &index.to_string()]);
    for index in expired(budget, &names, today) {
        let exception = &budget.exceptions[index];
        findings.push(
            about(
                Finding::new(
                    "B003",
                    "budget-exception-expired",
                    Severity::Error,
                    tell_expired(exception),
                ),
                exception,
            )
            .help("remove it, or give it a new date and a reason that still holds")
            .at(place(index)),
        );
    }
    for (index, judgment) in unused(judged) {
        let exception = &budget.exceptions[index];
        let why = match (judgment.is_limited, judgment.exception.as_ref()) {
            (false, _) => format!("there is no limit on {} to relax", exception.measure),
            (true, Some(applied)) if applied.index != index => {
                "another exception for it allows as much".to_owned()
            }
            (true, _) => match budget.hard(&exception.image, exception.measure) {
                Some(limit) => format!("the ordinary limit of {limit} is kept without it"),
                None => "there is no limit to relax".to_owned(),
            },
        };
        let what = called(exception);
        findings.push(
            about(
                Finding::new(
                    "B005",
                    "budget-exception-unused",
                    Severity::Error,
                    format!("the exception for {what} is not needed: {why}"),
                ),
                exception,
            )
            .help("remove it, so that the image cannot grow into it again")
            .at(place(index)),
        );
    }
    findings
}

/// Positions of the exceptions for `images` whose last day was before `today`.
#[must_use]
pub fn expired(budget: &Budget, images: &BTreeSet<&str>, today: Date) -> Vec<usize> {
    let exceptions = budget.exceptions.iter().enumerate();
    exceptions
        .filter(|(_, e)| e.expires < today && images.contains(e.image.as_str()))
        .map(|(index, _)| index)
        .collect()
}

/// That an exception no longer holds, in a sentence.
#[must_use]
pub fn tell_expired(exception: &Exception) -> String {
    format!(
        "the exception for {} ended on {}: {}",
        called(exception),
        exception.expires,
        exception.reason
    )
}

/// By position: exceptions that no platform needs, with the judgment that says so.
fn unused<'a>(judged: &[Judged<'a>]) -> BTreeMap<usize, &'a Judgment> {
    let mut unused: BTreeMap<usize, &Judgment> = BTreeMap::new();
    let mut needed = BTreeSet::new();
    for image in judged {
        for judgment in image.judgments {
            if image.is_stand_in || judgment.verdict == Verdict::Unknown {
                // Here it may be needed.
                needed.extend(judgment.unused.iter().copied());
            }
            for index in &judgment.unused {
                unused.entry(*index).or_insert(judgment);
            }
            if let Some(exception) = &judgment.exception
                && !judgment.unused.contains(&exception.index)
            {
                needed.insert(exception.index);
            }
        }
    }
    unused.retain(|index, _| !needed.contains(index));
    unused
}

fn of_measure(image: &Judged<'_>, called: &str, judgment: &Judgment) -> Option<Finding> {
    let measure = judgment.measure;
    let finding = match (judgment.verdict, judgment.bytes) {
        (Verdict::Over, Some(bytes)) => {
            let (limit, size) = (judgment.hard_bytes?, bytes.unsigned_abs());
            Finding::new(
                "B001",
                "image-over-budget",
                Severity::Error,
                format!(
                    "{called}: {} is over the budget of {} by {}",
                    amount(measure, size),
                    Bytes(limit),
                    Bytes(size.saturating_sub(limit))
                ),
            )
            .help("make it smaller, or record an exception with reason and date in docker.toml")
            .property("bytes", bytes)
            .property("budget_bytes", limit)
        }
        (Verdict::AboveSoft, Some(bytes)) => {
            let (limit, size) = (judgment.soft_bytes?, bytes.unsigned_abs());
            let left = judgment.headroom_bytes.map_or_else(String::new, |left| {
                format!("; {} are left of the budget", Bytes(left.unsigned_abs()))
            });
            Finding::new(
                "B004",
                "image-above-soft-limit",
                Severity::Warning,
                format!(
                    "{called}: {} is above the soft limit of {} by {}{left}",
                    amount(measure, size),
                    Bytes(limit),
                    Bytes(size.saturating_sub(limit))
                ),
            )
            .help("make it smaller while there is time; `docker-size` shows what is in it")
            .property("bytes", bytes)
            .property("soft_budget_bytes", limit)
        }
        (Verdict::Unknown, _) => {
            let severity = if judgment.is_limited {
                Severity::Error
            } else {
                Severity::Warning
            };
            let help = if measure == Measure::Growth {
                "growth needs the sizes at the commit that is compared with: `docker/sizes.json` must be there and \
                 readable at that commit"
            } else {
                "a measure that cannot be taken counts as broken; remove the limit if it is not meant to be kept"
            };
            Finding::new(
                "B002",
                "image-not-measured",
                severity,
                format!("{called}: it has a budget for {measure} and could not be measured"),
            )
            .help(help)
        }
        _ => return None,
    };
    let finding = finding
        .property("image", image.image)
        .property("platform", image.platform)
        .property("measure", measure.name());
    Some(match image.dockerfile {
        Some(dockerfile) => finding.in_file(dockerfile),
        None => finding,
    })
}

fn about(finding: Finding, exception: &Exception) -> Finding {
    finding
        .property("image", exception.image.as_str())
        .property("measure", exception.measure.name())
        .property("expires", exception.expires.to_string())
}

/// `api (190.0 MB unpacked)`.
fn called(exception: &Exception) -> String {
    let Exception {
        image,
        limit,
        measure,
        ..
    } = exception;
    format!("{image} ({limit} {})", in_words(*measure))
}

pub(super) fn amount(measure: Measure, bytes: u64) -> String {
    format!("{} {}", Bytes(bytes), in_words(measure))
}

const fn in_words(measure: Measure) -> &'static str {
    match measure {
        Measure::Unpacked => "unpacked",
        Measure::Compressed => "compressed",
        Measure::Waste => "of waste",
        Measure::Layer => "in one layer",
        Measure::Growth => "of growth",
    }
}
