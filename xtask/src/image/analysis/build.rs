//! From the layers of an image to what it consists of.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::folders::Growing;
use super::{
    Analysis, Cause, DuplicateReport, Extent, FileReport, Filesystem, HiddenFileReport,
    LayerReport, LayerShare, LeftoverReport, Package, PackageReport, SCHEMA_VERSION, SavedImage,
    Sizes, Subject, WasteReport, inventory, leftovers,
};
use crate::image::filesystem::{File, NodeId};
use crate::image::layer::LayerContents;
use crate::size::Bytes;

pub(super) fn analysis(image: &SavedImage, subject: &Subject, extent: Extent) -> Analysis {
    let mut remarks = remarks(image);
    let filesystem = contents(image).map(Filesystem::of);
    let layers = layers(image, subject, filesystem.as_ref());
    let sizes = sizes(image, &layers, filesystem.as_ref());
    let mut analysis = Analysis {
        schema_version: SCHEMA_VERSION,
        name: subject.name.clone(),
        source: subject.source.clone(),
        platform: image.config.platform(),
        digest: image
            .manifest_digest
            .clone()
            .unwrap_or_else(|| image.config_digest.clone()),
        config_digest: image.config_digest.clone(),
        sizes,
        layers,
        folders: Growing::default().finish("/", 0),
        packages: Vec::new(),
        leftovers: Vec::new(),
        duplicates: Vec::new(),
        duplicate_bytes: 0,
        waste: Vec::new(),
        hidden_files: Vec::new(),
        largest_files: Vec::new(),
        remarks: Vec::new(),
    };
    if let Some(filesystem) = &filesystem {
        let visible = Visible::of(filesystem, sizes, extent);
        analysis.packages = packages(filesystem);
        (analysis.duplicates, analysis.duplicate_bytes) =
            duplicates(filesystem, &visible.nodes, extent);
        analysis.folders = visible.folders;
        analysis.leftovers = visible.leftovers;
        analysis.largest_files = visible.largest;
        analysis.waste = waste(filesystem, extent);
        analysis.hidden_files = hidden_files(filesystem, extent);
    } else {
        remarks.push(
            "not all files could be listed: what is visible and what is hidden is not known"
                .to_owned(),
        );
    }
    analysis.remarks = remarks;
    analysis
}

/// The entries of all layers, if all are known.
fn contents(image: &SavedImage) -> Option<Vec<Arc<LayerContents>>> {
    let complete = |contents: &Arc<LayerContents>| contents.remarks.unlisted == 0;
    image
        .layers
        .iter()
        .map(|layer| layer.contents.clone().filter(complete))
        .collect()
}

fn remarks(image: &SavedImage) -> Vec<String> {
    let mut remarks = Vec::new();
    for (index, layer) in image.layers.iter().enumerate() {
        let Some(contents) = &layer.contents else {
            continue;
        };
        let odd = contents.remarks;
        let mut say = |count: u64, what: &str| {
            if count > 0 {
                remarks.push(format!("layer {index}: {count} {what}"));
            }
        };
        say(
            odd.unlisted,
            "entries beyond the limit were counted and not listed",
        );
        say(
            odd.escaping,
            "paths would leave the image through `..`; engines may refuse them",
        );
        say(
            odd.unknown_kinds,
            "entries are of a kind that no engine unpacks",
        );
    }
    remarks
}

fn layers(
    image: &SavedImage,
    subject: &Subject,
    filesystem: Option<&Filesystem>,
) -> Vec<LayerReport> {
    let mut reports: Vec<LayerReport> = image
        .layers
        .iter()
        .enumerate()
        .map(|(index, layer)| LayerReport {
            diff_id: layer.diff_id.clone(),
            digest: layer.digest.clone(),
            encoding: layer.encoding.name().to_owned(),
            unpacked_bytes: layer.unpacked.0,
            compressed_bytes: layer.compressed.0,
            tar_bytes: layer.tar.0,
            files: layer.files,
            hidden_bytes: 0,
            hides_bytes: 0,
            origin: subject.origins.get(index).cloned().unwrap_or_default(),
        })
        .collect();
    if let Some(filesystem) = filesystem {
        for hidden in filesystem.hidden() {
            let file = &filesystem.files()[hidden.file];
            reports[file.layer].hidden_bytes += file.size.0;
            reports[hidden.by_layer].hides_bytes += file.size.0;
        }
    }
    reports
}

