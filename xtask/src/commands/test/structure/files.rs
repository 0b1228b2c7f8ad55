//! The files of images, from their layers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cases::Case;
use crate::commands::test::Trial;
use crate::error::{Error, Result};
use crate::image::accounting::{Chosen, Found, SavedImage, read_contents};
use crate::image::filesystem::Filesystem;
use crate::trial::structure::{Rootfs, license_files};

/// An image's files, and which of them are looked into.
pub(super) struct View {
    filesystem: Filesystem,
    /// By position of the file: the digest of its layer, and its path in it.
    chosen: BTreeMap<usize, (String, Vec<u8>)>,
}

impl View {
    /// For the tests of a case.
    pub(super) fn of(case: &Case, image: &SavedImage) -> Result<Self> {
        let layers: Option<Vec<_>> = image
            .layers
            .iter()
            .map(|layer| layer.contents.as_ref().map(Arc::clone))
            .collect();
        let filesystem = layers.map(Filesystem::of).ok_or_else(|| {
            Error::failed("the layers of the image were read without their entries")
        })?;
        let rootfs = Rootfs::new(&filesystem, BTreeMap::new());
        let variables = case.variables(image);
        let contents = case.file.contents.iter();
        let mut paths: Vec<String> = contents.map(|test| variables.expand(&test.path)).collect();
        for test in &case.file.licenses {
            paths.extend(license_files(test, &rootfs));
        }
        let mut chosen = BTreeMap::new();
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
            chosen.insert(file, (image.layers[about.layer].digest.clone(), path));
        }
        Ok(Self { filesystem, chosen })
    }

    /// With what was read.
    pub(super) fn rootfs(&self, found: &Found) -> Rootfs<'_> {
        let contents = self.chosen.iter().map(|(file, place)| {
            let lost = || Err("`docker save` left its layer out".to_owned());
            (*file, found.get(place).cloned().unwrap_or_else(lost))
        });
        Rootfs::new(&self.filesystem, contents.collect())
    }
}

/// The content of all files that tests look into; nothing is read if there are none.
pub(super) fn read(trial: &Trial<'_>, references: &[&str], views: &[View]) -> Result<Found> {
    let mut chosen = Chosen::new();
    for (digest, path) in views.iter().flat_map(|view| view.chosen.values()) {
        chosen
            .entry(digest.clone())
            .or_default()
            .insert(path.clone());
    }
    if chosen.is_empty() {
        return Ok(Found::new());
    }
    let command = trial
        .engine
        .command()
        .args(["image", "save", "--"])
        .args(references);
    let mut found = Ok(Found::new());
    let output = trial.means.runner.stream(&command, &mut |stream| {
        // A stream cut short is a symptom: what `docker save` says about it comes first.
        found = read_contents(stream, &chosen);
        Ok(())
    })?;
    output.checked(&command)?;
    found
}
