//! An image as `docker load` takes it: an OCI layout with Docker's own index beside it, in one tar file. Made here
//! rather than by a build, so that the same contents give the same digest on every engine.

use std::fs::File;
use std::io::{Seek, Write};

use camino::Utf8Path;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::digest::{self, Summed};
use super::platform::Architecture;
use super::tree::{MODIFIED_SECONDS, Tree};
use crate::error::{Error, Result};

/// `MODIFIED_SECONDS` as image configurations write it.
const CREATED: &str = "2024-01-01T00:00:00Z";

/// Everything an image has besides its layers.
pub(super) struct Settings<'a> {
    /// The full reference, `name:tag`.
    pub(super) reference: &'a str,
    pub(super) architecture: Architecture,
    pub(super) variables: Vec<String>,
    pub(super) entrypoint: &'a [&'a str],
    pub(super) command: &'a [&'a str],
    pub(super) labels: Value,
}

struct Layer {
    file: File,
    /// Of the gzipped tar file.
    digest: String,
    length: u64,
    /// Of the tar file itself.
    diff: String,
    comment: &'static str,
}

/// Writes the image to `file`, which appears only when it is whole. `layers` go from bottom to top, each with a line
/// for the image's history.
///
/// # Errors
/// If something cannot be read or written.
pub(super) fn write(
    file: &Utf8Path,
    settings: &Settings<'_>,
    layers: &[(&'static str, Tree)],
) -> Result<()> {
    let failed = |e: std::io::Error| Error::failed(format!("failed to write {file}")).because(e);
    let directory = file.parent().unwrap_or(Utf8Path::new("."));
    let mut packed = Vec::new();
    for (comment, tree) in layers {
        let scratch = directory.join(format!("layer-{}.part", packed.len()));
        packed.push(pack(&scratch, comment, tree)?);
        // The open file stays readable; nothing is left behind if we are stopped.
        std::fs::remove_file(&scratch).map_err(failed)?;
    }
    let part = file.with_extension("tar.part");
    let mut out = std::io::BufWriter::new(File::create(&part).map_err(failed)?);
    assemble(&mut out, settings, &mut packed).map_err(failed)?;
    out.into_inner().map_err(|e| failed(e.into_error()))?;
    std::fs::rename(&part, file).map_err(failed)
}

fn pack(scratch: &Utf8Path, comment: &'static str, tree: &Tree) -> Result<Layer> {
    let failed = |e: std::io::Error| Error::failed(format!("failed to write {scratch}")).because(e);
    let file = File::options()
        .create(true)
        .truncate(true)
        .read(true)
        .write(true)
        .open(scratch)
        .map_err(failed)?;
    let packer = GzEncoder::new(Summed::new(file), Compression::default());
    let mut plain = Summed::new(std::io::BufWriter::with_capacity(1 << 16, packer));
    tree.write_tar(&mut plain)?;
    let (buffered, diff, _) = plain.finish();
    let packer = buffered.into_inner().map_err(|e| failed(e.into_error()))?;
    let (mut file, digest, length) = packer.finish().map_err(failed)?.finish();
    file.rewind().map_err(failed)?;
    Ok(Layer {
        file,
        digest,
        length,
        diff,
        comment,
    })
}

fn assemble(out: impl Write, settings: &Settings<'_>, layers: &mut [Layer]) -> std::io::Result<()> {
    let config = config(settings, layers).to_string();
    let manifest = manifest(&config, layers).to_string();
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": format!("sha256:{}", digest::of_bytes(manifest.as_bytes())),
            "size": manifest.len(),
            "annotations": {
                "io.containerd.image.name": settings.reference,
                "org.opencontainers.image.ref.name": tag(settings.reference),
            },
            "platform": {"architecture": settings.architecture.debian(), "os": "linux"},
        }],
    });
    // What engines before OCI read.
    let docker = json!([{
        "Config": blob(&digest::of_bytes(config.as_bytes())),
        "RepoTags": [settings.reference],
        "Layers": layers.iter().map(|l| blob(&l.digest)).collect::<Vec<_>>(),
    }]);
    let mut archive = tar::Builder::new(out);
    for directory in ["blobs/", "blobs/sha256/"] {
        let mut header = header(tar::EntryType::Directory, 0o755, 0);
        archive.append_data(&mut header, directory, std::io::empty())?;
    }
    for layer in layers {
        let mut header = header(tar::EntryType::Regular, 0o644, layer.length);
        archive.append_data(&mut header, blob(&layer.digest), &mut layer.file)?;
    }
    for text in [&config, &manifest] {
        let path = blob(&digest::of_bytes(text.as_bytes()));
        append(&mut archive, &path, text)?;
    }
    append(&mut archive, "index.json", &index.to_string())?;
    append(&mut archive, "manifest.json", &docker.to_string())?;
    append(
        &mut archive,
        "oci-layout",
        r#"{"imageLayoutVersion":"1.0.0"}"#,
    )?;
    archive.into_inner()?.flush()
}

