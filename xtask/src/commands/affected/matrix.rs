//! `strategy.matrix` of GitHub Actions.

use serde::Serialize;

use super::Arguments;
use crate::bake::{Plan, TargetKind};
use crate::commands::ignore::Answer;
use crate::error::{Error, Result};

/// One job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Entry {
    image: String,
    /// The target of the bake file.
    target: String,
    dockerfile: String,
    /// Separated by commas; empty for the runner's own.
    platforms: String,
    /// What `runs-on` takes.
    runner: String,
    /// Why it is built.
    reason: String,
}

#[derive(Serialize)]
struct Matrix<'a> {
    include: &'a [Entry],
}

/// Where a platform is built if nobody says.
const USUAL: &str = "ubuntu-latest";
const USUAL_ARM: &str = "ubuntu-24.04-arm";

/// A job for each image that is affected, or for each of its platforms.
pub(super) fn entries(
    answer: &Answer,
    plan: &Plan,
    kind: TargetKind,
    arguments: &Arguments,
) -> Vec<Entry> {
    let runner = |platform: &str| {
        let said = arguments
            .runners
            .iter()
            .find(|runner| runner.platform == platform);
        match said {
            Some(runner) => runner.label.clone(),
            None if platform.starts_with("linux/arm64") => USUAL_ARM.to_owned(),
            None => USUAL.to_owned(),
        }
    };
    let mut entries = Vec::new();
    for image in answer.images() {
        let Some(target) = plan.target_of(&image.name, kind) else {
            continue;
        };
        let platforms = &plan.release_platforms;
        let jobs: Vec<(String, String)> = if arguments.per_platform && !platforms.is_empty() {
            platforms
                .iter()
                .map(|platform| (platform.clone(), runner(platform)))
                .collect()
        } else {
            // Several platforms at once are built where the first is at home.
            let first = platforms.first().map_or("linux/amd64", String::as_str);
            vec![(platforms.join(","), runner(first))]
        };
        entries.extend(jobs.into_iter().map(|(platforms, runner)| Entry {
            image: image.name.clone(),
            target: target.name.clone(),
            dockerfile: target.dockerfile.clone(),
            platforms,
            runner,
            reason: image.reason.clone(),
        }));
    }
    entries
}

/// As one line.
///
/// # Errors
/// It cannot be written as JSON.
pub(super) fn json(entries: &[Entry]) -> Result<String> {
    serde_json::to_string(&Matrix { include: entries })
        .map_err(|error| Error::failed("failed to write the matrix as JSON").because(error))
}
