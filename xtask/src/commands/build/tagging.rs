//! Images that are called as `docker-tags` tells.

use super::Build;
use super::arguments::Arguments;
use crate::atomic_file;
use crate::bake::{Plan, Target};
use crate::commands::tags::{Metadata, of_build};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::tags::Parts;

/// The bake file that lies over the generated one.
pub(super) const FILE: &str = "docker-tags.json";

/// What `docker-tags` tells, if images are to be called so.
///
/// # Errors
/// As it has, or an image that is to be pushed has no tag.
pub(super) fn tagged(
    arguments: &Arguments,
    project: &Project,
    plan: &Plan,
    targets: &[&Target],
    environment: &Environment,
    note: &dyn Fn(&str),
) -> Result<Option<Metadata>> {
    if !arguments.tags_from_git {
        return Ok(None);
    }
    let tagged = of_build(project, plan, environment)?;
    let nameless = tagged.nameless(targets);
    if arguments.push && !nameless.is_empty() {
        return Err(
            Error::usage(format!("no rule gives a tag to {}", nameless.join(", ")))
                .because(tagged.notes.join("; "))
                .help("name the images that have one, or add a rule to [tags] of the manifest"),
        );
    }
    for told in &tagged.notes {
        note(told);
    }
    Ok(Some(tagged))
}

/// Writes the bake file.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(build: &Build<'_>, tagged: &Metadata) -> Result<()> {
    let parts = Parts {
        tags: true,
        labels: true,
        annotations: !build.project.manifest.tags.annotations.is_empty(),
    };
    atomic_file::write(&build.work.join(FILE), tagged.bake_file(parts))
}
