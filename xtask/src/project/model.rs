//! The one model of what is in the monorepo.

use camino::{Utf8Path, Utf8PathBuf};

use super::manifest::Manifest;
use super::own_images::OwnImages;
use super::reading::{self, Arguments, Reach};
use super::root::Root;
use crate::dockerfile::Dockerfile;
use crate::error::Result;
use crate::source::Location;

/// Manifest, bases and services, read and checked.
#[derive(Clone, Debug)]
pub struct Project {
    /// The repository's root, absolute.
    pub root: Utf8PathBuf,
    /// The manifest.
    pub manifest: Manifest,
    /// The bases in the manifest's order, then the services by name.
    pub images: Vec<ImageDefinition>,
    /// What `images` are called under the registry of `manifest`.
    pub(crate) own: OwnImages,
}

/// What an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Shared by services.
    Base,
    /// A service.
    Service,
}

/// One Dockerfile and what it makes.
#[derive(Clone, Debug)]
pub struct ImageDefinition {
    /// `api-gateway`: also the name of its target.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The file; [`Dockerfile::source`] knows its path from the root.
    pub dockerfile: Dockerfile,
    /// The stage that is the image, by index.
    pub production: usize,
    /// The stage for developing, by index.
    pub development: Option<usize>,
    /// The port it listens on.
    pub port: Option<u16>,
    /// The path that tells its health.
    pub health_path: Option<String>,
}

impl Project {
    /// Reads everything below `root`.
    ///
    /// # Errors
    /// Whatever is wrong with the manifest or a Dockerfile's outline; all of it at once.
    pub fn load(root: &Root) -> Result<Self> {
        let manifest = Manifest::read(&root.root, &root.manifest)?;
        Self::of(&root.root, manifest)
    }

    pub(super) fn new(root: &Utf8Path, manifest: Manifest, images: Vec<ImageDefinition>) -> Self {
        let mut project = Self {
            root: root.to_owned(),
            manifest,
            images,
            own: OwnImages::default(),
        };
        let name = |image: &ImageDefinition| project.image_name(&image.name);
        project.own = OwnImages::new(&project.images, name);
        project
    }

    /// Reads the Dockerfiles that a manifest names, below `root`.
    ///
    /// # Errors
    /// As [`Project::load`].
    pub fn of(root: &Utf8Path, manifest: Manifest) -> Result<Self> {
        super::discovery::project(root, manifest)
    }

    /// The services, by name.
    pub fn services(&self) -> impl Iterator<Item = &ImageDefinition> {
        self.images
            .iter()
            .filter(|image| image.role == Role::Service)
    }

    /// The bases, in the manifest's order.
    pub fn bases(&self) -> impl Iterator<Item = &ImageDefinition> {
        self.images.iter().filter(|image| image.role == Role::Base)
    }

    /// The image of this name.
    #[must_use]
    pub fn image(&self, name: &str) -> Option<&ImageDefinition> {
        self.images.iter().find(|image| image.name == name)
    }

    /// What an image is called below its registry and namespace: `jts-api-gateway`.
    #[must_use]
    pub fn repository(&self, image: &str) -> String {
        let template = self.manifest.registry.image.clone();
        template
            .unwrap_or_else(|| format!("{}-{{name}}", self.manifest.project.name))
            .replace("{name}", &image.to_lowercase())
    }

    /// What an image is called with registry and namespace, without a tag: `ghcr.io/ddoachi/jts-api-gateway`.
    #[must_use]
    pub fn image_name(&self, image: &str) -> String {
        let registry = &self.manifest.registry;
        let repository = self.repository(image);
        [
            registry.host.as_str(),
            registry.namespace.as_str(),
            repository.as_str(),
        ]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("/")
    }

    /// The first part of every bake variable: `JTS`.
    #[must_use]
    pub fn variable_prefix(&self) -> String {
        self.manifest.project.name.to_uppercase().replace('-', "_")
    }

    /// The manifest's build arguments with `more` on top.
    #[must_use]
    pub fn arguments(&self, more: &Arguments) -> Arguments {
        let mut arguments = self.manifest.build.args.clone();
        arguments.extend(more.clone());
        arguments
    }

    /// The image and stage of this project a reference means, if it means one: the production stage goes by the
    /// image's own name, any other by `<image>-<stage>`. The tag does not matter; only a digest means what was pushed
    /// once.
    #[must_use]
    pub fn own_image(&self, reference: &str) -> Option<(&ImageDefinition, usize)> {
        let (place, stage) = self.own_place(reference)?;
        Some((&self.images[place], stage))
    }

    /// As [`Project::own_image`], with the place of the image in `images`.
    pub(crate) fn own_place(&self, reference: &str) -> Option<(usize, usize)> {
        let (place, stage) = self.own.find(reference)?;
        Some((place, stage.unwrap_or(self.images.get(place)?.production)))
    }
}

impl ImageDefinition {
    /// The Dockerfile, from the root.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        self.dockerfile.source.path()
    }

    /// A stage's name in lower case; empty if it has none.
    #[must_use]
    pub fn stage_name(&self, stage: usize) -> String {
        let name = self
            .dockerfile
            .stages
            .get(stage)
            .and_then(|s| s.name.as_ref());
        name.map(|n| n.value.to_lowercase()).unwrap_or_default()
    }

    /// What building a stage reads.
    #[must_use]
    pub fn reach(&self, stage: usize, arguments: &Arguments) -> Reach {
        reading::reach(&self.dockerfile, stage, arguments)
    }

    /// A place in its Dockerfile.
    #[must_use]
    pub fn location(&self, span: crate::source::Span) -> Location {
        self.dockerfile.source.location(span)
    }
}
