//! What brings a package of npm: read from `package-lock.json`, of version 2 or 3.
//!
//! <https://docs.npmjs.com/cli/configuring-npm/package-lock-json>

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::source::{Location, Source, Span};

mod closure;
mod range;

pub use range::allows;

/// The largest lockfile that is read, in bytes.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A `package-lock.json`.
#[derive(Clone, Debug)]
pub struct Lockfile {
    /// The file.
    pub source: Source,
    /// By where they are installed; the project itself is at the empty path.
    packages: BTreeMap<String, Locked>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Locked {
    name: Option<String>,
    version: Option<String>,
    /// Of a workspace's link: where it is.
    resolved: Option<String>,
    link: bool,
    dependencies: BTreeMap<String, String>,
    dev_dependencies: BTreeMap<String, String>,
    optional_dependencies: BTreeMap<String, String>,
    peer_dependencies: BTreeMap<String, String>,
}

/// How a package comes to be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Where it is installed: `node_modules/a/node_modules/b`.
    pub path: String,
    /// From what the project names itself to the package, as `name version`.
    pub names: Vec<String>,
    /// The name of the first, which the project names itself.
    pub direct: String,
    /// Which versions the last but one asks for, and every other that is served by this copy.
    pub ranges: Vec<String>,
}

impl Lockfile {
    /// Reads one.
    ///
    /// # Errors
    /// It is no JSON, or of version 1, which does not say who needs what.
    pub fn parse(source: &Source) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Document {
            #[serde(default)]
            packages: Option<BTreeMap<String, Locked>>,
        }
        let document: Document = serde_json::from_str(source.text()).map_err(|error| {
            let at = source.offset(error.line(), error.column());
            Error::usage("the lockfile cannot be read")
                .because(&error)
                .at(source.location(Span::new(at, at)))
        })?;
        let packages = document.packages.ok_or_else(|| {
            Error::usage("the lockfile is of version 1, which does not say who needs what")
                .help("write it anew with npm 7 or later: `npm install --package-lock-only`")
                .at(source.location(Span::default()))
        })?;
        Ok(Self {
            source: source.clone(),
            packages,
        })
    }

    /// Whether it has a version of a package.
    #[must_use]
    pub fn has(&self, name: &str, version: &str) -> bool {
        self.copies(name, version).next().is_some()
    }

    fn copies<'l>(&'l self, name: &'l str, version: &'l str) -> impl Iterator<Item = &'l str> {
        self.packages
            .iter()
            .filter(move |(path, locked)| {
                let is_named = locked.name.as_deref().unwrap_or_else(|| name_of(path)) == name;
                is_named && locked.version.as_deref() == Some(version) && !path.is_empty()
            })
            .map(|(path, _)| path.as_str())
    }

    /// The shortest way to each copy of a version of a package.
    #[must_use]
    pub fn chains(&self, name: &str, version: &str) -> Vec<Chain> {
        let wanted: BTreeSet<&str> = self.copies(name, version).collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let ways = self.ways();
        wanted
            .into_iter()
            .filter_map(|path| {
                let mut names = Vec::new();
                let mut at = path;
                let mut direct = "";
                while !Self::is_project(at) {
                    let locked = self.packages.get(at)?;
                    let version = locked.version.as_deref().unwrap_or("?");
                    names.push(format!("{} {version}", name_of(at)));
                    direct = name_of(at);
                    at = ways.get(at)?;
                }
                names.reverse();
                Some(Chain {
                    path: path.to_owned(),
                    names,
                    direct: direct.to_owned(),
                    ranges: self.ranges(path),
                })
            })
            .collect()
    }

    /// For each package the one it was reached from first, level by level.
    fn ways(&self) -> BTreeMap<&str, &str> {
        let mut ways: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open: VecDeque<&str> = self
            .packages
            .keys()
            .map(String::as_str)
            .filter(|path| Self::is_project(path))
            .collect();
        while let Some(from) = open.pop_front() {
            for (name, _) in self.needs(from) {
                let Some(path) = self.installed(from, name) else {
                    continue;
                };
                if !Self::is_project(path) && !ways.contains_key(path) {
                    ways.insert(path, from);
                    open.push_back(path);
                }
            }
        }
        ways
    }

    /// What everybody asks for who is served by the copy at `path`.
    fn ranges(&self, path: &str) -> Vec<String> {
        let name = name_of(path);
        let asked = self.packages.keys().filter_map(|from| {
            let (_, range) = self.needs(from).find(|(needed, _)| *needed == name)?;
            (self.installed(from, name) == Some(path)).then(|| range.to_owned())
        });
        let ranges: BTreeSet<String> = asked.collect();
        ranges.into_iter().collect()
    }

    /// The project itself, or one of its workspaces.
    fn is_project(path: &str) -> bool {
        !path.contains("node_modules/")
    }

    fn needs(&self, path: &str) -> impl Iterator<Item = (&str, &str)> {
        let locked = self.packages.get(path);
        let own = locked.filter(|_| Self::is_project(path));
        let lists = locked
            .into_iter()
            .flat_map(|locked| {
                [
                    &locked.dependencies,
                    &locked.optional_dependencies,
                    &locked.peer_dependencies,
                ]
            })
            .chain(own.map(|locked| &locked.dev_dependencies));
        lists
            .flatten()
            .map(|(name, range)| (name.as_str(), range.as_str()))
    }

    /// Where Node finds `name` from a package: in its own `node_modules`, else in one above.
    fn installed(&self, from: &str, name: &str) -> Option<&str> {
        let mut folder = from;
        loop {
            let slash = if folder.is_empty() { "" } else { "/" };
            let path = format!("{folder}{slash}node_modules/{name}");
            if let Some((path, locked)) = self.packages.get_key_value(&path) {
                // A workspace is a link to where it is.
                let target = locked.resolved.as_deref().filter(|_| locked.link);
                let target = target.and_then(|target| self.packages.get_key_value(target));
                return Some(target.map_or(path, |(path, _)| path));
            }
            if folder.is_empty() {
                return None;
            }
            folder = match folder.rfind("/node_modules/") {
                Some(at) => &folder[..at],
                // A workspace: its folders, one by one.
                None => folder.rfind('/').map_or("", |at| &folder[..at]),
            };
            folder = folder.strip_suffix("/node_modules").unwrap_or(folder);
            if folder == "node_modules" {
                folder = "";
            }
        }
    }

    /// Where a copy stands in the file.
    #[must_use]
    pub fn location(&self, path: &str) -> Location {
        let key = format!("{}:", serde_json::Value::from(path));
        let text = self.source.text();
        // Keys of other tables are names, which have no `node_modules/` in them.
        let at = text.find(&key);
        let span = at.map_or_else(Span::default, |at| Span::new(at, at + key.len() - 1));
        self.source.location(span)
    }
}

