//! What is told of the data as a whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Most releases that are told apart; the rest is counted with its family.
const MAX_RELEASES: usize = 4096;
/// Most files and records of which is told why they are of no use; all are counted.
const MAX_TROUBLES: usize = 20;

/// What is told of the data as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Summary {
    /// By the name of an ecosystem or of a release: `npm`, `Debian:12`.
    pub releases: BTreeMap<String, Release>,
    /// How many records were taken back.
    pub withdrawn: u64,
    /// How many records were there again, and older or the same.
    pub repeated: u64,
    /// How many files and records could not be used.
    pub unusable: u64,
    /// Why, of the first of them.
    pub troubles: Vec<String>,
}

/// What is known of a release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Release {
    /// How many advisories are about one of its packages.
    pub advisories: u64,
    /// When the newest was changed, in seconds since 1970.
    pub newest: u64,
    /// When they were fetched, in seconds since 1970; `None` where nobody wrote it down.
    pub fetched: Option<u64>,
}

impl Summary {
    /// Counts an advisory.
    pub fn count(&mut self, ecosystem: &str, modified: u64, fetched: Option<u64>) {
        let is_known = self.releases.contains_key(ecosystem);
        let name = if is_known || self.releases.len() < MAX_RELEASES {
            ecosystem
        } else {
            ecosystem.split(':').next().unwrap_or_default()
        };
        // Looked up first: nearly always it is there, and a name need not be made.
        if let Some(release) = self.releases.get_mut(name) {
            release.count(modified, fetched);
        } else {
            self.releases
                .entry(name.to_owned())
                .or_default()
                .count(modified, fetched);
        }
    }

    /// Takes down a file or record that is of no use, and why.
    pub fn trouble(&mut self, trouble: impl FnOnce() -> String) {
        self.unusable += 1;
        if self.troubles.len() < MAX_TROUBLES {
            self.troubles.push(trouble());
        }
    }
}

impl Release {
    fn count(&mut self, modified: u64, fetched: Option<u64>) {
        self.advisories += 1;
        self.newest = self.newest.max(modified);
        self.fetched = self.fetched.max(fetched);
    }
}
