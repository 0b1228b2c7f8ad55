//! Which Dockerfiles there are, what each is for, and what the manifest has to say about them.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::naming::Naming;
use crate::dockerfile::Dockerfile;
use crate::error::{Error, Result};
use crate::lint::Surroundings;
use crate::project::manifest::is_name;
use crate::project::{ImageName, Role, glob, reading};

/// What is told on the command line, since the files do not.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Dockerfiles that others start from.
    pub bases: Vec<Utf8PathBuf>,
    /// The project's name.
    pub name: Option<String>,
    /// `host/namespace`; empty for local names.
    pub registry: Option<String>,
}

/// A Dockerfile that counts.
#[derive(Clone, Debug)]
pub struct Found {
    /// Base or service.
    pub role: Role,
    /// What its image is called, without the project's name.
    pub name: String,
    /// The glob that finds it and its like.
    pub pattern: String,
    /// The file.
    pub dockerfile: Dockerfile,
    /// The stage that runs, by index.
    pub production: usize,
}

impl Found {
    /// From the root.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        self.dockerfile.source.path()
    }

    /// The name of the stage that runs; `None` if it has none.
    #[must_use]
    pub fn stage(&self) -> Option<&str> {
        let stage = self.dockerfile.stages.get(self.production)?;
        stage.name.as_ref().map(|name| name.value.as_str())
    }
}

/// A Dockerfile that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// From the root.
    pub path: Utf8PathBuf,
    /// As a clause: `it is a part of tests`.
    pub why: String,
}

/// What is in the repository.
#[derive(Debug)]
pub struct Survey {
    /// Bases by path, then services by path.
    pub images: Vec<Found>,
    /// By path.
    pub left_out: Vec<LeftOut>,
    /// The build context that all of them have, from the root.
    pub context: Utf8PathBuf,
    /// Names by which Dockerfiles ask for images of this repository, with the image and the stage that is meant.
    pub references: Vec<(ImageName, Utf8PathBuf, usize)>,
}

/// Folders whose Dockerfiles are no part of the product.
const ASIDE: [&str; 9] = [
    "test",
    "tests",
    "__tests__",
    "testdata",
    "fixtures",
    "examples",
    "e2e",
    "vendor",
    "third_party",
];

impl Survey {
    /// Looks at the Dockerfiles that were found; the surroundings know which of them start from which.
    ///
    /// # Errors
    /// There is nothing that could be built, or `answers` name what is not there.
    pub fn of(surroundings: &Surroundings, answers: &Answers) -> Result<Self> {
        let mut left_out = Vec::new();
        let mut references = Vec::new();
        for (name, (path, stage)) in &surroundings.own_images {
            let name = ImageName::parse(name);
            references.extend(name.map(|name| (name, path.clone(), *stage)));
        }
        for base in &answers.bases {
            if !surroundings.dockerfiles.contains_key(base) {
                return Err(Error::usage(format!("there is no Dockerfile {base}"))
                    .help("`--base` names a Dockerfile from the repository's root"));
            }
        }
        let bases: BTreeSet<&Utf8Path> = references
            .iter()
            .map(|(_, path, _)| path.as_path())
            .chain(answers.bases.iter().map(Utf8PathBuf::as_path))
            .collect();
        let mut images: Vec<Found> = Vec::new();
        for (path, model) in &surroundings.dockerfiles {
            let role = if bases.contains(path.as_path()) {
                Role::Base
            } else {
                Role::Service
            };
            match found(&model.file, role, &surroundings.dockerfiles) {
                Ok(image) => images.push(image),
                Err(why) => left_out.push(LeftOut {
                    path: path.clone(),
                    why,
                }),
            }
        }
        let context = common_context(surroundings, &mut images, &mut left_out);
        without_doubles(&mut images, &mut left_out);
        images.sort_by(|a, b| (a.role, a.path()).cmp(&(b.role, b.path())));
        left_out.sort_by(|a, b| a.path.cmp(&b.path));
        if images.iter().all(|image| image.role == Role::Base) {
            let mut error = Error::usage("there is no Dockerfile that could be a service").help(
                "a service is a Dockerfile in a folder of its own, such as apps/api/Dockerfile",
            );
            for one in &left_out {
                error = error.because(format!("{} is left out: {}", one.path, one.why));
            }
            return Err(error);
        }
        Ok(Self {
            images,
            left_out,
            context,
            references,
        })
    }

    /// The services.
    pub fn services(&self) -> impl Iterator<Item = &Found> {
        self.images
            .iter()
            .filter(|image| image.role == Role::Service)
    }

    /// The bases.
    pub fn bases(&self) -> impl Iterator<Item = &Found> {
        self.images.iter().filter(|image| image.role == Role::Base)
    }

    /// The globs that find the services, sorted.
    #[must_use]
    pub fn patterns(&self) -> Vec<&str> {
        let patterns: BTreeSet<&str> = self
            .services()
            .map(|image| image.pattern.as_str())
            .collect();
        patterns.into_iter().collect()
    }

