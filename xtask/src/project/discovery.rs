//! From the manifest and the files on disk to the model, with everything that is wrong reported at once.

use std::collections::{BTreeMap, HashMap};

use camino::{Utf8Path, Utf8PathBuf};

use super::consistency;
use super::glob;
use super::manifest::{Manifest, is_name};
use super::model::{ImageDefinition, Project, Role};
use super::reading;
use super::suggestion::nearest;
use crate::dockerfile::{Dockerfile, parse};
use crate::error::{Error, Result};
use crate::source::{Location, Source, Span};

/// A Dockerfile that counts, before it is read.
struct Candidate {
    name: String,
    role: Role,
    path: Utf8PathBuf,
    production: (String, Vec<String>),
    /// The name of the stage and whether it must be there.
    development: (String, bool),
    /// Where the manifest says that it counts.
    written: Location,
}

pub(super) fn project(root: &Utf8Path, manifest: Manifest) -> Result<Project> {
    let mut errors = Vec::new();
    let mut candidates = bases(&manifest);
    candidates.extend(services(root, &manifest, &mut errors)?);
    let candidates = without_doubles(candidates, &mut errors);
    let mut images = Vec::new();
    for candidate in candidates {
        match read(root, &manifest, &candidate, &mut errors) {
            Ok(image) => images.push(image),
            Err(error) => errors.push(error),
        }
    }
    let project = Project::new(root, manifest, images);
    // What refers to other images can only be judged when all of them could be read.
    if errors.is_empty() {
        errors.extend(consistency::check(&project));
    }
    Error::all(errors)?;
    Ok(project)
}

fn bases(manifest: &Manifest) -> Vec<Candidate> {
    let stages = &manifest.stages;
    let several = manifest.bases.len() > 1;
    let bases = manifest.bases.iter().enumerate().map(|(index, base)| {
        let index = index.to_string();
        let path: &[&str] = if several {
            &["base", &index, "dockerfile"]
        } else {
            &["base", "dockerfile"]
        };
        Candidate {
            name: base.name.clone(),
            role: Role::Base,
            path: base.dockerfile.clone(),
            production: match &base.production {
                Some(name) if several => (name.clone(), steps(&["base", &index, "production"])),
                Some(name) => (name.clone(), steps(&["base", "production"])),
                None => (stages.production.clone(), steps(&["stages", "production"])),
            },
            development: (development_name(manifest), false),
            written: manifest.value_location(path),
        }
    });
    bases.collect()
}

fn development_name(manifest: &Manifest) -> String {
    let name = manifest.stages.development.clone();
    name.unwrap_or_else(|| "development".to_owned())
}

fn steps(path: &[&str]) -> Vec<String> {
    path.iter().map(|&step| step.to_owned()).collect()
}

fn services(
    root: &Utf8Path,
    manifest: &Manifest,
    errors: &mut Vec<Error>,
) -> Result<Vec<Candidate>> {
    let globs = &manifest.services.dockerfiles;
    let mut found: BTreeMap<Utf8PathBuf, Candidate> = BTreeMap::new();
    for (index, pattern) in globs.iter().enumerate() {
        let written = manifest.value_location(&["services", "dockerfiles", &index.to_string()]);
        let mut matched = false;
        for file in glob::find(root, pattern)? {
            let is_base = manifest
                .bases
                .iter()
                .any(|base| base.dockerfile == file.path);
            let excluded = manifest
                .services
                .exclude
                .iter()
                .any(|e| glob::matches(e, &file.path));
            if is_base || excluded {
                continue;
            }
            matched = true;
            let Some(name) = file.wildcard.clone().or_else(|| folder_name(&file.path)) else {
                errors.push(
                    Error::usage(format!("{} has no folder to be named after", file.path))
                        .help("put it into a folder, or list it with a wildcard where the service's name stands")
                        .at(written.clone()),
                );
                continue;
            };
            if !is_name(&name) {
                errors.push(
                    Error::usage(format!("\"{name}\" cannot be the name of a service ({})", file.path))
                        .help("bake's names are made of letters, digits, `_` and `-`: rename the folder, or put the file on `services.exclude`")
                        .at(written.clone()),
                );
                continue;
            }
            let candidate = service(manifest, name, file.path.clone(), written.clone());
            found.entry(file.path).or_insert(candidate);
        }
        // The default is no promise of the user's; a pattern that is written should find something.
        let is_written = manifest.is_written(&["services", "dockerfiles"]);
        if !matched && (is_written || found.is_empty() && manifest.bases.is_empty()) {
            errors.push(
                Error::usage(format!("no service matches \"{pattern}\""))
                    .help("`services.dockerfiles` names the Dockerfiles from the repository's root, such as \"apps/*/Dockerfile\"")
                    .help(format!("the root is {root}: the folder above the manifest's"))
                    .at(written),
            );
        }
    }
    let mut services: Vec<Candidate> = found.into_values().collect();
    services.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    Ok(services)
}

