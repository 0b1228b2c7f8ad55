//! A number out of what a command printed, held to its goal.

use serde_json::Value as Json;

use super::card::{Outcome, Part, Unit, Value};
use super::goal::Goal;
use super::pattern::{Binding, Pattern};
use super::run::Judgment;

/// Which values are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Where they are.
    pub value: Pattern,
    /// What each is called; its `*` stand for the same as those of `value`.
    pub part: Option<Pattern>,
    /// Only those for which all of them hold.
    pub conditions: Vec<Condition>,
}

/// What must be there for a value to be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Where it is looked at; its `*` stand for the same as those of the value.
    pub at: Pattern,
    /// What is looked for there.
    pub any_of: Vec<Json>,
    /// Whether it must be one of them.
    pub demand: Demand,
}

/// What a condition asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// One of them must be there.
    Is,
    /// None of them may be there.
    IsNot,
}

/// Which number is held to the goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// Each of them; a part with a limit of its own is held to that.
    Each,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// All of them together.
    Sum,
    /// How many there are, whatever they are.
    Count,
    /// The one in the middle; between two, the mean of them.
    Median,
}

impl Take {
    /// The words of the file, in the order of the variants.
    pub const NAMES: [&'static str; 6] = ["each", "max", "min", "sum", "count", "median"];

    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Each,
            Self::Max,
            Self::Min,
            Self::Sum,
            Self::Count,
            Self::Median,
        ];
        let at = Self::NAMES.iter().position(|known| *known == name)?;
        all.get(at).copied()
    }
}

/// Numbers and their goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Which values.
    pub selection: Selection,
    /// What they count.
    pub unit: Unit,
    /// Which number is held to the goal.
    pub take: Take,
    /// What it has to be.
    pub goal: Goal,
    /// Where a part's own limit is; one that has none there is held to the goal.
    pub limit: Option<Pattern>,
    /// Where it is told why a part has its own limit.
    pub reason: Option<Pattern>,
}

/// A value that is meant, or a place where there should be one.
pub(super) struct Selected<'a> {
    pub(super) name: String,
    pub(super) binding: Binding,
    pub(super) value: Option<&'a Json>,
}

impl Selection {
    /// The values in `document`. Where elements should have one and have none, they are named all the same: what could
    /// not be measured must not get lost.
    ///
    /// # Errors
    /// A clause: the document lacks what is looked for.
    pub(super) fn select<'a>(
        &self,
        document: &'a Json,
        empty_is_fine: bool,
    ) -> Result<Vec<Selected<'a>>, String> {
        let stars = self.value.stars();
        let lacks = || format!("what it printed has no `{}`", self.value.text());
        if stars == 0 {
            let value = self.value.resolve(document, &[]).ok_or_else(lacks)?;
            let selected = self.selected(document, Binding::new(), Some(value));
            return Ok(vec![selected]);
        }
        let all = self.value.bindings(document, stars);
        let meant: Vec<Binding> = all
            .into_iter()
            .filter(|binding| self.holds(document, binding))
            .collect();
        let mut outer = self.value.bindings(document, stars - 1);
        if outer.is_empty() {
            return Err(lacks());
        }
        outer.retain(|binding| self.holds(document, binding));
        let mut selected = Vec::new();
        for above in outer {
            let list = self.value.list(document, &above);
            if list.is_none() && above.is_empty() {
                return Err(lacks());
            }
            let mut below = meant
                .iter()
                .filter(|one| one.starts_with(&above))
                .peekable();
            // A list that is there may be empty, where that is an answer.
            let empty = below.peek().is_none() && !above.is_empty();
            if list.is_none() || (empty && !empty_is_fine) {
                selected.push(self.selected(document, above.clone(), None));
            }
            selected.extend(below.map(|binding| {
                let value = self.value.resolve(document, binding);
                self.selected(document, binding.clone(), value)
            }));
        }
        if selected.is_empty() && !empty_is_fine {
            return Err(format!(
                "what it printed has nothing in `{}` that is meant",
                self.value.text()
            ));
        }
        Ok(selected)
    }

    /// Whether the conditions hold that can be looked at with so many `*` known.
    fn holds(&self, document: &Json, binding: &[usize]) -> bool {
        let known = |condition: &&Condition| condition.at.stars() <= binding.len();
        self.conditions.iter().filter(known).all(|condition| {
            let there = condition.at.resolve(document, binding);
            let is_there = there.is_some_and(|there| condition.any_of.contains(there));
            is_there == (condition.demand == Demand::Is)
        })
    }

    fn selected<'a>(
        &self,
        document: &Json,
        binding: Binding,
        value: Option<&'a Json>,
    ) -> Selected<'a> {
        let named = self.part.as_ref();
        let name = named.and_then(|part| part.resolve(document, &binding));
        let numbers = || {
            let numbers: Vec<String> = binding.iter().map(ToString::to_string).collect();
            numbers.join(".")
        };
        let name = name.map_or_else(numbers, word);
        Selected {
            name,
            binding,
            value: value.filter(|value| !value.is_null()),
        }
    }
}

