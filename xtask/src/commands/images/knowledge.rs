//! What is known about how images were made: what the last build recorded, and the Dockerfiles.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde_json::Value;

use super::sources::{Names, Read};
use crate::dockerfile::Dockerfile;
use crate::image::attribution::{Knowledge, Provenance, Recipe, Written};
use crate::project::{ImageDefinition, Project, Role};
use crate::source::Source;

/// What `docker-build` left of its last run.
#[derive(Debug, Default)]
pub(in crate::commands) struct LastBuild {
    targets: BTreeMap<String, Value>,
}

impl LastBuild {
    /// Of the repository at `root`; nothing where nothing was built, or by an older version.
    pub(in crate::commands) fn read(root: &Utf8Path) -> Self {
        let file = root.join("target/docker-build/metadata.json");
        let targets = std::fs::read(file)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok());
        Self {
            targets: targets.unwrap_or_default(),
        }
    }

    /// What each image of the manifest was called.
    pub(in crate::commands) fn names(&self, project: &Project) -> Names {
        let name = |image: &ImageDefinition| {
            let names = self.targets.get(&image.name)?.get("image.name")?.as_str()?;
            let first = names
                .split(',')
                .map(str::trim)
                .find(|name| !name.is_empty())?;
            Some((image.name.clone(), first.to_owned()))
        };
        project.images.iter().filter_map(name).collect()
    }

    /// What the builder recorded of an image, if it is the one that was built: other images have other layers, of
    /// which nothing is recorded.
    fn provenance(&self, image: &str, platform: &str) -> Option<Provenance> {
        Provenance::of_target(self.targets.get(image)?, platform)
    }
}

/// What is known about an image.
pub(in crate::commands) fn of<'a>(
    read: &Read,
    project: Option<&'a Project>,
    last: &LastBuild,
    all: &[Read],
) -> Knowledge<'a> {
    let Some(project) = project else {
        return Knowledge::default();
    };
    let definition = read
        .wanted
        .own
        .as_ref()
        .and_then(|own| project.images.iter().find(|image| image.name == *own));
    let Some(definition) = definition else {
        return Knowledge {
            recipes: project.images.iter().map(recipe).collect(),
            ..Knowledge::default()
        };
    };
    Knowledge {
        provenance: last.provenance(&definition.name, &read.image.config.platform()),
        recipes: project.images.iter().map(recipe).collect(),
        own: Some(recipe(definition)),
        written: written(&definition.dockerfile, definition.production),
        base: base(definition, project, all),
    }
}

fn recipe(image: &ImageDefinition) -> Recipe<'_> {
    let source = &image.dockerfile.source;
    Recipe {
        path: source.path().as_str(),
        text: source.text(),
    }
}

/// The layers of the base of this repository that a service stands on, if it was read, too: the one that shares the
/// most of its lowest layers.
fn base(definition: &ImageDefinition, project: &Project, all: &[Read]) -> Option<Vec<String>> {
    if definition.role == Role::Base {
        return None;
    }
    let own = all
        .iter()
        .find(|read| read.wanted.own.as_deref() == Some(&definition.name))?;
    let ids = |read: &Read| -> Vec<String> {
        read.image
            .layers
            .iter()
            .map(|layer| layer.diff_id.clone())
            .collect()
    };
    let own = ids(own);
    project
        .bases()
        .filter_map(|base| {
            all.iter()
                .find(|read| read.wanted.own.as_deref() == Some(&base.name))
        })
        .map(ids)
        .filter(|base| own.starts_with(base))
        .max_by_key(Vec::len)
}

/// The instructions that make a stage, those of the stages it stands on before them.
fn written(file: &Dockerfile, stage: usize) -> Vec<Written> {
    let mut chain = Vec::new();
    let mut at = file.stages.get(stage);
    while let Some(stage) = at {
        chain.push(stage);
        let base = stage.base.value.to_lowercase();
        let is_base = |name: &str| name.to_lowercase() == base;
        at = file.stages[..stage.index]
            .iter()
            .rfind(|other| other.name.as_ref().is_some_and(|name| is_base(&name.value)));
    }
    let line = |source: &Source, offset: usize| source.line_column(offset).line;
    let instructions = chain
        .into_iter()
        .rev()
        .flat_map(|stage| &stage.instructions);
    instructions
        .map(|instruction| Written {
            keyword: instruction.keyword.value.to_ascii_uppercase(),
            line: line(&file.source, instruction.span.start),
            end_line: line(&file.source, instruction.span.end.saturating_sub(1)),
        })
        .collect()
}
