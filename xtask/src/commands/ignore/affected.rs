//! `--affected`: which images and steps a change builds again.

mod before;
mod report;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};

use self::before::Before;
use crate::commands::checkout::Checkout;
use crate::context::{
    Affected, AffectedImage, BuildContexts, Builds, Certainty, Change, ChangeKind, From, IdleImage,
    Kind, NodeId, Question, Target, Tree, View, affected,
};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git::{self, Range, Version};
use crate::lint::Surroundings;
use crate::process::Runner;
use crate::project::Project;
use crate::project::root::normal;

/// What is known about the repository as it is now.
pub(in crate::commands) struct Facts<'a> {
    /// Absolute; all other paths are from here.
    pub(in crate::commands) root: &'a Utf8Path,
    /// Where git knows the root: it is the root, but where a commit is looked at that is not checked out.
    pub(in crate::commands) repository: &'a Utf8Path,
    /// Where one stands: files are named from here.
    pub(in crate::commands) current_dir: &'a Utf8Path,
    /// Of what one wants to know whether it is affected.
    pub(in crate::commands) targets: &'a [Target],
    /// What enters the builds, with the recipes of all Dockerfiles.
    pub(in crate::commands) contexts: &'a BuildContexts,
    /// The meaning of the Dockerfiles.
    pub(in crate::commands) surroundings: &'a Surroundings,
    /// Where there is a manifest.
    pub(in crate::commands) project: Option<&'a Project>,
    /// Its file, from the root.
    pub(in crate::commands) manifest: Option<&'a Utf8Path>,
}

/// The files that a range ends with, if the words name a range whose end is not what lies in the work tree.
///
/// # Errors
/// The range means nothing, or the files cannot be written.
pub(in crate::commands) fn checkout(
    words: &[String],
    environment: &Environment,
) -> Result<Option<Checkout>> {
    let runner = &*environment.runner;
    let here = &environment.current_dir;
    let [word] = words else {
        return Ok(None);
    };
    if !word.contains("..") || here.join(word).symlink_metadata().is_ok() {
        return Ok(None);
    }
    let range = git::range(runner, here, word)?;
    let Some(commit) = range.and_then(|range| range.after) else {
        return Ok(None);
    };
    // A commit that is checked out, and nothing else with it, needs no copy.
    if git::head(runner, here).is_some_and(|head| head.revision == commit) {
        return Ok(None);
    }
    Checkout::of(&Version::Commit(commit), environment).map(Some)
}

/// What a change builds again.
#[derive(Debug)]
pub(in crate::commands) struct Answer {
    /// The commit that the state before is read from; `None` if files were named.
    base: Option<String>,
    /// The commit that the state after is; `None` for the work tree.
    head: Option<String>,
    /// What changed.
    changed: Vec<Change>,
    affected: Affected,
    /// The names of the targets that are not affected.
    unaffected: Vec<String>,
}

impl Answer {
    /// Finds out. `words` are files and folders that are to be changed, or one range or commit of git.
    ///
    /// # Errors
    /// A word means nothing, or git fails.
    pub(in crate::commands) fn of(
        words: &[String],
        facts: &Facts<'_>,
        runner: &dyn Runner,
    ) -> Result<Self> {
        let range = facts.range(words, runner)?;
        let changes = match &range {
            Some(range) => git::changes(runner, facts.repository, range)?,
            None => facts.files(words, runner)?,
        };
        Self::of_changes(range, changes, facts, runner)
    }

    /// As [`Answer::of`], where the changes are known: those of the range, if there is one.
    ///
    /// # Errors
    /// Git fails.
    pub(in crate::commands) fn of_changes(
        range: Option<Range>,
        named: Vec<Change>,
        facts: &Facts<'_>,
        runner: &dyn Runner,
    ) -> Result<Self> {
        let changes = match &range {
            Some(_) => facts.with_git_folder(named.clone()),
            None => named.clone(),
        };
        let before = match &range {
            Some(range) => Some(Before::read(facts, &range.before, &changes, runner)?),
            None => None,
        };
        let changed_manifest = facts.manifest.filter(|manifest| {
            let is_known = before
                .as_ref()
                .is_some_and(|before| before.manifest_is_known);
            !is_known && changes.iter().any(|change| change.path == *manifest)
        });
        let everything: Vec<Utf8PathBuf> = changed_manifest
            .into_iter()
            .map(Utf8Path::to_owned)
            .collect();
        let views = facts.views();
        let by_folder = facts.named_views();
        let views_before = before.as_ref().map(|before| before.views(&views));
        let none = BTreeMap::new();
        let affected = affected(&Question {
            before: before
                .as_ref()
                .zip(views_before.as_ref())
                .map(|(before, views)| Builds {
                    recipes: &before.recipes,
                    views,
                    named: &by_folder,
                }),
            after: Builds {
                recipes: &facts.contexts.recipes,
                views: &views,
                named: &by_folder,
            },
            targets: facts.targets,
            changes: &changes,
            admissions: before.as_ref().map_or(&none, |before| &before.admissions),
            tree: Some(&facts.contexts.tree),
            everything: &everything,
        });
        let hit: HashSet<&str> = affected.images.iter().map(|it| it.name.as_str()).collect();
        let targets = facts.targets.iter().map(|target| target.name.clone());
        let unaffected = targets.filter(|name| !hit.contains(name.as_str()));
        Ok(Self {
            head: range.as_ref().and_then(|range| range.after.clone()),
            base: range.map(|range| range.before),
            changed: named,
            unaffected: unaffected.collect(),
            affected,
        })
    }
}

