//! From what the user names to images that were read.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::Common;
use crate::commands::engine::{private_engine, select_engine};
use crate::engine::images::{self, Keeping};
use crate::engine::registry::Client;
use crate::engine::registry_image;
use crate::engine::select::EngineChoice;
use crate::engine::{Engine, ImageStore, Means};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::image::accounting::{self, Reading, SavedImage};
use crate::image::layer::Detail;
use crate::project::Project;

/// Where an image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Place {
    /// In the engine, under this reference.
    Engine(String),
    /// An OCI layout that is a folder.
    Folder(Utf8PathBuf),
    /// An archive.
    Archive(Utf8PathBuf),
    /// In a registry.
    Registry(String),
}

/// An image that somebody named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Wanted {
    /// What it is called in what is told.
    pub(in crate::commands) name: String,
    /// Where it is.
    pub(in crate::commands) place: Place,
    /// Which of the manifest's images it is.
    pub(in crate::commands) own: Option<String>,
}

/// An image that was read.
#[derive(Debug)]
pub(in crate::commands) struct Read {
    pub(in crate::commands) wanted: Wanted,
    /// In words.
    pub(in crate::commands) source: String,
    pub(in crate::commands) image: SavedImage,
}

/// Images that were read.
#[derive(Debug)]
pub(in crate::commands) struct Images {
    /// In the order they were named.
    pub(in crate::commands) read: Vec<Read>,
    /// What could not be read.
    pub(in crate::commands) errors: Vec<Error>,
    /// The engine that was asked, if one was.
    pub(in crate::commands) engine: Option<Engine>,
}

/// What an image is called in the engine, by image of the manifest, as it was built last.
pub(in crate::commands) type Names = BTreeMap<String, String>;

impl Wanted {
    /// What a word of the command line means. What looks like a path is one, if it is there.
    pub(in crate::commands) fn parse(
        word: &str,
        project: Option<&Project>,
        names: &Names,
        current_dir: &Utf8Path,
    ) -> Self {
        let at = |place| Self {
            name: word.to_owned(),
            place,
            own: None,
        };
        if let Some(folder) = word.strip_prefix("oci:") {
            return at(Place::Folder(current_dir.join(folder)));
        }
        if let Some(reference) = word.strip_prefix("registry:") {
            return at(Place::Registry(reference.to_owned()));
        }
        if let Some(project) = project
            && let Some(image) = project.images.iter().find(|image| image.name == word)
        {
            return Self::of_manifest(project, &image.name, names);
        }
        let path = current_dir.join(word);
        if path.join("index.json").is_file() || path.join("manifest.json").is_file() {
            return at(Place::Folder(path));
        }
        if path.is_file() || word.starts_with('.') || word.starts_with('/') {
            return at(Place::Archive(path));
        }
        at(Place::Engine(word.to_owned()))
    }

    /// An image of the manifest.
    pub(in crate::commands) fn of_manifest(project: &Project, image: &str, names: &Names) -> Self {
        let ordinary = || format!("{}:dev", project.image_name(image));
        Self {
            name: image.to_owned(),
            place: Place::Engine(names.get(image).cloned().unwrap_or_else(ordinary)),
            own: Some(image.to_owned()),
        }
    }
}

/// Reads images, those of the engine in one go.
pub(in crate::commands) struct Reader<'a> {
    /// Of images for several platforms, this one.
    pub(in crate::commands) platform: Option<&'a str>,
    pub(in crate::commands) engine: EngineChoice,
    /// How closely they are looked at.
    pub(in crate::commands) detail: Detail,
    pub(in crate::commands) common: &'a Common,
    pub(in crate::commands) environment: &'a Environment,
    /// The root of the repository, or where the user stands.
    pub(in crate::commands) root: &'a Utf8Path,
}

