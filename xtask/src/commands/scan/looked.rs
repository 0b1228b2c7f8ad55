//! Images that were read for a scan.

use camino::Utf8PathBuf;

use super::arguments::Arguments;
use crate::cli::Common;
use crate::commands::images::LookedAt;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::image::attribution;
use crate::image::layer::Detail;
use crate::project::Project;
use crate::scan::actors::{Requirements, Sources};
use crate::scan::exemption::Subject;
use crate::scan::npm::{self, Lockfile};
use crate::scan::scanned::Scanned;
use crate::source::Source;

/// Images that were read, with all their layers and packages.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) images: Vec<Scanned>,
    /// What each is called, for statements about it.
    pub(super) subjects: Vec<Subject>,
    /// The files of the repository that name dependencies.
    pub(super) sources: Sources,
    /// Images and files that could not be read.
    pub(super) errors: Vec<Error>,
}

impl Looked {
    /// Reads the images and lists what is in them.
    ///
    /// # Errors
    /// No engine answers, or somebody asked to stop.
    pub(super) fn gather(
        place: &LookedAt,
        arguments: &Arguments,
        common: &Common,
        environment: &Environment,
    ) -> Result<Self> {
        let (read, mut errors) = place.read(
            &arguments.images,
            arguments.platform.as_deref(),
            arguments.engine,
            Detail::Inspected,
            common,
            environment,
        )?;
        let origins: Vec<_> = read
            .iter()
            .map(|one| {
                let known = place.knowledge(one, &read);
                let origins = attribution::origins(&one.image, &known);
                let steps = attribution::steps(&one.image, &origins, &known);
                (origins, steps)
            })
            .collect();
        let mut images = Vec::with_capacity(read.len());
        for (one, origins) in read.into_iter().zip(origins) {
            environment.interrupt.check()?;
            let (wanted, source, image) = (one.wanted, one.source, one.image);
            images.push(Scanned::of(wanted.name, source, wanted.own, image, origins));
        }
        let project = place.project.as_ref();
        let subjects = images.iter().map(|image| subject(image, project)).collect();
        let sources = project
            .map(|project| sources(project, &mut errors))
            .unwrap_or_default();
        Ok(Self {
            images,
            subjects,
            sources,
            errors,
        })
    }
}

fn subject(image: &Scanned, project: Option<&Project>) -> Subject {
    let mut names = vec![image.name.clone()];
    names.extend(image.image.names.iter().cloned());
    if let (Some(project), Some(own)) = (project, &image.own) {
        names.push(project.image_name(own));
    }
    let mut digests = vec![image.image.config_digest.clone()];
    digests.extend(image.image.manifest_digest.clone());
    Subject { names, digests }
}

/// Lockfiles and lists of requirements: in the root, in the folder that is built from, and beside Dockerfiles.
fn sources(project: &Project, errors: &mut Vec<Error>) -> Sources {
    let mut folders: Vec<Utf8PathBuf> = vec![Utf8PathBuf::new()];
    let context = &project.manifest.build.context;
    if context != "." {
        folders.push(context.clone());
    }
    for image in &project.images {
        folders.extend(image.path().parent().map(ToOwned::to_owned));
    }
    folders.sort();
    folders.dedup();
    let mut found = Sources::default();
    for folder in folders {
        let lockfile = folder.join("package-lock.json");
        if project.root.join(&lockfile).is_file() {
            let read = Source::read_up_to(&project.root, &lockfile, npm::MAX_BYTES);
            match read.and_then(|source| Lockfile::parse(&source)) {
                Ok(lockfile) => found.lockfiles.push(lockfile),
                Err(error) => errors.push(error),
            }
        }
        // One folder deeper, too: `python/requirements.txt`.
        let root = &project.root;
        for path in requirements(root, &folder) {
            match Source::read(root, &path) {
                Ok(source) => found.requirements.push(Requirements::parse(&source)),
                Err(error) => errors.push(error),
            }
        }
    }
    found
}

fn requirements(root: &camino::Utf8Path, folder: &camino::Utf8Path) -> Vec<Utf8PathBuf> {
    let in_folder = |folder: &camino::Utf8Path| -> Vec<Utf8PathBuf> {
        let entries = root.join(folder).read_dir_utf8();
        let names = entries.into_iter().flatten().flatten();
        names.map(|entry| folder.join(entry.file_name())).collect()
    };
    let is_list = |path: &Utf8PathBuf| {
        let name = path.file_name().unwrap_or_default();
        name.starts_with("requirements")
            && path.extension() == Some("txt")
            && root.join(path).is_file()
    };
    let here = in_folder(folder);
    let is_searched = |path: &&Utf8PathBuf| {
        // The root has everything below it: there, only the files themselves.
        let name = path.file_name().unwrap_or_default();
        !folder.as_str().is_empty()
            && !name.starts_with('.')
            && !matches!(name, "node_modules" | "target")
            && root.join(path).is_dir()
    };
    let below: Vec<Utf8PathBuf> = here
        .iter()
        .filter(is_searched)
        .flat_map(|folder| in_folder(folder))
        .collect();
    let mut lists: Vec<Utf8PathBuf> = here.into_iter().chain(below).filter(is_list).collect();
    lists.sort();
    lists
}
