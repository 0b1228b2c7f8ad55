//! How bad the findings of each rule are, or that it is off.

use std::collections::BTreeMap;

use crate::finding::Severity;
use crate::lint::registry;

/// Whether a rule is on, and how bad its findings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The rule is not asked.
    Off,
    /// Its findings are this bad.
    On(Severity),
}

impl Level {
    /// The words of the manifest.
    pub const WORDS: [&'static str; 5] = ["off", "style", "note", "warning", "error"];

    /// One of [`Level::WORDS`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Self::Off),
            other => severity(other).map(Self::On),
        }
    }
}

/// One of the severities' own words.
#[must_use]
pub(super) fn severity(word: &str) -> Option<Severity> {
    [
        Severity::Style,
        Severity::Note,
        Severity::Warning,
        Severity::Error,
    ]
    .into_iter()
    .find(|severity| severity.word() == word)
}

/// The level of every code: of our rules, and of those that an external tool brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// By the position of the rule among all.
    rules: Vec<Level>,
    others: BTreeMap<String, Level>,
    /// Codes that are no rule of ours and are not said otherwise.
    rest: Level,
}

impl Levels {
    /// Every rule off.
    #[must_use]
    pub fn off() -> Self {
        Self {
            rules: vec![Level::Off; registry::all().len()],
            others: BTreeMap::new(),
            rest: Level::Off,
        }
    }

    /// Every rule as `choose` says; codes of an external tool as it says itself.
    pub(super) fn each(choose: impl Fn(&crate::lint::Rule) -> Level) -> Self {
        Self {
            rules: registry::all().iter().map(|rule| choose(rule)).collect(),
            others: BTreeMap::new(),
            rest: Level::On(Severity::Warning),
        }
    }

    /// The level of a code.
    #[must_use]
    pub fn of(&self, code: &str) -> Level {
        match registry::position(code) {
            Some(at) => self.rules[at],
            None => self.others.get(code).copied().unwrap_or(self.rest),
        }
    }

    /// The level of the rule at a position among all.
    #[inline]
    pub(in crate::lint) fn of_rule(&self, position: usize) -> Level {
        self.rules[position]
    }

    /// The level that was said for a code which no rule of ours has; `None`: as the external tool says.
    #[must_use]
    pub fn said_of_other(&self, code: &str) -> Option<Level> {
        let off = (self.rest == Level::Off).then_some(Level::Off);
        self.others.get(code).copied().or(off)
    }

    /// Changes the level of a code.
    pub fn set(&mut self, code: &str, level: Level) {
        match registry::position(code) {
            Some(at) => self.rules[at] = level,
            None => {
                self.others.insert(code.to_owned(), level);
            }
        }
    }
}
