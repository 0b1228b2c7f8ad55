//! The answer for programs.

use camino::Utf8Path;
use serde::Serialize;

use super::answer::{Answer, rounded};
use super::foretelling::Foretold;
use super::history::CommitCost;
use crate::caching::{Rate, StepOutcome};
use crate::commands::json::json;
use crate::commands::size::FindingDocument;
use crate::context::Certainty;
use crate::error::Result;

/// The version of the shape; raised when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// How many of the worst commits are named.
const WORST: usize = 20;

/// The whole of `--format json`.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    /// How many percent of the steps are wanted to be cached for the median commit.
    goal_percent: u32,
    /// Whether they are; `null` where the history is not known.
    meets_goal: Option<bool>,
    /// Steps of the whole build, each counted once.
    steps: usize,
    edits: Vec<EditDocument<'a>>,
    /// `null` without git, or with `--commits 0`.
    history: Option<HistoryDocument<'a>>,
    /// `null` without `--run`.
    measured: Option<MeasuredDocument>,
    findings: Vec<FindingDocument<'a>>,
}

#[derive(Serialize)]
struct EditDocument<'a> {
    name: String,
    class: &'static str,
    subject: &'a str,
    files: Vec<&'a Utf8Path>,
    /// How it is made.
    change: Vec<String>,
    /// How many files of the repository have the same effect.
    alike: usize,
    /// How many commits of the history changed such a file.
    commits: Option<usize>,
    foretold: RateDocument,
    images: Vec<ImageDocument<'a>>,
    reruns: Vec<RerunDocument<'a>>,
    /// `null` if it was not built.
    measured: Option<RunDocument>,
}

#[derive(Serialize)]
struct RateDocument {
    steps: usize,
    cached_at_least: usize,
    cached_at_most: usize,
    percent_at_least: f64,
}

#[derive(Serialize)]
struct ImageDocument<'a> {
    name: &'a str,
    /// `surely`, `perhaps`, `no`.
    rebuilt: &'static str,
    #[serde(flatten)]
    rate: RateDocument,
}

#[derive(Serialize)]
struct RerunDocument<'a> {
    dockerfile: &'a Utf8Path,
    stage: &'a str,
    step: usize,
    file: &'a Utf8Path,
    line: usize,
    text: &'a str,
    certain: bool,
    /// The edit itself is why; otherwise a step before it is.
    cause: bool,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<AdviceDocument>,
    /// `ran`, `cached`; `null` if it was not built.
    measured: Option<&'static str>,
}

#[derive(Serialize)]
struct AdviceDocument {
    text: String,
    avoidable: bool,
    percent: f64,
    /// With the advice followed.
    percent_after: Option<f64>,
}

#[derive(Serialize)]
struct RunDocument {
    steps: usize,
    cached: usize,
    percent: f64,
    milliseconds: u64,
    uncertain_run: usize,
    uncertain_cached: usize,
    differing_steps: usize,
}

#[derive(Serialize)]
struct HistoryDocument<'a> {
    /// Merges are left out.
    commits: usize,
    shallow: bool,
    /// Commits of which a part is not known; all their steps count as run.
    unknown_commits: usize,
    median_percent: Option<f64>,
    p10_percent: Option<f64>,
    commits_at_goal: usize,
    percent_at_goal: f64,
    /// Of those that run any step again.
    building: BuildingDocument,
    worst: Vec<CommitDocument<'a>>,
}

#[derive(Serialize)]
struct BuildingDocument {
    commits: usize,
    median_percent: Option<f64>,
    p10_percent: Option<f64>,
    commits_at_goal: usize,
}

#[derive(Serialize)]
struct CommitDocument<'a> {
    commit: &'a str,
    date: &'a str,
    subject: &'a str,
    percent: f64,
    cause: Option<&'a str>,
}

#[derive(Serialize)]
struct MeasuredDocument {
    edits: usize,
    differing_steps: usize,
    /// Of the commits of the history: those that run the same steps again as an edit that was built have its share.
    median_percent: Option<f64>,
    /// How many commits that holds for; the others count as foretold.
    commits_covered: usize,
    milliseconds: u64,
}

