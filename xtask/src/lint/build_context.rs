//! What stands in a Dockerfile's build context, what its ignore file leaves out, what its copies ask for.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::dockerignore::{self, Decision, Folder, Patterns};
pub(in crate::lint) use crate::lint::build_files::{clean, join};
use crate::lint::ignore_files::Ignore;
use crate::lint::recipe::expanded_sources;
use crate::lint::{Entry, EntryKind, Files, Model, Step, Surroundings};
use crate::source::{Source, Span};
use crate::text_search::last_part;

/// A walk looks at no more entries than this; what is beyond is not judged.
const MAX_ENTRIES: usize = 50_000;

/// The build context of a Dockerfile.
#[derive(Debug)]
pub(in crate::lint) struct BuildContext<'s> {
    files: &'s dyn Files,
    /// From the repository's root.
    pub(in crate::lint) root: Utf8PathBuf,
    /// The ignore file that counts.
    pub(in crate::lint) ignore: Option<Arc<Ignore>>,
}

/// A source of `COPY` or `ADD` that is taken from the context.
#[derive(Clone, Debug)]
pub(in crate::lint) struct CopySource {
    /// Expanded, from the context's root, without a slash at its ends; empty for the context itself.
    pub(in crate::lint) path: String,
    pub(in crate::lint) span: Span,
}

impl CopySource {
    pub(in crate::lint) fn is_glob(&self) -> bool {
        self.path.contains(['*', '?', '[', '\\'])
    }
}

impl<'s> BuildContext<'s> {
    /// `None` where no files are known.
    pub(in crate::lint) fn of(model: &Model, surroundings: &'s Surroundings) -> Option<Self> {
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
    pub(in crate::lint) fn kind(&self, path: &str) -> Option<EntryKind> {
        self.files.kind(&self.full_path(path))
    }

    /// What is in a folder of the context, by name.
    pub(in crate::lint) fn entries(&self, folder: &str) -> Arc<[Entry]> {
        self.files.list(&self.full_path(folder))
    }

    /// A text file of the context.
    pub(in crate::lint) fn read(&self, path: &str) -> Option<Source> {
        let full = self.full_path(path);
        (self.files.kind(&full) == Some(EntryKind::File))
            .then(|| self.files.read(&full).ok())
            .flatten()
    }

    /// What the ignore file says about a path of the context.
    pub(in crate::lint) fn decide(&self, path: &str) -> Decision {
        match &self.ignore {
            Some(ignore) if !path.is_empty() => ignore.patterns.decide(Utf8Path::new(path)),
            _ => Decision::default(),
        }
    }

    /// The paths of the context that a source names, ignored or not.
    pub(in crate::lint) fn find(&self, source: &CopySource) -> Vec<String> {
        if !source.is_glob() {
            let exists = self.kind(&source.path).is_some();
            return exists.then(|| source.path.clone()).into_iter().collect();
        }
        let mut found = vec![String::new()];
        for part in source.path.split('/') {
            let pattern = part
                .contains(['*', '?', '[', '\\'])
                .then(|| NamePattern::new(part));
            let mut next = Vec::new();
            for folder in &found {
                if let Some(pattern) = &pattern {
                    let entries = self.entries(folder);
                    let fitting = entries.iter().filter(|entry| pattern.matches(&entry.name));
                    next.extend(fitting.map(|entry| join(folder, &entry.name)));
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
    pub(in crate::lint) fn walk(&self, start: &str, visit: &mut dyn FnMut(&Visited<'_>) -> bool) {
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
                let entries = self.entries(&path);
                let entries = entries.iter().rev();
                left.extend(entries.map(|entry| (join(&path, &entry.name), below.clone())));
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
pub(in crate::lint) struct Visited<'p> {
    /// From the context's root.
    pub(in crate::lint) path: &'p str,
    pub(in crate::lint) kind: EntryKind,
    pub(in crate::lint) decision: Decision,
}

impl Visited<'_> {
    /// The last part of the path.
    pub(in crate::lint) fn name(&self) -> &str {
        last_part(self.path)
    }
}

/// The sources that a `COPY` or `ADD` takes from the context, as far as they are known.
pub(in crate::lint) fn copy_sources(step: Step<'_>) -> Vec<CopySource> {
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

/// A pattern of one path part.
#[derive(Debug)]
pub(in crate::lint) struct NamePattern {
    /// `None` if every name fits.
    patterns: Option<Patterns>,
}

impl NamePattern {
    /// Reads it.
    pub(in crate::lint) fn new(pattern: &str) -> Self {
        let read = || Patterns::parse(&Source::new("pattern", format!("./{pattern}"))).0;
        Self {
            patterns: (pattern != "**").then(read),
        }
    }

    /// Whether a name fits.
    pub(in crate::lint) fn matches(&self, name: &str) -> bool {
        self.patterns.as_ref().is_none_or(|patterns| {
            patterns
                .patterns()
                .iter()
                .any(|pattern| !pattern.is_exception() && pattern.matches(name))
        })
    }
}
