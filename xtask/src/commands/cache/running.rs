//! `--run`: makes each edit in a copy of the repository, builds, and looks which steps ran.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;

use super::Arguments;
use super::copy::Copy;
use super::foretelling::Foretold;
use super::gathered::Gathered;
use super::matching::measured;
use crate::atomic_file;
use crate::bake::{Inputs, Plan, PlanOptions, Target};
use crate::caching::{Class, Comparison, FileEdit, Measured, compare};
use crate::cli::Common;
use crate::commands::build::{Execution, stand_ins};
use crate::commands::engine::{private_engine, select_engine};
use crate::engine::bake::Bake;
use crate::engine::{Engine, Means};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::project::root::Root;
use crate::project::{Project, secrets};

/// What building an edit showed.
pub(super) struct Run {
    pub(super) comparison: Comparison,
    pub(super) measured: Measured,
    pub(super) took: Duration,
}

/// The commit that images are told, until an edit is one.
const COMMIT: &str = "0000000000000000000000000000000000000000";
/// When that was.
const DATE: &str = "1970-01-01T00:00:00Z";

/// Builds each edit; `None` for those that cannot be built, in their order.
///
/// # Errors
/// There is no engine, a build fails, or it was interrupted.
pub(super) fn run(
    gathered: &Gathered,
    foretold: &[Foretold],
    arguments: &Arguments,
    common: &Common,
    environment: &Environment,
) -> Result<Vec<Option<Run>>> {
    let note = |line: &str| common.note(environment, line);
    let means = Means {
        runner: environment.runner.as_ref(),
        interrupt: &environment.interrupt,
        note: &note,
    };
    let private = private_engine(&gathered.project.root, environment);
    let engine = select_engine(
        means,
        arguments.engine,
        &private,
        &gathered.project.root,
        environment,
    )?;
    let wanted: Vec<&Target> = gathered
        .planned
        .iter()
        .filter_map(|name| gathered.plan.target(name))
        .collect();
    let overlay = if arguments.offline {
        let images = stand_ins(&gathered.project, &gathered.plan, &wanted, means, &engine)?;
        Some(images)
    } else {
        None
    };
    let copy = Copy::of(gathered)?;
    let trial = Trial {
        gathered,
        common,
        environment,
        engine,
        stand_ins: overlay,
        copy,
        mark: mark(environment),
        changes: std::cell::Cell::new(0),
    };
    note("building everything once, so that what follows finds it");
    trial.build(COMMIT)?;
    let mut runs = Vec::with_capacity(foretold.len());
    for (index, one) in foretold.iter().enumerate() {
        let count = foretold.len();
        note(&format!("{} of {count}: {}", index + 1, one.edit.name()));
        runs.push(trial.edit(one)?);
    }
    Ok(runs)
}

struct Trial<'a> {
    gathered: &'a Gathered,
    common: &'a Common,
    environment: &'a Environment,
    engine: Engine,
    stand_ins: Option<BTreeMap<String, String>>,
    copy: Copy,
    /// A text that no other run has: the engine keeps what earlier runs made.
    mark: String,
    /// How many files were changed so far.
    changes: std::cell::Cell<u16>,
}