fn folder_name(path: &Utf8Path) -> Option<String> {
    path.parent()?.file_name().map(str::to_owned)
}

fn service(manifest: &Manifest, name: String, path: Utf8PathBuf, written: Location) -> Candidate {
    let chosen = manifest.overrides.services.get(&name);
    let production = match chosen.and_then(|c| c.production.clone()) {
        Some(stage) => (
            stage,
            steps(&["overrides", "services", &name, "production"]),
        ),
        None => (
            manifest.stages.production.clone(),
            steps(&["stages", "production"]),
        ),
    };
    let development = match chosen.and_then(|c| c.development.clone()) {
        Some(stage) => (stage, true),
        None => (
            development_name(manifest),
            manifest.stages.development.is_some(),
        ),
    };
    Candidate {
        name,
        role: Role::Service,
        path,
        production,
        development,
        written,
    }
}

/// Names that groups of the bake file have.
const TAKEN: [&str; 3] = ["default", "production", "development"];

fn without_doubles(candidates: Vec<Candidate>, errors: &mut Vec<Error>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for candidate in candidates {
        let name = candidate.name.to_ascii_lowercase();
        if let Some(first) = places.get(&name).map(|place| &kept[*place]) {
            errors.push(
                Error::usage(format!(
                    "two images are called `{}`: {} and {}",
                    candidate.name, first.path, candidate.path
                ))
                .help("rename one of the folders, or put one file on `services.exclude`")
                .at(candidate.written),
            );
        } else if TAKEN.contains(&candidate.name.as_str()) {
            errors.push(
                Error::usage(format!(
                    "no image can be called `{}` ({}): the bake file has a group of that name",
                    candidate.name, candidate.path
                ))
                .at(candidate.written),
            );
        } else {
            places.insert(name, kept.len());
            kept.push(candidate);
        }
    }
    kept
}

fn read(
    root: &Utf8Path,
    manifest: &Manifest,
    candidate: &Candidate,
    errors: &mut Vec<Error>,
) -> Result<ImageDefinition> {
    let source =
        Source::read(root, &candidate.path).map_err(|error| error.at(candidate.written.clone()))?;
    let dockerfile = parse(&source);
    if !dockerfile.errors.is_empty() {
        let mistakes = dockerfile
            .errors
            .iter()
            .map(|mistake| Error::usage(mistake.message.clone()).at(source.location(mistake.span)));
        Error::all(mistakes)?;
    }
    let production_path: Vec<&str> = candidate.production.1.iter().map(String::as_str).collect();
    let production = stage(
        &dockerfile,
        &candidate.production.0,
        &candidate.name,
        &production_path,
    )?;
    let development = match (&candidate.development, candidate.role) {
        ((name, true), _) => {
            let path = ["stages", "development"];
            stage(&dockerfile, name, &candidate.name, &path)
                .map_err(|error| errors.push(error))
                .ok()
        }
        ((name, false), _) => reading::stage(&dockerfile, name),
    };
    let told = reading::announced(&dockerfile, production, &manifest.build.args);
    let chosen = manifest.overrides.services.get(&candidate.name);
    Ok(ImageDefinition {
        name: candidate.name.clone(),
        role: candidate.role,
        dockerfile,
        production,
        development,
        port: chosen.and_then(|c| c.port).or(told.port),
        health_path: chosen
            .and_then(|c| c.health_path.clone())
            .or(told.health_path),
    })
}

/// The stage the manifest names; the error points at the end of the file, where it would be written.
fn stage(file: &Dockerfile, name: &str, image: &str, key: &[&str]) -> Result<usize> {
    if let Some(index) = reading::stage(file, name) {
        return Ok(index);
    }
    let names: Vec<&str> = file
        .stages
        .iter()
        .filter_map(|stage| Some(stage.name.as_ref()?.value.as_str()))
        .collect();
    let last = file
        .stages
        .last()
        .map_or_else(Span::default, |stage| stage.span);
    let listed = if names.is_empty() {
        "its stages have no names".to_owned()
    } else {
        format!("its stages are {}", quoted(&names))
    };
    let mut error = Error::usage(format!("{image} has no stage `{name}`"))
        .because(listed)
        .at(file.source.location(last));
    if let Some(near) = nearest(name, names.iter().copied()) {
        error = error.help(format!("did you mean `{near}`?"));
    }
    Err(error.help(format!(
        "name the stage with `FROM … AS {name}`, or set `{}` in the manifest",
        key.join(".")
    )))
}

pub(super) fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
