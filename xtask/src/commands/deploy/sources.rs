//! What is read: the compose file, and the objects of an environment.

use camino::Utf8Path;

use crate::deploy::{Facts, Object, compose, kustomize};
use crate::environment::Environment;
use crate::error::Result;
use crate::project::Project;
use crate::project::manifest::DeployEnvironment;
use crate::source::{Location, Source};

/// All objects of a large project in one file.
const MAX_RENDERED_BYTES: u64 = 64 << 20;

/// What is known of the services.
///
/// # Errors
/// The compose file cannot be read, or what is said does not fit together.
pub(super) fn facts(project: &Project) -> Result<Facts> {
    let composed = match &project.manifest.deploy.compose {
        Some(path) => {
            let source = Source::read(&project.root, path).map_err(|error| {
                error.at(project.manifest.value_location(&["deploy", "compose"]))
            })?;
            compose::read(&source)?
        }
        None => Vec::new(),
    };
    Facts::gather(project, &composed)
}

/// The objects that somebody else rendered into a file.
///
/// # Errors
/// It cannot be read.
pub(super) fn rendered(
    file: &Utf8Path,
    environment: &Environment,
) -> Result<(Vec<Object>, Location)> {
    let source = Source::read_up_to(&environment.current_dir, file, MAX_RENDERED_BYTES)?;
    let place = source.location(crate::source::Span::default());
    Ok((Object::read(&source)?, place))
}

/// The objects of an environment, and where it is named.
///
/// # Errors
/// They cannot be read, or it cannot be told what they come to.
pub(super) fn objects(
    project: &Project,
    chosen: &DeployEnvironment,
) -> Result<(Vec<Object>, Location)> {
    let deploy = &project.manifest.deploy;
    let position = deploy
        .environments
        .iter()
        .position(|it| it.name == chosen.name)
        .unwrap_or_default()
        .to_string();
    let place = project
        .manifest
        .value_location(&["deploy", "environments", &position, "path"]);
    let objects = kustomize::build(&project.root, &chosen.path).map_err(|error| {
        if error.location().is_none() {
            error.at(place.clone())
        } else {
            error
        }
    })?;
    Ok((objects, place))
}
