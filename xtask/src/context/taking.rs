//! Whether a step takes a path, be it there or not.

use camino::Utf8Path;

use super::links::{Reach, rooted};
use super::node_set::NodeSet;
use super::recipe::Take;
use super::tree::Tree;
use crate::dockerignore::{Patterns, Wildcard};

/// Whether a step takes a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taking {
    /// It does not.
    No,
    /// Nobody can tell: what it takes is not known.
    Perhaps,
    /// It does.
    Yes,
}

/// What a [`Take`] says of single paths, read once. Of what is there, [`super::select`] says it all; this is for what is
/// gone, too.
#[derive(Debug)]
pub struct TakenPaths {
    sources: Vec<TakenSource>,
    excludes: Option<Patterns>,
    unknown: bool,
}

#[derive(Debug)]
enum TakenSource {
    /// The path, and all below it.
    Literal(String),
    /// As many names as the pattern has, and all below.
    Pattern { wildcard: Wildcard, names: usize },
    /// Of `--parents`: a pattern of the ignore file's language, from a folder on.
    Below {
        folder: String,
        patterns: Box<Patterns>,
    },
    /// It cannot be read: a build stops there.
    Unreadable,
}

impl TakenPaths {
    /// Reads what a step takes. `linked` are paths that its sources lead to through symbolic links. The sources of a
    /// bind mount count `literally`: they are no patterns.
    #[must_use]
    pub fn new(take: &Take, linked: &[String], literally: bool) -> Self {
        let own = take.sources.iter().map(|source| source.path.as_str());
        let linked = linked.iter().map(String::as_str);
        let excludes = take.excludes.iter().map(String::as_str);
        Self {
            sources: own
                .chain(linked)
                .map(|source| TakenSource::new(source, take.parents, literally))
                .collect(),
            // One that is wrong stops the build.
            excludes: Patterns::new(excludes)
                .ok()
                .filter(|_| !take.excludes.is_empty()),
            unknown: take.unknown,
        }
    }

    /// Whether a path is taken; it is from where the sources are from, without a slash at its start.
    #[must_use]
    pub fn takes(&self, path: &str) -> Taking {
        let taken = self.sources.iter().map(|source| match source.taken(path) {
            Err(taking) => taking,
            Ok(inside) if self.excludes(inside) => Taking::No,
            Ok(_) => Taking::Yes,
        });
        let least = if self.unknown {
            Taking::Perhaps
        } else {
            Taking::No
        };
        taken.max().unwrap_or(Taking::No).max(least)
    }

    /// `--exclude` counts from the folder that is taken, and not for what is a source itself.
    fn excludes(&self, inside: &str) -> bool {
        let inside = Utf8Path::new(inside);
        !inside.as_str().is_empty()
            && self
                .excludes
                .as_ref()
                .is_some_and(|excludes| excludes.decide(inside).ignored)
    }
}

impl TakenSource {
    fn new(source: &str, parents: bool, literally: bool) -> Self {
        if literally {
            return Self::Literal(rooted(source));
        }
        if parents {
            let (folder, pattern) = source.split_once("/./").unwrap_or(("", source));
            let pattern = rooted(pattern);
            return match Patterns::new([pattern.as_str()]) {
                Ok(_) if pattern.is_empty() => Self::Literal(rooted(folder)),
                Ok(patterns) => Self::Below {
                    folder: rooted(folder),
                    patterns: Box::new(patterns),
                },
                Err(_) => Self::Unreadable,
            };
        }
        let source = rooted(source);
        if !Wildcard::is_in(&source) {
            return Self::Literal(source);
        }
        match Wildcard::new(&source) {
            Some(wildcard) => Self::Pattern {
                wildcard,
                names: source.split('/').count(),
            },
            None => Self::Unreadable,
        }
    }

    /// What of a path is below what the source names, if it takes the path.
    fn taken<'p>(&self, path: &'p str) -> Result<&'p str, Taking> {
        match self {
            Self::Literal(source) => below(path, source).ok_or(Taking::No),
            Self::Pattern { wildcard, names } => {
                let ends = path.match_indices('/').map(|(at, _)| at);
                let end = ends.chain([path.len()]).nth(names - 1);
                let end = end.ok_or(Taking::No)?;
                if wildcard.matches(&path[..end]) {
                    Ok(path[end..].trim_start_matches('/'))
                } else {
                    Err(Taking::No)
                }
            }
            Self::Below { folder, patterns } => {
                let inside = below(path, folder).ok_or(Taking::No)?;
                if patterns.decide(Utf8Path::new(inside)).ignored {
                    Ok(inside)
                } else {
                    Err(Taking::No)
                }
            }
            Self::Unreadable => Err(Taking::Perhaps),
        }
    }
}

