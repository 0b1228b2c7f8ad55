//! What image names mean where no manifest says it.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use super::Place;
use crate::dockerfile::Dockerfile;
use crate::lint::model::{BaseFacts, external_bases};
use crate::project::ImageName;

/// An image from outside that a stage starts from.
pub(in crate::lint) struct Base {
    pub(super) reference: String,
    /// An `ARG` holds it: someone means to give another.
    is_argument: bool,
}

/// The images from outside that a file's stages start from.
pub(in crate::lint) fn bases(file: &Dockerfile, arguments: &BTreeMap<String, String>) -> Vec<Base> {
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

/// Dockerfiles by what they make by their place, in small letters.
pub(in crate::lint) struct ByPlace<'g>(HashMap<String, Vec<&'g Utf8Path>>);

impl<'g> ByPlace<'g> {
    pub(in crate::lint) fn new(paths: impl IntoIterator<Item = &'g Utf8Path>) -> Self {
        let mut by_image: HashMap<String, Vec<&Utf8Path>> = HashMap::default();
        for path in paths {
            if let Some(name) = image_name(path) {
                by_image.entry(name.to_lowercase()).or_default().push(path);
            }
        }
        Self(by_image)
    }

    /// The Dockerfiles that an image can come from, judged by names and places alone.
    pub(in crate::lint) fn of_base(&self, base: &Base) -> Vec<&'g Utf8Path> {
        self.named(base).map_or_else(Vec::new, |(_, found)| found)
    }

    /// As [`ByPlace::of_base`], with the image's name; `None` if there is none.
    fn named(&self, base: &Base) -> Option<(ImageName, Vec<&'g Utf8Path>)> {
        let name = ImageName::parse(&base.reference).filter(|name| name.digest.is_none())?;
        let candidates = self.candidates(name.path.rsplit('/').next()?);
        // Most images are called as nothing of the repository is.
        if candidates.is_empty() || BaseFacts::of(&base.reference).known {
            return None;
        }
        Some((name, candidates))
    }

    /// The Dockerfiles that the last part of an image's name can mean, in order: a project's name may stand in front,
    /// a stage's behind.
    fn candidates(&self, last: &str) -> Vec<&'g Utf8Path> {
        let dashes = || last.match_indices('-').map(|(at, _)| at).take(MAX_DASHES);
        let mut found: Vec<&Utf8Path> = Vec::new();
        for start in std::iter::once(0).chain(dashes().map(|at| at + 1)) {
            for end in dashes().chain([last.len()]) {
                let paths = last.get(start..end).and_then(|own| self.0.get(own));
                found.extend(paths.into_iter().flatten());
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

/// What image names mean.
pub(super) struct Conventions<'g> {
    files: &'g BTreeMap<Utf8PathBuf, Dockerfile>,
    references: &'g HashMap<&'g Utf8Path, Vec<Base>>,
    by_place: ByPlace<'g>,
}

impl<'g> Conventions<'g> {
    pub(super) fn new(
        files: &'g BTreeMap<Utf8PathBuf, Dockerfile>,
        references: &'g HashMap<&'g Utf8Path, Vec<Base>>,
    ) -> Self {
        Self {
            files,
            references,
            by_place: ByPlace::new(files.keys().map(Utf8PathBuf::as_path)),
        }
    }

    pub(super) fn place(&self, base: &Base) -> Option<Place> {
        let (name, candidates) = self.by_place.named(base)?;
        let last = name.path.rsplit('/').next()?;
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