fn sizes(image: &SavedImage, layers: &[LayerReport], filesystem: Option<&Filesystem>) -> Sizes {
    let of = |is_base: bool| {
        let known = layers.iter().all(|layer| layer.origin.is_base.is_some());
        let own = layers
            .iter()
            .filter(|layer| layer.origin.is_base == Some(is_base));
        known.then(|| own.map(|layer| layer.unpacked_bytes).sum())
    };
    Sizes {
        unpacked_bytes: image.unpacked().0,
        compressed_bytes: image.compressed().0,
        compressed_is_estimate: image.compressed_is_estimate(),
        tar_bytes: image.tar().0,
        visible_bytes: filesystem.map(|filesystem| filesystem.visible_bytes().0),
        hidden_bytes: filesystem.map(|filesystem| filesystem.hidden_bytes().0),
        base_bytes: of(true),
        own_bytes: of(false),
        files: image.layers.iter().map(|layer| layer.files).sum(),
    }
}

/// What one walk over the visible files tells.
struct Visible {
    nodes: Vec<NodeId>,
    folders: super::Folder,
    leftovers: Vec<LeftoverReport>,
    largest: Vec<FileReport>,
}

impl Visible {
    fn of(filesystem: &Filesystem, sizes: Sizes, extent: Extent) -> Self {
        let total = sizes.visible_bytes.unwrap_or_default();
        let smallest = (total / 100_000)
            .saturating_mul(extent.smallest_share)
            .max(1);
        let mut folders = Growing::default();
        let mut largest = Largest::new(extent.files);
        let mut leftovers: BTreeMap<leftovers::Category, Group> = BTreeMap::new();
        let mut nodes = vec![NodeId::default(); filesystem.files().len()];
        for (node, index, file) in filesystem.visible_with_index() {
            nodes[index] = node;
            let path = filesystem.node_path(node);
            folders.add(&path, file.size.0, file.layer, smallest);
            largest.add(file.size, file.layer, || path.clone());
            if let Some(category) = leftovers::category(&path) {
                leftovers
                    .entry(category)
                    .or_insert_with(|| Group::new(5))
                    .add(file, || path);
            }
        }
        let mut leftovers: Vec<LeftoverReport> = leftovers
            .into_iter()
            .map(|(category, group)| LeftoverReport {
                category: category.name().to_owned(),
                bytes: group.bytes,
                files: group.files,
                by_layer: group
                    .by_layer
                    .into_iter()
                    .map(|(layer, bytes)| LayerShare { layer, bytes })
                    .collect(),
                largest: group.largest.finish(),
            })
            .collect();
        leftovers.sort_by(|a, b| {
            b.bytes
                .cmp(&a.bytes)
                .then_with(|| a.category.cmp(&b.category))
        });
        Self {
            nodes,
            folders: folders.finish("/", smallest),
            leftovers,
            largest: largest.finish(),
        }
    }
}

/// Files that are told together.
struct Group {
    bytes: u64,
    files: u64,
    by_layer: BTreeMap<usize, u64>,
    largest: Largest,
}

impl Group {
    fn new(most: usize) -> Self {
        Self {
            bytes: 0,
            files: 0,
            by_layer: BTreeMap::new(),
            largest: Largest::new(most),
        }
    }

    fn add(&mut self, file: &File, path: impl FnOnce() -> String) {
        self.bytes += file.size.0;
        self.files += 1;
        *self.by_layer.entry(file.layer).or_default() += file.size.0;
        self.largest.add(file.size, file.layer, path);
    }
}

/// The largest of many files. Most are too small for their path to be made.
struct Largest {
    most: usize,
    found: Vec<FileReport>,
}

impl Largest {
    const fn new(most: usize) -> Self {
        Self {
            most,
            found: Vec::new(),
        }
    }

    fn add(&mut self, size: Bytes, layer: usize, path: impl FnOnce() -> String) {
        let is_full = self.found.len() == self.most;
        if self.most == 0 || is_full && self.found.last().is_some_and(|last| last.bytes > size.0) {
            return;
        }
        self.found.push(FileReport {
            path: path(),
            bytes: size.0,
            layer,
        });
        self.found
            .sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
        self.found.truncate(self.most);
    }

