//! What was foretold against what the engine did.

use std::collections::{BTreeMap, BTreeSet};

use super::distribution::Rate;
use super::forecast::Forecast;
use crate::context::{Certainty, StepReference};

/// What the engine did with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepOutcome {
    /// Its result was there already.
    Cached,
    /// It was carried out.
    Ran,
}

/// What the engine did with the steps of a build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// By step. One that is missing was not reported.
    pub steps: BTreeMap<StepReference, StepOutcome>,
    /// Steps that the engine reported and that belong to no step of the Dockerfiles, as it calls them.
    pub strange: Vec<String>,
}

/// A step of which something else was foretold than what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The step; `None` for one that only the engine knows.
    pub step: Option<StepReference>,
    /// What the engine calls it, where only the engine knows it.
    pub name: String,
    /// Whether it was foretold to run again; `None` if it was foretold to be cached.
    pub foretold: Option<Certainty>,
    /// What happened; `None` if the engine did not report the step.
    pub measured: Option<StepOutcome>,
}

/// What was foretold against what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Of the engine, each step counted once.
    pub rate: Rate,
    /// Steps that were not sure, and were carried out.
    pub uncertain_run: usize,
    /// Steps that were not sure, and were cached.
    pub uncertain_cached: usize,
    /// Where it was wrong, in the order of the steps.
    pub differences: Vec<Difference>,
}

/// Compares, step by step. Of steps that are the same work, the engine carries out one, and which it is decides a race: one
/// that ran stands for all of them.
#[must_use]
pub fn compare(forecast: &Forecast, measured: &Measured) -> Comparison {
    let ran: BTreeSet<u64> = measured
        .steps
        .iter()
        .filter(|(_, outcome)| **outcome == StepOutcome::Ran)
        .filter_map(|(step, _)| forecast.work.get(step).copied())
        .collect();
    let certainties = forecast.certainties();
    let mut comparison = Comparison {
        rate: Rate::default(),
        uncertain_run: 0,
        uncertain_cached: 0,
        differences: Vec::new(),
    };
    for (step, work) in &forecast.work {
        let outcome = measured.steps.get(step).map(|_| {
            if ran.contains(work) {
                StepOutcome::Ran
            } else {
                StepOutcome::Cached
            }
        });
        comparison.rate.steps += 1;
        comparison.rate.run += usize::from(outcome == Some(StepOutcome::Ran));
        let foretold = certainties.get(step).copied();
        let is_right = match (foretold, outcome) {
            (_, None) => false,
            (Some(Certainty::Perhaps), Some(StepOutcome::Ran)) => {
                comparison.uncertain_run += 1;
                true
            }
            (Some(Certainty::Perhaps), Some(StepOutcome::Cached)) => {
                comparison.uncertain_cached += 1;
                true
            }
            (Some(Certainty::Surely), Some(outcome)) => outcome == StepOutcome::Ran,
            (None, Some(outcome)) => outcome == StepOutcome::Cached,
        };
        if !is_right {
            comparison.differences.push(Difference {
                step: Some(step.clone()),
                name: String::new(),
                foretold,
                measured: outcome,
            });
        }
    }
    for name in &measured.strange {
        comparison.differences.push(Difference {
            step: None,
            name: name.clone(),
            foretold: None,
            measured: None,
        });
    }
    comparison
}
