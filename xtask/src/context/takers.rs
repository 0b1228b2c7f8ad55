//! What Dockerfiles take from their context, by the names they write.

use std::collections::BTreeSet;

use super::build_contexts::{BuildContexts, ContextView};
use crate::dockerignore::{Pattern, Patterns};
use crate::source::Source;

/// What the Dockerfiles of a view take.
pub(super) struct Takers {
    /// Paths from the context's root, without wildcards; empty for the root.
    literals: BTreeSet<String>,
    /// With wildcards.
    globs: Vec<Pattern>,
    /// Not everything is known.
    unknown: bool,
}

impl Takers {
    pub(super) fn of(contexts: &BuildContexts, view: &ContextView) -> Self {
        let mut takers = Self {
            literals: BTreeSet::new(),
            globs: Vec::new(),
            unknown: false,
        };
        for dockerfile in &view.dockerfiles {
            let Some(recipe) = contexts.recipes.get(dockerfile) else {
                takers.unknown = true;
                continue;
            };
            for take in view.takes(recipe) {
                takers.unknown |= take.take.unknown;
                for source in &take.take.sources {
                    let path = source.path.trim_matches('/');
                    if path.contains(['*', '?', '[', '\\']) {
                        let text = Source::new("source", path);
                        takers
                            .globs
                            .extend(Patterns::parse(&text).0.patterns().iter().cloned());
                    } else {
                        takers.literals.insert(path.replace("/./", "/"));
                    }
                }
            }
        }
        takers
    }

    /// Whether a step takes a path, or may.
    pub(super) fn take(&self, path: &str) -> bool {
        let ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        let inside = format!("{path}/");
        self.unknown
            || self.literals.contains("")
            || ends.map(|end| &path[..end]).any(|above| {
                self.literals.contains(above) || self.globs.iter().any(|glob| glob.matches(above))
            })
            || self.below(&inside)
    }

    /// Whether a step names a path, or something in it.
    pub(super) fn name(&self, path: &str) -> bool {
        self.literals.contains(path)
            || self.below(&format!("{path}/"))
            || self.globs.iter().any(|glob| {
                glob.text().starts_with(&format!("{path}/"))
                    || says_name(glob.text()) && glob.matches(path)
            })
    }

    fn below(&self, folder: &str) -> bool {
        self.literals
            .range(folder.to_owned()..)
            .next()
            .is_some_and(|path| path.starts_with(folder))
    }
}

/// Whether the last part of a pattern says something of a name: not `*` alone.
pub(super) fn says_name(pattern: &str) -> bool {
    let name = pattern.rsplit('/').next().unwrap_or(pattern);
    name.contains(|c: char| c.is_alphanumeric())
}

/// Whether a pattern matches a path or a folder that it lies in.
pub(super) fn is_at_or_above(pattern: &Pattern, path: &str) -> bool {
    let ends = path
        .match_indices('/')
        .map(|(at, _)| at)
        .chain([path.len()]);
    ends.map(|end| &path[..end])
        .any(|above| pattern.matches(above))
}
