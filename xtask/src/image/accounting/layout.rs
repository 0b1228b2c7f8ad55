//! From the files of an archive to images: index, manifests, configurations, layers.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Content, Layer, Part, Parts, SavedImage, broken};
use crate::error::{Error, Result};
use crate::image::config::{ImageConfig, null_is_empty};

/// An index may hold indexes; real ones are two deep.
const MAX_DEPTH: u32 = 5;

/// An OCI index or manifest; which of them shows in its fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    #[serde(deserialize_with = "null_is_empty")]
    layers: Vec<Descriptor>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Descriptor {
    digest: String,
    #[serde(deserialize_with = "null_is_empty")]
    annotations: BTreeMap<String, String>,
    platform: Option<Platform>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Platform {
    architecture: String,
    os: String,
}

impl Descriptor {
    fn is_attestation(&self) -> bool {
        let unknown = |p: &Platform| p.os == "unknown" && p.architecture == "unknown";
        self.annotations
            .get("vnd.docker.reference.type")
            .is_some_and(|t| t == "attestation-manifest")
            || self.platform.as_ref().is_some_and(unknown)
    }

    fn path(&self) -> String {
        format!("blobs/{}", self.digest.replacen(':', "/", 1))
    }

    /// The name an image was saved under, as users write it.
    fn name(&self) -> Option<&str> {
        let name = self.annotations.get("io.containerd.image.name")?;
        let name = name.strip_prefix("docker.io/").unwrap_or(name);
        Some(name.strip_prefix("library/").unwrap_or(name))
    }
}

/// An entry of `manifest.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DockerManifest {
    config: String,
    #[serde(deserialize_with = "null_is_empty")]
    repo_tags: Vec<String>,
    #[serde(deserialize_with = "null_is_empty")]
    layers: Vec<String>,
}

/// The layers that the images for a platform have, as paths of the archive; of all platforms where none is given. What
/// is missing is left out here.
pub(super) fn layers(parts: &Parts, platform: Option<&str>) -> BTreeSet<String> {
    let mut layers = BTreeSet::new();
    if let Ok(Some(index)) = document::<Document>(parts, "index.json") {
        let mut open: Vec<(Descriptor, u32)> = children(index).map(|d| (d, MAX_DEPTH)).collect();
        while let Some((descriptor, depth)) = open.pop() {
            let Ok(Some(document)) = document::<Document>(parts, &descriptor.path()) else {
                continue;
            };
            if let Some(config) = &document.config
                && is_for(parts, &config.path(), platform)
            {
                layers.extend(document.layers.iter().map(Descriptor::path));
            }
            if depth > 0 {
                open.extend(children(document).map(|d| (d, depth - 1)));
            }
        }
    } else if let Ok(Some(manifests)) = document::<Vec<DockerManifest>>(parts, "manifest.json") {
        for manifest in manifests {
            if is_for(parts, &manifest.config, platform) {
                layers.extend(manifest.layers);
            }
        }
    }
    layers
}

/// The manifests, indexes and configurations that documents name which were read, as paths of the archive.
pub(super) fn documents(parts: &Parts) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for path in parts.files.keys() {
        // What is no such document names nothing.
        let Ok(Some(document)) = document::<Document>(parts, path) else {
            continue;
        };
        named.extend(document.config.iter().map(Descriptor::path));
        named.extend(children(document).map(|child| child.path()));
    }
    named
}

fn children(document: Document) -> impl Iterator<Item = Descriptor> {
    let manifests = document.manifests.unwrap_or_default();
    manifests
        .into_iter()
        .filter(|child| !child.is_attestation())
}

/// Whether a configuration is for a platform; one that cannot be read is, and tells so later.
fn is_for(parts: &Parts, config: &str, platform: Option<&str>) -> bool {
    let Some(platform) = platform else {
        return true;
    };
    match document::<ImageConfig>(parts, config) {
        Ok(Some(config)) => config.is_for(platform),
        _ => true,
    }
}

/// The images of an archive, for one platform where it is given.
pub(super) fn images(parts: &Parts, platform: Option<&str>) -> Result<Vec<SavedImage>> {
    let docker: Option<Vec<DockerManifest>> = document(parts, "manifest.json")?;
    let index: Option<Document> = document(parts, "index.json")?;
    let mut images = Vec::new();
    match (index, &docker) {
        (Some(index), _) => {
            for descriptor in index.manifests.unwrap_or_default() {
                if !descriptor.is_attestation() {
                    saved(parts, &descriptor, platform, &mut images)?;
                }
            }
        }
        (None, Some(docker)) => {
            for manifest in docker {
                if !is_for(parts, &manifest.config, platform) {
                    continue;
                }
                let image = assemble(parts, &manifest.config, &manifest.layers, None)?;
                add(&mut images, image, None);
            }
        }
        (None, None) => {
            return Err(broken(&"it has neither an index.json nor a manifest.json")
                .help("expected what `docker save` writes"));
        }
    }
    for manifest in docker.unwrap_or_default() {
        let Some(config) = parts.get(&manifest.config) else {
            continue;
        };
        for image in images
            .iter_mut()
            .filter(|image| image.config_digest == config.digest)
        {
            for name in &manifest.repo_tags {
                add_name(image, name);
            }
        }
    }
    Ok(images)
}

