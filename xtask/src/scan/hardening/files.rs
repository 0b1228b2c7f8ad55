//! The files and folders of an image with who may do what to them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use super::image::Image;
use crate::image::filesystem::{Filesystem, NodeId};
use crate::image::layer::{Change, Entry};

/// So many paths of a finding are named.
const NAMED: usize = 3;
/// So many paths are told to machines.
const TOLD: usize = 100;

/// A file or folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    /// Where it is.
    pub(super) node: NodeId,
    /// Which layer wrote it last.
    pub(super) layer: usize,
    /// What the layer says of it.
    pub(super) entry: &'a Entry,
}

/// Files of one layer that a rule found.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The layer.
    pub(super) layer: usize,
    /// The first of them, absolute.
    pub(super) paths: Vec<String>,
    /// How many there are.
    pub(super) count: usize,
    /// Their bytes.
    pub(super) bytes: u64,
}

impl Group {
    /// `/a, /b, /c and 4 more`.
    pub(super) fn named(&self) -> String {
        let mut text = self.paths[..self.paths.len().min(NAMED)]
            .iter()
            .map(|path| format!("`{path}`"))
            .collect::<Vec<_>>()
            .join(", ");
        if self.count > NAMED {
            // Writing to a string cannot fail.
            let _ = write!(text, " and {} more", self.count - NAMED);
        }
        text
    }

    /// `is` or `are`, `has` or `have`.
    pub(super) const fn verb<'v>(&self, one: &'v str, many: &'v str) -> &'v str {
        if self.count == 1 { one } else { many }
    }
}

/// What a rule found, by layer.
#[derive(Debug, Default)]
pub(super) struct Groups(BTreeMap<usize, Group>);

impl Groups {
    /// Adds a path without its leading slash.
    pub(super) fn add(&mut self, layer: usize, path: &str, bytes: u64) {
        let group = self.0.entry(layer).or_insert_with(|| Group {
            layer,
            paths: Vec::new(),
            count: 0,
            bytes: 0,
        });
        group.count += 1;
        group.bytes += bytes;
        if group.paths.len() < TOLD {
            group.paths.push(format!("/{path}"));
        }
    }

    /// As [`Groups::add`], unless the layer's last path is the same.
    pub(super) fn add_once(&mut self, layer: usize, path: &str, bytes: u64) {
        let known = self.0.get(&layer);
        let is_known =
            known.is_some_and(|group| group.paths.iter().any(|known| known[1..] == *path));
        if !is_known {
            self.add(layer, path, bytes);
        }
    }

    /// By layer.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Group> {
        self.0.values()
    }
}

impl<'a> Image<'a> {
    /// The visible files, each under its first name, in the order of folders.
    pub(super) fn files(&self) -> impl Iterator<Item = Seen<'a>> + '_ {
        let filesystem = self.subject.filesystem;
        self.nodes.iter().map(move |(node, file)| {
            let file = &filesystem.files()[*file as usize];
            Seen {
                node: *node,
                layer: file.layer,
                entry: filesystem.entry(file),
            }
        })
    }

    /// The folders that a layer has an entry for.
    pub(super) fn folders(&self) -> impl Iterator<Item = Seen<'a>> + '_ {
        let layers = self.subject.filesystem.layers();
        self.folders.iter().map(move |(node, (layer, entry))| Seen {
            node: *node,
            layer: *layer,
            entry: &layers[*layer].entries()[*entry],
        })
    }

    /// What a folder's entry says.
    pub(super) fn folder(&self, node: NodeId) -> Option<Seen<'a>> {
        let (layer, entry) = self.folders.get(&node)?;
        Some(Seen {
            node,
            layer: *layer,
            entry: &self.subject.filesystem.layers()[*layer].entries()[*entry],
        })
    }

    /// The visible file at a node.
    pub(super) fn file(&self, node: NodeId) -> Option<Seen<'a>> {
        let filesystem = self.subject.filesystem;
        let file = &filesystem.files()[filesystem.file_at(node)?];
        Some(Seen {
            node,
            layer: file.layer,
            entry: filesystem.entry(file),
        })
    }

    /// The path of a node without its leading slash.
    pub(super) fn path(&self, node: NodeId) -> String {
        self.subject.filesystem.node_path(node)
    }

    /// Groups what `is_meant` lets through.
    pub(super) fn grouped(
        &self,
        seen: impl Iterator<Item = Seen<'a>>,
        is_meant: impl Fn(&Seen<'a>) -> bool,
    ) -> Groups {
        let mut groups = Groups::default();
        for seen in seen.filter(is_meant) {
            groups.add(seen.layer, &self.path(seen.node), seen.entry.size);
        }
        groups
    }
}

/// What follows the last dot of a path's last part; empty if there is none, or nothing before it.
pub(super) fn ending(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => ending,
        _ => "",
    }
}

/// The last entry of every folder that is still one.
pub(super) fn folders(filesystem: &Filesystem) -> HashMap<NodeId, (usize, usize)> {
    let mut folders = HashMap::new();
    for (layer, contents) in filesystem.layers().iter().enumerate() {
        for (index, entry) in contents.entries().iter().enumerate() {
            if entry.change != Change::Directory {
                continue;
            }
            let folder = filesystem.resolve(contents.folder(entry));
            let node = folder.and_then(|folder| match contents.name(entry) {
                b"" => Some(folder),
                name => filesystem.child(folder, name),
            });
            let Some(node) = node.filter(|node| filesystem.is_folder(*node)) else {
                continue;
            };
            // A layer names the folders of its files again, as they are: they stay the first layer's.
            let before: Option<&(usize, usize)> = folders.get(&node);
            let is_same = before.is_some_and(|(layer, index)| {
                let before = &filesystem.layers()[*layer].entries()[*index];
                (before.mode, before.uid, before.gid) == (entry.mode, entry.uid, entry.gid)
            });
            if !is_same {
                folders.insert(node, (layer, index));
            }
        }
    }
    folders
}
