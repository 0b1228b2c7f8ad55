//! An image as rules look at it: what is worked out once for all of them.

use std::collections::HashMap;

use super::Subject;
use super::files;
use super::history::{self, HistoryStep};
use super::start::{self, Start};
use crate::image::accounts::{Accounts, User};
use crate::image::attribution::Origin;
use crate::image::config::RunConfig;
use crate::image::filesystem::NodeId;

/// An image.
#[derive(Debug)]
pub(super) struct Image<'a> {
    /// What was handed in.
    pub(super) subject: &'a Subject<'a>,
    /// Its accounts.
    pub(super) accounts: Accounts,
    /// Its history, entry by entry.
    pub(super) history: Vec<HistoryStep>,
    /// The first process of a container.
    pub(super) start: Start,
    /// Visible files with their positions.
    pub(super) nodes: Vec<(NodeId, u32)>,
    /// Folders: layer and entry.
    pub(super) folders: HashMap<NodeId, (usize, usize)>,
}

/// Who a container runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RunsAs {
    /// The user's part as written.
    pub(super) user: String,
    /// The group's part as written, if there is one.
    pub(super) group: Option<String>,
    /// Its number; `None` for a name that the image does not have.
    pub(super) uid: Option<u32>,
    /// The number of its group; `None` if it is not known.
    pub(super) gid: Option<u32>,
}

impl<'a> Image<'a> {
    pub(super) fn of(subject: &'a Subject<'a>) -> Self {
        let filesystem = subject.filesystem;
        let nodes = filesystem
            .visible_with_index()
            .map(|(node, index, _)| (node, u32::try_from(index).unwrap_or(u32::MAX)))
            .collect();
        Self {
            subject,
            accounts: Accounts::of(filesystem),
            history: history::steps(subject.config),
            start: start::of(&subject.config.config, filesystem),
            nodes,
            folders: files::folders(filesystem),
        }
    }

    /// Its settings.
    pub(super) const fn settings(&self) -> &'a RunConfig {
        &self.subject.config.config
    }

    /// The value of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<&'a str> {
        let mut variables = self.settings().env.iter();
        variables.find_map(|variable| variable.strip_prefix(name)?.strip_prefix('='))
    }

    /// Who a container runs as, by the rules of the engine: a number that the image has no account for is itself, with
    /// group 0.
    pub(super) fn runs_as(&self) -> RunsAs {
        let written = self.settings().user.trim();
        let (user, group) = match written.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (written, None),
        };
        let account = self.account(user);
        let uid = match account {
            Some(account) => Some(account.uid),
            None if user.is_empty() => Some(0),
            // Without a list of accounts the engine still knows root.
            None if user == "root" && self.accounts.users.is_none() => Some(0),
            None => number(user),
        };
        let gid = match group.filter(|group| !group.is_empty()) {
            Some(group) => {
                let named = self.accounts.groups().find(|known| known.name == group);
                named
                    .map(|known| known.gid)
                    .or_else(|| number(group))
                    .or((group == "root").then_some(0))
            }
            None => Some(account.map_or(0, |account| account.gid)),
        };
        RunsAs {
            user: user.to_owned(),
            group: group.map(str::to_owned),
            uid,
            gid,
        }
    }

    /// The account that a user's name or number means.
    fn account(&self, user: &str) -> Option<&User> {
        if user.is_empty() {
            return self.accounts.users().find(|known| known.uid == 0);
        }
        self.accounts.user(user).or_else(|| {
            let uid = number(user)?;
            self.accounts.users().find(|known| known.uid == uid)
        })
    }

    /// The image's own Dockerfile, without a line.
    pub(super) fn own_file(&self) -> Origin {
        let origins = self.subject.origins.iter().chain(self.subject.steps);
        let mut own = origins.filter(|origin| origin.is_base == Some(false));
        Origin {
            dockerfile: own.find_map(|origin| origin.dockerfile.clone()),
            is_base: Some(false),
            ..Origin::default()
        }
    }

    /// Whether an entry of the history was written in the own Dockerfile, or nobody knows.
    pub(super) fn is_own_step(&self, step: &HistoryStep) -> bool {
        let origin = self.subject.steps.get(step.index);
        origin.is_none_or(|origin| origin.is_base != Some(true))
    }

    /// Whether a layer is not the base's, or nobody knows.
    pub(super) fn is_own_layer(&self, layer: usize) -> bool {
        let origin = self.subject.origins.get(layer);
        origin.is_none_or(|origin| origin.is_base != Some(true))
    }
}

/// A user's or group's number, as the engine reads it: `+0` and `00` are root, too.
pub(super) fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}
