//! `--offline`: stand-ins for the images that come from outside.

use std::collections::{BTreeMap, BTreeSet};

use crate::bake::{Plan, Target};
use crate::dockerfile::{InstructionKind, apk_packages};
use crate::engine::standin::{self, Recipe, Request, Wanted};
use crate::engine::{Engine, Means};
use crate::error::{Error, Result};
use crate::project::Project;

/// What replaces what: the named contexts for the overlay, by reference.
pub(in crate::commands) fn stand_ins(
    project: &Project,
    plan: &Plan,
    targets: &[&Target],
    means: Means<'_>,
    engine: &Engine,
) -> Result<BTreeMap<String, String>> {
    let needed = plan.closure(targets.iter().map(|target| target.name.as_str()));
    let references: BTreeSet<&String> = needed
        .iter()
        .flat_map(|target| &target.external_images)
        .collect();
    let unsupported: Vec<Error> = references
        .iter()
        .filter(|reference| standin::supports(reference).is_none())
        .map(|reference| {
            Error::usage(format!("there is no stand-in for the image {reference}"))
                .because("`--offline` has one for node:<x.y.z>-alpine only")
                .help("load the image into the engine beforehand and leave out `--offline`")
        })
        .collect();
    Error::all(unsupported)?;
    let extra = recipes(project)?;
    let wanted = wanted(project, &needed);
    references
        .into_iter()
        .map(|reference| {
            let request = Request {
                reference: reference.clone(),
                platform: engine.platform.clone(),
                wanted: wanted.clone(),
                extra: extra.clone(),
            };
            let directory = project.root.join("target/docker-stand-in");
            let made = standin::prepare(means.runner, engine, &request, &directory, means.note)?;
            Ok((reference.clone(), made.context()))
        })
        .collect()
}

/// The packages that any `RUN apk add` of the Dockerfiles asks for, with the first place that does.
fn wanted(project: &Project, targets: &[&Target]) -> Vec<Wanted> {
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    for image in &project.images {
        if !targets.iter().any(|target| target.image == image.name) {
            continue;
        }
        let instructions = image
            .dockerfile
            .stages
            .iter()
            .flat_map(|stage| &stage.instructions);
        for instruction in instructions {
            let InstructionKind::Run(run) = &instruction.kind else {
                continue;
            };
            for package in apk_packages(run).packages {
                wanted
                    .entry(package.name.clone())
                    .or_insert_with(|| Wanted {
                        name: package.name,
                        by: Some(image.location(instruction.span).to_string()),
                    });
            }
        }
    }
    wanted.into_values().collect()
}

/// `[stand_in.packages]` of the manifest.
fn recipes(project: &Project) -> Result<BTreeMap<String, Recipe>> {
    let manifest = &project.manifest;
    manifest
        .stand_in
        .packages
        .iter()
        .map(|(name, table)| {
            let recipe = table.clone().try_into().map_err(|error: toml::de::Error| {
                Error::usage(format!("[stand_in.packages.{name}] is not a package"))
                    .because(error.message())
                    .at(manifest.key_location(&["stand_in", "packages", name]))
            })?;
            Ok((name.clone(), recipe))
        })
        .collect()
}
