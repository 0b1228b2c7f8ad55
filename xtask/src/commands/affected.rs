//! `docker-affected`: which images a change builds anew, for people, for builds and for a matrix of jobs.

mod arguments;
mod base;
mod commit;
mod imports;
mod matrix;
mod plans;

use std::collections::{BTreeMap, BTreeSet};

pub use arguments::{Arguments, Format, RunnerOf};
use base::Base;
use camino::Utf8Path;

use super::github::{append, assignment};
use super::ignore::{self, Amendment, Answer, Facts, Subjects};
use super::timings::Timings;
use crate::bake::{Plan, PlanOptions, TargetKind};
use crate::cli::Common;
use crate::context::Target;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::git::{self, Range};
use crate::parallel;
use crate::process::Runner;
use crate::project::manifest::LockfileChange;
use crate::project::{Project, root};
use crate::report;

/// Carries it out.
///
/// # Errors
/// What stopped it.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    let asked = Asked::find(arguments, common, environment)?;
    let (answer, base) = asked.answer(&timings)?;
    timings.tell(&base.reason);
    let entries = || asked.entries(&answer);
    if arguments.github {
        let Some(file) = environment.variable("GITHUB_OUTPUT") else {
            return Err(
                Error::usage("there is no workflow to hand anything over to")
                    .because("`GITHUB_OUTPUT` is not set")
                    .help("leave out `--github`; `--format github-matrix` prints the matrix"),
            );
        };
        append(file.into(), &outputs(&answer, &entries())?)?;
    }
    let text = match arguments.format {
        Format::Terminal => answer.render(report::Format::Terminal, arguments.all)?,
        Format::Markdown => answer.render(report::Format::Markdown, arguments.all)?,
        Format::Json => answer.render(report::Format::Json, arguments.all)?,
        Format::GithubMatrix => matrix::json(&entries())? + "\n",
    };
    if !(common.quiet && arguments.format == Format::Terminal && answer.images().is_empty()) {
        environment.print(&text)?;
    }
    Ok(Exit::Clean)
}

/// The images that `docker-build --affected` builds, and what is said about it.
///
/// # Errors
/// As [`run`].
pub(super) fn of_build(
    base: &str,
    is_development: bool,
    common: &Common,
    environment: &Environment,
) -> Result<(BTreeSet<String>, String)> {
    let arguments = Arguments {
        base: Some(base.to_owned()).filter(|base| !base.is_empty()),
        stage: if is_development {
            arguments::Stage::Development
        } else {
            arguments::Stage::Production
        },
        ..Arguments::default()
    };
    let timings = Timings::start(common, environment);
    let asked = Asked::find(&arguments, common, environment)?;
    let (answer, base) = asked.answer(&timings)?;
    let images = answer
        .images()
        .iter()
        .map(|image| image.name.clone())
        .collect();
    let files = answer.changed();
    let told = format!(
        "{} of {} images are affected by {files} changed file{} ({})",
        answer.images().len(),
        asked.project.images.len(),
        if files == 1 { "" } else { "s" },
        base.reason
    );
    Ok((images, told))
}

/// What is asked, and of which repository.
struct Asked<'a> {
    arguments: &'a Arguments,
    common: &'a Common,
    environment: &'a Environment,
    project: Project,
    plan: Plan,
    /// Since when changes count.
    base: Base,
}

impl<'a> Asked<'a> {
    fn find(
        arguments: &'a Arguments,
        common: &'a Common,
        environment: &'a Environment,
    ) -> Result<Self> {
        let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
        let read = || {
            let project = Project::load(&root)?;
            let plan = Plan::new(&project, &PlanOptions::default())?;
            Ok((project, plan))
        };
        // Git looks for the commit while the project is read.
        let find = || Base::find(arguments, &root.root, environment);
        let (base, read): (_, Result<(Project, Plan)>) = parallel::both(find, read);
        let (project, plan) = read?;
        let base = base?;
        Ok(Self {
            arguments,
            common,
            environment,
            project,
            plan,
            base,
        })
    }

    fn kind(&self) -> TargetKind {
        match self.arguments.stage {
            arguments::Stage::Production => TargetKind::Production,
            arguments::Stage::Development => TargetKind::Development,
        }
    }