/// The name of the package at a path.
fn name_of(path: &str) -> &str {
    path.rsplit_once("node_modules/")
        .map_or(path, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"{
  "name": "shop", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": { "name": "shop", "dependencies": { "chokidar": "^3.0.0", "braces": "3.0.2" }, "workspaces": ["apps/*"], "devDependencies": { "vite": "^6.0.0" } },
    "apps/web": { "name": "web", "version": "1.0.0", "dependencies": { "micromatch": "^4.0.0" } },
    "node_modules/web": { "resolved": "apps/web", "link": true },
    "node_modules/chokidar": { "version": "3.6.0", "dependencies": { "braces": "~3.0.2", "fill-range": "^7.0.0" } },
    "node_modules/braces": { "version": "3.0.2", "dependencies": { "fill-range": "^7.0.1" } },
    "node_modules/fill-range": { "version": "7.0.1" },
    "node_modules/micromatch": { "version": "4.0.8", "dependencies": { "braces": "^3.0.3", "@scope/deep": "1.x" } },
    "node_modules/micromatch/node_modules/braces": { "version": "3.0.3" },
    "node_modules/micromatch/node_modules/@scope/deep": { "version": "1.2.0" },
    "node_modules/vite": { "version": "6.3.6", "dev": true }
  }
}"#;

    fn lock() -> Lockfile {
        Lockfile::parse(&Source::new("package-lock.json", LOCK)).unwrap()
    }

    fn told(name: &str, version: &str) -> Vec<String> {
        lock()
            .chains(name, version)
            .into_iter()
            .map(|chain| {
                format!(
                    "{} <- {} [{}]",
                    chain.names.join(" > "),
                    chain.direct,
                    chain.ranges.join(", ")
                )
            })
            .collect()
    }

    #[test]
    fn the_shortest_way_to_each_copy_is_told() {
        assert_eq!(
            told("braces", "3.0.2"),
            ["braces 3.0.2 <- braces [3.0.2, ~3.0.2]"]
        );
        assert_eq!(
            told("braces", "3.0.3"),
            ["micromatch 4.0.8 > braces 3.0.3 <- micromatch [^3.0.3]"]
        );
        assert_eq!(
            told("fill-range", "7.0.1"),
            ["braces 3.0.2 > fill-range 7.0.1 <- braces [^7.0.0, ^7.0.1]"]
        );
        assert_eq!(
            told("@scope/deep", "1.2.0"),
            ["micromatch 4.0.8 > @scope/deep 1.2.0 <- micromatch [1.x]"]
        );
        assert_eq!(told("vite", "6.3.6"), ["vite 6.3.6 <- vite [^6.0.0]"]);
        assert!(told("braces", "1.0.0").is_empty());
        assert!(lock().has("braces", "3.0.3") && !lock().has("web", "1.0.1"));
    }

    #[test]
    fn a_copy_is_pointed_at() {
        let place = lock().location("node_modules/micromatch/node_modules/braces");
        assert_eq!(place.source.line_column(place.span.start).line, 11);
    }

    #[test]
    fn what_is_no_lockfile_is_told() {
        for (text, expected) in [
            (
                "{",
                "package-lock.json:1:1: the lockfile cannot be read: EOF",
            ),
            (
                "{\"lockfileVersion\": 1, \"dependencies\": {}}",
                "is of version 1",
            ),
            ("{\"packages\": {\"\": 3}}", "invalid type"),
        ] {
            let error = Lockfile::parse(&Source::new("package-lock.json", text)).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
