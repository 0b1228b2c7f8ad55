//! What an image consists of, as far as two images are compared by it and as far as it is worth recording.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::analysis::{Analysis, Folder, LayerReport, Sizes};

/// The most characters of an instruction that are kept.
const INSTRUCTION_CHARACTERS: usize = 200;

/// What an image consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composition {
    /// The image's name.
    pub name: String,
    /// Such as `linux/amd64`.
    pub platform: String,
    /// Its measures.
    pub sizes: Sizes,
    /// Its layers with what made them, lowest first.
    pub lines: Vec<ComposedLine>,
    /// By manager, name and version; equal ones are one.
    pub packages: Vec<PackageSize>,
    /// The large folders and files, by path.
    pub folders: Vec<FolderSize>,
    /// How many components the paths of the folders have at most; `None` for any number.
    pub folder_depth: Option<usize>,
    /// By category.
    pub leftovers: Vec<LeftoverSize>,
}

/// A layer with what made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposedLine {
    /// What its content is recognized by, where that is known.
    pub diff_id: Option<String>,
    /// What made it.
    pub line: LineSize,
}

/// What a line of a Dockerfile brings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LineSize {
    /// The Dockerfile, from the root of the repository, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The first line of the instruction there, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The last line of the instruction there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_line: Option<usize>,
    /// The instruction, on one line, cut off after 200 characters.
    pub instruction: String,
    /// Bytes of its regular files.
    pub unpacked_bytes: u64,
    /// Bytes compressed.
    pub compressed_bytes: u64,
}

impl LineSize {
    /// `apps/api/Dockerfile:3-5`, as far as it is known.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let file = self.file.as_ref()?;
        Some(match (self.line, self.end_line) {
            (Some(line), Some(end)) if end > line => format!("{file}:{line}-{end}"),
            (Some(line), _) => format!("{file}:{line}"),
            (None, _) => file.clone(),
        })
    }

    fn of(layer: &LayerReport) -> Self {
        let origin = &layer.origin;
        Self {
            file: origin.dockerfile.clone(),
            line: origin.line,
            end_line: origin.end_line,
            instruction: cut_off(&origin.instruction),
            unpacked_bytes: layer.unpacked_bytes,
            compressed_bytes: layer.compressed_bytes,
        }
    }
}

/// An instruction as [`LineSize::instruction`] has it.
pub(super) fn cut_off(instruction: &str) -> String {
    let mut characters = instruction.chars();
    let mut text: String = characters.by_ref().take(INSTRUCTION_CHARACTERS).collect();
    if characters.next().is_some() {
        text.push('…');
    }
    text
}

/// What a package takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PackageSize {
    /// `apk`, `dpkg`, `npm` or `python`.
    pub manager: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Bytes of its visible files.
    pub bytes: u64,
}

/// What a folder, or a large file, takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FolderSize {
    /// From the image's root, with a leading slash.
    pub path: String,
    /// Bytes of all visible files in it.
    pub bytes: u64,
}

/// What a kind of files that no container needs takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LeftoverSize {
    /// The kind.
    pub category: String,
    /// Their bytes.
    pub bytes: u64,
    /// Their number.
    pub files: u64,
}

impl From<&Analysis> for Composition {
    fn from(analysis: &Analysis) -> Self {
        let mut packages: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
        for package in &analysis.packages {
            let key = (
                package.manager.as_str(),
                package.name.as_str(),
                package.version.as_str(),
            );
            *packages.entry(key).or_default() += package.bytes;
        }
        let packages = packages
            .into_iter()
            .map(|((manager, name, version), bytes)| PackageSize {
                manager: manager.to_owned(),
                name: name.to_owned(),
                version: version.to_owned(),
                bytes,
            });
        let mut folders = Vec::new();
        below(&analysis.folders, "", &mut folders);
        folders.sort();
        let mut leftovers: Vec<LeftoverSize> = analysis
            .leftovers
            .iter()
            .map(|leftover| LeftoverSize {
                category: leftover.category.clone(),
                bytes: leftover.bytes,
                files: leftover.files,
            })
            .collect();
        leftovers.sort();
        Self {
            name: analysis.name.clone(),
            platform: analysis.platform.clone(),
            sizes: analysis.sizes,
            lines: analysis
                .layers
                .iter()
                .map(|layer| ComposedLine {
                    diff_id: Some(layer.diff_id.clone()).filter(|id| !id.is_empty()),
                    line: LineSize::of(layer),
                })
                .collect(),
            packages: packages.collect(),
            folders,
            folder_depth: None,
            leftovers,
        }
    }
}

/// What is in a folder, all the way down; what was put together has no path.
fn below(folder: &Folder, path: &str, into: &mut Vec<FolderSize>) {
    for child in folder.children.iter().filter(|child| child.name != "…") {
        let path = format!("{path}/{}", child.name);
        below(child, &path, into);
        into.push(FolderSize {
            path,
            bytes: child.bytes,
        });
    }
}

/// How many components a path has.
pub(super) fn depth(path: &str) -> usize {
    path.split('/').filter(|part| !part.is_empty()).count()
}
