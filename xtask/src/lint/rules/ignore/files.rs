//! The ignore files that count for any Dockerfile.

use std::borrow::Cow;
use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use crate::context::IgnoreFile;
use crate::dockerignore::{self, Pattern};
use crate::lint::{EntryKind, Surroundings};

/// Each once, by path: those of the build contexts where somebody looked at them, otherwise those beside the
/// Dockerfiles.
pub(super) fn ignore_files(surroundings: &Surroundings) -> Vec<Cow<'_, IgnoreFile>> {
    let mut found: BTreeMap<Utf8PathBuf, Cow<'_, IgnoreFile>> = BTreeMap::new();
    if let Some(contexts) = &surroundings.build_contexts {
        for file in contexts
            .views
            .iter()
            .filter_map(|view| view.ignore.as_ref())
        {
            found.entry(file.path()).or_insert(Cow::Borrowed(file));
        }
        return found.into_values().collect();
    }
    let Some(files) = surroundings.files.as_deref() else {
        return Vec::new();
    };
    for dockerfile in surroundings.dockerfiles.keys() {
        let candidates = dockerignore::candidates(dockerfile, surroundings.context(dockerfile));
        let first = candidates
            .into_iter()
            .find(|path| files.kind(path) == Some(EntryKind::File));
        if let Some(path) = first
            && !found.contains_key(&path)
            && let Ok(source) = files.read(&path)
        {
            found.insert(path, Cow::Owned(IgnoreFile::parse(source)));
        }
    }
    found.into_values().collect()
}

/// By pattern, the number of its run: neighbors that all leave out, or all take back in. Within a run the order of
/// patterns says nothing.
pub(super) fn runs(patterns: &[Pattern]) -> Vec<usize> {
    let mut run = 0;
    let mut before = None;
    patterns
        .iter()
        .map(|pattern| {
            run += usize::from(before.is_some_and(|before| before != pattern.is_exception()));
            before = Some(pattern.is_exception());
            run
        })
        .collect()
}
