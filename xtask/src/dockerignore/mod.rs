//! `.dockerignore`: which paths a build context leaves out, exactly as `BuildKit` decides.
//!
//! Patterns are carried out in order and the last that matches decides; `!` takes back in. A pattern is anchored at the
//! context's root unless it starts with `**`, and what is below a folder that matches is matched too. That last part
//! is what sets the real thing apart from its descriptions: a path keeps the matches of its folder, pattern by
//! pattern, but an exception that had nothing to take back when the folder was looked at is not among them. So
//! `dir/sub` followed by `!dir` leaves `dir/sub` out, and `dir` followed by `!dir/sub` keeps it.
//!
//! References: `moby/patternmatcher` (`MatchesUsingParentResults`, `ignorefile`), `tonistiigi/fsutil` (the walk).

mod header;
mod index;
mod lines;
mod meaning;
mod pattern;
mod pruning;
mod regex;
mod regex_syntax;
mod relations;
mod trace;
mod wildcard;

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

pub use lines::{MAX_LINE_BYTES, SyntaxError};
pub use meaning::Meaning;
pub use pattern::Pattern;
pub use relations::Covers;
pub use trace::Match;
pub use wildcard::Wildcard;

pub(crate) use lines::clean;

use index::Index;
use pruning::Pruning;

use crate::source::{Source, Span};

/// The patterns of an ignore file, in order.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    list: Vec<Pattern>,
    index: Index,
    pruning: Pruning,
}

/// What becomes of a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// It does not enter the build.
    pub ignored: bool,
    /// The pattern that decided, by its place in [`Patterns::patterns`]; `None` if none matched.
    pub pattern: Option<usize>,
}

/// What a folder hands down to what is in it. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// The patterns that matched the folder or a folder above it, by their places, in order; `None` for none.
    matched: Option<Arc<[u32]>>,
    /// The engine does not look into the folder: what was decided on it holds for all that is in it.
    skipped: Option<Decision>,
}

impl Folder {
    fn matched(&self) -> &[u32] {
        self.matched.as_deref().unwrap_or_default()
    }
}

impl Patterns {
    /// Reads an ignore file. A pattern that is wrong is left out and reported; `BuildKit` refuses the whole file.
    #[must_use]
    pub fn parse(source: &Source) -> (Self, Vec<SyntaxError>) {
        let (patterns, errors) = lines::read(source.text());
        (Self::of(patterns), errors)
    }