/// A text as it is, anything else as JSON writes it.
pub(super) fn word(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl Reading {
    /// Holds what was printed to the goal.
    #[must_use]
    pub fn judge(&self, document: &Json) -> Judgment {
        let empty_is_fine = matches!(self.take, Take::Count | Take::Sum);
        let selected = match self.selection.select(document, empty_is_fine) {
            Ok(selected) => selected,
            Err(why) => return Judgment::unknown(why),
        };
        if self.take == Take::Count {
            return self.count(&selected);
        }
        let mut parts = Vec::new();
        let mut missing = Vec::new();
        for one in &selected {
            let number = one.value.and_then(Json::as_number);
            match number.and_then(|number| Value::of_json(number, self.unit)) {
                Some(value) => parts.push(self.part(document, one, value)),
                None => missing.push(one.name.clone()),
            }
        }
        parts.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.name.cmp(&b.name)));
        let Some(taken) = self.taken(&parts) else {
            return Judgment::unknown(format!(
                "what it printed has no number for {}",
                few(&missing)
            ));
        };
        let mut judgment = if self.take == Take::Each {
            self.each(parts)
        } else {
            self.one(parts, taken)
        };
        if !missing.is_empty() {
            judgment.outcome = judgment.outcome.max(Outcome::NotMeasured);
            judgment.detail = format!("no number for {}; {}", few(&missing), judgment.detail);
        }
        judgment
    }

    fn part(&self, document: &Json, one: &Selected<'_>, value: Value) -> Part {
        let at = |pattern: &Option<Pattern>| {
            let pattern = pattern.as_ref()?;
            pattern.resolve(document, &one.binding)
        };
        let limit = at(&self.limit)
            .and_then(Json::as_number)
            .and_then(|number| Value::of_json(number, self.unit))
            .filter(|limit| *limit != self.goal.limit);
        let goal = limit.map_or(self.goal, |limit| self.goal.with_limit(limit));
        Part {
            name: one.name.clone(),
            value,
            limit,
            reason: limit.and_then(|_| at(&self.reason)).map(word),
            outcome: goal.outcome(value),
        }
    }

    /// The number that is shown and, unless each counts, judged; `parts` are in descending order.
    fn taken(&self, parts: &[Part]) -> Option<Value> {
        let values = || parts.iter().map(|part| part.value);
        match self.take {
            Take::Each if !self.goal.comparison.wants_little() => values().next_back(),
            Take::Each | Take::Max => values().next(),
            Take::Min => values().next_back(),
            Take::Sum => {
                let sum = values().try_fold(0_i64, |sum, value| sum.checked_add(value.thousandths));
                Some(self.value(sum?))
            }
            Take::Median => {
                let (above, below) = (parts.len().checked_sub(1)? / 2, parts.len() / 2);
                let (above, below) = (parts.get(above)?.value, parts.get(below)?.value);
                let sum = i128::from(above.thousandths) + i128::from(below.thousandths);
                Some(self.value(i64::try_from(sum.div_euclid(2)).ok()?))
            }
            Take::Count => None,
        }
    }

    const fn value(&self, thousandths: i64) -> Value {
        Value {
            thousandths,
            unit: self.unit,
        }
    }

    fn count(&self, selected: &[Selected<'_>]) -> Judgment {
        // A list that is missing in one element: what is in it nobody knows.
        let stars = self.selection.value.stars();
        let unknown: Vec<String> = selected
            .iter()
            .filter(|one| one.binding.len() < stars)
            .map(|one| one.name.clone())
            .collect();
        if !unknown.is_empty() {
            return Judgment::unknown(format!(
                "what it printed does not tell for {}",
                few(&unknown)
            ));
        }
        let number = i64::try_from(selected.len()).unwrap_or(i64::MAX);
        let value = self.value(number.saturating_mul(1_000));
        let mut detail = format!("{value}, and the goal is {}", self.goal);
        if !selected.is_empty() && self.selection.part.is_some() {
            let names: Vec<String> = selected.iter().map(|one| one.name.clone()).collect();
            detail = format!("{detail}: {}", few(&names));
        }
        Judgment {
            outcome: self.goal.outcome(value),
            value: Some(value),
            parts: Vec::new(),
            detail,
        }
    }

    fn each(&self, parts: Vec<Part>) -> Judgment {
        let failed: Vec<&Part> = parts
            .iter()
            .filter(|part| part.outcome == Outcome::Fail)
            .collect();
        let extreme = |parts: &[&Part]| {
            let mut all = parts.iter().copied();
            if self.goal.comparison.wants_little() {
                all.next().cloned()
            } else {
                all.next_back().cloned()
            }
        };
        let all: Vec<&Part> = parts.iter().collect();
        let worst = extreme(if failed.is_empty() { &all } else { &failed });
        let most = if self.goal.comparison.wants_little() {
            "the most is"
        } else {
            "the least is"
        };
        let mut clauses = Vec::new();
        if failed.is_empty() {
            if let Some(worst) = &worst {
                clauses.push(if parts.len() == 1 {
                    format!("{}, and the goal is {}", worst.value, self.goal)
                } else {
                    format!(
                        "{} measured, {most} {} of {}; the goal is {}",
                        parts.len(),
                        worst.value,
                        worst.name,
                        self.goal
                    )
                });
            }
        } else {
            clauses.extend(failed.iter().map(|part| {
                let goal = part
                    .limit
                    .map_or(self.goal, |limit| self.goal.with_limit(limit));
                let whose = if part.limit.is_some() {
                    "its own goal"
                } else {
                    "the goal"
                };
                format!("{} has {}, and {whose} is {goal}", part.name, part.value)
            }));
        }
        clauses.extend(parts.iter().filter_map(|part| {
            let limit = part.limit.filter(|_| {
                part.outcome == Outcome::Pass && self.goal.outcome(part.value) == Outcome::Fail
            })?;
            let reason = part.reason.as_ref();
            let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
            Some(format!(
                "{} is within an exception ({}, held to {limit}){reason}",
                part.name, part.value
            ))
        }));
        Judgment {
            outcome: if failed.is_empty() {
                Outcome::Pass
            } else {
                Outcome::Fail
            },
            value: worst.map(|part| part.value),
            detail: clauses.join("; "),
            parts: self.named(parts),
        }
    }

    fn one(&self, mut parts: Vec<Part>, value: Value) -> Judgment {
        let outcome = self.goal.outcome(value);
        let what = match self.take {
            Take::Max => "the largest of",
            Take::Min => "the smallest of",
            Take::Sum => "the sum of",
            _ => "the median of",
        };
        let detail = if parts.len() == 1 {
            format!("{value}, and the goal is {}", self.goal)
        } else {
            format!(
                "{value} is {what} {}; the goal is {}",
                parts.len(),
                self.goal
            )
        };
        for part in &mut parts {
            if !matches!(self.take, Take::Max | Take::Min) {
                // By itself it is neither good nor bad.
                part.outcome = outcome;
            }
        }
        Judgment {
            outcome,
            value: Some(value),
            parts: self.named(parts),
            detail,
        }
    }

    /// Parts without a name tell nobody anything.
    fn named(&self, parts: Vec<Part>) -> Vec<Part> {
        if self.selection.part.is_some() {
            parts
        } else {
            Vec::new()
        }
    }
}

/// The first few of many.
pub(super) fn few(names: &[String]) -> String {
    const MOST: usize = 6;
    let mut distinct: Vec<&str> = Vec::new();
    for name in names {
        if !distinct.contains(&name.as_str()) {
            distinct.push(name);
        }
    }
    let more = distinct.len().saturating_sub(MOST);
    distinct.truncate(MOST);
    let names = distinct.join(", ");
    if more > 0 {
        format!("{names} and {more} more")
    } else {
        names
    }
}