/// Another word about an image than its steps alone give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Amendment {
    /// The image.
    pub(in crate::commands) image: String,
    /// Its Dockerfile, from the root.
    pub(in crate::commands) dockerfile: Utf8PathBuf,
    /// Why it is built anew.
    pub(in crate::commands) reason: String,
}

impl Answer {
    /// The images that are built anew.
    pub(in crate::commands) fn images(&self) -> &[AffectedImage] {
        &self.affected.images
    }

    /// How many files changed.
    pub(in crate::commands) fn changed(&self) -> usize {
        self.changed.len()
    }

    /// Whether a file changed; its path is from the root.
    pub(in crate::commands) fn names(&self, path: &Utf8Path) -> bool {
        self.changed.iter().any(|change| change.path == path)
    }

    /// Counts an image in, if it is not.
    pub(in crate::commands) fn count_in(&mut self, amendment: &Amendment) {
        let Some(at) = self
            .unaffected
            .iter()
            .position(|name| *name == amendment.image)
        else {
            return;
        };
        let name = self.unaffected.remove(at);
        self.affected.idle.retain(|image| image.name != name);
        self.affected.images.push(AffectedImage {
            name,
            dockerfile: amendment.dockerfile.clone(),
            certainty: Certainty::Surely,
            reason: amendment.reason.clone(),
            steps: Vec::new(),
        });
        self.affected.images.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Counts an image out: what runs again for it makes the same image.
    pub(in crate::commands) fn count_out(&mut self, name: &str) {
        let Some(at) = self
            .affected
            .images
            .iter()
            .position(|image| image.name == name)
        else {
            return;
        };
        let image = self.affected.images.remove(at);
        self.unaffected.push(image.name.clone());
        self.affected.idle.push(IdleImage {
            name: image.name,
            dockerfile: image.dockerfile,
            steps: image.steps,
        });
    }
}

impl Facts<'_> {
    /// How each Dockerfile's context is looked at now.
    fn views(&self) -> BTreeMap<Utf8PathBuf, View<'_>> {
        let dockerfiles = self.contexts.recipes.keys();
        dockerfiles
            .filter_map(|path| {
                let view = self.contexts.view_of(path)?;
                Some((path.clone(), self.contexts.views[view].view()))
            })
            .collect()
    }

    /// How the contexts that have a name are looked at now.
    fn named_views(&self) -> BTreeMap<Utf8PathBuf, View<'_>> {
        let views = self.contexts.views.iter();
        let named = views.filter(|view| view.from != From::Context);
        named.map(|view| (view.root.clone(), view.view())).collect()
    }

    /// The range that the words mean, if they mean one.
    fn range(&self, words: &[String], runner: &dyn Runner) -> Result<Option<Range>> {
        let [word] = words else {
            return Ok(None);
        };
        if self.current_dir.join(word).symlink_metadata().is_ok() {
            return Ok(None);
        }
        git::range(runner, self.repository, word)
    }

    /// A context that lets `.git` in takes another one for each commit.
    fn with_git_folder(&self, mut changes: Vec<Change>) -> Vec<Change> {
        if !changes.is_empty() && self.root.join(".git").is_dir() {
            changes.push(Change {
                path: ".git/index".into(),
                kind: ChangeKind::Edited,
            });
        }
        changes
    }

    /// The files that the words name, as if they were edited; those that are not there, removed.
    fn files(&self, words: &[String], runner: &dyn Runner) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        for word in words {
            let full = normal(&self.current_dir.join(word));
            let Ok(path) = full.strip_prefix(self.root) else {
                return Err(Error::usage(format!("{word} is not in the repository"))
                    .because(format!("the repository is {}", self.root)));
            };
            let metadata = full.symlink_metadata();
            let alone = words.len() == 1;
            if metadata.is_err()
                && alone
                && git::text_at(runner, self.repository, "HEAD", path)?.is_none()
            {
                return Err(Error::usage(format!(
                    "`{word}` is no file, and git knows no commit of that name"
                ))
                .help("name files that changed, a commit, or a range such as `main...`"));
            }
            let tree = &self.contexts.tree;
            match tree.find(path) {
                Some(folder) if tree.kind(folder) == Kind::Folder => {
                    below(tree, folder, &mut changes);
                }
                _ => changes.push(Change {
                    path: path.to_owned(),
                    kind: match metadata {
                        Ok(_) => ChangeKind::Edited,
                        Err(_) => ChangeKind::Removed,
                    },
                }),
            }
        }
        changes.sort();
        changes.dedup();
        Ok(changes)
    }
}

/// Every file in a folder.
fn below(tree: &Tree, folder: NodeId, changes: &mut Vec<Change>) {
    let mut open = vec![folder];
    while let Some(node) = open.pop() {
        if tree.kind(node) == Kind::Folder {
            open.extend(tree.children(node));
        } else {
            changes.push(Change {
                path: tree.path(node),
                kind: ChangeKind::Edited,
            });
        }
    }
}