    /// What the change builds anew, and since when it counts.
    fn answer(&self, timings: &Timings<'_>) -> Result<(Answer, Base)> {
        let environment = self.environment;
        let runner = environment.runner.as_ref();
        let root = &self.project.root;
        let base = self.base.clone();
        timings.lap("found the commit to compare with");
        let words = vec![match &self.arguments.head {
            Some(head) => format!("{}..{head}", base.commit),
            None => base.commit.clone(),
        }];
        let checkout = ignore::checkout(&words, environment)?;
        let there = checkout.as_ref().map(|checkout| {
            (
                checkout.environment(environment),
                checkout.common(self.common),
            )
        });
        let (environment, common) = match &there {
            Some((environment, common)) => (environment, common),
            None => (environment, self.common),
        };
        let looking = ignore::Arguments {
            subjects: self.arguments.images.clone(),
            ..ignore::Arguments::default()
        };
        let gather = || {
            let known = checkout.is_none().then_some(&self.project);
            Subjects::gather_known(&looking, common, environment, &BTreeMap::new(), known)
        };
        // Git looks at the work tree while the build contexts are walked.
        let since = Range {
            before: base.commit.clone(),
            after: None,
        };
        let (changes, looked) = if self.arguments.head.is_none() {
            let (changes, looked) = parallel::both(|| git::changes(runner, root, &since), gather);
            (Some(changes), looked?)
        } else {
            (None, gather()?)
        };
        Error::all(looked.errors.iter().cloned())?;
        timings.lap("walked the build contexts");
        let Some(project) = &looked.settings.project else {
            // The Dockerfiles are wrong there; whoever loads them says how.
            let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
            return Err(match Project::load(&root) {
                Err(error) => error,
                Ok(_) => Error::usage("the project cannot be read"),
            });
        };
        let targets: Vec<Target> = project
            .images
            .iter()
            .filter(|image| looked.images.iter().any(|one| one.name == image.name))
            .filter_map(|image| {
                let stage = match self.kind() {
                    TargetKind::Development => image.development?,
                    _ => image.production,
                };
                Some(Target {
                    name: image.name.clone(),
                    dockerfile: image.path().to_owned(),
                    stages: vec![stage],
                })
            })
            .collect();
        let origin = checkout
            .as_ref()
            .map_or_else(|| root.clone(), |checkout| checkout.origin(&looked.root));
        let facts = Facts {
            root: &looked.root,
            repository: &origin,
            current_dir: &environment.current_dir,
            targets: &targets,
            contexts: &looked.contexts,
            surroundings: &looked.surroundings,
            project: Some(project),
            manifest: Some(project.manifest.path()),
        };
        let mut answer = match changes {
            Some(changes) => Answer::of_changes(Some(since), changes?, &facts, runner)?,
            None => Answer::of(&words, &facts, runner)?,
        };
        timings.lap("asked what the change builds anew");
        if answer.changed() > 0 {
            let other = match &checkout {
                Some(_) => Some(Plan::new(project, &PlanOptions::default())?),
                None => None,
            };
            let plan = other.as_ref().unwrap_or(&self.plan);
            let surroundings = Surroundings {
                project,
                plan,
                looked: &looked,
                base: &base.commit,
                repository: &origin,
                runner,
            };
            amend(&mut answer, &surroundings, self.kind())?;
        }
        Ok((answer, base))
    }

    fn entries(&self, answer: &Answer) -> Vec<matrix::Entry> {
        matrix::entries(answer, &self.plan, self.kind(), self.arguments)
    }
}

/// What a change is looked at with.
struct Surroundings<'a> {
    project: &'a Project,
    plan: &'a Plan,
    looked: &'a Subjects,
    /// The commit before the change.
    base: &'a str,
    /// Where git knows it.
    repository: &'a Utf8Path,
    runner: &'a dyn Runner,
}

/// What files alone do not tell: packages that nobody uses, steps that see the commit, a plan that is another.
fn amend(answer: &mut Answer, surroundings: &Surroundings<'_>, kind: TargetKind) -> Result<()> {
    let Surroundings { project, plan, .. } = *surroundings;
    if project.manifest.affected.lockfile == LockfileChange::Imports {
        for name in imports::spared(answer, surroundings)? {
            answer.count_out(&name);
        }
    }
    for target in plan.targets.iter().filter(|target| target.kind == kind) {
        if let Some(reason) = commit::reason(project, plan, target) {
            answer.count_in(&Amendment {
                image: target.image.clone(),
                dockerfile: target.dockerfile.clone().into(),
                reason,
            });
        }
    }
    for amendment in plans::changed(answer, surroundings, kind)? {
        answer.count_in(&amendment);
    }
    Ok(())
}

/// For `GITHUB_OUTPUT`. A matrix without entries is an error of the workflow, so that `any` goes with it.
fn outputs(answer: &Answer, entries: &[matrix::Entry]) -> Result<String> {
    let names: Vec<&str> = answer
        .images()
        .iter()
        .map(|image| image.name.as_str())
        .collect();
    let names = serde_json::to_string(&names)
        .map_err(|error| Error::failed("failed to write the answer as JSON").because(error))?;
    Ok([
        assignment("matrix", &matrix::json(entries)?),
        assignment("images", &names),
        assignment("any", if entries.is_empty() { "false" } else { "true" }),
    ]
    .concat())
}
