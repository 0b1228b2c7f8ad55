//! `.dockerignore`: which paths a build context leaves out, exactly as `BuildKit` decides.
//!
//! Patterns are carried out in order and the last that matches decides; `!` takes back in. A pattern is anchored at the
//! context's root unless it starts with `**`, and what is below a folder that matches is matched too. That last part
//! is what sets the real thing apart from its descriptions: a path keeps the matches of its folder, pattern by
//! pattern, but an exception that had nothing to take back when the folder was looked at is not among them. So
//! `dir/sub` followed by `!dir` leaves `dir/sub` out, and `dir` followed by `!dir/sub` keeps it.
//!
//! References: `moby/patternmatcher` (`MatchesUsingParentResults`, `ignorefile`), `tonistiigi/fsutil` (the walk).

mod lines;
mod pattern;
mod regex;
mod regex_syntax;
mod wildcard;

use camino::{Utf8Path, Utf8PathBuf};

pub use lines::{MAX_LINE_BYTES, SyntaxError};
pub use pattern::Pattern;
pub use wildcard::Wildcard;

pub(crate) use lines::clean;

use crate::source::{Source, Span};

/// The patterns of an ignore file, in order.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    patterns: Vec<Pattern>,
}

/// What becomes of a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// It does not enter the build.
    pub ignored: bool,
    /// The pattern that decided, by its place in [`Patterns::patterns`]; `None` if none matched.
    pub pattern: Option<usize>,
}

/// What a folder hands down to what is in it: the patterns that matched the folder or a folder above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    matched: Vec<bool>,
}

impl Patterns {
    /// Reads an ignore file. A pattern that is wrong is left out and reported; `BuildKit` refuses the whole file.
    #[must_use]
    pub fn parse(source: &Source) -> (Self, Vec<SyntaxError>) {
        let (patterns, errors) = lines::read(source.text());
        (Self { patterns }, errors)
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
        let patterns = read.collect::<Result<_, _>>()?;
        Ok(Self { patterns })
    }

    /// The patterns, in order. Comments and blank lines are none.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether any pattern takes something back in.
    #[must_use]
    pub fn has_exceptions(&self) -> bool {
        self.patterns.iter().any(Pattern::is_exception)
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
        self.decide_in(&folder, path).0
    }

    /// What becomes of `path` in a folder, and what `path` hands down if it is a folder itself. `path` is from the
    /// context's root, whose own folder is [`Folder::default`].
    #[must_use]
    pub fn decide_in(&self, folder: &Folder, path: &str) -> (Decision, Folder) {
        let mut decision = Decision::default();
        let mut matched = vec![false; self.patterns.len()];
        for (index, pattern) in self.patterns.iter().enumerate() {
            let inherited = folder.matched.get(index).copied().unwrap_or_default();
            // Asked only if the answer could change something; what is not asked is not handed down either.
            if inherited || (pattern.is_exception() == decision.ignored && pattern.matches(path)) {
                matched[index] = true;
                decision = Decision {
                    ignored: !pattern.is_exception(),
                    pattern: Some(index),
                };
            }
        }
        (decision, Folder { matched })
    }

    /// Whether nothing below a folder that is ignored can be taken back in: a walk need not enter it.
    #[must_use]
    pub fn can_prune(&self, folder: &str) -> bool {
        self.patterns
            .iter()
            .filter(|pattern| pattern.is_exception())
            .all(|pattern| !pattern.may_match_below(folder))
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
