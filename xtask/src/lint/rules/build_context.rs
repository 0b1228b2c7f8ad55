//! What stands in a Dockerfile's build context, what its ignore file leaves out, what its copies ask for.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::dockerignore::{self, Decision, Folder, Patterns};
pub(super) use crate::lint::build_files::{clean, join};
use crate::lint::ignore_files::Ignore;
use crate::lint::recipe::expanded_sources;
use crate::lint::{EntryKind, Files, Model, Step, Surroundings};
use crate::source::{Source, Span};

/// A walk looks at no more entries than this; what is beyond is not judged.
const MAX_ENTRIES: usize = 50_000;

/// The build context of a Dockerfile.
#[derive(Debug)]
pub(super) struct BuildContext<'s> {
    files: &'s dyn Files,
    /// From the repository's root.
    pub(super) root: Utf8PathBuf,
    /// The ignore file that counts.
    pub(super) ignore: Option<Arc<Ignore>>,
}

/// A source of `COPY` or `ADD` that is taken from the context.
#[derive(Clone, Debug)]
pub(super) struct CopySource {
    /// Expanded, from the context's root, without a slash at its ends; empty for the context itself.
    pub(super) path: String,
    pub(super) span: Span,
}

impl CopySource {
    pub(super) fn is_glob(&self) -> bool {
        self.path.contains(['*', '?', '[', '\\'])
    }
}

impl<'s> BuildContext<'s> {
    /// `None` where no files are known.
    pub(super) fn of(model: &Model, surroundings: &'s Surroundings) -> Option<Self> {
        let files = surroundings.files.as_deref()?;
        let dockerfile = model.file.source.path();
        let root = surroundings.context(dockerfile).to_owned();
        let ignore = dockerignore::candidates(dockerfile, &root)
            .iter()
            .find(|path| files.kind(path) == Some(EntryKind::File))
            .and_then(|path| surroundings.ignore_files.read(files, path));
        Some(Self {
            files,
            root,
            ignore,
        })
    }

    /// What stands at a path of the context.
    pub(super) fn kind(&self, path: &str) -> Option<EntryKind> {
        self.files.kind(&self.full_path(path))
    }

    /// The names in a folder of the context.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let entries = self.files.list(&self.full_path(folder));
        entries.into_iter().map(|entry| entry.name).collect()
    }

    /// A text file of the context.
    pub(super) fn read(&self, path: &str) -> Option<Source> {
        let full = self.full_path(path);
        (self.files.kind(&full) == Some(EntryKind::File))
            .then(|| self.files.read(&full).ok())
            .flatten()
    }

    /// What the ignore file says about a path of the context.
    pub(super) fn decide(&self, path: &str) -> Decision {
        match &self.ignore {
            Some(ignore) if !path.is_empty() => ignore.patterns.decide(Utf8Path::new(path)),
            _ => Decision::default(),
        }
    }

    /// The paths of the context that a source names, ignored or not.
    pub(super) fn find(&self, source: &CopySource) -> Vec<String> {
        if !source.is_glob() {
            let exists = self.kind(&source.path).is_some();
            return exists.then(|| source.path.clone()).into_iter().collect();
        }
        let mut found = vec![String::new()];
        for part in source.path.split('/') {
            let mut next = Vec::new();
            for folder in &found {
                if part.contains(['*', '?', '[', '\\']) {
                    let names = self.names(folder);
                    let fitting = names.iter().filter(|name| name_matches(part, name));
                    next.extend(fitting.map(|name| join(folder, name)));
                } else {
                    let path = join(folder, part);
                    next.extend(self.kind(&path).is_some().then_some(path));
                }
            }
            found = next;
        }
        found
    }

    /// Visits what is at and below a path and enters the build, and the first entry of what does not. `visit` says
    /// whether to go into a folder.
    pub(super) fn walk(&self, start: &str, visit: &mut dyn FnMut(&Visited<'_>) -> bool) {
        let mut folder = Folder::default();
        for (at, _) in start.match_indices('/') {
            folder = self.decide_in(&folder, &start[..at]).1;
        }
        let mut left = vec![(start.to_owned(), folder)];
        let mut count = 0;
        while let Some((path, folder)) = left.pop() {
            count += 1;
            if count > MAX_ENTRIES {
                return;
            }
            let Some(kind) = self.kind(&path) else {
                continue;
            };
            let (decision, below) = if path.is_empty() {
                (Decision::default(), Folder::default())
            } else {
                self.decide_in(&folder, &path)
            };
            let go_on = visit(&Visited {
                path: &path,
                kind,
                decision,
            });
            let pruned = decision.ignored
                && self
                    .ignore
                    .as_ref()
                    .is_some_and(|ignore| ignore.patterns.can_prune(&path));
            if kind == EntryKind::Folder && go_on && !pruned {
                let names = self.names(&path);
                let entries = names.iter().rev();
                left.extend(entries.map(|name| (join(&path, name), below.clone())));
            }
        }
    }

    fn decide_in(&self, folder: &Folder, path: &str) -> (Decision, Folder) {
        match &self.ignore {
            Some(ignore) => ignore.patterns.decide_in(folder, path),
            None => (Decision::default(), Folder::default()),
        }
    }

    fn full_path(&self, path: &str) -> Utf8PathBuf {
        if path.is_empty() {
            self.root.clone()
        } else {
            self.root.join(path)
        }
    }
}

/// An entry of a walk.
#[derive(Debug)]
pub(super) struct Visited<'p> {
    /// From the context's root.
    pub(super) path: &'p str,
    pub(super) kind: EntryKind,
    pub(super) decision: Decision,
}

impl Visited<'_> {
    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// The sources that a `COPY` or `ADD` takes from the context, as far as they are known.
pub(super) fn copy_sources(step: Step<'_>) -> Vec<CopySource> {
    if step.is_onbuild() {
        return Vec::new();
    }
    let Some(transfer) = step.copy().or_else(|| step.add()) else {
        return Vec::new();
    };
    if transfer.flag("from").is_some() {
        return Vec::new();
    }
    expanded_sources(step.before(), transfer, step.add().is_some())
        .known
        .into_iter()
        .map(|source| CopySource {
            path: clean(&source.value),
            span: source.span,
        })
        .collect()
}

/// Whether a name fits a pattern of one path part.
pub(super) fn name_matches(pattern: &str, name: &str) -> bool {
    if pattern == "**" {
        return true;
    }
    let (patterns, _) = Patterns::parse(&Source::new("pattern", format!("./{pattern}")));
    patterns
        .patterns()
        .iter()
        .any(|pattern| !pattern.is_exception() && pattern.matches(name))
}
