//! One piece of evidence: which kind it is, and whether its keys go together.

use super::Evidence;
use super::raw::RawEvidence;
use crate::error::Error;
use crate::scorecard::card::{Unit, Value};
use crate::scorecard::goal::{Comparison, Goal};
use crate::scorecard::pattern::Pattern;
use crate::scorecard::reading::{Condition, Demand, Reading, Selection, Take};
use crate::scorecard::words::Words;

/// Reads one piece.
pub(super) struct Reader<'a> {
    raw: &'a RawEvidence,
    command: Option<usize>,
    /// With the key that each is about; keys below it stand behind a line break.
    errors: Vec<(String, Error)>,
}

/// Which kind of evidence keys make.
const KINDS: &str = "`command` with `proves` (its exit code), `command` with `value` (a number) or `verdict` (words), `document` with \
                     `says`, or `not_measured`";

impl<'a> Reader<'a> {
    pub(super) fn new(raw: &'a RawEvidence, command: Option<usize>) -> Self {
        Self {
            raw,
            command,
            errors: Vec::new(),
        }
    }

    pub(super) fn read(mut self) -> Result<Evidence, Vec<(String, Error)>> {
        let raw = self.raw;
        let evidence = match (self.command, &raw.document, &raw.not_measured) {
            (Some(command), None, None) => self.by_command(command),
            (None, Some(path), None) => {
                self.only(&["document", "says"]);
                self.text("says", raw.says.as_ref())
                    .map(|says| Evidence::Document {
                        path: path.clone(),
                        says,
                    })
            }
            (None, None, Some(reason)) => {
                self.only(&["not_measured", "needs"]);
                Some(Evidence::NotMeasured {
                    reason: reason.clone(),
                    needs: raw.needs.clone(),
                })
            }
            _ => {
                self.wrong("", Error::usage("evidence must be of one kind").help(KINDS));
                None
            }
        };
        match evidence {
            Some(evidence) if self.errors.is_empty() => Ok(evidence),
            _ => Err(self.errors),
        }
    }

    fn by_command(&mut self, command: usize) -> Option<Evidence> {
        let raw = self.raw;
        match (&raw.value, &raw.verdict) {
            (None, None) => {
                self.only(&["command", "proves"]);
                let proves = self.text("proves", raw.proves.as_ref())?;
                Some(Evidence::Exit { command, proves })
            }
            (Some(value), None) => {
                self.only(&[
                    "command", "proves", "value", "part", "where", "unless", "take", "unit",
                    "at_most", "at_least", "below", "above", "equals", "limit", "reason",
                ]);
                let selection = self.selection("value", value);
                let reading = self.reading(selection?)?;
                Some(Evidence::Number {
                    command,
                    reading,
                    proves: raw.proves.clone(),
                })
            }
            (None, Some(verdict)) => {
                self.only(&[
                    "command", "verdict", "proves", "part", "where", "unless", "at_least", "above",
                    "pass", "fail", "skip",
                ]);
                let selection = self.selection("verdict", verdict);
                let proves = self.text("proves", raw.proves.as_ref());
                let words = self.words(selection?)?;
                Some(Evidence::Verdicts {
                    command,
                    words,
                    proves: proves?,
                })
            }
            (Some(_), Some(_)) => {
                let error = Error::usage("evidence is either a number or words");
                self.wrong(
                    "verdict",
                    error.help("make two pieces of evidence of it: the worst counts"),
                );
                None
            }
        }
    }

    fn wrong(&mut self, key: &str, error: Error) {
        self.errors.push((key.to_owned(), error));
    }

    /// Keys that mean nothing beside the others.
    fn only(&mut self, known: &[&str]) {
        let Ok(serde_json::Value::Object(keys)) = serde_json::to_value(self.raw) else {
            return;
        };
        for (key, value) in keys {
            let written = match &value {
                serde_json::Value::Null => false,
                serde_json::Value::Object(map) => !map.is_empty(),
                _ => true,
            };
            if written && !known.contains(&key.as_str()) {
                let error = Error::usage(format!("`{key}` means nothing in evidence of this kind"));
                self.wrong(&key, error.help(format!("evidence is {KINDS}")));
            }
        }
    }

    fn text(&mut self, key: &str, written: Option<&String>) -> Option<String> {
        if written.is_none() {
            let error = Error::usage(format!("`{key}` is missing"));
            let error = error.help("say in a clause what is shown: it stands on the page");
            self.wrong("", error);
        }
        written.cloned()
    }

    fn pattern(&mut self, key: &str, text: &str) -> Option<Pattern> {
        let pattern = Pattern::parse(text);
        if pattern.is_none() {
            let error = Error::usage(format!("\"{text}\" is no JSON pointer"))
                .help("in RFC 6901 `~0` stands for `~` and `~1` for `/`");
            self.wrong(key, error);
        }
        pattern
    }

