//! Realistic edits.

use std::fmt;

use camino::Utf8PathBuf;

use super::touch::Touch;
use crate::context::{Change, ChangeKind};

/// What kind of edit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Nothing at all: the same build once more.
    Nothing,
    /// A commit and nothing else: what images say of it is another.
    Commit,
    /// A file that one image is made of.
    Source,
    /// A file that several images are made of.
    Shared,
    /// The packages that are wanted, and with them those that are taken.
    Dependencies,
    /// The packages that are taken.
    Lockfile,
    /// A test.
    Test,
    /// A text for people.
    Documentation,
    /// A file that no build takes.
    Other,
    /// A comment in a Dockerfile.
    Comment,
    /// A label of an image.
    Label,
    /// A variable before a `RUN` of a Dockerfile.
    Instruction,
    /// A comment in an ignore file.
    Ignore,
    /// A comment in the manifest of the project.
    Manifest,
    /// The value of a build argument.
    Argument,
}

impl Class {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 15] = [
        Self::Nothing,
        Self::Commit,
        Self::Source,
        Self::Shared,
        Self::Dependencies,
        Self::Lockfile,
        Self::Test,
        Self::Documentation,
        Self::Other,
        Self::Comment,
        Self::Label,
        Self::Instruction,
        Self::Ignore,
        Self::Manifest,
        Self::Argument,
    ];

    /// What the command line and reports call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Commit => "commit",
            Self::Source => "source",
            Self::Shared => "shared",
            Self::Dependencies => "dependencies",
            Self::Lockfile => "lockfile",
            Self::Test => "test",
            Self::Documentation => "docs",
            Self::Other => "other",
            Self::Comment => "comment",
            Self::Label => "label",
            Self::Instruction => "instruction",
            Self::Ignore => "ignore",
            Self::Manifest => "manifest",
            Self::Argument => "argument",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A change that people make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What kind it is.
    pub class: Class,
    /// What of all that is like it: a file, an argument.
    pub subject: String,
    /// The files that are changed; none where what is changed is a value from outside.
    pub files: Vec<FileEdit>,
    /// How many files of the repository have the same effect as the first of these; 1 where that means nothing.
    pub alike: usize,
}

/// A change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// From the repository's root.
    pub path: Utf8PathBuf,
    /// How.
    pub touch: Touch,
}

impl Edit {
    /// What `--edit` and reports call this one: `source:apps/api/src/main.ts`.
    #[must_use]
    pub fn name(&self) -> String {
        if self.subject.is_empty() {
            return self.class.to_string();
        }
        format!("{}:{}", self.class, self.subject)
    }

    /// Its files, as changes.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let mut changes: Vec<Change> = self
            .files
            .iter()
            .map(|file| Change {
                path: file.path.clone(),
                kind: ChangeKind::Edited,
            })
            .collect();
        changes.sort();
        changes
    }
}
