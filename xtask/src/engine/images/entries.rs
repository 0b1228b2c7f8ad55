//! Images with all their entries, kept between runs: an image never changes, so what is kept is never wrong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::cache::{self, Record};
use super::{Inspected, inspect, save};
use crate::atomic_file;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::image::accounting::{Layer, Reading, SavedImage};
use crate::image::config::ImageConfig;
use crate::image::layer::{Detail, LayerContents};
use crate::process::Runner;

const SCHEMA_VERSION: u32 = 1;
/// Beyond that, the files that were written first go.
const MAX_FILES: usize = 1_000;

/// How images are read with their entries, and where what was read is kept.
#[derive(Clone, Copy, Debug)]
pub struct Keeping<'a> {
    /// The folder.
    pub folder: &'a Utf8Path,
    /// How closely layers are looked at: what was kept of one with less is read anew, and kept instead.
    pub detail: Detail,
}

/// The folder where images are kept that were read with their entries.
#[derive(Clone, Debug)]
struct Kept {
    folder: Utf8PathBuf,
    store: &'static str,
    detail: Detail,
}

#[derive(Debug, Deserialize, Serialize)]
struct Document {
    schema_version: u32,
    names: Vec<String>,
    manifest_digest: Option<String>,
    config_digest: String,
    config: ImageConfig,
    layers: Vec<Record>,
}

/// Reads images from the engine with all their entries, in the order of `references`: those that are not kept, in one
/// `docker save`, of which `note` is told. Of an image for several platforms, the engine's own.
///
/// # Errors
/// If an image does not exist or cannot be read, or what was read cannot be kept.
pub fn read_entries(
    runner: &dyn Runner,
    engine: &Engine,
    references: &[&str],
    keeping: Keeping<'_>,
    note: &dyn Fn(&str),
) -> Result<Vec<SavedImage>> {
    let inspected = inspect(runner, engine, references)?;
    let kept = Kept {
        folder: keeping.folder.to_owned(),
        store: cache::name(engine.store),
        detail: keeping.detail,
    };
    let mut layers: BTreeMap<String, Layer> = BTreeMap::new();
    let mut found: Vec<Option<SavedImage>> = inspected
        .iter()
        .map(|image| kept.image(&image.id, &mut layers))
        .collect();
    let missing: Vec<usize> = (0..found.len()).filter(|at| found[*at].is_none()).collect();
    if !missing.is_empty() {
        // Layers of other images are not read again.
        for id in inspected.iter().flat_map(|image| &image.diff_ids) {
            if !layers.contains_key(id)
                && let Some(layer) = kept.layer_by_id(id)
            {
                layers.insert(id.clone(), layer);
            }
        }
        let known: BTreeMap<String, Layer> = layers
            .values()
            .map(|layer| (layer.digest.clone(), layer.clone()))
            .collect();
        let reading = Reading {
            known: &known,
            detail: keeping.detail,
        };
        let wanted: Vec<&str> = missing.iter().map(|at| references[*at]).collect();
        note(&format!("reading from the engine: {}", wanted.join(", ")));
        let saved = save(runner, engine, &wanted, reading)?;
        for at in missing {
            let image = own(&saved, &inspected[at]).ok_or_else(|| {
                Error::failed(format!("failed to read {}", references[at]))
                    .because("`docker save` left it out")
                    .help("the image may have changed meanwhile: run the command again")
            })?;
            kept.keep(&inspected[at].id, image)?;
            found[at] = Some(image.clone());
        }
        kept.prune();
    }
    Ok(found.into_iter().flatten().collect())
}

/// Of what was saved, the image that the engine told of.
fn own<'a>(saved: &'a [SavedImage], inspected: &Inspected) -> Option<&'a SavedImage> {
    let is_it = |image: &&SavedImage| {
        let ids = image.layers.iter().map(|layer| &layer.diff_id);
        ids.eq(&inspected.diff_ids) && image.config.is_for(&inspected.platform)
    };
    let of_id = |image: &&SavedImage| {
        let digests = [image.manifest_digest.as_ref(), Some(&image.config_digest)];
        digests
            .into_iter()
            .flatten()
            .any(|digest| *digest == inspected.id)
    };
    saved
        .iter()
        .find(of_id)
        .or_else(|| saved.iter().find(is_it))
}

