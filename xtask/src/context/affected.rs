//! Which steps run again after a change: what `BuildKit`'s cache does, told beforehand.
//!
//! A step is taken from the cache if it says the same as before, stands on the same steps and takes files of the same
//! content. So an edit of a file runs the first `COPY` again that takes it, and all that stands on that. What is copied
//! from another stage is looked at once that stage is there: only if its files differ, the copy runs again.
//!
//! The state before is known from git ([`Question::before`]); without it every word of a changed Dockerfile may be new.

mod fate;
mod forecast;
mod keys;
#[cfg(test)]
mod tests;
mod work;

use std::collections::BTreeMap;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use self::forecast::Forecast;
use super::folders::Kind;
use super::recipe::{Recipe, StageReference};
use super::tree::Tree;
use super::walk::View;

pub use work::{StepReference, executed_steps, stages_of, work_of_steps};

/// A path that changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// From the repository's root.
    pub path: Utf8PathBuf,
    /// How.
    pub kind: ChangeKind,
}

/// How a path changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its content is another.
    Edited,
    /// Its permissions are others, which belong to the key as the content does.
    Mode,
}

/// An image, or whatever else is built of a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it is called.
    pub name: String,
    /// From the repository's root.
    pub dockerfile: Utf8PathBuf,
    /// The stages that are asked for.
    pub stages: Vec<usize>,
}

/// All that is built in a repository, at one time.
#[derive(Clone, Copy, Debug)]
pub struct Builds<'a> {
    /// By Dockerfile.
    pub recipes: &'a BTreeMap<Utf8PathBuf, Recipe>,
    /// The build context of each Dockerfile; the repository's root without an ignore file where none is given.
    pub views: &'a BTreeMap<Utf8PathBuf, View<'a>>,
    /// The contexts that steps take from by name, by folder; one that is not here has no ignore file.
    pub named: &'a BTreeMap<Utf8PathBuf, View<'a>>,
}

/// What changed, and of what one wants to know whether it is affected.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Before the change; `None` if nobody knows.
    pub before: Option<Builds<'a>>,
    /// After it.
    pub after: Builds<'a>,
    /// Of what one wants to know.
    pub targets: &'a [Target],
    /// The files that changed. Dockerfiles and ignore files are files, too: a context can hold them.
    pub changes: &'a [Change],
    /// By Dockerfile, files that stayed as they are and that a changed ignore file lets in or leaves out: see
    /// [`admission_changes`].
    pub admissions: &'a BTreeMap<Utf8PathBuf, Vec<Change>>,
    /// What is there after the change, for the symbolic links among the sources.
    pub tree: Option<&'a Tree>,
    /// Files whose change may change anything, such as a manifest of which nobody knows what it said before.
    pub everything: &'a [Utf8PathBuf],
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Those that are built anew, in the order of the targets.
    pub images: Vec<AffectedImage>,
    /// Those that stay as they are although steps run again for them.
    pub idle: Vec<IdleImage>,
}

/// An image that stays as it is, although steps of stages that it needs run again: what they make does not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdleImage {
    /// What it is called.
    pub name: String,
    /// Its Dockerfile.
    pub dockerfile: Utf8PathBuf,
    /// The steps, those of a stage before those of the stages that need it.
    pub steps: Vec<AffectedStep>,
}

/// An image that is built anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedImage {
    /// What it is called.
    pub name: String,
    /// Its Dockerfile.
    pub dockerfile: Utf8PathBuf,
    /// Whether it surely is.
    pub certainty: Certainty,
    /// Why, in words.
    pub reason: String,
    /// The steps that run again, those of a stage before those of the stages that need it.
    pub steps: Vec<AffectedStep>,
}

/// A step that is not taken from the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedStep {
    /// Its stage.
    pub stage: StageReference,
    /// The stage's name, or its index as text.
    pub stage_name: String,
    /// Its place in the stage, from 1; 0 is `FROM`.
    pub step: usize,
    /// Where it stands: that of a trigger (`ONBUILD`) is in another stage.
    pub dockerfile: Utf8PathBuf,
    /// From 1.
    pub line: usize,
    /// On one line, as it is written.
    pub text: String,
    /// It is carried out; otherwise it changes the image's configuration alone.
    pub executed: bool,
    /// Whether it surely is not taken from the cache.
    pub certainty: Certainty,
    /// Why; never empty.
    pub because: Vec<Because>,
}

/// Whether something surely runs again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// If a step that runs again has another outcome than before, or if something is taken of which nobody knows what
    /// it is.
    Perhaps,
    /// It does.
    Surely,
}

/// Why a step runs again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// It takes files that changed.
    Files {
        /// The first of them, from the repository's root.
        paths: Vec<Utf8PathBuf>,
        /// How many there are.
        count: usize,
        /// It surely takes them.
        certainty: Certainty,
    },
    /// Its text or the variables it sees differ from before, or may do so.
    Dockerfile(Certainty),
    /// It takes files of a stage that is built anew: it runs again if those differ.
    Stage {
        /// The stage.
        stage: StageReference,
        /// Its name, or its index as text.
        name: String,
    },
    /// A step before it in its stage, or the stage it starts from, runs again.
    Before,
    /// A file changed that may change anything.
    Everything(Utf8PathBuf),
}

impl Builds<'_> {
    /// The build context of a Dockerfile.
    fn root(&self, dockerfile: &Utf8Path) -> &Utf8Path {
        let view = self.views.get(dockerfile);
        view.map_or(Utf8Path::new(""), |view| view.root)
    }
}

/// The files that one view of a tree lets through and another does not, as if they were added or removed. Views are
/// given by their place in the walk.
#[must_use]
pub fn admission_changes(tree: &Tree, before: usize, after: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    for node in tree.nodes() {
        // A folder counts for what is in it.
        if tree.kind(node) == Kind::Folder && tree.children(node).next().is_some() {
            continue;
        }
        let kind = match (tree.admits(before, node), tree.admits(after, node)) {
            (true, false) => ChangeKind::Removed,
            (false, true) => ChangeKind::Added,
            _ => continue,
        };
        changes.push(Change {
            path: tree.path(node),
            kind,
        });
    }
    changes.sort();
    changes
}

/// Answers.
#[must_use]
pub fn affected(question: &Question<'_>) -> Affected {
    Forecast::answer(question)
}

impl AffectedStep {
    /// Why it runs again, in words.
    #[must_use]
    pub fn reason(&self) -> String {
        let is_sure = |because: &&Because| {
            matches!(because, Because::Before) || because.certainty() == self.certainty
        };
        let because = self.because.iter().find(is_sure);
        because
            .or(self.because.first())
            .map_or_else(String::new, ToString::to_string)
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files {
                paths,
                count,
                certainty,
            } => {
                f.write_str(match certainty {
                    Certainty::Surely => "takes ",
                    Certainty::Perhaps => "may take other files than before, by ",
                })?;
                f.write_str(paths.first().map_or("", |path| path.as_str()))?;
                match count.saturating_sub(1) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Self::Dockerfile(Certainty::Surely) => {
                f.write_str("its text or its variables differ from before")
            }
            Self::Dockerfile(Certainty::Perhaps) => {
                f.write_str("its text or its variables may differ from before")
            }
            Self::Stage { name, .. } => {
                write!(f, "takes from stage {name}, if what that makes differs")
            }
            Self::Before => f.write_str("stands on a step that runs again"),
            Self::Everything(path) => write!(f, "{path} may change it"),
        }
    }
}
