//! Advisories in the OSV format (ossf.github.io/osv-schema, 1.7): what a record says about each package it names.

use super::ecosystem::Ecosystem;
use super::vulnerability::{Level, Status};

mod reading;
mod record;
mod severity;

pub(super) use reading::shortened;
pub use reading::{read, read_value};
pub use severity::score_of_vector;

/// Longest title that is kept, in bytes.
const MAX_TITLE_BYTES: usize = 240;

/// What an advisory says about one package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advisory {
    /// What its database calls it.
    pub id: String,
    /// Its other names.
    pub aliases: Vec<String>,
    /// Where one advisory is about several vulnerabilities, such as a DSA: their names.
    pub bundles: Vec<String>,
    /// One line.
    pub title: String,
    /// Where to read more.
    pub url: Option<String>,
    /// How bad it is, by score, else in the words of its database.
    pub level: Level,
    /// CVSS base score, in tenths.
    pub score: Option<u8>,
    /// What the distribution says it does about it.
    pub status: Status,
    /// Ranges of versions that are affected.
    pub ranges: Vec<Range>,
    /// Single versions that are affected and in none of the ranges.
    pub versions: Vec<String>,
}

/// Events that make versions affected or not, in the order of the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The events.
    pub events: Vec<Event>,
}

/// What happened at a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It came in with this version; `0` is before all versions.
    Introduced(String),
    /// It is gone in this version.
    Fixed(String),
    /// This version is the last that has it.
    LastAffected(String),
    /// The range says nothing about this version and later ones; `*` is behind all versions.
    Limit(String),
}

/// An advisory with the package that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name as its record writes it: `Debian:12`.
    pub ecosystem: String,
    /// The package, in the one way to write it.
    pub package: String,
    /// What the record says.
    pub advisory: Advisory,
}

/// A record that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What its database calls it.
    pub id: String,
    /// When it was last changed, in seconds since 1970; 0 where it does not say.
    pub modified: u64,
    /// Whether it was taken back: it says nothing then.
    pub is_withdrawn: bool,
    /// One for each package of a known ecosystem.
    pub entries: Vec<Entry>,
}

impl Entry {
    /// Its ecosystem.
    #[must_use]
    pub fn family(&self) -> Option<Ecosystem> {
        Ecosystem::of(&self.ecosystem)
    }
}

#[cfg(test)]
mod tests;
