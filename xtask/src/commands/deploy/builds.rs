//! Which builds are put to work: digests from the metadata of a build, or from the record of what was pushed.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::Arguments;
use crate::audit::{Action, Filter};
use crate::cli::Common;
use crate::commands::{trust, verify};
use crate::deploy::Facts;
use crate::deploy::image::ImageField;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::project::Project;
use crate::project::manifest::Occasion;
use crate::trail::Trail;

/// The digests, by the images' names.
///
/// # Errors
/// The file tells of no digest of a service that is not left out.
pub(super) fn read(
    project: &Project,
    facts: &Facts,
    file: &Utf8Path,
    arguments: &Arguments,
    environment: &Environment,
) -> Result<BTreeMap<String, String>> {
    let full = environment.current_dir.join(file);
    let found = if is_record(&full)? {
        recorded(&full)?
    } else {
        let mut found = BTreeMap::new();
        for (name, built) in trust::built(project, &full)? {
            // What was built and not pushed has no digest that anybody else can ask for.
            built.pinned.clone()?;
            found.extend(
                built
                    .digest
                    .map(|digest| (project.image_name(&name), digest)),
            );
        }
        found
    };
    let mut digests = BTreeMap::new();
    let mut missing = Vec::new();
    for service in &facts.services {
        if arguments.without.contains(&service.name) {
            continue;
        }
        match found.get(&service.image) {
            Some(digest) => {
                digests.insert(service.image.clone(), digest.clone());
            }
            None => missing.push(
                Error::usage(format!("{file} tells no digest of `{}`", service.name))
                    .because("only what was pushed has one everywhere")
                    .help("build it with `--push`, or leave it out with `--without`"),
            ),
        }
    }
    Error::all(missing)?;
    Ok(digests)
}

/// Whether a file is a record of `docker-audit`: one entry a line.
fn is_record(full: &Utf8Path) -> Result<bool> {
    let bytes = std::fs::read(full)
        .map_err(|error| Error::usage(format!("failed to read {full}")).because(error))?;
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let first: Option<serde_json::Value> = serde_json::from_slice(line).ok();
    Ok(first.is_some_and(|first| first.get("action").is_some()))
}

/// What was pushed last, by the images' names.
fn recorded(full: &Utf8Path) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let filter = Filter {
        actions: vec![Action::Push],
        ..Filter::default()
    };
    Trail::new(full).each(&filter, &mut |entry| {
        let image = entry.image.as_ref();
        let told = image.and_then(|it| Some((it.reference.as_ref()?, it.digest.as_ref()?)));
        if let Some((reference, digest)) = told {
            let name = ImageField::of(reference).name.to_owned();
            found.insert(name, digest.clone());
        }
        Ok(())
    })?;
    Ok(found)
}

/// Whether the images may be put to work, where the manifest asks that they be trusted.
///
/// # Errors
/// It cannot be told: that is never as good as trusted.
pub(super) fn are_trusted(
    project: &Project,
    digests: &BTreeMap<String, String>,
    common: &Common,
    environment: &Environment,
) -> Result<bool> {
    if !project.manifest.trust.require.contains(&Occasion::Deploy) {
        return Ok(true);
    }
    let images = digests
        .iter()
        .map(|(name, digest)| format!("{name}@{digest}"));
    let asked = verify::Arguments {
        images: images.collect(),
        ..verify::Arguments::default()
    };
    Ok(verify::run(&asked, common, environment)? == Exit::Clean)
}
