//! What images may have wrong with them, and for how long.

use std::collections::BTreeMap;

use super::vulnerability::{Level, Vulnerability};
use crate::project::manifest::Scan;
use crate::timestamp::{Period, Timestamp};

/// The policy that a manifest states, or the one that holds without a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// From which level on a vulnerability fails; `None` if none does.
    pub fail_on: Option<Level>,
    /// Only those fail that a newer version of the package is without.
    pub only_fixable: bool,
    /// Only those fail that the record has not.
    pub only_new: bool,
    /// How old data may be.
    pub max_data_age: Period,
    /// A package without data does not change the exit code.
    pub allow_unknown: bool,
    /// How long after it was first seen a vulnerability must be gone.
    pub remediation: BTreeMap<Level, Period>,
}

impl Default for Policy {
    fn default() -> Self {
        Self::of(&Scan::default())
    }
}

impl Policy {
    /// The policy of a manifest.
    #[must_use]
    pub fn of(scan: &Scan) -> Self {
        let remediation = &scan.remediation;
        let deadlines = [
            (Level::Critical, remediation.critical),
            (Level::High, remediation.high),
            (Level::Medium, remediation.medium),
            (Level::Low, remediation.low),
            (Level::Unknown, remediation.unknown),
        ];
        Self {
            fail_on: (scan.fail_on != "none").then(|| Level::from_word(&scan.fail_on)),
            only_fixable: scan.only_fixable,
            only_new: scan.only_new,
            max_data_age: scan.max_data_age,
            allow_unknown: scan.allow_unknown,
            remediation: deadlines
                .into_iter()
                .filter_map(|(level, period)| Some((level, period?)))
                .collect(),
        }
    }

    /// Until when a vulnerability of a level must be gone that has had this level since then.
    #[must_use]
    pub fn deadline(&self, level: Level, since: Timestamp) -> Option<Timestamp> {
        self.remediation
            .get(&level)
            .map(|period| since.plus(*period))
    }

    /// Whether a vulnerability fails because of what it is, deadlines aside.
    #[must_use]
    pub fn fails(&self, vulnerability: &Vulnerability, is_new: bool) -> bool {
        self.fail_on
            .is_some_and(|least| vulnerability.level >= least)
            && (!self.only_fixable || vulnerability.fixed.is_some())
            && (!self.only_new || is_new)
    }
}
