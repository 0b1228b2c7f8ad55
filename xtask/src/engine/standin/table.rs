//! Which distribution packages stand in for which Alpine package: `packages.toml`, and what a project adds to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Wanted;
use crate::error::{Error, Result};

/// One Alpine package, and what it is made of. The same in `packages.toml` and in a project's own table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Recipe {
    /// One line, as `apk info` shows it.
    pub description: String,
    /// Debian packages, the one whose version counts first; `name`, or `name/suite` for another suite.
    pub debian: Vec<String>,
    /// Other entries that have to be installed first.
    pub depends: Vec<String>,
    /// Path prefixes to take; everything if empty.
    pub only: Vec<String>,
    /// Path prefixes to leave out.
    pub exclude: Vec<String>,
    /// Directories that lie elsewhere in Alpine, by where Debian has them.
    pub moves: BTreeMap<String, String>,
    /// Symbolic links to make, by path.
    pub links: BTreeMap<String, String>,
    /// Small text files to make, by path; one that starts with `#!` is executable.
    pub files: BTreeMap<String, String>,
    /// Files to join into one, as a package's install script would.
    pub concatenate: Option<Concatenate>,
    /// Part of every stand-in; there is nothing to install.
    pub installed: bool,
}

/// Files to join into one, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Concatenate {
    /// The prefix of the files' paths.
    pub from: String,
    /// The path of the result.
    pub into: String,
}

/// All packages that can stand in for Alpine's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The Debian suite packages come from unless they name another.
    pub suite: String,
    /// By Alpine's name.
    pub packages: BTreeMap<String, Recipe>,
}

const BUILT_IN: &str = include_str!("packages.toml");

impl Table {
    /// The table that is part of this program, with `extra` entries over it.
    ///
    /// # Errors
    /// If an extra entry does not fit.
    pub fn with(extra: &BTreeMap<String, Recipe>) -> Result<Self> {
        let mut table: Self = toml::from_str(BUILT_IN)
            .map_err(|e| Error::usage("failed to read the table of packages").because(e))?;
        table.packages.extend(extra.clone());
        match table.problems().as_slice() {
            [] => Ok(table),
            problems => Err(Error::usage(format!(
                "the stand-in's packages do not fit together: {}",
                problems.join("; ")
            ))
            .help("correct `[stand_in.packages]` in the manifest")),
        }
    }

    /// What is wrong with the table, as sentences.
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, recipe) in &self.packages {
            if !is_package_name(name) {
                problems.push(format!("\"{name}\" is no package name"));
            }
            let makes_something = !recipe.debian.is_empty()
                || !recipe.depends.is_empty()
                || !recipe.files.is_empty()
                || !recipe.links.is_empty();
            if recipe.installed == makes_something {
                problems.push(format!(
                    "\"{name}\" has to be either `installed` or made of something"
                ));
            }
            for needed in &recipe.depends {
                if !self.packages.contains_key(needed) {
                    problems.push(format!(
                        "\"{name}\" depends on \"{needed}\", which is not in the table"
                    ));
                }
            }
            for debian in &recipe.debian {
                // Two entries with the same files would own them both, and removing one would break the other.
                if let Some(other) = owners.insert(debian, name) {
                    problems.push(format!(
                        "Debian's \"{debian}\" is in both \"{other}\" and \"{name}\""
                    ));
                }
            }
            let paths = recipe.links.keys().chain(recipe.files.keys());
            let paths = paths
                .chain(recipe.moves.keys())
                .chain(recipe.moves.values());
            let paths = paths.chain(&recipe.only).chain(&recipe.exclude);
            for path in
                paths.filter(|p| p.starts_with('/') || p.split('/').any(|part| part == ".."))
            {
                problems.push(format!(
                    "\"{path}\" in \"{name}\" is not a path below the root"
                ));
            }
        }
        problems
    }

    /// The packages to carry for those `wanted`, needed ones first. Those that are part of every stand-in are left
    /// out.
    ///
    /// # Errors
    /// If the table lacks one; the error names all it lacks and who wants them.
    pub fn resolve<'a>(&'a self, wanted: &'a [Wanted]) -> Result<Vec<(&'a str, &'a Recipe)>> {
        let unknown: Vec<&Wanted> = wanted
            .iter()
            .filter(|w| !self.packages.contains_key(&w.name))
            .collect();
        if !unknown.is_empty() {
            return Err(self.unknown(&unknown));
        }
        let mut order = Vec::new();
        let mut names: Vec<&str> = wanted.iter().map(|w| w.name.as_str()).collect();
        names.sort_unstable();
        for name in names {
            self.visit(name, &mut order);
        }
        Ok(order
            .into_iter()
            .filter_map(|name| Some((name, self.packages.get(name)?)))
            .filter(|(_, recipe)| !recipe.installed)
            .collect())
    }

    fn visit<'a>(&'a self, name: &'a str, order: &mut Vec<&'a str>) {
        if order.contains(&name) {
            return;
        }
        let Some(recipe) = self.packages.get(name) else {
            return;
        };
        // Entered before its needs, so that a circle ends; moved behind them afterwards.
        let place = order.len();
        order.push(name);
        for needed in &recipe.depends {
            self.visit(needed, order);
        }
        order[place..].rotate_left(1);
    }

    fn unknown(&self, unknown: &[&Wanted]) -> Error {
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for wanted in unknown {
            let by = by_name.entry(&wanted.name).or_default();
            by.extend(wanted.by.as_deref());
        }
        let names: Vec<String> = by_name
            .iter()
            .map(|(name, by)| match by.as_slice() {
                [] => (*name).to_owned(),
                by => format!("{name} ({})", by.join(", ")),
            })
            .collect();
        let known: Vec<&str> = self
            .packages
            .keys()
            .map(String::as_str)
            .filter(|name| !name.starts_with("debian-"))
            .collect();
        let first = by_name.keys().next().copied().unwrap_or_default();
        Error::usage(format!(
            "the stand-in for Alpine has no package for: {}",
            names.join(", ")
        ))
        .because(format!("it knows {}", known.join(", ")))
        .help(format!(
            "say which Debian packages hold it in docker/docker.toml: `[stand_in.packages.{first}]`, \
             `debian = [\"…\"]`, `depends = [\"debian-glibc\"]`"
        ))
    }
}

