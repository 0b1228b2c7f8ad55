//! All Dockerfiles of a repository as models, those that start from one another joined.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::{HashMap, HashSet};

use crate::dockerfile::{Dockerfile, InstructionKind};
use crate::lint::model::Model;
use crate::lint::published::Published;
use crate::lint::surroundings::{Around, Context, Files, Surroundings};
use crate::parallel;
use crate::project::{ImageDefinition, ImageName, Project};

mod conventions;

use self::conventions::{Base, Conventions};
pub(super) use self::conventions::{ByPlace, bases};

/// A stage of this repository.
type Place = (Utf8PathBuf, usize);

impl Surroundings {
    /// Reads the meaning of all Dockerfiles of a repository. A `FROM` that means an image of the repository leads to
    /// its Dockerfile: as the manifest says, or, without one, where the image is called as a Dockerfile's folder is
    /// (`ghcr.io/o/jts-base` and `docker/base/Dockerfile`). Paths are relative to the root of `files`.
    #[must_use]
    pub fn gather(
        files: Option<Box<dyn Files>>,
        dockerfiles: Vec<Dockerfile>,
        project: Option<&Project>,
    ) -> Self {
        Self::gather_joined(&Around::read(files), dockerfiles, project, &|_| false).0
    }

    /// As [`Surroundings::gather`], but Dockerfiles that `alone` holds for and that are not joined with another one are
    /// given back as they are, by path: their meaning can wait.
    #[must_use]
    pub fn gather_joined(
        around: &Around,
        dockerfiles: Vec<Dockerfile>,
        project: Option<&Project>,
        alone: &dyn Fn(&Utf8Path) -> bool,
    ) -> (Self, BTreeMap<Utf8PathBuf, Dockerfile>) {
        let arguments =
            project.map_or_else(BTreeMap::new, |project| project.arguments(&BTreeMap::new()));
        let arguments = Arc::new(arguments);
        let build_files = &around.build_files;
        let stated = build_files.contexts();
        let images = project.into_iter().flat_map(|project| &project.images);
        let own: HashSet<&Utf8Path> = images.map(ImageDefinition::path).collect();
        let files = around.files.as_deref();
        let context_of = |file: &Dockerfile| {
            let path = file.source.path();
            let stated = stated.get(path);
            let context = match project {
                // Of a Dockerfile that the manifest does not build, others may say more.
                Some(project) if stated.is_none() || own.contains(path) => {
                    Context::stated(&project.manifest.build.context)
                }
                _ => context_of(file, stated, files),
            };
            (path.to_owned(), context)
        };
        let contexts = parallel::map(
            parallel::threads(),
            dockerfiles.iter().collect(),
            context_of,
        );
        let contexts = contexts.into_iter().collect();
        let named_contexts = match project {
            Some(project) => {
                let named = project.manifest.build.named_contexts();
                dockerfiles
                    .iter()
                    .filter(|_| !named.is_empty())
                    .map(|file| (file.source.path().to_owned(), named.clone()))
                    .collect()
            }
            None => build_files.named_contexts(),
        };
        let mut gathering = Gathering {
            files: dockerfiles
                .into_iter()
                .map(|file| (file.source.path().to_owned(), file))
                .collect(),
            arguments: Arc::clone(&arguments),
            meant: BTreeMap::new(),
            open: BTreeSet::new(),
            models: BTreeMap::new(),
        };
        gathering.find_meanings(project);
        let own_images = own_images(&gathering, project);
        let joined: HashSet<&Utf8Path> = gathering
            .meant
            .iter()
            .flat_map(|(path, places)| {
                let needed = places.values().map(|(path, _)| path.as_path());
                std::iter::once(path.as_path()).chain(needed)
            })
            .collect();
        let now = |path: &&Utf8PathBuf| joined.contains(path.as_path()) || !alone(path);
        let paths: Vec<Utf8PathBuf> = gathering.files.keys().filter(now).cloned().collect();
        for path in paths {
            gathering.build(path);
        }
        let surroundings = Self {
            files: around.files.clone(),
            dockerfiles: gathering.models,
            contexts,
            named_contexts,
            own_images,
            build_contexts: None,
            sensitive_files: None,
            published: Published::default(),
            build_files: Arc::clone(build_files),
            ignore_files: Arc::clone(&around.ignore_files),
            arguments,
        };
        (surroundings, gathering.files)
    }
}

struct Gathering {
    /// Those that no model was made of yet.
    files: BTreeMap<Utf8PathBuf, Dockerfile>,
    arguments: Arc<BTreeMap<String, String>>,
    /// By Dockerfile and reference, the stage of this repository that it means.
    meant: BTreeMap<Utf8PathBuf, BTreeMap<String, Place>>,
    /// Those that wait for others: who asks for one of them goes round in a circle.
    open: BTreeSet<Utf8PathBuf>,
    models: BTreeMap<Utf8PathBuf, Arc<Model>>,
}