impl Kept {
    fn image(&self, id: &str, layers: &mut BTreeMap<String, Layer>) -> Option<SavedImage> {
        let text = std::fs::read(self.image_file(id)).ok()?;
        let document: Document = serde_json::from_slice(&text).ok()?;
        if document.schema_version != SCHEMA_VERSION {
            return None;
        }
        let mut read = Vec::new();
        for record in &document.layers {
            let layer = record.layer()?;
            let known = layers.get(&layer.diff_id).cloned();
            let layer = match known {
                Some(known) => known,
                None => self.with_entries(layer)?,
            };
            layers.insert(layer.diff_id.clone(), layer.clone());
            read.push(layer);
        }
        Some(SavedImage {
            names: document.names,
            manifest_digest: document.manifest_digest,
            config_digest: document.config_digest,
            config: document.config,
            layers: read,
        })
    }

    fn layer_by_id(&self, diff_id: &str) -> Option<Layer> {
        let text = std::fs::read(self.layer_file(diff_id).with_extension("json")).ok()?;
        let record: Record = serde_json::from_slice(&text).ok()?;
        self.with_entries(record.layer()?)
    }

    fn with_entries(&self, mut layer: Layer) -> Option<Layer> {
        layer.contents = Some(Arc::new(self.contents(&layer.diff_id)?));
        Some(layer)
    }

    /// What is kept of a layer, if it says as much as is asked for.
    fn contents(&self, diff_id: &str) -> Option<LayerContents> {
        let bytes = std::fs::read(self.layer_file(diff_id)).ok()?;
        let contents = LayerContents::decode(&bytes)?;
        match self.detail {
            Detail::Inspected => Some(contents).filter(LayerContents::is_inspected),
            // Who asks for less gets the same, whatever was kept.
            Detail::Entries | Detail::Sizes => Some(contents.uninspected()),
        }
    }

    fn keep(&self, id: &str, image: &SavedImage) -> Result<()> {
        for layer in &image.layers {
            let Some(contents) = &layer.contents else {
                return Ok(());
            };
            let file = self.layer_file(&layer.diff_id);
            // What was inspected is enough for those who ask for less.
            if self.contents(&layer.diff_id).is_none() {
                atomic_file::write(&file, contents.encode())?;
                let record = Record::new(self.store, layer);
                atomic_file::write(&file.with_extension("json"), as_json(&record)?)?;
            }
        }
        let document = Document {
            schema_version: SCHEMA_VERSION,
            names: image.names.clone(),
            manifest_digest: image.manifest_digest.clone(),
            config_digest: image.config_digest.clone(),
            config: image.config.clone(),
            layers: image
                .layers
                .iter()
                .map(|layer| Record::new(self.store, layer))
                .collect(),
        };
        atomic_file::write(&self.image_file(id), as_json(&document)?)
    }

    /// The same layer is plain in one store and compressed in the other.
    fn image_file(&self, id: &str) -> Utf8PathBuf {
        self.folder
            .join(format!("{}-image-{}.json", self.store, plain(id)))
    }

    fn layer_file(&self, diff_id: &str) -> Utf8PathBuf {
        self.folder
            .join(format!("{}-layer-{}.entries", self.store, plain(diff_id)))
    }

    /// Takes the oldest files away. One that cannot be removed does no harm.
    fn prune(&self) {
        let Ok(entries) = self.folder.read_dir_utf8() else {
            return;
        };
        let mut files: Vec<(SystemTime, Utf8PathBuf)> = entries
            .flatten()
            .filter_map(|entry| {
                let modified = entry.metadata().ok()?.modified().ok()?;
                Some((modified, entry.into_path()))
            })
            .collect();
        files.sort();
        let surplus = files.len().saturating_sub(MAX_FILES);
        for (_, file) in files.into_iter().take(surplus) {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// A digest as part of a file's name.
fn plain(digest: &str) -> String {
    digest
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}

fn as_json(document: &impl Serialize) -> Result<String> {
    serde_json::to_string(document)
        .map_err(|error| Error::failed("failed to keep what was read of an image").because(error))
}
