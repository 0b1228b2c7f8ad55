//! `docker-test`: starts every image, and all of them together, and proves how they behave.

mod arguments;
mod fleet;
mod image;
mod release;
mod structure;

pub use arguments::Arguments;

use camino::Utf8PathBuf;

use super::engine::private_engine;
use super::images::{LastBuild, Names};
use crate::cli::Common;
use crate::engine::containers::{Reach, Session};
use crate::engine::select::select;
use crate::engine::{Engine, Means};
use crate::environment::Environment;
use crate::error::{Exit, Result};
use crate::project::{Project, root};
use crate::trial::{Outcome, Report, Subject, Suite};

/// What every suite works with.
struct Trial<'a> {
    arguments: &'a Arguments,
    common: &'a Common,
    environment: &'a Environment,
    project: &'a Project,
    means: Means<'a>,
    engine: &'a Engine,
    reach: Reach,
    /// What each image of the project is called in the engine, as it was built last.
    names: Names,
    /// Where trials keep their locks and history: `target/docker-test`.
    folder: Utf8PathBuf,
}

impl<'a> Trial<'a> {
    /// A hold of the engine; what is started through it is gone with it.
    fn session(&self) -> Result<Session<'a>> {
        Session::open(self.means, self.engine, self.reach.clone(), &self.folder)
    }
}

/// Carries it out.
///
/// # Errors
/// What kept the trial from being made. What fails in it is no error: the exit code says so.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    let note = |line: &str| common.note(environment, line);
    let means = Means {
        runner: environment.runner.as_ref(),
        interrupt: &environment.interrupt,
        note: &note,
    };
    let private = private_engine(&project.root, environment);
    let engine = select(means, arguments.engine, &[], &private)?;
    let trial = Trial {
        arguments,
        common,
        environment,
        project: &project,
        means,
        engine: &engine,
        reach: Reach::to(&engine, &private)?,
        names: LastBuild::read(&project.root).names(&project),
        folder: project.root.join("target/docker-test"),
    };
    let mut subjects = Vec::new();
    for suite in arguments.suites() {
        environment.interrupt.check()?;
        subjects.extend(trial.run(suite)?);
    }
    let report = Report::new(subjects);
    Ok(exit(&report))
}

impl Trial<'_> {
    fn run(&self, suite: Suite) -> Result<Vec<Subject>> {
        match suite {
            Suite::Image => image::run(self),
            Suite::Structure => structure::run(self),
            Suite::Fleet => fleet::run(self),
            Suite::Release => release::run(self),
        }
    }
}

/// What could not be told is never a pass.
fn exit(report: &Report) -> Exit {
    match report.subjects.iter().map(Subject::outcome).max() {
        Some(Outcome::Failed) => Exit::Failed,
        Some(Outcome::Unknown) => Exit::Missing,
        _ => Exit::Clean,
    }
}