impl Answer<'_> {
    /// As JSON.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn json(&self) -> Result<String> {
        let history = self.history.map(|history| {
            let (all, building) = (history.all(), history.building());
            let goal = f64::from(self.goal);
            let at_goal = all.at_least(goal);
            HistoryDocument {
                commits: all.count(),
                shallow: history.is_shallow,
                unknown_commits: history
                    .commits
                    .iter()
                    .filter(|cost| cost.is_unknown)
                    .count(),
                median_percent: all.median().map(rounded),
                p10_percent: all.percentile(10).map(rounded),
                commits_at_goal: at_goal,
                percent_at_goal: rounded(
                    Rate {
                        steps: all.count(),
                        run: all.count() - at_goal,
                        perhaps: 0,
                    }
                    .percent(),
                ),
                building: BuildingDocument {
                    commits: building.count(),
                    median_percent: building.median().map(rounded),
                    p10_percent: building.percentile(10).map(rounded),
                    commits_at_goal: building.at_least(goal),
                },
                worst: history.worst(WORST).into_iter().map(commit).collect(),
            }
        });
        let is_under = self.findings.iter().any(|finding| finding.code == "DC1001");
        let median = history.as_ref().and_then(|history| history.median_percent);
        let edits = self.foretold.iter().enumerate();
        let document = Document {
            schema_version: SCHEMA_VERSION,
            goal_percent: self.goal,
            meets_goal: median.map(|_| !is_under),
            steps: self
                .foretold
                .first()
                .map_or(0, |one| one.forecast.rate.steps),
            edits: edits.map(|(index, one)| self.edit(index, one)).collect(),
            history,
            measured: self.measured(),
            findings: self.findings.iter().map(FindingDocument::of).collect(),
        };
        json(&document)
    }

    fn measured(&self) -> Option<MeasuredDocument> {
        let runs: Vec<_> = self.runs?.iter().flatten().collect();
        let history = self.measured_history();
        Some(MeasuredDocument {
            edits: runs.len(),
            differing_steps: self.differing()?,
            median_percent: history
                .as_ref()
                .and_then(|history| history.shares.median())
                .map(rounded),
            commits_covered: history.map_or(0, |history| history.covered),
            milliseconds: runs.iter().map(|run| milliseconds(run.took)).sum(),
        })
    }

    fn edit<'d>(&'d self, index: usize, one: &'d Foretold) -> EditDocument<'d> {
        let run = self.run_of(index);
        let images = one.forecast.images.iter();
        let reruns = one.forecast.reruns.iter();
        EditDocument {
            name: one.edit.name(),
            class: one.edit.class.name(),
            subject: &one.edit.subject,
            files: one
                .edit
                .files
                .iter()
                .map(|file| file.path.as_path())
                .collect(),
            change: one
                .edit
                .files
                .iter()
                .map(|file| file.touch.told())
                .collect(),
            alike: one.edit.alike,
            commits: self.commits_like(one),
            foretold: rate(&one.forecast.rate),
            images: images
                .map(|image| ImageDocument {
                    name: &image.name,
                    rebuilt: match image.rebuilt {
                        Some(Certainty::Surely) => "surely",
                        Some(Certainty::Perhaps) => "perhaps",
                        None => "no",
                    },
                    rate: rate(&image.rate),
                })
                .collect(),
            reruns: reruns
                .map(|rerun| RerunDocument {
                    dockerfile: &rerun.step.stage.dockerfile,
                    stage: &rerun.stage_name,
                    step: rerun.step.step,
                    file: &rerun.file,
                    line: rerun.line,
                    text: &rerun.text,
                    certain: rerun.certainty == Certainty::Surely,
                    cause: rerun.is_cause(),
                    reason: &rerun.reason,
                    advice: one
                        .advice
                        .iter()
                        .find(|advice| advice.step == rerun.step)
                        .map(|advice| AdviceDocument {
                            text: advice.told(),
                            avoidable: advice.is_avoidable(),
                            percent: rounded(advice.before),
                            percent_after: advice.after.map(rounded),
                        }),
                    measured: run.and_then(|run| {
                        Some(match run.measured.steps.get(&rerun.step)? {
                            StepOutcome::Ran => "ran",
                            StepOutcome::Cached => "cached",
                        })
                    }),
                })
                .collect(),
            measured: run.map(|run| RunDocument {
                steps: run.comparison.rate.steps,
                cached: run.comparison.rate.least(),
                percent: rounded(run.comparison.rate.percent()),
                milliseconds: milliseconds(run.took),
                uncertain_run: run.comparison.uncertain_run,
                uncertain_cached: run.comparison.uncertain_cached,
                differing_steps: run.comparison.differences.len(),
            }),
        }
    }
}

fn rate(rate: &Rate) -> RateDocument {
    RateDocument {
        steps: rate.steps,
        cached_at_least: rate.least(),
        cached_at_most: rate.most(),
        percent_at_least: rounded(rate.percent()),
    }
}

fn commit(cost: &CommitCost) -> CommitDocument<'_> {
    CommitDocument {
        commit: &cost.commit.hash,
        date: &cost.commit.date,
        subject: &cost.commit.subject,
        percent: rounded(cost.percent),
        cause: cost.first_cause.as_deref(),
    }
}

fn milliseconds(took: std::time::Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