/// Alpine's names are letters, digits and `+-._`; they become file names.
fn is_package_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-._".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built_in() -> Table {
        Table::with(&BTreeMap::new()).unwrap()
    }

    fn wanted(names: &[&str]) -> Vec<Wanted> {
        names
            .iter()
            .map(|name| Wanted {
                name: (*name).to_owned(),
                by: None,
            })
            .collect()
    }

    #[test]
    fn the_table_fits_together() {
        let table = built_in();
        assert_eq!(table.problems(), Vec::<String>::new());
        for name in [
            "dumb-init",
            "tzdata",
            "ca-certificates",
            "curl",
            "git",
            "openssh-client",
            "make",
            "python3",
            "py3-numpy",
            "py3-pandas",
            "libstdc++",
            "libgcc",
        ] {
            assert!(table.packages.contains_key(name), "{name}");
        }
    }

    #[test]
    fn needed_packages_come_first_and_once() {
        let table = built_in();
        let wanted = wanted(&["tzdata", "py3-pandas", "py3-numpy", "libgcc"]);
        let order: Vec<&str> = table
            .resolve(&wanted)
            .unwrap()
            .iter()
            .map(|(name, _)| *name)
            .collect();
        for (at, name) in order.iter().enumerate() {
            assert_eq!(order.iter().filter(|n| n == &name).count(), 1, "{name}");
            for needed in &table.packages[*name].depends {
                let needed_at = order.iter().position(|n| n == needed).unwrap();
                assert!(needed_at < at, "{needed} before {name}");
            }
        }
        assert!(!order.contains(&"libgcc") && order.contains(&"debian-glibc"));
    }

    #[test]
    fn a_circle_of_needs_ends() {
        let recipe = |needs: &str| Recipe {
            depends: vec![needs.to_owned()],
            ..Recipe::default()
        };
        let extra = [("a".to_owned(), recipe("b")), ("b".to_owned(), recipe("a"))];
        let table = Table::with(&extra.into_iter().collect()).unwrap();
        assert_eq!(table.resolve(&wanted(&["a"])).unwrap().len(), 2);
    }

    #[test]
    fn an_unknown_package_is_named_with_who_wants_it() {
        let wanted = [
            Wanted {
                name: "g++".to_owned(),
                by: Some("docker/base/Dockerfile:12".to_owned()),
            },
            Wanted {
                name: "make".to_owned(),
                by: None,
            },
            Wanted {
                name: "ffmpeg".to_owned(),
                by: None,
            },
        ];
        let error = built_in().resolve(&wanted).unwrap_err();
        assert_eq!(error.exit(), crate::error::Exit::Usage);
        insta::assert_snapshot!(error.message(), @"the stand-in for Alpine has no package for: ffmpeg, g++ (docker/base/Dockerfile:12)");
        insta::assert_snapshot!(error.helps()[0], @r#"say which Debian packages hold it in docker/docker.toml: `[stand_in.packages.ffmpeg]`, `debian = ["…"]`, `depends = ["debian-glibc"]`"#);
    }

    #[test]
    fn a_project_adds_and_replaces_entries_but_not_carelessly() {
        let extra = |text: &str| -> BTreeMap<String, Recipe> { toml::from_str(text).unwrap() };
        let good = extra("[jq]\ndebian = ['jq', 'libjq1', 'libonig5']\ndepends = ['debian-glibc']");
        let table = Table::with(&good).unwrap();
        assert_eq!(table.resolve(&wanted(&["jq"])).unwrap().len(), 2);
        for (bad, expected) in [
            (
                "[jq]\ndebian = ['jq']\ndepends = ['nope']",
                "\"nope\", which is not in the table",
            ),
            ("[jq]", "either `installed` or made of something"),
            ("[jq]\ndebian = ['curl']", "in both \"curl\" and \"jq\""),
            ("[\"../jq\"]\ndebian = ['jq']", "no package name"),
            (
                "[jq]\ndebian = ['jq']\nlinks = { '/usr/bin/x' = 'jq' }",
                "not a path below the root",
            ),
            (
                "[jq]\ndebian = ['jq']\nlinks = { 'usr/../x' = 'jq' }",
                "not a path below the root",
            ),
        ] {
            let error = Table::with(&extra(bad)).unwrap_err();
            assert!(error.message().contains(expected), "{bad}: {error}");
        }
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(toml::from_str::<BTreeMap<String, Recipe>>("[jq]\ndebain = ['jq']").is_err());
    }
}
