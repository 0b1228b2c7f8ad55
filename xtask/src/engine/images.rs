//! Images in an engine: what it says about them, and how large they are.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde::Deserialize;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::image::accounting::{self, Layer, Reading, SavedImage};
use crate::image::config::{RunConfig, null_is_empty, platform};
use crate::image::layer::Detail;
use crate::process::Runner;
use crate::size::Bytes;

mod cache;
mod content;
mod entries;

pub use entries::{Keeping, read_entries};

use cache::LayerCache;

/// What the engine says about an image. Its size is left out: it means something else in every store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspected {
    /// What the engine calls it: the digest of the index or manifest on the containerd store, of the configuration
    /// on graph drivers.
    pub id: String,
    /// Names with digest, known after a pull or push (on the containerd store always).
    pub repo_digests: Vec<String>,
    /// The digest of each uncompressed layer, lowest first.
    pub diff_ids: Vec<String>,
    /// Such as `linux/amd64`.
    pub platform: String,
    /// When it was built, RFC 3339.
    pub created: String,
    /// How a container is started from it.
    pub config: RunConfig,
}

/// How large an image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSize {
    /// What the engine calls it: see [`Inspected::id`].
    pub digest: String,
    /// Such as `linux/amd64`.
    pub platform: String,
    /// Bytes of regular files over all layers.
    pub unpacked: Bytes,
    /// Bytes of all uncompressed layers.
    pub tar: Bytes,
    /// Bytes of all compressed layers: what a registry stores.
    pub compressed: Bytes,
    /// Whether `compressed` is an estimate, as the store keeps layers uncompressed.
    pub compressed_is_estimate: bool,
    /// Lowest first.
    pub layers: Vec<Layer>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RawImage {
    id: String,
    #[serde(deserialize_with = "null_is_empty")]
    repo_digests: Vec<String>,
    created: String,
    architecture: String,
    os: String,
    variant: Option<String>,
    #[serde(deserialize_with = "null_is_empty")]
    config: RunConfig,
    #[serde(rename = "RootFS")]
    root: RawRoot,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RawRoot {
    #[serde(deserialize_with = "null_is_empty")]
    layers: Vec<String>,
}

/// Asks the engine about images, in one call. The answers are in the order of `references`. Of an image for several
/// platforms it answers for its own.
///
/// # Errors
/// If one of them does not exist, or the engine does not answer as expected.
pub fn inspect(
    runner: &dyn Runner,
    engine: &Engine,
    references: &[&str],
) -> Result<Vec<Inspected>> {
    if references.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(api) = &engine.api {
        let answers = references.iter().map(|reference| api.image(reference));
        let images: Option<Vec<RawImage>> = answers.collect();
        if let Some(images) = images {
            return Ok(images.into_iter().map(Inspected::from).collect());
        }
    }
    let command = engine
        .command()
        .args(["image", "inspect", "--"])
        .args(references);
    let output = runner.run(&command)?;
    if !output.success() {
        let said = output.error_text();
        if let Some(absent) = references
            .iter()
            .find(|r| said.contains(&format!("No such image: {r}")))
        {
            return Err(
                Error::failed(format!("there is no image {absent} in the engine"))
                    .help("build it with `cargo xtask docker-build`"),
            );
        }
    }
    let output = output.checked(&command)?;
    let images: Vec<RawImage> = serde_json::from_slice(&output.stdout).map_err(|e| {
        Error::failed(format!(
            "failed to read what `{}` printed",
            command.display()
        ))
        .because(e)
    })?;
    if images.len() != references.len() {
        let (asked, told) = (references.len(), images.len());
        return Err(Error::failed(format!(
            "`{}` told of {told} images instead of {asked}",
            command.display()
        )));
    }
    Ok(images.into_iter().map(Inspected::from).collect())
}

impl From<RawImage> for Inspected {
    fn from(raw: RawImage) -> Self {
        Self {
            platform: platform(&raw.os, &raw.architecture, raw.variant.as_deref()),
            id: raw.id,
            repo_digests: raw.repo_digests,
            diff_ids: raw.root.layers,
            created: raw.created,
            config: raw.config,
        }
    }
}

/// Measures images, by reference. Layers measured before come from `cache_file`; only images with others are read
/// from the engine, in one `docker save`, or from where it keeps them. A cache that cannot be read is made anew.
///
/// # Errors
/// If an image does not exist or cannot be read. A cache that cannot be written is an error, too.
pub fn measure(
    runner: &dyn Runner,
    engine: &Engine,
    references: &[&str],
    cache_file: &Utf8Path,
) -> Result<BTreeMap<String, ImageSize>> {
    let built: Vec<Built<'_>> = references
        .iter()
        .map(|reference| Built {
            reference,
            digest: None,
        })
        .collect();
    measure_built(runner, engine, &built, cache_file)
}

/// An image that was just built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Built<'a> {
    /// What the engine is asked by.
    pub reference: &'a str,
    /// What the build called it, if it said so. Who built the same before is not asked again.
    pub digest: Option<&'a str>,
}

