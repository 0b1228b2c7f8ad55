//! What comes along with the packages that a project names itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::Lockfile;

impl Lockfile {
    /// The packages that the project and its workspaces name themselves.
    #[must_use]
    pub fn direct(&self) -> BTreeSet<&str> {
        let projects = self.packages.keys().filter(|path| Self::is_project(path));
        projects
            .flat_map(|path| self.needs(path))
            .map(|(name, _)| name)
            .collect()
    }

    /// All that is installed for some of the packages that are named directly: each entry of the file as it is written, by
    /// where it is installed, and how the projects ask for it. Two lockfiles that agree here install the same for them.
    #[must_use]
    pub fn installed_for(&self, names: &BTreeSet<&str>) -> BTreeMap<String, Value> {
        let document: Value = serde_json::from_str(self.source.text()).unwrap_or_default();
        let entries = &document["packages"];
        let mut installed = BTreeMap::new();
        let mut open: VecDeque<&str> = VecDeque::new();
        for project in self.packages.keys().filter(|path| Self::is_project(path)) {
            for (name, range) in self.needs(project).filter(|(name, _)| names.contains(name)) {
                installed.insert(format!("{project} asks for {name}"), range.into());
                open.extend(self.installed(project, name));
            }
        }
        while let Some(path) = open.pop_front() {
            if installed.contains_key(path) {
                continue;
            }
            installed.insert(path.to_owned(), entries[path].clone());
            open.extend(
                self.needs(path)
                    .filter_map(|(name, _)| self.installed(path, name)),
            );
        }
        installed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn lock(b: &str) -> Lockfile {
        let text = format!(
            r#"{{"lockfileVersion": 3, "packages": {{
                "": {{"dependencies": {{"a": "^1", "b": "^1"}}, "devDependencies": {{"tool": "^2"}}}},
                "node_modules/a": {{"version": "1.0.0", "dependencies": {{"shared": "^1"}}}},
                "node_modules/b": {{"version": "{b}", "dependencies": {{"shared": "^2"}}}},
                "node_modules/b/node_modules/shared": {{"version": "2.0.0"}},
                "node_modules/shared": {{"version": "1.0.0"}},
                "node_modules/tool": {{"version": "2.0.0", "peerDependencies": {{"a": "*"}}}}
            }}}}"#
        );
        Lockfile::parse(&Source::new("package-lock.json", text)).unwrap()
    }

    #[test]
    fn what_comes_along_is_told_by_place() {
        let lock = lock("1.0.0");
        assert_eq!(lock.direct(), ["a", "b", "tool"].into());
        let paths = |names: &[&str]| -> Vec<String> {
            let installed = lock.installed_for(&names.iter().copied().collect());
            installed
                .into_keys()
                .filter(|key| !key.contains(" asks "))
                .collect()
        };
        assert_eq!(paths(&["a"]), ["node_modules/a", "node_modules/shared"]);
        assert_eq!(
            paths(&["b"]),
            ["node_modules/b", "node_modules/b/node_modules/shared"]
        );
        assert_eq!(
            paths(&["tool"]),
            ["node_modules/a", "node_modules/shared", "node_modules/tool"]
        );
    }

    #[test]
    fn another_version_is_seen_by_those_who_use_it_alone() {
        let (before, after) = (lock("1.0.0"), lock("1.1.0"));
        for (name, expected) in [("a", true), ("b", false), ("tool", true)] {
            let names = BTreeSet::from([name]);
            assert_eq!(
                before.installed_for(&names) == after.installed_for(&names),
                expected,
                "{name}"
            );
        }
    }
}
