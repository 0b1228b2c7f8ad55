//! The files of an image, from its layers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cases::Case;
use crate::commands::test::Trial;
use crate::error::{Error, Result};
use crate::image::accounting::{Chosen, Found, SavedImage, read_contents};
use crate::image::filesystem::Filesystem;
use crate::trial::structure::{Rootfs, license_files};

/// All layers over each other.
pub(super) fn filesystem(image: &SavedImage) -> Result<Filesystem> {
    let layers: Option<Vec<_>> = image
        .layers
        .iter()
        .map(|layer| layer.contents.as_ref().map(Arc::clone))
        .collect();
    layers
        .map(Filesystem::of)
        .ok_or_else(|| Error::failed("the layers of the image were read without their entries"))
}

/// With the content of all files that tests look into: read in one pass, and only if there are any.
pub(super) fn with_contents<'f>(
    trial: &Trial<'_>,
    case: &Case,
    image: &SavedImage,
    filesystem: &'f Filesystem,
    expand: &dyn Fn(&str) -> String,
) -> Result<Rootfs<'f>> {
    let rootfs = Rootfs::new(filesystem, BTreeMap::new());
    let mut paths: Vec<String> = case
        .file
        .contents
        .iter()
        .map(|test| expand(&test.path))
        .collect();
    for test in &case.file.licenses {
        paths.extend(license_files(test, &rootfs));
    }
    let mut chosen = Chosen::new();
    let mut places = BTreeMap::new();
    for file in paths.iter().filter_map(|path| rootfs.file(path)) {
        let about = &filesystem.files()[file];
        let contents = &filesystem.layers()[about.layer];
        let entry = filesystem.entry(about);
        let (folder, name) = (contents.folder(entry), contents.name(entry));
        let path = if folder.is_empty() {
            name.to_vec()
        } else {
            [folder, name].join(&b'/')
        };
        let digest = image.layers[about.layer].digest.clone();
        chosen
            .entry(digest.clone())
            .or_default()
            .insert(path.clone());
        places.insert(file, (digest, path));
    }
    if places.is_empty() {
        return Ok(rootfs);
    }
    let mut found = read(trial, &case.reference, &chosen)?;
    let contents = places.into_iter().map(|(file, place)| {
        let lost = || Err("`docker save` left its layer out".to_owned());
        // Several paths may mean one file, but each file is asked for once.
        (file, found.remove(&place).unwrap_or_else(lost))
    });
    Ok(Rootfs::new(filesystem, contents.collect()))
}

fn read(trial: &Trial<'_>, reference: &str, chosen: &Chosen) -> Result<Found> {
    let command = trial
        .engine
        .command()
        .args(["image", "save", "--", reference]);
    let mut found = Ok(Found::new());
    let output = trial.means.runner.stream(&command, &mut |stream| {
        // A stream cut short is a symptom: what `docker save` says about it comes first.
        found = read_contents(stream, chosen);
        Ok(())
    })?;
    output.checked(&command)?;
    found
}