impl Gathering {
    fn find_meanings(&mut self, project: Option<&Project>) {
        let arguments = &self.arguments;
        let references = parallel::map(
            parallel::threads(),
            self.files.iter().collect(),
            |(path, file): (&Utf8PathBuf, &Dockerfile)| (path.as_path(), bases(file, arguments)),
        );
        let references: HashMap<&Utf8Path, Vec<Base>> = references.into_iter().collect();
        let conventions = Conventions::new(&self.files, &references);
        let mut meant = BTreeMap::new();
        for (path, bases) in &references {
            let places: BTreeMap<String, Place> = bases
                .iter()
                .filter_map(|base| {
                    let place = match project {
                        Some(project) => project
                            .own_image(&base.reference)
                            .map(|(image, stage)| (image.path().to_owned(), stage)),
                        None => conventions.place(base),
                    }?;
                    (place.0 != *path && self.files.contains_key(&place.0))
                        .then(|| (base.reference.clone(), place))
                })
                .collect();
            if !places.is_empty() {
                meant.insert((*path).to_owned(), places);
            }
        }
        self.meant = meant;
    }

    /// Makes the model of a file, and first those of the files it starts from.
    fn build(&mut self, first: Utf8PathBuf) {
        let mut waiting = vec![first];
        while let Some(path) = waiting.last().cloned() {
            let next = self.meant.get(&path).and_then(|meant| {
                meant
                    .values()
                    .map(|(path, _)| path)
                    .find(|needed| self.files.contains_key(*needed) && !self.open.contains(*needed))
            });
            self.open.insert(path.clone());
            if let Some(next) = next.filter(|next| **next != path) {
                waiting.push(next.clone());
                continue;
            }
            waiting.pop();
            self.open.remove(&path);
            if let Some(file) = self.files.remove(&path) {
                let meant = self.meant.get(&path);
                let model = Model::read(file, Arc::clone(&self.arguments), &|reference| {
                    let (path, stage) = meant?.get(reference)?;
                    Some((Arc::clone(self.models.get(path)?), *stage))
                });
                self.models.insert(path, Arc::new(model.unread()));
            }
        }
    }
}

/// Under which names the stages of this repository are published.
fn own_images(gathering: &Gathering, project: Option<&Project>) -> BTreeMap<String, Place> {
    let mut images = BTreeMap::new();
    if let Some(project) = project {
        for image in &project.images {
            let name = project.image_name(&image.name);
            for stage in &image.dockerfile.stages {
                if let Some(stage_name) = &stage.name {
                    let name = format!("{name}-{}", stage_name.value.to_lowercase());
                    images.insert(name, (image.path().to_owned(), stage.index));
                }
            }
            images.insert(name, (image.path().to_owned(), image.production));
        }
    }
    for (reference, place) in gathering.meant.values().flatten() {
        if let Some(name) = ImageName::parse(reference) {
            let name = ImageName { tag: None, ..name };
            images.insert(name.context_key(), place.clone());
        }
    }
    images
}

/// The build context of a Dockerfile that no manifest builds.
pub(super) fn context_of(
    file: &Dockerfile,
    stated: Option<&Utf8PathBuf>,
    files: Option<&dyn Files>,
) -> Context {
    match stated {
        Some(context) => Context::stated(context),
        None => Context {
            path: likely_context(file, files),
            stated: false,
        },
    }
}

/// The root, or the Dockerfile's own folder if what it copies stands there and not in the root.
fn likely_context(file: &Dockerfile, files: Option<&dyn Files>) -> Utf8PathBuf {
    let folder = file.source.path().parent().unwrap_or(Utf8Path::new(""));
    let Some(files) = files.filter(|_| !folder.as_str().is_empty()) else {
        return Utf8PathBuf::new();
    };
    let (mut in_root, mut in_folder) = (0, 0);
    let transfers = file
        .stages
        .iter()
        .flat_map(|stage| &stage.instructions)
        .filter_map(|instruction| match &instruction.kind {
            InstructionKind::Copy(transfer) | InstructionKind::Add(transfer) => Some(transfer),
            _ => None,
        })
        .filter(|transfer| transfer.flag("from").is_none());
    for source in transfers.flat_map(|transfer| &transfer.sources) {
        let path = source.value.strip_prefix("./").unwrap_or(&source.value);
        let path = path.trim_matches('/');
        // The context itself is in any folder.
        if matches!(path, "" | ".") || path.contains(['*', '?', '[', '$', ':', '<', '"', '\'']) {
            continue;
        }
        in_root += usize::from(files.kind(Utf8Path::new(path)).is_some());
        in_folder += usize::from(files.kind(&folder.join(path)).is_some());
    }
    if in_folder > in_root {
        folder.to_owned()
    } else {
        Utf8PathBuf::new()
    }
}

#[cfg(test)]
mod tests;
