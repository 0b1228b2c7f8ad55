use std::sync::Arc;

use super::*;
use crate::image::executable;
use crate::image::layer::{Detail, LayerContents};

mod apk;
mod dpkg;
mod embedded;
mod npm;
mod python;
mod whole;

/// The bytes of a layer: paths with content; a path that ends with `@` is a link to its content.
fn layer(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        if let Some(link) = path.strip_suffix('@') {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_size(0);
            let target = std::str::from_utf8(content).unwrap();
            tar.append_link(&mut header, link, target).unwrap();
        } else {
            header.set_size(content.len() as u64);
            tar.append_data(&mut header, path, *content).unwrap();
        }
    }
    tar.into_inner().unwrap()
}

fn filesystem(layers: &[&[(&str, &[u8])]]) -> Filesystem {
    let contents = layers.iter().map(|files| {
        let bytes = layer(files);
        let (_, contents) = LayerContents::read(&mut &bytes[..], Detail::Entries).unwrap();
        Arc::new(contents.unwrap())
    });
    Filesystem::of(contents.collect())
}

/// Each package in a line with its files: `name version: a b`.
fn told(filesystem: &Filesystem) -> Vec<String> {
    let told = |package: Package| {
        let files = package.files.iter();
        let paths: Vec<String> = files
            .map(|file| filesystem.path(&filesystem.files()[*file]))
            .collect();
        format!("{} {}: {}", package.name, package.version, paths.join(" "))
    };
    packages(filesystem).into_iter().map(told).collect()
}

fn told_of(files: &[(&str, &[u8])]) -> Vec<String> {
    told(&filesystem(&[files]))
}
