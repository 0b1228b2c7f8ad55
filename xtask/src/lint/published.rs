//! What registries say about the images that Dockerfiles name. Nobody here asks them: the answers are handed in.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::dockerfile::{ImageReference, ReferenceKind};
use crate::lint::model::{Model, Parent};
use crate::lint::surroundings::Surroundings;
use crate::project::ImageName;
use crate::source::Span;

/// The answers, by Dockerfile: what one of them takes from a registry, a named context may replace in another.
#[derive(Clone, Debug, Default)]
pub struct Published(BTreeMap<Utf8PathBuf, BTreeMap<String, PublishedImage>>);

/// What a tag points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedImage {
    /// Of the index of all platforms where there is one, else of the image: `sha256:…`.
    pub digest: String,
    /// The images in the index, by digest; none where there is no index.
    pub members: Vec<String>,
}

/// An image that a Dockerfile takes from a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Its name, expanded.
    pub name: ImageName,
    /// Where the Dockerfile names it.
    pub span: Span,
}

impl Published {
    /// Whether nobody answered anything.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an answer about a tag.
    pub fn insert(&mut self, dockerfile: &Utf8Path, name: &ImageName, image: PublishedImage) {
        let of_file = self.0.entry(dockerfile.to_owned()).or_default();
        of_file.insert(name.tagged(), image);
    }

    /// What the tag of an image points to; `None` if nobody asked or nobody answered.
    pub(super) fn of(&self, dockerfile: &Utf8Path, name: &ImageName) -> Option<&PublishedImage> {
        self.0.get(dockerfile)?.get(&name.tagged())
    }
}

impl Model {
    /// The images whose tags a registry can be asked about, in the order of the file. Those of this repository are left
    /// out, and those that a bake file or `replaced` gives another source, by the key under which `BuildKit` looks it
    /// up.
    #[must_use]
    pub fn outside(
        &self,
        surroundings: &Surroundings,
        replaced: &BTreeSet<String>,
    ) -> Vec<Outside> {
        let path = self.file.source.path();
        let bake = surroundings.bake_files().iter();
        let replaced_by_bake: BTreeSet<&str> = bake.flat_map(|bake| bake.replaced(path)).collect();
        let own: BTreeSet<(String, String)> = surroundings
            .own_images
            .keys()
            .filter_map(|name| ImageName::parse(name))
            .map(|name| (name.domain, name.path))
            .collect();
        let text = self.file.source.text();
        let outside = |image: &ImageReference| {
            let parent = self.parents.get(image.stage);
            let of_repository =
                image.kind == ReferenceKind::From && matches!(parent, Some(Parent::Own { .. }));
            let name = ImageName::parse(&image.reference)
                .filter(|_| !of_repository && image.undefined.is_empty())?;
            let key = name.context_key();
            let is_own = own.contains(&(name.domain.clone(), name.path.clone()));
            let has_other_source =
                replaced.contains(&key) || replaced_by_bake.contains(key.as_str());
            // A digest alone means one image for ever.
            let has_tag = name.tag.is_some() || name.digest.is_none();
            (has_tag && !is_own && !has_other_source).then(|| Outside {
                name,
                span: place(image, text),
            })
        };
        self.graph.images.iter().filter_map(outside).collect()
    }
}

/// Where an image is named; of a mount, which is known as a whole flag only, the image in it.
pub(super) fn place(image: &ImageReference, text: &str) -> Span {
    let whole = image.raw.span;
    if image.kind != ReferenceKind::Mount {
        return whole;
    }
    match whole.of(text).find(&image.raw.value) {
        Some(at) => Span::new(whole.start + at, whole.start + at + image.raw.value.len()),
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(files: &[(&str, &str)], replaced: &[&str]) -> Vec<String> {
        let surroundings = Surroundings::of_texts(files);
        let model = &surroundings.dockerfiles[Utf8Path::new("Dockerfile")];
        let replaced = replaced.iter().map(|key| (*key).to_owned()).collect();
        model
            .outside(&surroundings, &replaced)
            .iter()
            .map(|it| format!("{} {}", it.span.of(model.file.source.text()), it.name))
            .collect()
    }

    #[test]
    fn what_no_registry_can_tell_is_not_asked() {
        let text = "ARG V=20\nARG NOTHING\nFROM scratch AS empty\nFROM node:$V AS build\nFROM build\n\
                    COPY --from=empty / /\nCOPY --from=o/tool /t /t\n\
                    RUN --mount=type=bind,from=redis:7@sha256:ab,target=/r true\nFROM $NOTHING\n\
                    FROM x-$TARGETARCH\nFROM debian@sha256:ab\n";
        assert_eq!(
            asked(&[("Dockerfile", text)], &[]),
            [
                "node:$V docker.io/library/node:20",
                "o/tool docker.io/o/tool",
                "redis:7@sha256:ab docker.io/library/redis:7@sha256:ab"
            ]
        );
    }

    #[test]
    fn what_the_repository_builds_or_replaces_is_not_asked() {
        let text = "FROM ghcr.io/o/base AS a\nFROM node:20\nCOPY --from=ghcr.io/o/base:2 /a /a\nFROM redis:7\n";
        let base = ("base/Dockerfile", "FROM alpine\n");
        assert_eq!(
            asked(&[("Dockerfile", text), base], &["redis:7"]),
            ["node:20 docker.io/library/node:20"]
        );
        let contexts = "target \"a\" {\n  contexts = { \"node:20\" = \"docker-image://mine\" }\n}\n\
                    target \"b\" {\n  dockerfile = \"other\"\n  contexts = { \"redis:7\" = \"docker-image://mine\" }\n}\n";
        assert_eq!(
            asked(
                &[("Dockerfile", text), base, ("docker-bake.hcl", contexts)],
                &[]
            ),
            ["redis:7 docker.io/library/redis:7"]
        );
    }
}