fn config(settings: &Settings<'_>, layers: &[Layer]) -> Value {
    let history: Vec<Value> = layers
        .iter()
        .map(|layer| json!({"created": CREATED, "created_by": layer.comment}))
        .collect();
    let diffs: Vec<String> = layers
        .iter()
        .map(|layer| format!("sha256:{}", layer.diff))
        .collect();
    json!({
        "architecture": settings.architecture.debian(),
        "os": "linux",
        "created": CREATED,
        "config": {
            "Env": settings.variables,
            "Entrypoint": settings.entrypoint,
            "Cmd": settings.command,
            "Labels": settings.labels,
        },
        "rootfs": {"type": "layers", "diff_ids": diffs},
        "history": history,
    })
}

fn manifest(config: &str, layers: &[Layer]) -> Value {
    let layers: Vec<Value> = layers
        .iter()
        .map(|layer| {
            json!({
                "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                "digest": format!("sha256:{}", layer.digest),
                "size": layer.length,
            })
        })
        .collect();
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": format!("sha256:{}", digest::of_bytes(config.as_bytes())),
            "size": config.len(),
        },
        "layers": layers,
    })
}

fn blob(digest: &str) -> String {
    format!("blobs/sha256/{digest}")
}

fn tag(reference: &str) -> &str {
    reference.rsplit_once(':').map_or(reference, |(_, tag)| tag)
}

fn header(kind: tar::EntryType, mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(MODIFIED_SECONDS);
    header.set_uid(0);
    header.set_gid(0);
    header
}

fn append<W: Write>(archive: &mut tar::Builder<W>, path: &str, text: &str) -> std::io::Result<()> {
    let mut header = header(tar::EntryType::Regular, 0o644, text.len() as u64);
    archive.append_data(&mut header, path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read;

    use super::*;

    fn written(directory: &Utf8Path) -> Vec<u8> {
        let mut tree = Tree::default();
        tree.text("etc/x", "x");
        let settings = Settings {
            reference: "xtask.local/stand-in/node:1",
            architecture: Architecture::Amd64,
            variables: vec!["PATH=/bin".to_owned()],
            entrypoint: &["e"],
            command: &["node"],
            labels: json!({"a": "b"}),
        };
        let file = directory.join("image.tar");
        write(&file, &settings, &[("one", tree.clone()), ("two", tree)]).unwrap();
        assert_eq!(
            directory.read_dir_utf8().unwrap().count(),
            1,
            "no scratch file is left"
        );
        std::fs::read(file).unwrap()
    }

    #[test]
    fn the_same_image_has_the_same_bytes_and_every_digest_is_true() {
        let directory = tempfile::tempdir().unwrap();
        let directory = Utf8Path::from_path(directory.path()).unwrap();
        let bytes = written(directory);
        assert_eq!(bytes, written(directory));
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            files.insert(path, content);
        }
        for (path, content) in &files {
            if let Some(digest) = path.strip_prefix("blobs/sha256/").filter(|d| !d.is_empty()) {
                assert_eq!(digest, digest::of_bytes(content), "{path}");
            }
        }
        let read = |path: &str| -> Value { serde_json::from_slice(&files[path]).unwrap() };
        let at = |digest: &Value| digest.as_str().unwrap().replace("sha256:", "blobs/sha256/");
        let manifest = read(&at(&read("index.json")["manifests"][0]["digest"]));
        let config = read(&at(&manifest["config"]["digest"]));
        for (layer, diff) in manifest["layers"]
            .as_array()
            .unwrap()
            .iter()
            .zip(config["rootfs"]["diff_ids"].as_array().unwrap())
        {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(files[&at(&layer["digest"])].as_slice())
                .read_to_end(&mut plain)
                .unwrap();
            assert_eq!(diff, &format!("sha256:{}", digest::of_bytes(&plain)));
        }
        let docker = read("manifest.json");
        assert_eq!(docker[0]["RepoTags"][0], "xtask.local/stand-in/node:1");
        assert!(files.contains_key(docker[0]["Config"].as_str().unwrap()));
    }
}