    /// A pattern whose `*` stand for the same as those of `value`.
    fn beside(&mut self, key: &str, text: &str, value: &Pattern) -> Option<Pattern> {
        let pattern = self.pattern(key, text)?;
        if !pattern.is_bound_by(value) {
            let error = Error::usage(format!(
                "\"{text}\" does not say which element is meant, as up to its last `*` it is not `{}`",
                value.text()
            ));
            self.wrong(key, error.help("the two must be the same up to there"));
            return None;
        }
        Some(pattern)
    }

    fn selection(&mut self, key: &str, text: &str) -> Option<Selection> {
        let raw = self.raw;
        let value = self.pattern(key, text)?;
        let part = raw
            .part
            .as_ref()
            .and_then(|text| self.beside("part", text, &value));
        let mut conditions = Vec::new();
        let written = [
            ("where", &raw.conditions, Demand::Is),
            ("unless", &raw.unless, Demand::IsNot),
        ];
        for (key, wanted, demand) in written {
            for (pointer, wanted) in wanted {
                let at = self.beside(&format!("{key}\n{pointer}"), pointer, &value);
                let any_of = match wanted {
                    serde_json::Value::Array(any) => any.clone(),
                    one => vec![one.clone()],
                };
                conditions.extend(at.map(|at| Condition { at, any_of, demand }));
            }
        }
        Some(Selection {
            value,
            part,
            conditions,
        })
    }

    fn reading(&mut self, selection: Selection) -> Option<Reading> {
        let raw = self.raw;
        let Some(unit) = raw.unit.as_deref().and_then(Unit::named) else {
            let error = Error::usage("`unit` is missing")
                .help(format!("it is one of {}", Unit::NAMES.join(", ")));
            self.wrong("", error);
            return None;
        };
        let take = raw
            .take
            .as_deref()
            .and_then(Take::named)
            .unwrap_or(Take::Each);
        let beside = |this: &mut Self, key: &str, text: &Option<String>| {
            let text = text.as_ref()?;
            this.beside(key, text, &selection.value)
        };
        let limit = beside(self, "limit", &raw.limit);
        let reason = beside(self, "reason", &raw.reason);
        if raw.limit.is_some() && take != Take::Each {
            let error =
                Error::usage("only where each element is judged it can have a limit of its own");
            self.wrong("limit", error.help("take `each`, or leave `limit` out"));
        }
        if raw.reason.is_some() && raw.limit.is_none() {
            self.wrong(
                "reason",
                Error::usage("`reason` tells why an element has its own `limit`"),
            );
        }
        let goal = self.goal(unit);
        if goal.is_none() && self.errors.is_empty() {
            let error = Error::usage("the goal is missing")
                .help(format!("for example: `at_most = {}`", unit.example()));
            self.wrong("", error);
        }
        Some(Reading {
            selection,
            unit,
            take,
            goal: goal?,
            limit,
            reason,
        })
    }

    fn goal(&mut self, unit: Unit) -> Option<Goal> {
        let raw = self.raw;
        let written = [
            &raw.at_most,
            &raw.at_least,
            &raw.below,
            &raw.above,
            &raw.equals,
        ];
        let mut goal = None;
        for (comparison, text) in Comparison::ALL.into_iter().zip(written) {
            let Some(text) = text else { continue };
            let key = comparison.key();
            let Some(limit) = Value::parse(text, unit) else {
                let error = Error::usage(format!("\"{text}\" is no limit in this unit"));
                self.wrong(
                    key,
                    error.help(format!("for example: `{key} = {}`", unit.example())),
                );
                continue;
            };
            if goal.is_some() {
                let error = Error::usage("there are two goals");
                self.wrong(
                    key,
                    error.help("make two pieces of evidence of it: the worst counts"),
                );
            }
            goal = Some(Goal { comparison, limit });
        }
        goal
    }

    fn words(&mut self, selection: Selection) -> Option<Words> {
        let raw = self.raw;
        let goal = self.goal(Unit::Percent);
        let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
        let words = Words {
            selection,
            pass: list(&raw.pass),
            fail: list(&raw.fail),
            skip: list(&raw.skip),
            goal,
        };
        if words.pass.is_empty() || words.fail.is_empty() {
            let error = Error::usage(
                "nobody knows which words mean that it holds, and which that it does not",
            );
            self.wrong(
                "",
                error.help("write both `pass` and `fail`, such as `pass = [\"passed\"]`"),
            );
            return None;
        }
        let lists = [&words.pass, &words.fail, &words.skip];
        let twice = words
            .pass
            .iter()
            .chain(&words.fail)
            .find(|word| lists.iter().filter(|list| list.contains(word)).count() > 1);
        if let Some(word) = twice {
            let error = Error::usage(format!("\"{word}\" cannot mean two things"));
            self.wrong("pass", error);
        }
        Some(words)
    }
}
