//! Which targets a call of `docker-build` means.

use super::arguments::StageChoice;
use crate::bake::{Plan, Target, TargetKind};
use crate::cli::Common;
use crate::commands::affected;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::project::suggestion::nearest;

/// The targets for the named services, or the whole group if none is named. The base comes along for production, as
/// services stand on it and its budget counts too.
pub(in crate::commands) fn targets<'a>(
    project: &Project,
    plan: &'a Plan,
    services: &[String],
    stage: StageChoice,
) -> Result<Vec<&'a Target>> {
    let kind = match stage {
        StageChoice::Production => TargetKind::Production,
        StageChoice::Development => TargetKind::Development,
    };
    let of_kind = plan.targets.iter().filter(|target| target.kind == kind);
    let selected: Vec<&Target> = if services.is_empty() {
        of_kind.collect()
    } else {
        let unknown: Vec<Error> = services
            .iter()
            .filter(|name| project.image(name).is_none())
            .map(|name| unknown_service(project, name))
            .collect();
        Error::all(unknown)?;
        let named: Vec<&Target> = of_kind
            .filter(|target| services.contains(&target.image))
            .collect();
        let needed = plan.closure(named.iter().map(|target| target.name.as_str()));
        plan.targets
            .iter()
            .filter(|target| {
                named.contains(target) || (target.kind == kind && needed.contains(target))
            })
            .collect()
    };
    if selected.is_empty() {
        let what = match stage {
            StageChoice::Production => "no image to build",
            StageChoice::Development => "no development image to build",
        };
        return Err(Error::usage(what)
            .because("no Dockerfile that was asked for has the stage")
            .help("name the stage in [stages] of the manifest, or add it to the Dockerfile"));
    }
    Ok(selected)
}

/// Keeps the targets of images that a change affects, and says how many that are.
///
/// # Errors
/// Nobody knows what changed.
pub(super) fn only_affected(
    targets: &mut Vec<&Target>,
    base: &str,
    stage: StageChoice,
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    let is_development = stage == StageChoice::Development;
    let (affected, told) = affected::of_build(base, is_development, common, environment)?;
    common.note(environment, &told);
    targets.retain(|target| affected.contains(&target.image));
    if targets.is_empty() {
        let nothing = "nothing to build: no image that was asked for is affected";
        common.note(environment, nothing);
    }
    Ok(())
}

fn unknown_service(project: &Project, name: &str) -> Error {
    let names = || project.images.iter().map(|image| image.name.as_str());
    let error = Error::usage(format!("there is no service `{name}`"));
    match nearest(name, names()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!(
            "there are: {}",
            names().collect::<Vec<_>>().join(", ")
        )),
    }
}
