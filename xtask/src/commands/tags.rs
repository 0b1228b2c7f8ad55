//! `docker-tags`: what images are called, by what happened in git or on GitHub.

mod answer;
mod arguments;
mod gathering;
mod metadata;
mod outputs;

pub use arguments::{Arguments, Context, Format, Part};
pub(super) use metadata::{Metadata, of_build};

use self::answer::Answer;
use super::timings::Timings;
use crate::atomic_file;
use crate::bake::{Plan, PlanOptions};
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Exit, Result};
use crate::project::{Project, root};
use crate::tags::Parts;

/// Carries it out.
///
/// # Errors
/// What stopped it. An image without a tag does not: it is told.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    let plan = Plan::new(&project, &PlanOptions::default())?;
    timings.lap("read the manifest and the Dockerfiles, and planned");
    let metadata = Metadata::of(arguments, &project, &plan, environment)?;
    timings.lap("made the tags");
    for note in &metadata.notes {
        common.note(environment, note);
    }
    let answer = Answer::of(&metadata);
    let has = |part: Part| arguments.parts.contains(&part);
    let parts = Parts {
        tags: has(Part::Tags),
        labels: has(Part::Labels),
        annotations: has(Part::Annotations),
    };
    if let Some(file) = &arguments.write {
        let file = environment.current_dir.join(file);
        atomic_file::write(&file, metadata.bake_file(parts))?;
    }
    if arguments.github {
        outputs::hand_over(&answer, &metadata, &project.root, environment)?;
    }
    let text = match arguments.format {
        Format::Terminal => answer.terminal(),
        Format::Markdown => answer.markdown(),
        Format::Json => answer.json()?,
        Format::Bake => metadata.bake_file(parts),
        Format::Env => outputs::shell(&answer)?,
    };
    environment.print(&text)?;
    Ok(Exit::Clean)
}
