//! Images made by hand.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// A member of a layer: a path that ends with a slash is a folder.
pub(crate) type Member<'a> = (&'a str, &'a [u8]);

pub(crate) fn tar_of(members: &[Member<'_>]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        if path.ends_with('/') {
            header.set_entry_type(tar::EntryType::Directory);
        }
        tar.append_data(&mut header, path, *content).unwrap();
    }
    tar.into_inner().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// An image: a plain and a stored form of each layer, and its history.
pub(crate) struct Image {
    pub(crate) layers: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) architecture: &'static str,
}

impl Image {
    pub(crate) fn of(layers: &[&[Member<'_>]], store: fn(&[u8]) -> Vec<u8>) -> Self {
        let stored = |members: &&[Member<'_>]| {
            let plain = tar_of(members);
            let stored = store(&plain);
            (plain, stored)
        };
        Self {
            layers: layers.iter().map(stored).collect(),
            architecture: "amd64",
        }
    }
}

/// The files of an OCI layout with these images in one index.
pub(crate) fn layout(images: &[Image]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut blob = |bytes: Vec<u8>| {
        let digest = digest(&bytes);
        let size = bytes.len();
        files.push((format!("blobs/{}", digest.replace(':', "/")), bytes));
        serde_json::json!({"digest": digest, "size": size})
    };
    let mut manifests = Vec::new();
    for image in images {
        let history: Vec<_> = (0..image.layers.len())
            .map(|at| serde_json::json!({"created_by": format!("COPY {at} / # buildkit")}))
            .collect();
        let diff_ids: Vec<_> = image
            .layers
            .iter()
            .map(|(plain, _)| digest(plain))
            .collect();
        let config = serde_json::json!({
            "os": "linux", "architecture": image.architecture, "history": history,
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = blob(config.to_string().into_bytes());
        let layers: Vec<_> = image
            .layers
            .iter()
            .map(|(_, stored)| blob(stored.clone()))
            .collect();
        let manifest = serde_json::json!({"schemaVersion": 2, "config": config, "layers": layers});
        let mut manifest = blob(manifest.to_string().into_bytes());
        manifest["platform"] =
            serde_json::json!({"os": "linux", "architecture": image.architecture});
        manifests.push(manifest);
    }
    let index = serde_json::json!({"schemaVersion": 2, "manifests": manifests});
    files.push(("index.json".to_owned(), index.to_string().into_bytes()));
    files.push((
        "oci-layout".to_owned(),
        b"{\"imageLayoutVersion\":\"1.0.0\"}".to_vec(),
    ));
    files
}

pub(crate) fn write_folder(folder: &Path, files: &[(String, Vec<u8>)]) {
    for (path, bytes) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

pub(crate) fn write_archive(file: &Path, files: &[(String, Vec<u8>)]) {
    let members: Vec<Member<'_>> = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), &bytes[..]))
        .collect();
    std::fs::write(file, tar_of(&members)).unwrap();
}
