//! An image that was scanned: what is in it, and what is wrong with it.

use std::sync::Arc;

use super::vulnerability::{Affected, Vulnerability};
use crate::finding::Finding;
use crate::image::accounting::SavedImage;
use crate::image::attribution::Origin;
use crate::image::distribution::Distribution;
use crate::image::filesystem::Filesystem;
use crate::image::inventory::{self, Package};
use crate::image::layer::LayerContents;

/// An image, and everything that was found out about it.
#[derive(Debug)]
pub struct Scanned {
    /// The service's name, or the reference or path it was read from.
    pub name: String,
    /// Where it was read from, in words.
    pub source: String,
    /// Which of the manifest's images it is.
    pub own: Option<String>,
    /// What was read.
    pub image: SavedImage,
    /// What made each layer, lowest first.
    pub origins: Vec<Origin>,
    /// What made each entry of its history.
    pub steps: Vec<Origin>,
    /// The layers laid over each other; `None` if not all files could be listed.
    pub filesystem: Option<Filesystem>,
    /// The distribution it is.
    pub distribution: Distribution,
    /// By manager, name and version.
    pub packages: Vec<Package>,
    /// The worst first.
    pub vulnerabilities: Vec<Vulnerability>,
    /// What is wrong with how it is made up.
    pub hardening: Vec<Finding>,
    /// What could not be judged. An image that has any is not clean.
    pub unknowns: Vec<Unknown>,
}

/// Something that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// What is not known, as a lower-case sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Whether nobody could know: nowhere are there data about such packages. It is told, and changes no exit code.
    pub is_nobodys: bool,
}

impl Scanned {
    /// Lays the layers of an image over each other and lists its packages.
    #[must_use]
    pub fn of(
        name: String,
        source: String,
        own: Option<String>,
        image: SavedImage,
        (origins, steps): (Vec<Origin>, Vec<Origin>),
    ) -> Self {
        let filesystem = contents(&image).map(Filesystem::of);
        let packages = filesystem
            .as_ref()
            .map(inventory::packages)
            .unwrap_or_default();
        let distribution = filesystem
            .as_ref()
            .map(Distribution::of)
            .unwrap_or_default();
        let mut unknowns = Vec::new();
        if filesystem.is_none() {
            unknowns.push(Unknown {
                message: format!(
                    "not all files of {name} could be listed, so its packages are not known"
                ),
                help: None,
                is_nobodys: false,
            });
        }
        Self {
            name,
            source,
            own,
            image,
            origins,
            steps,
            filesystem,
            distribution,
            packages,
            vulnerabilities: Vec::new(),
            hardening: Vec::new(),
            unknowns,
        }
    }

    /// Whether something could not be judged that others can.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.unknowns.iter().any(|unknown| !unknown.is_nobodys)
    }

    /// Of its manifest, where there is one, else of its configuration.
    #[must_use]
    pub fn digest(&self) -> &str {
        let manifest = self.image.manifest_digest.as_deref();
        manifest.unwrap_or(&self.image.config_digest)
    }

    /// What the data about its distribution's packages are called, such as `Alpine:v3.20`; `None` if that is not known.
    #[must_use]
    pub fn release(&self) -> Option<String> {
        self.distribution.osv_ecosystem()
    }

    /// The package of the inventory that has a vulnerability.
    #[must_use]
    pub fn package(&self, affected: &Affected) -> Option<&Package> {
        let is_it =
            |package: &&Package| affected.is(package.manager, &package.name, &package.version);
        let mut same = self.packages.iter().filter(is_it);
        let first = same.clone().next();
        same.find(|package| package.record == affected.record)
            .or(first)
    }

    /// Which layer brought a package: the lowest that has a visible file of it, else the one with its record.
    #[must_use]
    pub fn layer_of(&self, package: &Package) -> Option<usize> {
        let filesystem = self.filesystem.as_ref()?;
        let files = filesystem.files();
        let lowest = package
            .files
            .iter()
            .filter_map(|file| Some(files.get(*file)?.layer));
        lowest.min().or_else(|| {
            Some(
                filesystem
                    .find(package.record.trim_start_matches('/').as_bytes())?
                    .layer,
            )
        })
    }
}

/// The entries of all layers, if all are known.
fn contents(image: &SavedImage) -> Option<Vec<Arc<LayerContents>>> {
    let complete = |contents: &Arc<LayerContents>| contents.remarks.unlisted == 0;
    image
        .layers
        .iter()
        .map(|layer| layer.contents.clone().filter(complete))
        .collect()
}
