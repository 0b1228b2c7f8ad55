//! Which files are meant, and which image each is about.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::commands::test::Trial;
use crate::error::{Error, Result};
use crate::image::accounting::SavedImage;
use crate::project::{ImageDefinition, glob};
use crate::source::Source;
use crate::trial::structure::{self, TestFile, expanded};

/// A file, and the image it is about.
pub(super) struct Case {
    /// What the image is called in what is told.
    pub(super) subject: String,
    /// What the engine knows the image by.
    pub(super) reference: String,
    /// Absolute.
    pub(super) folder: Utf8PathBuf,
    pub(super) file: TestFile,
}

/// The variables that `$NAME` stands for in commands and paths.
pub(super) struct Variables(BTreeMap<String, String>);

impl Variables {
    pub(super) fn expand(&self, text: &str) -> String {
        expanded(text, &|name| self.0.get(name).cloned())
    }

    /// With more on top, whose values may name those that are there.
    pub(super) fn with(&self, more: &[structure::Variable]) -> Self {
        let added = more
            .iter()
            .map(|variable| (variable.key.clone(), self.expand(&variable.value)));
        let mut all = self.0.clone();
        all.extend(added.collect::<Vec<_>>());
        Self(all)
    }

    /// The value of one that is there.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl Case {
    /// Those of the image and of the whole file.
    pub(super) fn variables(&self, image: &SavedImage) -> Variables {
        let of_image = image.config.config.env.iter();
        let of_image = of_image.filter_map(|variable| variable.split_once('='));
        let of_image = of_image.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Variables(of_image.collect()).with(&self.file.variables)
    }
}

/// All cases, by path; all mistakes in files at once.
///
/// # Errors
/// A file cannot be read or has mistakes, or it is not known which image it is about.
pub(super) fn find(trial: &Trial<'_>) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    let mut errors = Vec::new();
    for path in files(trial)? {
        match case(trial, &path) {
            Ok(Some(case)) => cases.push(case),
            Ok(None) => {}
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors)?;
    Ok(cases)
}

/// From the root where they lie below it, else absolute.
fn files(trial: &Trial<'_>) -> Result<Vec<Utf8PathBuf>> {
    let root = &trial.project.root;
    if !trial.arguments.structure.is_empty() {
        let named = trial.arguments.structure.iter().map(|file| {
            let full = trial.environment.current_dir.join(file);
            match full.strip_prefix(root) {
                Ok(path) => path.to_owned(),
                Err(_) => full,
            }
        });
        return Ok(named.collect());
    }
    let manifest = &trial.project.manifest;
    let mut found = Vec::new();
    for (index, pattern) in manifest.test.structure.files.iter().enumerate() {
        let matches = glob::find(root, pattern)?;
        if matches.is_empty() {
            let place = index.to_string();
            return Err(Error::usage(format!("`{pattern}` matches no file"))
                .help("correct the pattern, or take it out")
                .at(manifest.value_location(&["test", "structure", "files", &place])));
        }
        found.extend(matches.into_iter().map(|found| found.path));
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// `None` where other images were asked for.
fn case(trial: &Trial<'_>, path: &Utf8Path) -> Result<Option<Case>> {
    let root = &trial.project.root;
    let full = root.join(path);
    let folder = full.parent().unwrap_or(root).to_owned();
    let (subject, reference) = if let Some(reference) = &trial.arguments.image {
        trial.project.image(reference).map_or_else(
            || (reference.clone(), reference.clone()),
            |image| (image.name.clone(), trial.reference(image)),
        )
    } else {
        let image = image_at(&trial.project.images, path).ok_or_else(|| {
            Error::usage(format!("it is not known which image {path} is about"))
                .because("no image's Dockerfile lies in its folder or one above")
                .help("put the file beside the Dockerfile, or name the image: `--structure FILE --image REFERENCE`")
        })?;
        (image.name.clone(), trial.reference(image))
    };
    let wanted = &trial.arguments.images;
    if trial.arguments.image.is_none() && !wanted.is_empty() && !wanted.contains(&subject) {
        return Ok(None);
    }
    let source = Source::read(root, path)?;
    Ok(Some(Case {
        subject,
        reference,
        folder,
        file: structure::read(&source)?,
    }))
}

/// The image whose Dockerfile lies in the nearest folder.
fn image_at<'a>(images: &'a [ImageDefinition], path: &Utf8Path) -> Option<&'a ImageDefinition> {
    path.ancestors()
        .skip(1)
        // What lies in the root is about all and nothing.
        .take_while(|folder| !folder.as_str().is_empty())
        .find_map(|folder| {
            images
                .iter()
                .find(|image| image.path().parent() == Some(folder))
        })
}