/// One entry of the index: an image, or an index with an image per platform of which some may not be there.
fn saved(
    parts: &Parts,
    descriptor: &Descriptor,
    platform: Option<&str>,
    images: &mut Vec<SavedImage>,
) -> Result<()> {
    let mut found = Found {
        platform,
        images: Vec::new(),
        absent: None,
        others: false,
    };
    walk(parts, descriptor, MAX_DEPTH, &mut found)?;
    if let (true, false, Some(path)) = (found.images.is_empty(), found.others, found.absent) {
        return Err(missing(&path));
    }
    for image in found.images {
        add(images, image, descriptor.name());
    }
    Ok(())
}

/// What is found below an entry of the index.
struct Found<'a> {
    platform: Option<&'a str>,
    images: Vec<SavedImage>,
    /// A manifest that is not there: as long as it is not the only one, it is for a platform that nobody fetched.
    absent: Option<String>,
    /// Whether there were images for other platforms.
    others: bool,
}

fn walk(parts: &Parts, descriptor: &Descriptor, depth: u32, found: &mut Found<'_>) -> Result<()> {
    if depth == 0 {
        return Err(broken(&"its indexes are nested too deep"));
    }
    let path = descriptor.path();
    let Some(document) = document::<Document>(parts, &path)? else {
        found.absent.get_or_insert(path);
        return Ok(());
    };
    for child in document
        .manifests
        .iter()
        .flatten()
        .filter(|child| !child.is_attestation())
    {
        walk(parts, child, depth - 1, found)?;
    }
    if let Some(config) = &document.config {
        if !is_for(parts, &config.path(), found.platform) {
            found.others = true;
            return Ok(());
        }
        let layers: Vec<String> = document.layers.iter().map(Descriptor::path).collect();
        found.images.push(assemble(
            parts,
            &config.path(),
            &layers,
            Some(&descriptor.digest),
        )?);
    }
    Ok(())
}

fn assemble(
    parts: &Parts,
    config: &str,
    layers: &[String],
    manifest: Option<&str>,
) -> Result<SavedImage> {
    let part = parts.get(config).ok_or_else(|| missing(config))?;
    let image: ImageConfig = parse(part, config)?;
    let diff_ids = &image.rootfs.diff_ids;
    if diff_ids.len() != layers.len() {
        let (has, says) = (layers.len(), diff_ids.len());
        return Err(broken(&format!(
            "the image of {config} has {has} layers, its configuration names {says}"
        )));
    }
    let layers = layers
        .iter()
        .zip(diff_ids)
        .map(|(path, diff_id)| layer(parts, path, diff_id))
        .collect::<Result<_>>()?;
    Ok(SavedImage {
        names: Vec::new(),
        manifest_digest: manifest.map(str::to_owned),
        config_digest: part.digest.clone(),
        config: image,
        layers,
    })
}

fn layer(parts: &Parts, path: &str, diff_id: &str) -> Result<Layer> {
    let part = parts.get(path).ok_or_else(|| missing(path))?;
    match &part.content {
        Content::Layer(layer) if layer.diff_id == diff_id => Ok(layer.clone()),
        Content::Layer(layer) => Err(broken(&format!(
            "the layer {path} unpacks to {}, the configuration says {diff_id}",
            layer.diff_id
        ))),
        Content::Json(_) => Err(broken(&format!(
            "cannot use {path}: it is not a layer but a JSON document"
        ))),
        Content::Other(reason) => Err(broken(&format!("cannot use {path}: {reason}"))),
    }
}

/// The same image under another name is the same image.
fn add(images: &mut Vec<SavedImage>, image: SavedImage, name: Option<&str>) {
    let same = |other: &SavedImage| {
        other.config_digest == image.config_digest && other.manifest_digest == image.manifest_digest
    };
    let at = images.iter().position(same).unwrap_or_else(|| {
        images.push(image);
        images.len() - 1
    });
    if let Some(name) = name {
        add_name(&mut images[at], name);
    }
}

fn add_name(image: &mut SavedImage, name: &str) {
    if !image.names.iter().any(|n| n == name) {
        image.names.push(name.to_owned());
    }
}

fn document<T: for<'de> Deserialize<'de>>(parts: &Parts, path: &str) -> Result<Option<T>> {
    parts.get(path).map(|part| parse(part, path)).transpose()
}

fn parse<T: for<'de> Deserialize<'de>>(part: &Part, path: &str) -> Result<T> {
    match &part.content {
        Content::Json(text) => {
            serde_json::from_slice(text).map_err(|e| broken(&format!("cannot use {path}: {e}")))
        }
        Content::Layer(_) => Err(broken(&format!(
            "cannot use {path}: it is not a JSON document but a layer"
        ))),
        Content::Other(reason) => Err(broken(&format!("cannot use {path}: {reason}"))),
    }
}

fn missing(path: &str) -> Error {
    broken(&format!("{path} is missing"))
}
