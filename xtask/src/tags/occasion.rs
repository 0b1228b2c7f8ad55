//! What happened: the event, the ref and the commit that images are built for.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::timestamp::Timestamp;

/// How many digits of a commit's hash stand in a tag, unless `DOCKER_METADATA_SHORT_SHA_LENGTH` says another number.
pub const DEFAULT_SHORT_HASH: usize = 7;

/// Environment variables by name.
pub type Variables = BTreeMap<String, String>;

/// What tags are made of. Texts are empty where nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// GitHub's name of the event: `push`, `pull_request`, `schedule`.
    pub event: String,
    /// `refs/heads/main`, `refs/tags/v1.2.3`, `refs/pull/2/merge`.
    pub reference: String,
    /// The whole hash of the commit.
    pub commit: String,
    /// What is built differs from the commit.
    pub is_dirty: bool,
    /// `main`.
    pub default_branch: Option<String>,
    /// The branch that a tag was pushed from, or that a pull request is to go to.
    pub base: Option<String>,
    /// The branch that a pull request comes from.
    pub head: Option<String>,
    /// What time it is.
    pub now: Timestamp,
    /// When the commit was made; `None` if nobody knows.
    pub commit_date: Option<Timestamp>,
    /// How many digits a short hash has.
    pub short_hash: usize,
}

/// What is known about the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Repository {
    /// Its name, without its owner.
    pub name: Option<String>,
    /// One sentence.
    pub description: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Its license, as SPDX names it.
    pub license: Option<String>,
}

impl Occasion {
    /// What GitHub Actions tells: its variables, and the payload of the event.
    ///
    /// # Errors
    /// A variable that has no meaning.
    pub fn of_workflow(variables: &Variables, payload: &Value, now: Timestamp) -> Result<Self> {
        let variable = |name: &str| variables.get(name).cloned().unwrap_or_default();
        let event = variable("GITHUB_EVENT_NAME");
        let mut reference = variable("GITHUB_REF");
        if event.contains("pull_request_target")
            && let Some(number) = payload["number"].as_u64()
        {
            // The ref of this event is the branch that the request is to go to.
            reference = format!("refs/pull/{number}/merge");
        }
        let mut commit = variable("GITHUB_SHA");
        if flag(variables, "DOCKER_METADATA_PR_HEAD_SHA")?.unwrap_or_default()
            && event.contains("pull_request")
            && let Some(head) = text(&payload["pull_request"]["head"]["sha"])
        {
            commit = head;
        }
        let base = if reference.starts_with("refs/tags/") {
            text(&payload["base_ref"])
        } else if reference.starts_with("refs/pull/") {
            text(&payload["pull_request"]["base"]["ref"])
        } else {
            None
        };
        Ok(Self {
            base: base.map(|base| without_prefix(&base, "refs/heads/").to_owned()),
            head: text(&payload["pull_request"]["head"]["ref"]),
            default_branch: text(&payload["repository"]["default_branch"]),
            commit_date: commit_date(payload, &commit),
            short_hash: short_hash(variables)?,
            is_dirty: false,
            event,
            reference,
            commit,
            now,
        })
    }

    /// The branch, if the ref is one.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.reference.strip_prefix("refs/heads/")
    }

    /// Git's tag, if the ref is one.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.reference.strip_prefix("refs/tags/")
    }

    /// The number of the pull request, if the ref is one.
    #[must_use]
    pub fn pull_request(&self) -> Option<&str> {
        let request = self.reference.strip_prefix("refs/pull/")?;
        Some(request.strip_suffix("/merge").unwrap_or(request))
    }

    /// The first digits of the hash.
    #[must_use]
    pub fn short_commit(&self) -> &str {
        self.commit.get(..self.short_hash).unwrap_or(&self.commit)
    }
}

impl Repository {
    /// What the payload of an event tells.
    #[must_use]
    pub fn of_payload(payload: &Value) -> Self {
        let repository = &payload["repository"];
        Self {
            name: text(&repository["name"]),
            description: text(&repository["description"]),
            url: text(&repository["html_url"]),
            license: text(&repository["license"]["spdx_id"]).filter(|id| id != "NOASSERTION"),
        }
    }
}

/// The value of a switch; `None` if it is not set.
///
/// # Errors
/// It is neither true nor false.
pub(super) fn flag(variables: &Variables, name: &str) -> Result<Option<bool>> {
    let value = variables.get(name).map(|value| value.trim().to_lowercase());
    match value.as_deref() {
        None | Some("") => Ok(None),
        Some("true" | "1" | "t") => Ok(Some(true)),
        Some("false" | "0" | "f") => Ok(Some(false)),
        Some(other) => Err(Error::usage(format!(
            "`{name}` is true or false, not `{other}`"
        ))),
    }
}

/// `DOCKER_METADATA_SHORT_SHA_LENGTH`.
///
/// # Errors
/// It is no length that a hash can have.
pub(super) fn short_hash(variables: &Variables) -> Result<usize> {
    let name = "DOCKER_METADATA_SHORT_SHA_LENGTH";
    match variables.get(name).map(|value| value.trim()) {
        None | Some("") => Ok(DEFAULT_SHORT_HASH),
        Some(text) => match text.parse() {
            Ok(length @ 4..=64) => Ok(length),
            _ => Err(Error::usage(format!(
                "`{name}` is a number from 4 to 64, not `{text}`"
            ))),
        },
    }
}

fn text(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn without_prefix<'t>(text: &'t str, prefix: &str) -> &'t str {
    text.strip_prefix(prefix).unwrap_or(text)
}

/// When a commit of the payload was made.
fn commit_date(payload: &Value, commit: &str) -> Option<Timestamp> {
    let commits = payload["commits"].as_array().into_iter().flatten();
    commits
        .chain([&payload["head_commit"]])
        .find(|one| one["id"] == commit && !commit.is_empty())
        .and_then(|one| one["timestamp"].as_str()?.parse().ok())
}
