//! The visible files as folders with their bytes, what is small put together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A folder, or a file where it has no children.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Folder {
    /// Its last component; of the root, `/`; of what was put together, `…`.
    pub name: String,
    /// Bytes of all visible files in it.
    pub bytes: u64,
    /// Their number.
    pub files: u64,
    /// Bytes by the layer that brings them, by position of the layer; zeros are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub layers: BTreeMap<usize, u64>,
    /// What is in it, most bytes first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Folder>,
}

/// Folders while files are added.
#[derive(Debug, Default)]
pub(super) struct Growing {
    bytes: u64,
    files: u64,
    layers: BTreeMap<usize, u64>,
    children: BTreeMap<String, Growing>,
}

impl Growing {
    /// Adds a file. A folder that is too small to be told apart is not known yet, so all are kept, but no files below
    /// `smallest`: they are counted in their folder.
    pub(super) fn add(&mut self, path: &str, bytes: u64, layer: usize, smallest: u64) {
        let mut at = self;
        at.count(bytes, layer);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        for part in folder.split('/').filter(|part| !part.is_empty()) {
            at = at.children.entry(part.to_owned()).or_default();
            at.count(bytes, layer);
        }
        if bytes >= smallest {
            at.children
                .entry(name.to_owned())
                .or_default()
                .count(bytes, layer);
        }
    }

    fn count(&mut self, bytes: u64, layer: usize) {
        self.bytes += bytes;
        self.files += 1;
        *self.layers.entry(layer).or_default() += bytes;
    }

    /// With everything below `smallest` bytes put together, folder by folder.
    pub(super) fn finish(self, name: &str, smallest: u64) -> Folder {
        let mut rest = Folder {
            name: "…".to_owned(),
            bytes: self.bytes,
            files: self.files,
            layers: self.layers.clone(),
            children: Vec::new(),
        };
        let mut children = Vec::new();
        for (name, child) in self.children {
            if child.bytes < smallest {
                continue;
            }
            rest.bytes = rest.bytes.saturating_sub(child.bytes);
            rest.files = rest.files.saturating_sub(child.files);
            for (layer, bytes) in &child.layers {
                if let Some(left) = rest.layers.get_mut(layer) {
                    *left = left.saturating_sub(*bytes);
                }
            }
            children.push(child.finish(&name, smallest));
        }
        rest.layers.retain(|_, bytes| *bytes > 0);
        if !children.is_empty() && rest.bytes > 0 {
            children.push(rest);
        }
        children.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        let mut layers = self.layers;
        layers.retain(|_, bytes| *bytes > 0);
        Folder {
            name: name.to_owned(),
            bytes: self.bytes,
            files: self.files,
            layers,
            children,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_small_is_put_together() {
        let mut root = Growing::default();
        for (path, bytes, layer) in [
            ("app/main.js", 500, 1),
            ("app/a", 1, 1),
            ("app/b", 2, 0),
            ("etc/x/y", 3, 0),
        ] {
            root.add(path, bytes, layer, 100);
        }
        let root = root.finish("/", 100);
        assert_eq!((root.bytes, root.files), (506, 4));
        let names = |folder: &Folder| {
            let child = |c: &Folder| format!("{} {} {:?}", c.name, c.bytes, c.layers);
            folder.children.iter().map(child).collect::<Vec<_>>()
        };
        assert_eq!(names(&root), ["app 503 {0: 2, 1: 501}", "… 3 {0: 3}"]);
        assert_eq!(
            names(&root.children[0]),
            ["main.js 500 {1: 500}", "… 3 {0: 2, 1: 1}"]
        );
    }
}
