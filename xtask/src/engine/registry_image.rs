//! Images in a registry, read through the engine: it has the credentials, the mirrors and the certificates.

use serde::Deserialize;

use super::Engine;
use super::images::{Keeping, inspect, read_entries};
use super::registry::{Client, LIMIT, not_understood};
use crate::error::{Error, Result};
use crate::image::accounting::SavedImage;
use crate::image::config::{platform as platform_name, same_platform};
use crate::process::Runner;
use crate::project::ImageName;
use crate::size::Bytes;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Manifest {
    manifests: Option<Vec<Descriptor>>,
    layers: Option<Vec<Descriptor>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Descriptor {
    digest: String,
    size: u64,
    platform: Option<Platform>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// Reads an image for a platform, the engine's or the only one there is if none is asked for: its manifest says what is stored, the engine pulls it and says what is in it. An
/// image that was not in the engine before is not there afterwards.
///
/// # Errors
/// The registry has no such image, none for the platform, or refuses to tell (exit 2); it does not answer (exit 3); or
/// the engine cannot pull it.
pub fn read(
    runner: &dyn Runner,
    engine: &Engine,
    client: &Client,
    reference: &str,
    platform: Option<&str>,
    keeping: Keeping<'_>,
    note: &dyn Fn(&str),
) -> Result<SavedImage> {
    let name = ImageName::parse(reference).ok_or_else(|| {
        Error::usage(format!("`{reference}` is no name of an image"))
            .help("registry:REFERENCE is such as registry:ghcr.io/acme/shop:1")
    })?;
    let asked = Asked {
        runner,
        client,
        name,
    };
    let Found {
        digest,
        manifest,
        platform,
    } = asked.find(platform, &engine.platform)?;
    let pinned = asked.pinned(&digest);
    let was_there = inspect(runner, engine, &[&pinned]).is_ok();
    if !was_there {
        note(&format!("pulling {pinned}"));
        let pull = engine
            .command()
            .args(["pull", "--quiet", "--platform", &platform, &pinned]);
        runner.run(&pull)?.checked(&pull)?;
    }
    let read = read_entries(runner, engine, &[&pinned], keeping, note);
    if !was_there {
        // Best effort: the image was read, and a leftover does no harm.
        let remove = engine.command().args(["image", "rm", &pinned]);
        let _ = runner.run(&remove);
    }
    let image = read?.into_iter().next();
    let mut image = image.ok_or_else(|| Error::failed(format!("failed to read {reference}")))?;
    stored_sizes(&mut image, &manifest);
    image.manifest_digest = Some(digest);
    Ok(image)
}

/// The image for a platform.
struct Found {
    digest: String,
    manifest: Manifest,
    platform: String,
}

/// What is asked for, and by whom.
struct Asked<'a> {
    runner: &'a dyn Runner,
    client: &'a Client,
    name: ImageName,
}

impl Asked<'_> {
    /// The image by its digest: what a tag means may change between two questions.
    fn pinned(&self, digest: &str) -> String {
        format!("{}/{}@{digest}", self.name.domain, self.name.path)
    }

    /// The image for a platform; `ordinary` if none is asked for, and there are several.
    fn find(&self, platform: Option<&str>, ordinary: &str) -> Result<Found> {
        let full = match &self.name.digest {
            Some(digest) => self.pinned(digest),
            None => self.name.tagged(),
        };
        let (digest, top) = self.manifest(&full)?;
        let absent = |platform: &str, offered: &str| {
            Error::usage(format!("{full} is not there for {platform}"))
                .because(format!("the registry has it for {offered}"))
                .help("choose one with `--platform`")
        };
        let Some(manifests) = &top.manifests else {
            let only = self.only_platform(&digest)?;
            return match platform.filter(|platform| !same_platform(platform, &only)) {
                Some(platform) => Err(absent(platform, &only)),
                None => Ok(Found {
                    digest,
                    manifest: top,
                    platform: only,
                }),
            };
        };
        let platform = platform.unwrap_or(ordinary);
        let named = |descriptor: &Descriptor| descriptor.platform.as_ref().map(Platform::name);
        let wanted = |descriptor: &&Descriptor| {
            named(descriptor).is_some_and(|found| same_platform(&found, platform))
        };
        let Some(descriptor) = manifests.iter().find(wanted) else {
            let offered: Vec<String> = manifests
                .iter()
                .filter_map(named)
                .filter(|name| name != "unknown/unknown")
                .collect();
            return Err(absent(platform, &offered.join(", ")));
        };
        let (digest, manifest) = self.manifest(&self.pinned(&descriptor.digest))?;
        Ok(Found {
            digest,
            manifest,
            platform: platform.to_owned(),
        })
    }

    /// What an image is for that is no index.
    fn only_platform(&self, digest: &str) -> Result<String> {
        let (host, full) = (&self.name.domain, self.pinned(digest));
        let text = self.client.configuration(self.runner, host, &full, LIMIT)?;
        let platform: Platform =
            serde_json::from_slice(&text).map_err(|error| not_understood(host, &full, error))?;
        Ok(platform.name())
    }

    /// The digest of what the registry has under a full name, and what that says.
    fn manifest(&self, full: &str) -> Result<(String, Manifest)> {
        let host = &self.name.domain;
        let document = self.client.document(self.runner, host, full, LIMIT)?;
        let manifest = serde_json::from_slice(&document.bytes)
            .map_err(|error| not_understood(host, full, error))?;
        Ok((document.digest, manifest))
    }
}

impl Platform {
    fn name(&self) -> String {
        platform_name(&self.os, &self.architecture, self.variant.as_deref())
    }
}

/// What the registry stores is what a pull transfers, whatever the engine keeps.
fn stored_sizes(image: &mut SavedImage, manifest: &Manifest) {
    let Some(stored) = &manifest.layers else {
        return;
    };
    if stored.len() != image.layers.len() {
        return;
    }
    for (layer, stored) in image.layers.iter_mut().zip(stored) {
        layer.compressed = Bytes(stored.size);
        layer.compressed_is_estimate = false;
        layer.digest.clone_from(&stored.digest);
    }
}
