//! Sizes of layers measured before, and which layers images have. What a digest names never changes, so an entry is
//! never wrong.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use crate::atomic_file;
use crate::engine::ImageStore;
use crate::error::{Error, Result};
use crate::image::accounting::{Encoding, Layer};
use crate::size::Bytes;

const SCHEMA_VERSION: u32 = 1;
/// Old layers pile up; a cache with more is started over.
const MAX_LAYERS: usize = 5_000;
/// So do images.
const MAX_IMAGES: usize = 1_000;

/// The layers known for one kind of store: the same layer is plain in one and compressed in the other.
#[derive(Debug, Default)]
pub(super) struct LayerCache {
    store: &'static str,
    /// By `diff_id`.
    pub(super) layers: BTreeMap<String, Layer>,
    others: Vec<Record>,
    /// By store and the digest that a build gave.
    images: BTreeMap<String, Image>,
}

/// What an image is made of, and what it runs on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Image {
    /// What the engine calls it.
    pub(super) id: String,
    /// Such as `linux/amd64`.
    pub(super) platform: String,
    /// The digest of each uncompressed layer, lowest first.
    pub(super) diff_ids: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Document {
    schema_version: u32,
    layers: Vec<Record>,
    /// Earlier versions kept none.
    #[serde(default)]
    images: BTreeMap<String, Image>,
}

/// A layer's sizes as they are kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Record {
    store: String,
    diff_id: String,
    digest: String,
    encoding: String,
    unpacked_bytes: u64,
    tar_bytes: u64,
    compressed_bytes: u64,
    compressed_is_estimate: bool,
    files: u64,
}

/// As caches name a store.
pub(super) const fn name(store: ImageStore) -> &'static str {
    match store {
        ImageStore::GraphDriver => "graph-driver",
        ImageStore::Containerd => "containerd",
    }
}

impl LayerCache {
    /// A cache that is missing, broken or of another version is empty.
    pub(super) fn read(file: &Utf8Path, store: ImageStore) -> Self {
        let store = name(store);
        let document: Option<Document> = std::fs::read(file)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok());
        let (records, images) = document
            .filter(|d| d.schema_version == SCHEMA_VERSION)
            .filter(|d| d.layers.len() <= MAX_LAYERS && d.images.len() <= MAX_IMAGES)
            .map(|d| (d.layers, d.images))
            .unwrap_or_default();
        let (own, others) = records.into_iter().partition(|r| r.store == store);
        let own: Vec<Record> = own;
        Self {
            store,
            layers: own
                .iter()
                .filter_map(Record::layer)
                .map(|l| (l.diff_id.clone(), l))
                .collect(),
            others,
            images,
        }
    }

    /// The image that a build called so, if all of its layers are known.
    pub(super) fn image(&self, digest: &str) -> Option<&Image> {
        let known = |id: &String| self.layers.contains_key(id);
        let image = self.images.get(&self.key(digest))?;
        image.diff_ids.iter().all(known).then_some(image)
    }

    /// Keeps what the image is made of that a build called so. Whether that is news.
    pub(super) fn keep(&mut self, digest: &str, image: Image) -> bool {
        let key = self.key(digest);
        if self.images.get(&key) == Some(&image) {
            return false;
        }
        self.images.insert(key, image);
        true
    }

    fn key(&self, digest: &str) -> String {
        format!("{}/{digest}", self.store)
    }

    /// Keeps the sizes of layers.
    pub(super) fn extend(&mut self, layers: Vec<Layer>) {
        let named = |layer: Layer| (layer.diff_id.clone(), layer);
        self.layers.extend(layers.into_iter().map(named));
    }

    /// The layers by the digest they are stored under.
    pub(super) fn by_digest(&self) -> BTreeMap<String, Layer> {
        self.layers
            .values()
            .map(|layer| (layer.digest.clone(), layer.clone()))
            .collect()
    }

    /// Writes it.
    pub(super) fn write(&self, file: &Utf8Path) -> Result<()> {
        let records = self
            .layers
            .values()
            .map(|layer| Record::new(self.store, layer));
        let document = Document {
            schema_version: SCHEMA_VERSION,
            layers: self.others.iter().cloned().chain(records).collect(),
            images: self.images.clone(),
        };
        let text = serde_json::to_vec_pretty(&document)
            .map_err(|e| Error::usage(format!("failed to write {file}")).because(e))?;
        atomic_file::write(file, text)
    }
}

impl Record {
    pub(super) fn new(store: &str, layer: &Layer) -> Self {
        Self {
            store: store.to_owned(),
            diff_id: layer.diff_id.clone(),
            digest: layer.digest.clone(),
            encoding: layer.encoding.name().to_owned(),
            unpacked_bytes: layer.unpacked.0,
            tar_bytes: layer.tar.0,
            compressed_bytes: layer.compressed.0,
            compressed_is_estimate: layer.compressed_is_estimate,
            files: layer.files,
        }
    }

    pub(super) fn layer(&self) -> Option<Layer> {
        let (encoding, _) = Encoding::ALL
            .iter()
            .find(|(_, name)| *name == self.encoding)?;
        Some(Layer {
            diff_id: self.diff_id.clone(),
            digest: self.digest.clone(),
            encoding: *encoding,
            unpacked: Bytes(self.unpacked_bytes),
            tar: Bytes(self.tar_bytes),
            compressed: Bytes(self.compressed_bytes),
            compressed_is_estimate: self.compressed_is_estimate,
            files: self.files,
            contents: None,
        })
    }
}