    /// The Dockerfiles that the globs find, too, and that are no service.
    #[must_use]
    pub fn excluded(&self) -> Vec<&Utf8Path> {
        let patterns = self.patterns();
        let matches = |path: &Utf8Path| patterns.iter().any(|pattern| glob::matches(pattern, path));
        let paths = self.left_out.iter().map(|one| one.path.as_path());
        paths.filter(|path| matches(path)).collect()
    }

    /// The name that most stages that run have, `production` if none has one; of several the first in order.
    #[must_use]
    pub fn production_name(&self) -> String {
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        for name in self.images.iter().filter_map(Found::stage) {
            *count.entry(name).or_default() += 1;
        }
        let most = count.into_iter().rev().max_by_key(|(_, count)| *count);
        most.map_or("production", |(name, _)| name).to_owned()
    }

    /// The ids of the secrets that the builds ask for, with a Dockerfile that does.
    #[must_use]
    pub fn secrets(&self) -> BTreeMap<String, Utf8PathBuf> {
        let mut secrets = BTreeMap::new();
        for image in &self.images {
            let (_, ids) = reading::needs(&image.dockerfile, &BTreeMap::new());
            for id in ids {
                secrets
                    .entry(id.value)
                    .or_insert_with(|| image.path().to_owned());
            }
        }
        secrets
    }
}

/// What a Dockerfile is, or why it does not count.
fn found(
    file: &Dockerfile,
    role: Role,
    all: &BTreeMap<Utf8PathBuf, std::sync::Arc<crate::lint::Model>>,
) -> Result<Found, String> {
    let path = file.source.path();
    let aside = path
        .components()
        .rev()
        .skip(1)
        .find(|part| ASIDE.contains(&part.as_str()) || part.as_str().starts_with('.'));
    if let Some(folder) = aside {
        return Err(format!("it lies in a folder `{folder}`"));
    }
    if let Some(mistake) = file.errors.first() {
        return Err(format!("it cannot be read: {}", mistake.message));
    }
    let Some(naming) = Naming::of(path) else {
        return Err(
            "it lies in the root, and nothing names what it makes: move it into a folder"
                .to_owned(),
        );
    };
    if naming.by_file && role == Role::Service {
        let beside = |name: &str| all.contains_key(&path.with_file_name(name));
        if beside("Dockerfile") || beside("Containerfile") {
            return Err(
                "there is a Dockerfile beside it: it looks like another form of that one"
                    .to_owned(),
            );
        }
    }
    if !is_name(&naming.name) {
        return Err(format!("`{}` cannot be the name of an image", naming.name));
    }
    let Some(last) = file.stages.len().checked_sub(1) else {
        return Err("it has no stage".to_owned());
    };
    Ok(Found {
        role,
        name: naming.name,
        pattern: naming.pattern,
        dockerfile: file.clone(),
        production: reading::stage(file, "production").unwrap_or(last),
    })
}

/// The manifest has one context for all: that of most images, of several the first in order. The others do not count.
fn common_context(
    surroundings: &Surroundings,
    images: &mut Vec<Found>,
    left_out: &mut Vec<LeftOut>,
) -> Utf8PathBuf {
    let mut count: BTreeMap<&Utf8Path, usize> = BTreeMap::new();
    for image in images.iter() {
        *count.entry(surroundings.context(image.path())).or_default() += 1;
    }
    let most = count.into_iter().rev().max_by_key(|(_, count)| *count);
    let context = most
        .map_or(Utf8Path::new(""), |(context, _)| context)
        .to_owned();
    let told = |context: &Utf8Path| match context.as_str() {
        "" => "the root".to_owned(),
        context => context.to_owned(),
    };
    images.retain(|image| {
        let own = surroundings.context(image.path());
        if own != context {
            left_out.push(LeftOut {
                path: image.path().to_owned(),
                why: format!(
                    "its build context is {}, and that of the others {}: the manifest has one for all",
                    told(own),
                    told(&context)
                ),
            });
        }
        own == context
    });
    context
}

fn without_doubles(images: &mut Vec<Found>, left_out: &mut Vec<LeftOut>) {
    let mut seen: BTreeMap<String, Utf8PathBuf> = BTreeMap::new();
    // A base keeps its name.
    images.sort_by(|a, b| (a.role, a.path()).cmp(&(b.role, b.path())));
    images.retain(|image| {
        let path = image.path().to_owned();
        match seen.get(&image.name.to_lowercase()) {
            None => {
                seen.insert(image.name.to_lowercase(), path);
                true
            }
            Some(first) => {
                left_out.push(LeftOut {
                    path,
                    why: format!(
                        "{first} is called `{}`, too: rename one of the folders",
                        image.name
                    ),
                });
                false
            }
        }
    });
}
