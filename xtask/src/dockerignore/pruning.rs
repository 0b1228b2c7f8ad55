//! Which ignored folders the engine does not look into, although an exception may match in them.
//!
//! It skips one unless an exception starts with the folder's path. It reads exceptions as plain paths for that: a `/**`
//! at the end is taken off, then a `/*`, and only if any exception has a wildcard left, no folder is skipped. So after
//! `a`, the exception `!a/*/**` takes nothing back in: what is in `a/b` is never seen. It is decided all the same
//! where another line, `!*.md`, keeps the engine from skipping.

use super::pattern::Pattern;

/// What the engine compares folders with.
#[derive(Clone, Debug, Default)]
pub(super) struct Pruning {
    /// The exceptions as plain paths with a slash at the end, sorted; `None` if one has a wildcard.
    starts: Option<Vec<Box<str>>>,
}

impl Pruning {
    pub(super) fn new(patterns: &[Pattern]) -> Self {
        let exceptions = patterns.iter().filter(|pattern| pattern.is_exception());
        let start = |pattern: &Pattern| {
            let text = pattern.text();
            let text = text.strip_suffix("/**").unwrap_or(text);
            let text = text.strip_suffix("/*").unwrap_or(text);
            let is_plain = !text.contains(['*', '[', ']', '?', '^', '\\']);
            is_plain.then(|| format!("{text}/").into_boxed_str())
        };
        let mut starts: Option<Vec<Box<str>>> = exceptions.map(start).collect();
        if let Some(starts) = &mut starts {
            starts.sort_unstable();
        }
        Self { starts }
    }

    /// Whether the engine skips a folder that is ignored.
    pub(super) fn skips(&self, folder: &str) -> bool {
        self.starts.as_ref().is_some_and(|starts| {
            let folder = format!("{folder}/");
            let next = starts.partition_point(|start| **start < *folder);
            !starts
                .get(next)
                .is_some_and(|start| start.starts_with(&folder))
        })
    }
}
