//! Why a path is left out or let through: every pattern that had a say.

use camino::{Utf8Path, Utf8PathBuf};

use super::Patterns;

/// A pattern that matched a path or a folder it lies in. Of several the last decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its place in [`Patterns::patterns`].
    pub pattern: usize,
    /// What it matched: the path, or a folder above it.
    pub at: Utf8PathBuf,
}

impl Patterns {
    /// The patterns that have a say about a path, in order. A pattern that matches and could not have changed anything
    /// where it stands is not among them: an exception with nothing to take back, a pattern for what is left out
    /// already. `path` is as in [`Patterns::decide`].
    #[must_use]
    pub fn trace(&self, path: &Utf8Path) -> Vec<Match> {
        let path = path.as_str();
        // The context itself is never asked about; a star would match its empty path.
        if path.is_empty() {
            return Vec::new();
        }
        let mut matched: Vec<Option<&str>> = vec![None; self.patterns().len()];
        let folders = path.match_indices('/').filter(|(at, _)| *at > 0);
        let ends = folders.map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let part = &path[..end];
            let mut ignored = false;
            for (pattern, at) in self.patterns().iter().zip(&mut matched) {
                if at.is_none() && pattern.is_exception() == ignored && pattern.matches(part) {
                    *at = Some(part);
                }
                if at.is_some() {
                    ignored = !pattern.is_exception();
                }
            }
            if ignored && self.can_prune(part) {
                break;
            }
        }
        let found = matched.into_iter().enumerate();
        found
            .filter_map(|(pattern, at)| {
                Some(Match {
                    pattern,
                    at: at?.into(),
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use proptest::prelude::*;

    use crate::dockerignore::Patterns;
    use crate::source::Source;

    fn patterns(lines: &[&str]) -> Patterns {
        Patterns::parse(&Source::new(".dockerignore", lines.join("\n"))).0
    }

    #[test]
    fn every_pattern_that_has_a_say_is_named_with_what_it_matched() {
        let patterns = patterns(&["*", "!apps", "!docs", "**/.env", "apps/api/.env"]);
        let told: Vec<_> = patterns
            .trace(Utf8Path::new("apps/api/.env"))
            .into_iter()
            .map(|found| (patterns.patterns()[found.pattern].text(), found.at))
            .collect();
        assert_eq!(
            told,
            [
                ("*", "apps".into()),
                ("apps", "apps".into()),
                ("**/.env", "apps/api/.env".into()),
            ]
        );
        assert_eq!(patterns.trace(Utf8Path::new("")), []);
    }

    proptest! {
        #[test]
        fn the_last_that_has_a_say_decides(
            lines in prop::collection::vec("!?[ab*/]{1,5}", 0..6),
            path in "[ab]{1,2}(/[ab]{1,2}){0,3}",
        ) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let patterns = patterns(&lines);
            let path = Utf8Path::new(&path);
            let last = patterns.trace(path).last().map(|found| found.pattern);
            prop_assert_eq!(last, patterns.decide(path).pattern);
        }
    }
}
