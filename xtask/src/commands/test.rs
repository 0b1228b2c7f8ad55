//! `docker-test`: starts every image, and all of them together, and proves how they behave.

mod arguments;
mod fleet;
mod history;
mod image;
mod output;
mod progress;
mod recording;
mod release;
mod structure;

pub use arguments::Arguments;

use camino::Utf8PathBuf;

use output::Detail;
use progress::Progress;

use super::engine::{private_engine, select_engine};
use super::images::{LastBuild, Names};
use super::timings::Timings;
use crate::cli::Common;
use crate::engine::containers::{Reach, Session};
use crate::engine::images::{self, Inspected};
use crate::engine::{Engine, Means};
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::project::{ImageDefinition, Project, root};
use crate::report::Format;
use crate::trial::{self, Outcome, Report, Subject, Suite, exceptions};

/// What every suite works with.
struct Trial<'a> {
    arguments: &'a Arguments,
    environment: &'a Environment,
    project: &'a Project,
    means: Means<'a>,
    engine: &'a Engine,
    reach: Reach,
    progress: &'a Progress<'a>,
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

    /// The images that are asked for; all of the manifest if none is named.
    fn images(&self) -> Vec<&'a ImageDefinition> {
        let asked = &self.arguments.images;
        let images = self.project.images.iter();
        images
            .filter(|image| asked.is_empty() || asked.contains(&image.name))
            .collect()
    }

    /// What an image is called in the engine.
    fn reference(&self, image: &ImageDefinition) -> String {
        let built = self.names.get(&image.name).cloned();
        built.unwrap_or_else(|| format!("{}:dev", self.project.image_name(&image.name)))
    }

    /// What the engine says of images, in their order.
    ///
    /// # Errors
    /// One of them is not built.
    fn inspect(&self, references: &[String]) -> Result<Vec<Inspected>> {
        let references: Vec<&str> = references.iter().map(String::as_str).collect();
        let found = images::inspect(self.means.runner, self.engine, &references);
        found.map_err(|error| {
            if !error.message().starts_with("there is no image") {
                return error;
            }
            // It is missing, and nothing that was started failed.
            Error::missing(error.message()).help(
                "build it with `cargo xtask docker-build`, or `docker-build --offline` without a registry",
            )
        })
    }

    fn run(&self, suite: Suite) -> Result<Vec<Subject>> {
        self.environment.interrupt.check()?;
        match suite {
            Suite::Image => image::run(self),
            Suite::Structure => structure::run(self),
            Suite::Fleet => fleet::run(self),
            Suite::Release => release::run(self),
        }
    }
}

/// Carries it out.
///
/// # Errors
/// What kept the trial from being made. What fails in it is no error: the exit code says so.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    if arguments.list {
        environment.print(&output::list())?;
        return Ok(Exit::Clean);
    }
    if let Some(word) = &arguments.explain {
        let property = trial::property(word).ok_or_else(|| {
            Error::usage(format!("there is no property {word}"))
                .help("`cargo xtask docker-test --list` lists all of them")
        })?;
        environment.print(&output::explanation(property))?;
        return Ok(Exit::Clean);
    }
    let timings = Timings::start(common, environment);
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    check_names(arguments, &project)?;
    let note = |line: &str| common.note(environment, line);
    let means = Means {
        runner: environment.runner.as_ref(),
        interrupt: &environment.interrupt,
        note: &note,
    };
    let private = private_engine(&project.root, environment);
    let engine = select_engine(
        means,
        arguments.engine,
        &private,
        &project.root,
        environment,
    )?;
    let progress = Progress::new(common, environment);
    let trial = Trial {
        arguments,
        environment,
        project: &project,
        means,
        engine: &engine,
        reach: Reach::to(&engine, &private)?,
        progress: &progress,
        names: LastBuild::read(&project.root).names(&project),
        folder: project.root.join("target/docker-test"),
    };
    timings.lap("read the manifest and found the engine");
    let mut subjects = Vec::new();
    for suite in arguments.suites() {
        subjects.extend(trial.run(suite)?);
        timings.lap(&format!("tried the suite `{}`", suite.word()));
    }
    let now = super::audit::now(environment);
    exceptions::apply(&mut subjects, &project.manifest.test.exceptions, now.date());
    let report = Report::new(subjects);
    let trends = history::keep(&report, &trial.folder, now)?;
    recording::record(&report, &project, &engine.platform, common, environment)?;
    tell(&report, &trends, arguments, common, environment)?;
    Ok(exit(&report))
}

/// Prints the report.
fn tell(
    report: &Report,
    trends: &[String],
    arguments: &Arguments,
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    let detail = match (common.quiet, common.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    };
    let color = common.color.stdout(environment);
    environment.print(&output::text(report, arguments.format, detail, color)?)?;
    if arguments.format == Format::Terminal {
        for trend in trends {
            common.note(environment, trend);
        }
    }
    Ok(())
}

/// Images on the command line and in the manifest are images of the project, and properties are ones that exist.
fn check_names(arguments: &Arguments, project: &Project) -> Result<()> {
    let names: Vec<&str> = project
        .images
        .iter()
        .map(|image| image.name.as_str())
        .collect();
    let unknown = |name: &str| {
        (!names.contains(&name)).then(|| {
            Error::usage(format!("there is no image `{name}` in the project"))
                .help(format!("the manifest has {}", names.join(", ")))
        })
    };
    let mut errors: Vec<Error> = arguments
        .images
        .iter()
        .filter_map(|name| unknown(name))
        .collect();
    let manifest = &project.manifest;
    let test = &manifest.test;
    for name in test.images.keys() {
        let place = || manifest.key_location(&["test", "images", name]);
        errors.extend(unknown(name).map(|error| error.at(place())));
    }
    for (index, case) in test.configuration.iter().enumerate() {
        for (number, name) in case.images.iter().enumerate() {
            let (index, number) = (index.to_string(), number.to_string());
            let place =
                || manifest.value_location(&["test", "configuration", &index, "images", &number]);
            errors.extend(unknown(name).map(|error| error.at(place())));
        }
    }
    for (index, exception) in test.exceptions.iter().enumerate() {
        let index = index.to_string();
        let place = |key: &str| manifest.value_location(&["test", "exceptions", &index, key]);
        errors.extend(unknown(&exception.image).map(|error| error.at(place("image"))));
        if trial::property(&exception.property).is_none() {
            errors.push(
                Error::usage(format!("there is no property \"{}\"", exception.property))
                    .help("`cargo xtask docker-test --list` lists all of them")
                    .at(place("property")),
            );
        }
    }
    Error::all(errors)
}

/// What could not be told is never a pass.
fn exit(report: &Report) -> Exit {
    match report.outcome() {
        Outcome::Failed => Exit::Failed,
        Outcome::Unknown => Exit::Missing,
        Outcome::Passed | Outcome::Skipped => Exit::Clean,
    }
}