    /// Patterns that stand in no file, such as those of `COPY --exclude`: no line is a comment, and a `/` at the start
    /// stays.
    ///
    /// # Errors
    /// What `BuildKit` says of the first that is wrong.
    pub fn new<'p>(texts: impl IntoIterator<Item = &'p str>) -> Result<Self, String> {
        let read = texts
            .into_iter()
            .filter_map(|text| lines::matcher(text, Span::default()).transpose());
        Ok(Self::of(read.collect::<Result<_, _>>()?))
    }

    fn of(patterns: Vec<Pattern>) -> Self {
        Self {
            index: Index::new(&patterns),
            pruning: Pruning::new(&patterns),
            list: patterns,
        }
    }

    /// The patterns, in order. Comments and blank lines are none.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.list
    }

    /// Whether any pattern takes something back in.
    #[must_use]
    pub fn has_exceptions(&self) -> bool {
        self.list.iter().any(Pattern::is_exception)
    }

    /// What becomes of a path from the context's root, with `/` and without `./`. To decide on a whole tree, hand
    /// down the [`Folder`]s of [`Patterns::decide_in`] instead.
    #[must_use]
    pub fn decide(&self, path: &Utf8Path) -> Decision {
        let path = path.as_str();
        let mut folder = Folder::default();
        for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
            folder = self.decide_in(&folder, &path[..at]).1;
        }
        self.decide_file(&folder, path)
    }

    /// What becomes of `path` in a folder if it is not a folder itself. `path` is from the context's root, whose own
    /// folder is [`Folder::default`].
    #[must_use]
    pub fn decide_file(&self, folder: &Folder, path: &str) -> Decision {
        if let Some(decision) = folder.skipped {
            return decision;
        }
        // What stands before the last one that the folder hands down is outdone by it.
        let last = folder.matched().last().copied();
        let mut decision = self.decided_by(last);
        for place in self.index.candidates(path, last.map_or(0, |last| last + 1)) {
            let pattern = &self.list[place as usize];
            // Asked only if the answer could change something.
            if pattern.is_exception() == decision.ignored && pattern.matches(path) {
                decision = self.decided_by(Some(place));
            }
        }
        decision
    }

    /// What becomes of the folder `path` in a folder, and what it hands down. `path` is from the context's root, whose
    /// own folder is [`Folder::default`].
    #[must_use]
    pub fn decide_in(&self, folder: &Folder, path: &str) -> (Decision, Folder) {
        if let Some(decision) = folder.skipped {
            return (decision, folder.clone());
        }
        let inherited = folder.matched();
        let mut own = Vec::new();
        for place in self.index.candidates(path, 0) {
            let before = inherited.partition_point(|one| *one < place);
            if inherited.get(before) == Some(&place) {
                continue;
            }
            let last = inherited[..before].last().max(own.last()).copied();
            let pattern = &self.list[place as usize];
            // Asked only if the answer could change something; what is not asked is not handed down either.
            if pattern.is_exception() == self.decided_by(last).ignored && pattern.matches(path) {
                own.push(place);
            }
        }
        let decision = self.decided_by(inherited.last().max(own.last()).copied());
        let matched = if own.is_empty() {
            folder.matched.clone()
        } else {
            own.extend(inherited);
            own.sort_unstable();
            Some(own.into())
        };
        let skipped = (decision.ignored && self.pruning.skips(path)).then_some(decision);
        (decision, Folder { matched, skipped })
    }

    /// The decision if a pattern is the last that matched.
    fn decided_by(&self, place: Option<u32>) -> Decision {
        let place = place.map(|place| place as usize);
        Decision {
            ignored: place.is_some_and(|place| !self.list[place].is_exception()),
            pattern: place,
        }
    }

    /// Whether nothing below a folder that is ignored can be taken back in: a walk need not enter it.
    #[must_use]
    pub fn can_prune(&self, folder: &str) -> bool {
        self.pruning.skips(folder)
            || self
                .list
                .iter()
                .filter(|pattern| pattern.is_exception())
                .all(|pattern| !pattern.may_match_below(folder))
    }

    /// Whether a file that enters the build does so without its content.
    ///
    /// The engine decides twice: while it walks, and again when it opens the file, and the second time a pattern also
    /// matches through the folders above a path where an exception stands between. After `a`, `!a/b`, `a` the file
    /// `a/b` is found, but not opened: it arrives empty, and nothing is said.
    #[must_use]
    pub fn arrives_empty(&self, path: &Utf8Path) -> bool {
        if !self.has_exceptions() || self.decide(path).ignored {
            return false;
        }
        let text = path.as_str();
        let folders = text.match_indices('/').map(|(at, _)| &text[..at]);
        let mut closed = false;
        for pattern in &self.list {
            let asked = pattern.is_exception() == closed;
            if asked && (pattern.matches(text) || folders.clone().any(|it| pattern.matches(it))) {
                closed = !closed;
            }
        }
        closed
    }
}

/// The ignore files that count for a Dockerfile, the first that exists alone: the one that is named for the Dockerfile,
/// then the context's. Both paths are from the same root. Patterns are from the context's root in either case.
#[must_use]
pub fn candidates(dockerfile: &Utf8Path, context: &Utf8Path) -> [Utf8PathBuf; 2] {
    [
        Utf8PathBuf::from(format!("{dockerfile}.dockerignore")),
        context.join(".dockerignore"),
    ]
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod page_tests;
