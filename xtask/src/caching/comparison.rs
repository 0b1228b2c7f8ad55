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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caching::Rerun;
    use crate::context::{Because, StageReference};

    fn step(step: usize) -> StepReference {
        StepReference {
            stage: StageReference {
                dockerfile: "Dockerfile".into(),
                stage: 0,
            },
            step,
        }
    }

    /// Steps 1 and 2 surely run, 3 perhaps, 4 does not; 1 and 2 are the same work.
    fn forecast() -> Forecast {
        let rerun = |number: usize, certainty| Rerun {
            step: step(number),
            stage_name: "0".to_owned(),
            file: "Dockerfile".into(),
            line: number,
            text: "RUN x".to_owned(),
            certainty,
            because: vec![Because::Before],
            reason: String::new(),
        };
        Forecast {
            reruns: vec![
                rerun(1, Certainty::Surely),
                rerun(2, Certainty::Surely),
                rerun(3, Certainty::Perhaps),
            ],
            images: Vec::new(),
            rate: Rate {
                steps: 4,
                run: 2,
                perhaps: 1,
            },
            work: [(step(1), 1), (step(2), 1), (step(3), 3), (step(4), 4)].into(),
        }
    }

    fn compared(outcomes: &[StepOutcome]) -> Comparison {
        let steps = outcomes.iter().enumerate();
        let measured = Measured {
            steps: steps
                .map(|(index, outcome)| (step(index + 1), *outcome))
                .collect(),
            strange: Vec::new(),
        };
        compare(&forecast(), &measured)
    }

    #[test]
    fn the_same_work_is_done_once() {
        use StepOutcome::{Cached, Ran};
        for first in [[Ran, Ran], [Ran, Cached], [Cached, Ran]] {
            let comparison = compared(&[first.as_slice(), &[Cached, Cached]].concat());
            assert_eq!(comparison.differences, [], "{first:?}");
            assert_eq!((comparison.rate.run, comparison.rate.steps), (2, 4));
            assert_eq!(
                (comparison.uncertain_run, comparison.uncertain_cached),
                (0, 1)
            );
        }
    }

    #[test]
    fn each_kind_of_mistake_is_told() {
        use StepOutcome::{Cached, Ran};
        let numbers = |outcomes: &[StepOutcome]| -> Vec<usize> {
            let differences = compared(outcomes).differences;
            differences
                .iter()
                .map(|one| one.step.as_ref().unwrap().step)
                .collect()
        };
        assert_eq!(numbers(&[Ran, Ran, Ran, Cached]), [0_usize; 0]);
        assert_eq!(numbers(&[Cached, Cached, Ran, Cached]), [1, 2]);
        assert_eq!(numbers(&[Ran, Ran, Ran, Ran]), [4]);
        // Not reported is not cached.
        assert_eq!(numbers(&[Ran, Ran, Ran]), [4]);
        let measured = Measured {
            steps: BTreeMap::new(),
            strange: vec!["[x 1/1] RUN y".to_owned()],
        };
        assert_eq!(compare(&forecast(), &measured).differences.len(), 5);
    }
}