/// What is left of a path below a folder, empty for the folder itself; `None` if it is elsewhere.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder)?;
    if folder.is_empty() || rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// The paths without symbolic links that the sources of a step lead to, those left out that go through none. What
/// follows the first wildcard of a source stays as it is.
pub(super) fn linked(tree: &Tree, root: &Utf8Path, take: &Take) -> Vec<String> {
    let Some(root) = tree.find(root) else {
        return Vec::new();
    };
    let reach = Reach {
        tree,
        root,
        visible: None,
    };
    let root_path = tree.path(root);
    let mut passed = NodeSet::none(tree);
    let mut linked = Vec::new();
    for source in &take.sources {
        let source = rooted(&source.path);
        let names: Vec<&str> = source.split('/').collect();
        let literal = names
            .iter()
            .take_while(|name| !Wildcard::is_in(name))
            .count();
        // The end may be gone: the longest part that is there counts.
        let found = (1..=literal).rev().find_map(|count| {
            let node = reach.resolve(&names[..count].join("/"), &mut passed)?;
            Some((count, node))
        });
        let Some((count, node)) = found else { continue };
        let path = tree.path(node);
        let mut path = path.strip_prefix(&root_path).unwrap_or(&path).to_owned();
        path.extend(&names[count..]);
        if path.as_str() != source {
            linked.push(path.into_string());
        }
    }
    linked
}

/// Whether a step takes a path: see [`TakenPaths`] to ask for many.
#[must_use]
pub fn takes_path(take: &Take, path: &str) -> Taking {
    TakenPaths::new(take, &[], false).takes(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{From, Source};
    use crate::source::{Source as Text, Span};

    fn take(sources: &[&str], excludes: &[&str], parents: bool) -> Take {
        let location = Text::new("Dockerfile", "").location(Span::default());
        Take {
            from: From::Context,
            sources: sources
                .iter()
                .map(|path| Source {
                    path: (*path).to_owned(),
                    location: location.clone(),
                })
                .collect(),
            unknown: false,
            excludes: excludes.iter().map(|text| (*text).to_owned()).collect(),
            parents,
        }
    }

    #[test]
    fn sources_take_what_they_name_and_what_is_below() {
        for (source, path, expected) in [
            ("", "a/b", Taking::Yes),
            ("a", "a", Taking::Yes),
            ("a", "a/b/c", Taking::Yes),
            ("a", "ab", Taking::No),
            ("a/b", "a", Taking::No),
            ("*.md", "x.md", Taking::Yes),
            ("*.md", "a/x.md", Taking::No),
            ("a/*/c", "a/b/c/d", Taking::Yes),
            ("a/*/c", "a/b/d/c", Taking::No),
            ("a?", "ab/c", Taking::Yes),
            ("[a", "a", Taking::Perhaps),
            ("a/../b/", "b/c", Taking::Yes),
        ] {
            let taking = takes_path(&take(&[source], &[], false), path);
            assert_eq!(taking, expected, "{source} {path}");
        }
    }

    #[test]
    fn a_parent_pattern_goes_through_folders() {
        let take = take(&["x/./**/package.json", "a/./b"], &["**/z"], true);
        for (path, expected) in [
            ("x/y/package.json", Taking::Yes),
            ("x/package.json/x", Taking::Yes),
            ("x/y/other.json", Taking::No),
            ("x/z/package.json", Taking::No),
            ("y/package.json", Taking::No),
            ("a/b/c", Taking::Yes),
        ] {
            assert_eq!(takes_path(&take, path), expected, "{path}");
        }
    }

    #[test]
    fn what_is_excluded_counts_from_the_folder_that_is_taken() {
        let take = take(&["src", "*.md"], &["**/*.md", "src/x", "y"], false);
        for (path, expected) in [
            ("src/a.md", Taking::No),
            ("src/a.js", Taking::Yes),
            ("src/x/a", Taking::Yes),
            ("src/src/x/a", Taking::No),
            ("src/y/a", Taking::No),
            // A source itself.
            ("b.md", Taking::Yes),
        ] {
            assert_eq!(takes_path(&take, path), expected, "{path}");
        }
    }

    #[test]
    fn what_is_not_known_may_take_anything() {
        let mut take = take(&["src"], &[], false);
        take.unknown = true;
        assert_eq!(takes_path(&take, "src/a"), Taking::Yes);
        assert_eq!(takes_path(&take, "lib"), Taking::Perhaps);
    }
}
