//! Images in a registry, read through the engine: it has the credentials, the mirrors and the certificates.

use camino::Utf8Path;
use serde::Deserialize;

use super::Engine;
use super::images::{inspect, read_entries};
use crate::error::{Error, Result};
use crate::image::accounting::SavedImage;
use crate::image::config::platform as platform_name;
use crate::process::Runner;
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

/// Reads an image for a platform: its manifest says what is stored, the engine pulls it and says what is in it. An
/// image that was not in the engine before is not there afterwards.
///
/// # Errors
/// If the registry cannot be reached, has no such image, or none for the platform.
pub fn read(
    runner: &dyn Runner,
    engine: &Engine,
    reference: &str,
    platform: &str,
    folder: &Utf8Path,
    note: &dyn Fn(&str),
) -> Result<SavedImage> {
    let (digest, manifest) = manifest_for(runner, engine, reference, platform)?;
    let pinned = match &digest {
        Some(digest) => format!("{}@{digest}", without_tag(reference)),
        None => reference.to_owned(),
    };
    let was_there = inspect(runner, engine, &[&pinned]).is_ok();
    if !was_there {
        note(&format!("pulling {pinned}"));
        let pull = engine
            .command()
            .args(["pull", "--quiet", "--platform", platform, &pinned]);
        runner.run(&pull)?.checked(&pull)?;
    }
    let read = read_entries(runner, engine, &[&pinned], folder, note);
    if !was_there {
        // Best effort: the image was read, and a leftover does no harm.
        let remove = engine.command().args(["image", "rm", &pinned]);
        let _ = runner.run(&remove);
    }
    let image = read?.into_iter().next();
    let mut image = image.ok_or_else(|| Error::failed(format!("failed to read {reference}")))?;
    stored_sizes(&mut image, &manifest);
    if digest.is_some() {
        image.manifest_digest = digest;
    }
    Ok(image)
}

/// The digest and the manifest of an image for a platform; no digest if the reference means one platform only.
fn manifest_for(
    runner: &dyn Runner,
    engine: &Engine,
    reference: &str,
    platform: &str,
) -> Result<(Option<String>, Manifest)> {
    let top = raw(runner, engine, reference)?;
    let Some(manifests) = &top.manifests else {
        return Ok((None, top));
    };
    let plain = |platform: &str| platform.strip_suffix("/v8").unwrap_or(platform).to_owned();
    let named = |descriptor: &Descriptor| {
        let found = descriptor.platform.as_ref()?;
        Some(platform_name(
            &found.os,
            &found.architecture,
            found.variant.as_deref(),
        ))
    };
    let wanted = |descriptor: &&Descriptor| {
        named(descriptor).is_some_and(|found| plain(&found) == plain(platform))
    };
    let Some(descriptor) = manifests.iter().find(wanted) else {
        let offered: Vec<String> = manifests
            .iter()
            .filter_map(named)
            .filter(|name| name != "unknown/unknown")
            .collect();
        return Err(
            Error::usage(format!("{reference} is not there for {platform}"))
                .because(format!("the registry has it for {}", offered.join(", ")))
                .help("choose one with `--platform`"),
        );
    };
    let pinned = format!("{}@{}", without_tag(reference), descriptor.digest);
    let manifest = raw(runner, engine, &pinned)?;
    Ok((Some(descriptor.digest.clone()), manifest))
}

fn raw(runner: &dyn Runner, engine: &Engine, reference: &str) -> Result<Manifest> {
    let command = engine
        .command()
        .args(["buildx", "imagetools", "inspect", "--raw", reference]);
    let output = runner.run(&command)?.checked(&command).map_err(|error| {
        error.help("is the registry reachable, and the user logged in (`docker login`)?")
    })?;
    serde_json::from_slice(&output.stdout).map_err(|error| {
        Error::failed(format!("failed to read the manifest of {reference}")).because(error)
    })
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

/// A reference without tag and digest; a port is no tag.
fn without_tag(reference: &str) -> &str {
    let reference = reference.split('@').next().unwrap_or(reference);
    match reference.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => reference,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_tag() {
        for (reference, expected) in [
            ("localhost:5000/a", "localhost:5000/a"),
            ("localhost:5000/a:1", "localhost:5000/a"),
            ("a:1@sha256:00", "a"),
            ("a", "a"),
        ] {
            assert_eq!(without_tag(reference), expected);
        }
    }
}