impl Trial<'_> {
    fn edit(&self, one: &Foretold) -> Result<Option<Run>> {
        if one.edit.class == Class::Argument {
            // Which values a build accepts, nobody knows.
            return Ok(None);
        }
        let mut kept = Vec::with_capacity(one.edit.files.len());
        for file in &one.edit.files {
            kept.push((file, self.change(file)?));
        }
        let commit = match one.edit.class {
            Class::Commit => format!("{:0>40}", self.mark),
            _ => COMMIT.to_owned(),
        };
        let began = Instant::now();
        let built = self.build(&commit);
        let took = began.elapsed();
        for (file, bytes) in kept {
            let path = self.copy.root().join(&file.path);
            std::fs::write(&path, bytes)
                .map_err(|error| Error::failed(format!("failed to write {path}")).because(error))?;
        }
        let (tally, project, plan) = built.map_err(|error| {
            error.help(format!(
                "it is the edit {} that was built: {}",
                one.edit.name(),
                one.edit
                    .files
                    .iter()
                    .map(|file| file.touch.told())
                    .collect::<Vec<_>>()
                    .join(", ")
            ))
        })?;
        let recipes = one
            .recipes
            .as_ref()
            .unwrap_or(&self.gathered.looked.contexts.recipes);
        let measured = measured(&tally, &project, &plan, &self.gathered.planned, recipes);
        Ok(Some(Run {
            comparison: compare(&one.forecast, &measured),
            measured,
            took,
        }))
    }

    /// Changes a file of the copy; what it held before.
    fn change(&self, file: &FileEdit) -> Result<Vec<u8>> {
        let path = self.copy.root().join(&file.path);
        let failed = |error: std::io::Error| {
            Error::failed(format!("failed to change {path}")).because(error)
        };
        let bytes = std::fs::read(&path).map_err(failed)?;
        // Two edits of a file must not leave the same bytes: the second would be built already.
        let mark = format!(
            "{}{:04x}",
            self.mark,
            self.changes.replace(self.changes.get().wrapping_add(1))
        );
        std::fs::write(&path, file.touch.apply(&bytes, &mark)).map_err(failed)?;
        Ok(bytes)
    }

    fn build(&self, commit: &str) -> Result<(crate::engine::events::Tally, Project, Plan)> {
        let place = Root {
            root: self.copy.root().to_owned(),
            manifest: self.gathered.project.manifest.path().to_owned(),
        };
        let project = Project::load(&place)?;
        let plan = Plan::new(&project, &PlanOptions::default())?;
        let needed = plan.closure(self.gathered.planned.iter().map(String::as_str));
        let ids: BTreeSet<&str> = needed
            .iter()
            .flat_map(|target| &target.secrets)
            .map(String::as_str)
            .collect();
        let here = &self.environment.current_dir;
        let secrets = secrets::find(&project.manifest, ids, here, &|name| {
            self.environment.variable(name).map(str::to_owned)
        })?;
        let inputs = Inputs {
            tags: vec!["cache-run".to_owned()],
            vcs_ref: Some(commit.to_owned()),
            build_date: Some(if commit == COMMIT {
                DATE.to_owned()
            } else {
                "1970-01-02T00:00:00Z".to_owned()
            }),
            version: Some(commit[commit.len() - 8..].to_owned()),
            secrets: secrets.places,
            ..Inputs::default()
        };
        let work = self.copy.root().join("target/docker-build");
        let mut files: Vec<Utf8PathBuf> = vec![work.join("docker-bake.hcl")];
        atomic_file::write(&files[0], plan.hcl())?;
        if let Some(images) = &self.stand_ins {
            let overlay = work.join("stand-in.hcl");
            atomic_file::write(&overlay, plan.overlay(images, &BTreeMap::new()))?;
            files.push(overlay);
        }
        let bake = Bake {
            directory: self.copy.root().to_owned(),
            files,
            targets: self.gathered.planned.clone(),
            linked_targets: needed.iter().map(|target| target.name.clone()).collect(),
            variables: inputs.variables(&plan),
            // No image is made and no tag is moved.
            set: vec!["*.output=type=cacheonly".to_owned()],
            readable: secrets.files,
            metadata: work.join("metadata.json"),
            ..Bake::default()
        };
        let execution = Execution {
            common: self.common,
            environment: self.environment,
            project: &project,
            engine: &self.engine,
            plan: &plan,
            offline: self.stand_ins.is_some(),
            work: &work,
        };
        let (_, tally) = execution.follow(&bake)?;
        Ok((tally, project, plan))
    }
}

/// Of hexadecimal digits, of the time and of this process.
fn mark(environment: &Environment) -> String {
    let since = (environment.clock)().duration_since(std::time::UNIX_EPOCH);
    let nanoseconds = since.map_or(0, |since| since.as_nanos());
    format!(
        "{:x}{:x}",
        nanoseconds & 0xffff_ffff_ffff,
        std::process::id()
    )
}
