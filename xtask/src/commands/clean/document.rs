//! What a run came to, for programs.

use std::borrow::Cow;

use serde::Serialize;

use super::output::{Cleaned, Fate, Row, Run};
use super::restoring::Restored;
use crate::error::Result;
use crate::retention::{Problem, Storage, findings};
use crate::timestamp::Timestamp;

/// The version of the JSON shape; raised when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    /// Whether it was more than a plan.
    applied: bool,
    /// Whether `--resume` has something to finish.
    unfinished: bool,
    /// What undoes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    restore_list: Option<&'a str>,
    /// Bytes of all packages together, every blob once.
    storage: Stored,
    packages: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Stored {
    #[serde(flatten)]
    storage: Storage,
    saved_percent: f64,
}

#[derive(Serialize)]
struct Told<'a> {
    name: &'a str,
    there: bool,
    storage: Stored,
    versions: Vec<Version<'a>>,
    problems: Vec<Wrong>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<Verified>,
}

#[derive(Serialize)]
struct Verified {
    manifests: usize,
    blobs: usize,
}

#[derive(Serialize)]
struct Version<'a> {
    digest: &'a str,
    tags: &'a [String],
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    moment: Option<Timestamp>,
    fate: Fate,
    /// A stable word.
    reason: &'a str,
    /// For people.
    why: String,
}

#[derive(Serialize)]
struct Wrong {
    code: String,
    name: String,
    message: String,
    help: Vec<String>,
}

pub(super) fn json(run: &Run) -> Result<String> {
    crate::commands::json::json(&Document {
        schema_version: SCHEMA_VERSION,
        applied: run.is_applied,
        unfinished: run.is_unfinished,
        restore_list: run.restore_list.as_deref(),
        storage: stored(run.storage),
        packages: run.packages.iter().map(told).collect(),
    })
}

fn stored(storage: Storage) -> Stored {
    Stored {
        storage,
        saved_percent: (storage.saved_percent() * 10.0).round() / 10.0,
    }
}

fn told(package: &Cleaned) -> Told<'_> {
    Told {
        name: &package.name,
        there: package.is_there,
        storage: stored(package.storage),
        versions: package.rows.iter().map(version).collect(),
        problems: package.problems.iter().flat_map(wrong).collect(),
        verified: package
            .verified
            .map(|(manifests, blobs)| Verified { manifests, blobs }),
    }
}

fn version(row: &Row) -> Version<'_> {
    Version {
        digest: row.digest.as_str(),
        tags: &row.tags,
        kind: row.kind,
        moment: row.moment,
        fate: row.fate,
        reason: row.reason.word(),
        why: row.reason.to_string(),
    }
}

fn wrong(problem: &Problem) -> Vec<Wrong> {
    let wrong = |finding: crate::finding::Finding| Wrong {
        code: finding.code.into_owned(),
        name: finding.name.into_owned(),
        message: finding.message,
        help: finding.help.into_iter().map(Cow::into_owned).collect(),
    };
    findings(std::slice::from_ref(problem))
        .into_iter()
        .map(wrong)
        .collect()
}

#[derive(Serialize)]
struct Restoration<'a> {
    schema_version: u32,
    packages: Vec<RestoredPackage<'a>>,
}

#[derive(Serialize)]
struct RestoredPackage<'a> {
    name: &'a str,
    restored: usize,
    were_there: usize,
    tags: &'a [String],
    failed: &'a [String],
}

pub(super) fn restored(all: &[Restored]) -> Result<String> {
    fn told(one: &Restored) -> RestoredPackage<'_> {
        RestoredPackage {
            name: &one.name,
            restored: one.manifests,
            were_there: one.were_there,
            tags: &one.tags,
            failed: &one.failed,
        }
    }
    crate::commands::json::json(&Restoration {
        schema_version: SCHEMA_VERSION,
        packages: all.iter().map(told).collect(),
    })
}
