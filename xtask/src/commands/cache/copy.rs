//! A copy of the repository's files, to be edited and built, for as long as it is needed.

use std::os::unix::fs::symlink;

use camino::{Utf8Path, Utf8PathBuf};

use super::gathered::Gathered;
use crate::context::{IgnoreFile, Kind};
use crate::error::{Error, Result};

/// Where copies lie, below the root.
const FOLDER: &str = "target/docker-cache-run";

/// A copy of the files that builds can take, and of those that git knows. It goes when this does.
pub(super) struct Copy {
    root: Utf8PathBuf,
}

impl Copy {
    /// Makes it.
    ///
    /// # Errors
    /// A file cannot be copied.
    pub(super) fn of(gathered: &Gathered) -> Result<Self> {
        let folder = gathered.project.root.join(FOLDER);
        remove_abandoned(&folder);
        let copy = Self {
            root: folder.join(std::process::id().to_string()),
        };
        for path in files(gathered) {
            copy.take(&gathered.project.root, &path)?;
        }
        Ok(copy)
    }

    /// Where it is, absolute.
    pub(super) fn root(&self) -> &Utf8Path {
        &self.root
    }

    fn take(&self, from: &Utf8Path, path: &Utf8Path) -> Result<()> {
        let (from, to) = (from.join(path), self.root.join(path));
        let failed = |error: std::io::Error| {
            Error::failed(format!("failed to copy {path} to {}", self.root)).because(error)
        };
        // What git knows may be gone from the work tree.
        let Ok(metadata) = from.symlink_metadata() else {
            return Ok(());
        };
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        if metadata.is_symlink() {
            let target = std::fs::read_link(&from).map_err(failed)?;
            symlink(target, &to).map_err(failed)?;
        } else if metadata.is_file() {
            std::fs::copy(&from, &to).map_err(failed)?;
        } else if metadata.is_dir() {
            std::fs::create_dir_all(&to).map_err(failed)?;
        }
        Ok(())
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // The next run removes what could not be removed now.
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

/// Removes copies of runs that were killed.
fn remove_abandoned(folder: &Utf8Path) {
    let Ok(entries) = folder.read_dir_utf8() else {
        return;
    };
    for entry in entries.flatten() {
        let is_alive = Utf8Path::new("/proc").join(entry.file_name()).exists();
        if !is_alive {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// What is copied, from the root, each once.
fn files(gathered: &Gathered) -> Vec<Utf8PathBuf> {
    let contexts = &gathered.looked.contexts;
    let tree = &contexts.tree;
    let mut files = gathered.files.clone();
    for target in &gathered.targets {
        for stage in crate::context::stages_of(&contexts.recipes, target) {
            for view in contexts.views_of(&stage.dockerfile) {
                let sent = contexts.sent_of(view, &stage.dockerfile, &[stage.stage]);
                let nodes = sent.iter().flat_map(crate::context::NodeSet::iter);
                // An empty folder is copied, too.
                let is_end = |node: &crate::context::NodeId| {
                    tree.kind(*node) != Kind::Folder || tree.children(*node).next().is_none()
                };
                files.extend(nodes.filter(is_end).map(|node| tree.path(node)));
            }
        }
    }
    files.extend(contexts.recipes.keys().cloned());
    let ignores = contexts
        .views
        .iter()
        .filter_map(|view| view.ignore.as_ref());
    files.extend(ignores.map(IgnoreFile::path));
    files.push(gathered.project.manifest.path().to_owned());
    files.sort();
    files.dedup();
    // Neither what tools make here nor what git keeps for itself.
    files.retain(|path| !path.starts_with("target") && !path.starts_with(".git"));
    files
}