impl Reader<'_> {
    /// The images in the order they were named, and what could not be read.
    pub(in crate::commands) fn read(&self, all: Vec<Wanted>) -> Result<Images> {
        let needs_engine =
            |wanted: &Wanted| matches!(wanted.place, Place::Engine(_) | Place::Registry(_));
        let engine = if all.iter().any(needs_engine) {
            Some(self.selected_engine()?)
        } else {
            None
        };
        let (mut found, mut errors) = (Vec::new(), Vec::new());
        let mut together = self.all_of_engine(&all, engine.as_ref());
        for wanted in all {
            self.environment.interrupt.check()?;
            let read = match (&wanted.place, &engine) {
                (Place::Engine(reference), Some(engine)) => together
                    .remove(reference)
                    .unwrap_or_else(|| self.one_of_engine(reference, engine))
                    .map(|image| vec![(engine_words(engine).to_owned(), image)]),
                (Place::Registry(reference), Some(engine)) => self.of_registry(reference, engine),
                (Place::Folder(folder), _) => self.of_folder(folder),
                (Place::Archive(file), _) => self.of_archive(file),
                // An engine was asked for if any image needs one.
                (_, None) => Ok(Vec::new()),
            };
            match read {
                Ok(images) => {
                    let several = images.len() > 1;
                    found.extend(images.into_iter().map(|(source, image)| Read {
                        wanted: Wanted {
                            name: if several {
                                distinct(&wanted, &image)
                            } else {
                                wanted.name.clone()
                            },
                            ..wanted.clone()
                        },
                        source,
                        image,
                    }));
                }
                Err(error) if error.exit() == crate::error::Exit::Interrupted => return Err(error),
                Err(error) => errors.push(error),
            }
        }
        Ok(Images {
            read: found,
            errors,
            engine,
        })
    }

    fn selected_engine(&self) -> Result<Engine> {
        let note = |line: &str| self.note(line);
        let means = Means {
            runner: self.environment.runner.as_ref(),
            interrupt: &self.environment.interrupt,
            note: &note,
        };
        let private = private_engine(self.root, self.environment);
        select_engine(means, self.engine, &private, self.root, self.environment)
    }

    fn note(&self, line: &str) {
        self.common.note(self.environment, line);
    }

    fn kept(&self) -> Utf8PathBuf {
        self.root.join("target/docker-size")
    }

    fn keeping<'a>(&self, folder: &'a Utf8Path) -> Keeping<'a> {
        Keeping {
            folder,
            detail: self.detail,
        }
    }

    fn reading<'a>(&self, known: &'a BTreeMap<String, accounting::Layer>) -> Reading<'a> {
        Reading {
            known,
            detail: self.detail,
        }
    }

    /// All in one call, which reads shared layers once. If that fails, each is asked for by itself.
    fn all_of_engine(
        &self,
        wanted: &[Wanted],
        engine: Option<&Engine>,
    ) -> BTreeMap<String, Result<SavedImage>> {
        let references: Vec<&str> = wanted
            .iter()
            .filter_map(|wanted| match &wanted.place {
                Place::Engine(reference) => Some(reference.as_str()),
                _ => None,
            })
            .collect();
        let Some(engine) = engine.filter(|_| references.len() > 1) else {
            return BTreeMap::new();
        };
        let runner = self.environment.runner.as_ref();
        let kept = self.kept();
        let keeping = self.keeping(&kept);
        let read = images::read_entries(runner, engine, &references, keeping, &|line| {
            self.note(line);
        });
        let named = references.iter().map(|reference| (*reference).to_owned());
        read.map(|images| named.zip(images.into_iter().map(Ok)).collect())
            .unwrap_or_default()
    }

    fn one_of_engine(&self, reference: &str, engine: &Engine) -> Result<SavedImage> {
        let runner = self.environment.runner.as_ref();
        let kept = self.kept();
        let keeping = self.keeping(&kept);
        let read = images::read_entries(runner, engine, &[reference], keeping, &|line| {
            self.note(line);
        })?;
        let image = read.into_iter().next();
        let image = image.ok_or_else(|| Error::failed(format!("failed to read {reference}")))?;
        match self.platform {
            Some(platform) if !image.config.is_for(platform) => Err(Error::usage(format!(
                "{reference} is for {} in the engine, not for {platform}",
                image.config.platform()
            ))
            .help("read it from a registry with `registry:REFERENCE`, or from an archive")),
            _ => Ok(image),
        }
    }

    fn of_registry(&self, reference: &str, engine: &Engine) -> Result<Vec<(String, SavedImage)>> {
        let runner = self.environment.runner.as_ref();
        let platform = self.platform;
        let client = Client::of(engine, &private_engine(self.root, self.environment))?;
        let note = |line: &str| self.note(line);
        let kept = self.kept();
        let keeping = self.keeping(&kept);
        let image =
            registry_image::read(runner, engine, &client, reference, platform, keeping, &note)?;
        Ok(vec![("registry".to_owned(), image)])
    }

    fn of_folder(&self, folder: &Utf8Path) -> Result<Vec<(String, SavedImage)>> {
        let platform = self.platform;
        let known = BTreeMap::new();
        let images = accounting::read_folder(folder, self.reading(&known), platform)?;
        self.some(images, folder, "OCI layout")
    }

    fn of_archive(&self, file: &Utf8Path) -> Result<Vec<(String, SavedImage)>> {
        let failed = |error: std::io::Error| {
            Error::usage(format!("failed to read {file}"))
                .because(error)
                .help("IMAGE is an image of the manifest, a reference, `oci:DIR`, an archive or `registry:REFERENCE`")
        };
        let about = file.metadata().map_err(failed)?;
        if about.is_dir() {
            return Err(
                Error::usage(format!("{file} is a folder without an index.json"))
                    .help("an OCI layout has one; an unpacked archive has a manifest.json"),
            );
        }
        if !about.is_file() {
            // A pipe without a writer would be waited for forever.
            return Err(Error::usage(format!("{file} is no regular file"))
                .help("save the image to a file: `docker save --output FILE IMAGE`"));
        }
        let opened = std::fs::File::open(file).map_err(failed)?;
        let known = BTreeMap::new();
        let mut stream = opened;
        let mut images = accounting::read(&mut stream, self.reading(&known))
            .map_err(|error| Error::usage(format!("failed to read {file}")).because(error))?;
        if let Some(platform) = self.platform {
            images.retain(|image| image.config.is_for(platform));
        }
        self.some(images, file, "archive")
    }

    fn some(
        &self,
        images: Vec<SavedImage>,
        path: &Utf8Path,
        source: &str,
    ) -> Result<Vec<(String, SavedImage)>> {
        if images.is_empty() {
            let platform = self.platform;
            let which = platform.map(|p| format!(" for {p}")).unwrap_or_default();
            return Err(Error::usage(format!("{path} holds no image{which}")));
        }
        Ok(images
            .into_iter()
            .map(|image| (source.to_owned(), image))
            .collect())
    }
}

/// An archive may hold several images.
fn distinct(wanted: &Wanted, image: &SavedImage) -> String {
    match image.names.first() {
        Some(name) => format!("{} ({name}, {})", wanted.name, image.config.platform()),
        None => format!("{} ({})", wanted.name, image.config.platform()),
    }
}

const fn engine_words(engine: &Engine) -> &'static str {
    match engine.store {
        ImageStore::GraphDriver => "engine (graph driver)",
        ImageStore::Containerd => "engine (containerd)",
    }
}
