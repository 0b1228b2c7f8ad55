//! Archives made by hand.

use std::io::Write;

use sha2::{Digest, Sha256};

/// A file in a layer.
#[derive(Clone, Debug)]
pub(super) enum File {
    Regular(String, usize),
    Link(String, String),
    Symlink(String, String),
    Directory(String),
}

pub(super) fn tar_of(files: &[File]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(0);
        match file {
            File::Regular(path, size) => {
                header.set_size(*size as u64);
                tar.append_data(&mut header, path, vec![b'x'; *size].as_slice())
                    .unwrap();
            }
            File::Link(path, target) => {
                header.set_entry_type(tar::EntryType::Link);
                tar.append_link(&mut header, path, target).unwrap();
            }
            File::Symlink(path, target) => {
                header.set_entry_type(tar::EntryType::Symlink);
                tar.append_link(&mut header, path, target).unwrap();
            }
            File::Directory(path) => {
                header.set_entry_type(tar::EntryType::Directory);
                tar.append_data(&mut header, path, &[][..]).unwrap();
            }
        }
    }
    tar.into_inner().unwrap()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Frames of raw blocks with a skippable frame between.
pub(super) fn zstd_raw(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in bytes.chunks(1_000) {
        out.extend([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
        out.extend([0x28, 0xb5, 0x2f, 0xfd, 0xa0]);
        out.extend(u32::try_from(part.len()).unwrap().to_le_bytes());
        let block = u32::try_from(part.len()).unwrap() << 3 | 1;
        out.extend(&block.to_le_bytes()[..3]);
        out.extend(part);
    }
    out
}

pub(super) fn sha(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold("sha256:".to_owned(), |t, b| format!("{t}{b:02x}"))
}

pub(super) fn blob_path(digest: &str) -> String {
    digest
        .replacen(':', "/", 1)
        .replacen("sha256", "blobs/sha256", 1)
}

/// An OCI layout with `manifest.json`, as `docker save` writes it.
#[derive(Default)]
pub(super) struct Saved {
    pub(super) files: Vec<(String, Vec<u8>)>,
    pub(super) index: Vec<serde_json::Value>,
    pub(super) docker: Vec<serde_json::Value>,
}

impl Saved {
    pub(super) fn blob(&mut self, bytes: Vec<u8>) -> String {
        let digest = sha(&bytes);
        let path = blob_path(&digest);
        if !self.files.iter().any(|(p, _)| *p == path) {
            self.files.push((path, bytes));
        }
        digest
    }

    /// Adds an image of layers given plain and as stored; returns its descriptor.
    pub(super) fn manifest(
        &mut self,
        architecture: &str,
        layers: &[(Vec<u8>, Vec<u8>)],
    ) -> serde_json::Value {
        let diff_ids: Vec<_> = layers.iter().map(|(plain, _)| sha(plain)).collect();
        let stored: Vec<_> = layers
            .iter()
            .map(|(_, stored)| self.blob(stored.clone()))
            .collect();
        let config = serde_json::json!({"architecture": architecture, "os": "linux", "config": {"Labels": {"a": "b"}}, "rootfs": {"type": "layers", "diff_ids": diff_ids}});
        let config = self.blob(config.to_string().into_bytes());
        let layers: Vec<_> = stored
            .iter()
            .map(|d| serde_json::json!({"digest": d}))
            .collect();
        let manifest = self.blob(
            serde_json::json!({"config": {"digest": config}, "layers": layers})
                .to_string()
                .into_bytes(),
        );
        self.docker.push(serde_json::json!({"Config": blob_path(&config), "RepoTags": null, "Layers": stored.iter().map(|d| blob_path(d)).collect::<Vec<_>>()}));
        serde_json::json!({"digest": manifest, "platform": {"os": "linux", "architecture": architecture}})
    }

    pub(super) fn image(mut self, name: &str, layers: &[(Vec<u8>, Vec<u8>)]) -> Self {
        let mut descriptor = self.manifest("amd64", layers);
        descriptor["annotations"] =
            serde_json::json!({"io.containerd.image.name": format!("docker.io/{name}")});
        self.docker.last_mut().unwrap()["RepoTags"] = serde_json::json!([name]);
        self.index.push(descriptor);
        self
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut files = self.files.clone();
        files.push((
            "index.json".into(),
            serde_json::json!({"manifests": self.index})
                .to_string()
                .into_bytes(),
        ));
        files.push((
            "manifest.json".into(),
            serde_json::json!(self.docker).to_string().into_bytes(),
        ));
        archive(&files)
    }
}

pub(super) fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, path, bytes.as_slice())
            .unwrap();
    }
    tar.into_inner().unwrap()
}
