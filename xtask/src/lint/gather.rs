//! All Dockerfiles of a repository as models, those that start from one another joined.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::dockerfile::{Dockerfile, InstructionKind};
use crate::lint::build_files::BuildFiles;
use crate::lint::model::{BaseFacts, Model, external_bases};
use crate::lint::published::Published;
use crate::lint::surroundings::{Context, Files, Surroundings};
use crate::parallel;
use crate::project::{ImageDefinition, ImageName, Project};

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
        Self::gather_joined(files, dockerfiles, project, &|_| false).0
    }

    /// As [`Surroundings::gather`], but Dockerfiles that `alone` holds for and that are not joined with another one are
    /// given back as they are, by path: their meaning can wait.
    #[must_use]
    pub fn gather_joined(
        files: Option<Box<dyn Files>>,
        dockerfiles: Vec<Dockerfile>,
        project: Option<&Project>,
        alone: &dyn Fn(&Utf8Path) -> bool,
    ) -> (Self, BTreeMap<Utf8PathBuf, Dockerfile>) {
        let arguments =
            project.map_or_else(BTreeMap::new, |project| project.arguments(&BTreeMap::new()));
        let arguments = Arc::new(arguments);
        let build_files = files.as_deref().map(BuildFiles::read).unwrap_or_default();
        let stated = build_files.contexts();
        let images = project.into_iter().flat_map(|project| &project.images);
        let own: HashSet<&Utf8Path> = images.map(ImageDefinition::path).collect();
        let around = files.as_deref();
        let context_of = |file: &Dockerfile| {
            let path = file.source.path();
            let context = match (project, stated.get(path)) {
                // Of a Dockerfile that the manifest does not build, others may say more.
                (Some(project), None) => Context {
                    path: project.manifest.build.context.clone(),
                    stated: true,
                },
                (Some(project), Some(_)) if own.contains(path) => Context {
                    path: project.manifest.build.context.clone(),
                    stated: true,
                },
                (_, Some(context)) => Context {
                    path: context.clone(),
                    stated: true,
                },
                (None, None) => Context {
                    path: likely_context(file, around),
                    stated: false,
                },
            };
            let inside = context.path.strip_prefix(".").unwrap_or(&context.path);
            let context = Context {
                path: inside.to_owned(),
                ..context
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
            files: files.map(Arc::from),
            dockerfiles: gathering.models,
            contexts,
            named_contexts,
            own_images,
            build_contexts: None,
            sensitive_files: None,
            published: Published::default(),
            build_files: Arc::new(build_files),
            ignore_files: Arc::default(),
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

/// An image from outside that a stage starts from.
struct Base {
    reference: String,
    /// An `ARG` holds it: someone means to give another.
    is_argument: bool,
}

fn bases(file: &Dockerfile, arguments: &BTreeMap<String, String>) -> Vec<Base> {
    external_bases(file, arguments)
        .into_iter()
        .map(|(stage, reference)| Base {
            is_argument: file.stages[stage].base.value.contains('$'),
            reference,
        })
        .collect()
}

/// More of them are in no image's name.
const MAX_DASHES: usize = 16;

/// What image names mean where no manifest says it.
struct Conventions<'g> {
    files: &'g BTreeMap<Utf8PathBuf, Dockerfile>,
    references: &'g HashMap<&'g Utf8Path, Vec<Base>>,
    /// The Dockerfiles by what they make by their place, in small letters.
    by_image: HashMap<String, Vec<&'g Utf8Path>>,
}

impl<'g> Conventions<'g> {
    fn new(
        files: &'g BTreeMap<Utf8PathBuf, Dockerfile>,
        references: &'g HashMap<&'g Utf8Path, Vec<Base>>,
    ) -> Self {
        let mut by_image: HashMap<String, Vec<&Utf8Path>> = HashMap::new();
        for path in files.keys() {
            if let Some(name) = image_name(path) {
                by_image.entry(name.to_lowercase()).or_default().push(path);
            }
        }
        Self {
            files,
            references,
            by_image,
        }
    }

    /// The Dockerfiles that the last part of an image's name can mean, in order: a project's name may stand in front,
    /// a stage's behind.
    fn candidates(&self, last: &str) -> Vec<&'g Utf8Path> {
        let dashes = || last.match_indices('-').map(|(at, _)| at).take(MAX_DASHES);
        let mut found: Vec<&Utf8Path> = Vec::new();
        for start in std::iter::once(0).chain(dashes().map(|at| at + 1)) {
            for end in dashes().chain([last.len()]) {
                let paths = last.get(start..end).and_then(|own| self.by_image.get(own));
                found.extend(paths.into_iter().flatten());
            }
        }
        found.sort();
        found.dedup();
        found
    }

    fn place(&self, base: &Base) -> Option<Place> {
        let name = ImageName::parse(&base.reference).filter(|name| name.digest.is_none())?;
        let last = name.path.rsplit('/').next()?;
        let candidates = self.candidates(last);
        // Most images are called as nothing of the repository is.
        if candidates.is_empty() || BaseFacts::of(&base.reference).known {
            return None;
        }
        // On Docker Hub many images are called as the folders of those who adapt them.
        let is_ours = base.is_argument || name.domain != "docker.io";
        let mut found: Option<(usize, Place)> = None;
        for path in candidates {
            let (Some(own), Some(file)) = (image_name(path), self.files.get(path)) else {
                continue;
            };
            let Some((score, stage)) = stage_named(last, own, is_ours, file) else {
                continue;
            };
            // Who starts from an image of its own name adapts a foreign one.
            let adapts = self.references.get(path).is_some_and(|bases| {
                bases
                    .iter()
                    .filter_map(|base| ImageName::parse(&base.reference))
                    .any(|other| other.domain == name.domain && other.path == name.path)
            });
            if adapts {
                continue;
            }
            match &found {
                Some((best, _)) if *best > score => {}
                // Two that fit equally well: nobody can tell.
                Some((best, _)) if *best == score => return None,
                _ => found = Some((score, (path.to_owned(), stage))),
            }
        }
        found.map(|(_, place)| place)
    }
}

/// What a Dockerfile makes by its place: `base` for `docker/base/Dockerfile`, `Dockerfile.base` and
/// `base.Dockerfile`.
fn image_name(path: &Utf8Path) -> Option<&str> {
    let file = path.file_name()?;
    if let Some(name) = file
        .strip_prefix("Dockerfile.")
        .or_else(|| file.strip_suffix(".Dockerfile"))
    {
        return Some(name);
    }
    path.parent()?.file_name()
}

/// The stage that an image name means, if the image is called `own`, with a project's name in front or a stage's
/// behind; the more of the name fits, the higher the number.
fn stage_named(
    last: &str,
    own: &str,
    with_prefix: bool,
    file: &Dockerfile,
) -> Option<(usize, usize)> {
    let own = own.to_lowercase();
    let fits = |name: &str| {
        name == own
            || with_prefix
                && name
                    .strip_suffix(own.as_str())
                    .is_some_and(|rest| rest.ends_with('-') && rest.len() > 1)
    };
    let final_stage = file.stages.len().checked_sub(1)?;
    if fits(last) {
        return Some((own.len() + usize::from(last == own), final_stage));
    }
    file.stages.iter().rev().find_map(|stage| {
        let name = stage.name.as_ref()?.value.to_lowercase();
        let rest = last.strip_suffix(name.as_str())?.strip_suffix('-')?;
        fits(rest).then_some((own.len(), stage.index))
    })
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