/// As [`measure`]; an image that a build made before, all of it known, is no question to the engine. Of one that is new
/// only what is new is read, where the engine's store can be.
///
/// # Errors
/// As [`measure`].
pub fn measure_built(
    runner: &dyn Runner,
    engine: &Engine,
    built: &[Built<'_>],
    cache_file: &Utf8Path,
) -> Result<BTreeMap<String, ImageSize>> {
    let mut cache = LayerCache::read(cache_file, engine.store);
    let known = |one: &Built<'_>| one.digest.and_then(|digest| cache.image(digest)).cloned();
    let mut images: BTreeMap<&str, cache::Image> = built
        .iter()
        .filter_map(|one| Some((one.reference, known(one)?)))
        .collect();
    let mut news = false;
    for one in built {
        let Some(digest) = one.digest.filter(|_| !images.contains_key(one.reference)) else {
            continue;
        };
        if let Some(image) = content::read(engine, digest, &mut cache) {
            cache.keep(digest, image.clone());
            news = true;
            images.insert(one.reference, image);
        }
    }
    let asked: Vec<&Built<'_>> = built
        .iter()
        .filter(|one| !images.contains_key(one.reference))
        .collect();
    let references: Vec<&str> = asked.iter().map(|one| one.reference).collect();
    let mut unknown = Vec::new();
    for (one, inspected) in asked.iter().zip(inspect(runner, engine, &references)?) {
        let is_known = |id: &String| cache.layers.contains_key(id);
        if !inspected.diff_ids.iter().all(is_known) {
            unknown.push(one.reference);
        }
        let image = cache::Image {
            id: inspected.id,
            platform: inspected.platform,
            diff_ids: inspected.diff_ids,
        };
        if let Some(digest) = one.digest {
            news |= cache.keep(digest, image.clone());
        }
        images.insert(one.reference, image);
    }
    if !unknown.is_empty() {
        let known = cache.by_digest();
        let reading = Reading {
            known: &known,
            detail: Detail::Sizes,
        };
        for image in save(runner, engine, &unknown, reading)? {
            cache.extend(image.layers);
        }
        news = true;
    }
    if news {
        cache.write(cache_file)?;
    }
    images
        .into_iter()
        .map(|(reference, image)| Ok((reference.to_owned(), size(reference, image, &cache)?)))
        .collect()
}

/// Reads images out of the engine.
///
/// # Errors
/// If `docker save` fails or what it writes cannot be read.
pub fn save(
    runner: &dyn Runner,
    engine: &Engine,
    references: &[&str],
    reading: Reading<'_>,
) -> Result<Vec<SavedImage>> {
    let command = engine
        .command()
        .args(["image", "save", "--"])
        .args(references);
    let mut images = Ok(Vec::new());
    let output = runner.stream(&command, &mut |stream| {
        // A stream cut short is a symptom: what `docker save` says about it comes first.
        images = accounting::read(stream, reading);
        Ok(())
    })?;
    output.checked(&command)?;
    images
}

fn size(reference: &str, image: cache::Image, cache: &LayerCache) -> Result<ImageSize> {
    let layers: Vec<Layer> = image
        .diff_ids
        .iter()
        .map(|id| {
            cache.layers.get(id).cloned().ok_or_else(|| {
                Error::failed(format!("failed to measure {reference}"))
                    .because(format!("`docker save` left out its layer {id}"))
                    .help("the image may have changed meanwhile: run the command again")
            })
        })
        .collect::<Result<_>>()?;
    let sum = |part: fn(&Layer) -> Bytes| Bytes(layers.iter().map(|layer| part(layer).0).sum());
    Ok(ImageSize {
        digest: image.id,
        platform: image.platform,
        unpacked: sum(|l| l.unpacked),
        tar: sum(|l| l.tar),
        compressed: sum(|l| l.compressed),
        compressed_is_estimate: layers.iter().any(|l| l.compressed_is_estimate),
        layers,
    })
}

#[cfg(test)]
mod tests;
