//! What an image consists of, as data: the JSON of `docker-size`, what its pages show, and what two images are
//! compared by.
//!
//! Bytes are those of regular files, unless a field says otherwise; a hard link adds none.

use serde::{Deserialize, Serialize};

use super::accounting::SavedImage;
use super::attribution::Origin;
use super::filesystem::{Cause, Filesystem};
use super::inventory::{self, Package};
use super::leftovers;

mod build;
mod folders;

pub use folders::Folder;

/// Raised when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// How much of the lists is kept; sums are always of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Most entries of each list of files.
    pub files: usize,
    /// Folders and files smaller than this share of the image are put together, in parts per 100,000.
    pub smallest_share: u64,
}

impl Default for Extent {
    fn default() -> Self {
        Self {
            files: 20,
            smallest_share: 100,
        }
    }
}

/// What an image consists of, for one platform.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Analysis {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The service's name, or the reference or path it was read from.
    pub name: String,
    /// Where it was read from, in words: `engine (containerd)`, `OCI layout`, `archive`, `registry`.
    pub source: String,
    /// Such as `linux/amd64`.
    pub platform: String,
    /// Of the manifest, where there is one, else of the configuration.
    pub digest: String,
    /// Of the configuration.
    pub config_digest: String,
    /// Its measures.
    pub sizes: Sizes,
    /// Lowest first.
    pub layers: Vec<LayerReport>,
    /// Every file that is visible, by folder.
    pub folders: Folder,
    /// Largest first.
    pub packages: Vec<PackageReport>,
    /// What no container needs, by kind, most bytes first.
    pub leftovers: Vec<LeftoverReport>,
    /// Equal content at several paths, most bytes first.
    pub duplicates: Vec<DuplicateReport>,
    /// Bytes of all duplicates beyond the first of each.
    pub duplicate_bytes: u64,
    /// What hides what, by layers, most bytes first; sums up to [`Sizes::hidden_bytes`].
    pub waste: Vec<WasteReport>,
    /// The largest files that are hidden, most bytes first.
    pub hidden_files: Vec<HiddenFileReport>,
    /// The largest files that are visible, most bytes first.
    pub largest_files: Vec<FileReport>,
    /// What could not be known, in sentences.
    pub remarks: Vec<String>,
}

/// The measures of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Sizes {
    /// Regular files, summed over the layers: what the image takes on a disk, whatever is hidden in it.
    pub unpacked_bytes: u64,
    /// All layers compressed: what a registry stores and a pull transfers.
    pub compressed_bytes: u64,
    /// Whether the compressed bytes are an estimate (gzip at level 6), as the layers were not stored compressed.
    pub compressed_is_estimate: bool,
    /// All layers as plain tars, with headers and padding.
    pub tar_bytes: u64,
    /// Of the unpacked bytes, those a container sees; `null` if not all files could be listed.
    pub visible_bytes: Option<u64>,
    /// Of the unpacked bytes, those no container sees.
    pub hidden_bytes: Option<u64>,
    /// Of the unpacked bytes, those of layers that the base image has, too; `null` if the base is not known.
    pub base_bytes: Option<u64>,
    /// Of the unpacked bytes, those of the image's own layers.
    pub own_bytes: Option<u64>,
    /// Regular files over all layers.
    pub files: u64,
}

/// A layer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct LayerReport {
    /// Of the uncompressed tar.
    pub diff_id: String,
    /// As it is stored.
    pub digest: String,
    /// How it is stored: `plain`, `gzip` or `zstd`.
    pub encoding: String,
    /// Bytes of its regular files.
    pub unpacked_bytes: u64,
    /// Bytes compressed.
    pub compressed_bytes: u64,
    /// Bytes of its tar.
    pub tar_bytes: u64,
    /// Its regular files.
    pub files: u64,
    /// Of its bytes, those that a later layer hides.
    pub hidden_bytes: u64,
    /// Bytes of lower layers that it hides.
    pub hides_bytes: u64,
    /// What made it.
    pub origin: Origin,
}

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PackageReport {
    /// `apk`, `dpkg`, `npm` or `python`.
    pub manager: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Bytes of its visible files.
    pub bytes: u64,
    /// Its visible files.
    pub files: u64,
    /// The lowest layer that brings a file of it.
    pub layer: Option<usize>,
}

/// Files that no container needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct LeftoverReport {
    /// Its kind, such as `source maps`.
    pub category: String,
    /// Their bytes.
    pub bytes: u64,
    /// Their number.
    pub files: u64,
    /// Bytes by the layer that brings them.
    pub by_layer: Vec<LayerShare>,
    /// The largest of them.
    pub largest: Vec<FileReport>,
}

/// A part of something that a layer brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct LayerShare {
    /// Position of the layer.
    pub layer: usize,
    /// Bytes.
    pub bytes: u64,
}

/// The same content at several paths.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct DuplicateReport {
    /// Bytes of each.
    pub each_bytes: u64,
    /// Bytes of all but one.
    pub wasted_bytes: u64,
    /// How many there are.
    pub copies: usize,
    /// Where, sorted; at most as many as the lists have.
    pub paths: Vec<String>,
}

/// What one layer hides of another.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct WasteReport {
    /// Position of the layer that brought the files.
    pub added_by: usize,
    /// Position of the layer that hides them.
    pub hidden_by: usize,
    /// How.
    pub cause: WasteCause,
    /// Their bytes.
    pub bytes: u64,
    /// Their number.
    pub files: u64,
    /// The largest of them.
    pub largest: Vec<FileReport>,
}

/// How a file was hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WasteCause {
    /// A later layer removed it.
    Removed,
    /// A later layer has something else at its path.
    Replaced,
    /// A later layer has it again with other metadata.
    MetadataOnly,
    /// A later layer has it again elsewhere.
    Moved,
}

impl From<Cause> for WasteCause {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Removed => Self::Removed,
            Cause::Replaced => Self::Replaced,
            Cause::MetadataOnly => Self::MetadataOnly,
            Cause::Moved => Self::Moved,
        }
    }
}

/// A file that is hidden.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct HiddenFileReport {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// Position of the layer that brought it.
    pub added_by: usize,
    /// Position of the layer that hides it.
    pub hidden_by: usize,
    /// How.
    pub cause: WasteCause,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FileReport {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// Position of the layer that brings it.
    pub layer: usize,
}

/// What is known of an image besides its layers.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// As in [`Analysis::name`].
    pub name: String,
    /// As in [`Analysis::source`].
    pub source: String,
    /// What made each layer, lowest first; missing ones are unknown.
    pub origins: Vec<Origin>,
}

impl Analysis {
    /// Of an image whose layers were read with their entries; one whose layers were not has sizes only, and a remark.
    #[must_use]
    pub fn of(image: &SavedImage, subject: &Subject, extent: Extent) -> Self {
        build::analysis(image, subject, extent)
    }
}