    fn finish(self) -> Vec<FileReport> {
        self.found
    }
}

fn packages(filesystem: &Filesystem) -> Vec<PackageReport> {
    let report = |package: Package| {
        let files = || package.files.iter().map(|file| &filesystem.files()[*file]);
        PackageReport {
            manager: package.manager.name().to_owned(),
            bytes: files().map(|file| file.size.0).sum(),
            files: package.files.len() as u64,
            layer: files().map(|file| file.layer).min(),
            name: package.name,
            version: package.version,
        }
    };
    let mut reports: Vec<PackageReport> = inventory::packages(filesystem)
        .into_iter()
        .map(report)
        .collect();
    let name = |package: &PackageReport| {
        (
            package.manager.clone(),
            package.name.clone(),
            package.version.clone(),
        )
    };
    reports.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| name(a).cmp(&name(b))));
    reports
}

fn duplicates(
    filesystem: &Filesystem,
    nodes: &[NodeId],
    extent: Extent,
) -> (Vec<DuplicateReport>, u64) {
    let content = |index: usize| {
        let file = &filesystem.files()[index];
        (file.size, filesystem.entry(file).fingerprint)
    };
    let is_told = |file: &File| file.names > 0 && file.size.0 > 0;
    let mut files: Vec<usize> = (0..filesystem.files().len())
        .filter(|index| is_told(&filesystem.files()[*index]))
        .collect();
    files.sort_unstable_by_key(|index| (content(*index), *index));
    let mut groups: Vec<(u64, u64, &[usize])> = files
        .chunk_by(|a, b| content(*a) == content(*b))
        .filter(|same| same.len() > 1)
        .map(|same| {
            let each = content(same[0]).0.0;
            (each * (same.len() as u64 - 1), each, same)
        })
        .collect();
    let total = groups.iter().map(|(wasted, _, _)| wasted).sum();
    // Files are in the order of layers and entries, so the first of a group decides between equals.
    groups.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.2.cmp(b.2)));
    groups.truncate(extent.files);
    let reports = groups.into_iter().map(|(wasted_bytes, each_bytes, files)| {
        let mut paths: Vec<String> = files
            .iter()
            .map(|file| filesystem.node_path(nodes[*file]))
            .collect();
        paths.sort();
        paths.truncate(extent.files);
        DuplicateReport {
            each_bytes,
            wasted_bytes,
            copies: files.len(),
            paths,
        }
    });
    (reports.collect(), total)
}

fn waste(filesystem: &Filesystem, extent: Extent) -> Vec<WasteReport> {
    let mut groups: BTreeMap<(usize, usize, Cause), Group> = BTreeMap::new();
    for hidden in filesystem.hidden() {
        let file = &filesystem.files()[hidden.file];
        groups
            .entry((file.layer, hidden.by_layer, hidden.cause))
            .or_insert_with(|| Group::new(extent.files.min(5)))
            .add(file, || filesystem.path(file));
    }
    let mut waste: Vec<WasteReport> = groups
        .into_iter()
        .filter(|(_, group)| group.bytes > 0)
        .map(|((added_by, hidden_by, cause), group)| WasteReport {
            added_by,
            hidden_by,
            cause: cause.into(),
            bytes: group.bytes,
            files: group.files,
            largest: group.largest.finish(),
        })
        .collect();
    waste.sort_by_key(|group| {
        (
            std::cmp::Reverse(group.bytes),
            group.added_by,
            group.hidden_by,
        )
    });
    waste
}

fn hidden_files(filesystem: &Filesystem, extent: Extent) -> Vec<HiddenFileReport> {
    let size = |at: usize| filesystem.files()[filesystem.hidden()[at].file].size;
    let mut order: Vec<usize> = (0..filesystem.hidden().len())
        .filter(|at| size(*at).0 > 0)
        .collect();
    order.sort_by_key(|at| (std::cmp::Reverse(size(*at)), *at));
    order.truncate(extent.files);
    let report = |at: usize| {
        let hidden = filesystem.hidden()[at];
        let file = &filesystem.files()[hidden.file];
        HiddenFileReport {
            path: filesystem.path(file),
            bytes: file.size.0,
            added_by: file.layer,
            hidden_by: hidden.by_layer,
            cause: hidden.cause.into(),
        }
    };
    order.into_iter().map(report).collect()
}
