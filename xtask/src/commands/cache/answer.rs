//! All that is known in the end.

use super::foretelling::Foretold;
use super::gathered::Gathered;
use super::history::{CommitCost, Effects, History};
use super::running::Run;
use crate::caching::Distribution;
use crate::finding::Finding;

/// All that is known in the end.
pub(super) struct Answer<'a> {
    pub(super) gathered: &'a Gathered,
    pub(super) foretold: &'a [Foretold],
    pub(super) effects: &'a Effects,
    pub(super) history: Option<&'a History>,
    /// What building showed, edit by edit.
    pub(super) runs: Option<&'a [Option<Run>]>,
    /// In percent.
    pub(super) goal: u32,
    pub(super) findings: Vec<Finding>,
}

/// What building showed, of the commits of the history.
pub(super) struct MeasuredHistory {
    /// The shares of all commits: those that cost what an edit costs that was built have its share.
    pub(super) shares: Distribution,
    /// How many commits that holds for.
    pub(super) covered: usize,
}

impl Answer<'_> {
    /// What building an edit showed.
    pub(super) fn run_of(&self, index: usize) -> Option<&Run> {
        self.runs?.get(index)?.as_ref()
    }

    /// How many steps did otherwise than foretold; `None` if nothing was built.
    pub(super) fn differing(&self) -> Option<usize> {
        let runs = self.runs?.iter().flatten();
        Some(runs.map(|run| run.comparison.differences.len()).sum())
    }

    /// How many commits of the history have a change of the same effect; `None` where that means nothing.
    pub(super) fn commits_like(&self, one: &Foretold) -> Option<usize> {
        let history = self.history?;
        let first = one.edit.files.first()?;
        let effect = self.effects.effect(&first.path);
        let has = |cost: &&CommitCost| cost.effects.contains(&effect);
        Some(history.commits.iter().filter(has).count())
    }

    /// The shares of the commits as far as they were measured: a commit that runs the same steps again as an edit that was
    /// built has the share of that edit, any other the share that is foretold.
    pub(super) fn measured_history(&self) -> Option<MeasuredHistory> {
        let (history, runs) = (self.history?, self.runs?);
        let built: Vec<_> = self
            .foretold
            .iter()
            .zip(runs)
            .filter_map(|(one, run)| {
                let share = run.as_ref()?.comparison.rate.percent();
                Some((one.forecast.certainties(), share))
            })
            .collect();
        let mut covered = 0;
        let mut shares = Vec::with_capacity(history.commits.len());
        for cost in &history.commits {
            let reruns = cost
                .reruns
                .iter()
                .map(|(step, certainty)| (step, *certainty))
                .collect();
            let same = built
                .iter()
                .filter(|(certainties, _)| *certainties == reruns);
            let share = same.map(|(_, share)| *share).min_by(f64::total_cmp);
            covered += usize::from(share.is_some());
            shares.push(share.unwrap_or(cost.percent));
        }
        Some(MeasuredHistory {
            shares: Distribution::of(shares),
            covered,
        })
    }
}

/// A share for people: `92.1 %`, and `100 %` only if it is all.
pub(super) fn percent(share: f64) -> String {
    if share >= 100.0 {
        return "100 %".to_owned();
    }
    format!("{:.1} %", (share * 10.0).floor() / 10.0)
}

/// A share for programs, with two decimals.
pub(super) fn rounded(share: f64) -> f64 {
    (share * 100.0).round() / 100.0
}

/// `1 step`, `2 steps`.
pub(super) fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
