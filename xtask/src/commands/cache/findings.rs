//! What is wrong: a median under the goal, steps that ran otherwise than foretold, misses that can be avoided.

use std::collections::BTreeMap;

use super::answer::{Answer, counted, percent};
use super::foretelling::Foretold;
use crate::caching::{Advice, Difference, StepOutcome};
use crate::context::{Certainty, StepReference};
use crate::finding::{Finding, Severity};
use crate::source::Location;

impl Answer<'_> {
    /// The findings, in the order of the edits.
    pub(super) fn judged(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        findings.extend(self.under_goal());
        for (index, one) in self.foretold.iter().enumerate() {
            let Some(run) = self.run_of(index) else {
                continue;
            };
            for difference in &run.comparison.differences {
                findings.push(self.differs(&one.edit.name(), difference));
            }
        }
        findings.extend(self.avoidable());
        findings
    }

    fn under_goal(&self) -> Option<Finding> {
        let history = self.history?;
        let shares = match self.measured_history() {
            Some(measured) => measured.shares,
            None => history.all(),
        };
        let median = shares.median()?;
        if median >= f64::from(self.goal) {
            return None;
        }
        let manifest = &self.gathered.project.manifest;
        let finding = Finding::new(
            "DC1001",
            "cache-under-goal",
            Severity::Error,
            format!(
                "the median of {} keeps {} of the steps cached, and {} % are wanted",
                counted(shares.count(), "commit"),
                percent(median),
                self.goal
            ),
        )
        .at(manifest.key_location(&["cache", "goal"]))
        .help(
            "what runs again, and why, is told for each edit; what can be avoided stands beside it",
        )
        .property("median_percent", median)
        .property("goal_percent", self.goal);
        Some(finding)
    }

    fn differs(&self, edit: &str, difference: &Difference) -> Finding {
        let foretold = match difference.foretold {
            Some(Certainty::Surely) => "to run again",
            Some(Certainty::Perhaps) => "to run again perhaps",
            None => "to be cached",
        };
        let measured = match difference.measured {
            Some(StepOutcome::Ran) => "it ran",
            Some(StepOutcome::Cached) => "it was cached",
            None => "the engine did not report it",
        };
        let place = difference.step.as_ref().and_then(|step| self.place(step));
        let (text, message) = match &place {
            Some((text, _)) => (
                text.clone(),
                format!("after the edit {edit}, `{text}` was foretold {foretold}, and {measured}"),
            ),
            None => (
                difference.name.clone(),
                format!(
                    "after the edit {edit}, the engine reported a step that no Dockerfile has: {}",
                    difference.name
                ),
            ),
        };
        let mut finding =
            Finding::new("DC1002", "cache-forecast-differs", Severity::Error, message)
                .help("the forecast is wrong: please report it with the Dockerfile")
                .property("edit", edit)
                .property("step", text)
                .property("foretold", foretold)
                .property("measured", measured);
        finding.details_mut().subject = Some(edit.to_owned());
        match place {
            Some((_, location)) => finding.at(location),
            None => finding,
        }
    }

    /// Each miss that an edit of the Dockerfiles or the ignore file would avoid, once.
    fn avoidable(&self) -> Vec<Finding> {
        // Of several edits, the one that it helps most.
        let mut best: BTreeMap<(&StepReference, String), (&Foretold, &Advice)> = BTreeMap::new();
        for one in self.foretold {
            for advice in one.advice.iter().filter(|advice| advice.is_avoidable()) {
                let gain = |advice: &Advice| advice.after.unwrap_or(advice.before) - advice.before;
                let known = best
                    .entry((&advice.step, advice.told()))
                    .or_insert((one, advice));
                if gain(advice) > gain(known.1) {
                    *known = (one, advice);
                }
            }
        }
        let mut findings: Vec<Finding> = Vec::new();
        for (one, advice) in best.into_values() {
            let Some((text, location)) = self.place(&advice.step) else {
                continue;
            };
            let after = advice.after.unwrap_or(advice.before);
            let mut finding = Finding::new(
                "DC1003",
                "cache-miss-avoidable",
                Severity::Note,
                format!(
                    "after the edit {}, `{text}` runs again, and {} of the build stays cached; {} could",
                    one.edit.name(),
                    percent(advice.before),
                    percent(after)
                ),
            )
            .at(location)
            .help(advice.told())
            .property("edit", one.edit.name())
            .property("percent", advice.before)
            .property("percent_possible", after);
            finding.details_mut().subject = Some(one.edit.name());
            findings.push(finding);
        }
        findings
    }

    /// How a step is written, and where, in the Dockerfiles as they are.
    pub(super) fn place(&self, step: &StepReference) -> Option<(String, Location)> {
        let recipe = self
            .gathered
            .looked
            .contexts
            .recipes
            .get(&step.stage.dockerfile)?;
        let steps = &recipe.stages.get(step.stage.stage)?.steps;
        let found = steps.get(step.step.checked_sub(1)?)?;
        Some((shortened(&found.text), found.location.clone()))
    }
}

/// At most 90 characters.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 90;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text,
    }
}
