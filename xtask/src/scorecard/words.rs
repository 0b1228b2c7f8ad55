//! Verdicts out of what a command printed: which of its words mean that something holds.

use serde_json::Value as Json;

use super::card::{Outcome, Unit, Value};
use super::goal::{Comparison, Goal};
use super::reading::{Selection, few, word};
use super::run::Judgment;

/// Words and their meaning. A word that has none is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Where they are.
    pub selection: Selection,
    /// It holds.
    pub pass: Vec<String>,
    /// It does not.
    pub fail: Vec<String>,
    /// It does not apply, and does not count.
    pub skip: Vec<String>,
    /// What share of those that count has to hold, in percent; all of them unless it is written.
    pub goal: Option<Goal>,
}

impl Words {
    /// Holds what was printed to the goal.
    #[must_use]
    pub fn judge(&self, document: &Json) -> Judgment {
        let selected = match self.selection.select(document, false) {
            Ok(selected) => selected,
            Err(why) => return Judgment::unknown(why),
        };
        let (mut passed, mut failed, mut unknown) = (0_i64, Vec::new(), Vec::new());
        for one in selected {
            let name = one.name;
            let Some(said) = one.value.map(word) else {
                unknown.push(format!("{name} (nothing)"));
                continue;
            };
            if self.pass.contains(&said) {
                passed += 1;
            } else if self.fail.contains(&said) {
                failed.push(name);
            } else if !self.skip.contains(&said) {
                unknown.push(format!("{name} ({said})"));
            }
        }
        let count = |names: &[String]| i64::try_from(names.len()).unwrap_or(i64::MAX);
        let known = passed.saturating_add(count(&failed));
        if known == 0 {
            return Judgment::unknown(if unknown.is_empty() {
                "nothing that was looked at applies".to_owned()
            } else {
                format!("could not be told: {}", few(&unknown))
            });
        }
        let share = passed.saturating_mul(100_000) / known;
        let value = Value {
            thousandths: share,
            unit: Unit::Percent,
        };
        let goal = self.goal.unwrap_or(Goal {
            comparison: Comparison::AtLeast,
            limit: Value {
                thousandths: 100_000,
                unit: Unit::Percent,
            },
        });
        let mut outcome = goal.outcome(value);
        let mut detail = format!("{passed} of {known} hold");
        if let Some(goal) = self.goal {
            detail = format!("{detail}; the goal is {goal}");
        }
        if !failed.is_empty() {
            detail = format!("{detail}; not {}", few(&failed));
        }
        if !unknown.is_empty() {
            outcome = outcome.max(Outcome::NotMeasured);
            detail = format!("{detail}; could not be told: {}", few(&unknown));
        }
        Judgment {
            outcome,
            value: Some(value),
            parts: Vec::new(),
            detail,
        }
    }
}
