//! `docker-clean`: removes images from registries that no rule keeps, and nothing that something kept needs.

mod applying;
mod arguments;
mod document;
mod gathering;
mod output;
mod record;
mod recording;
mod restoring;
mod session;
#[cfg(test)]
mod tests;
mod verification;
mod walk;

pub use arguments::Arguments;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use self::applying::{Application, Applied};
use self::gathering::{Gathered, Gatherer};
use self::output::{Cleaned, Run};
use self::record::{Record, restorable};
use self::session::{Session, Target, check_rules, folder, policy, targets};
use self::verification::Verified;
use super::audit::{Recorder, now};
use super::timings::Timings;
use crate::cli::Common;
use crate::engine::Means;
use crate::engine::lock::Lock;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::project::{Project, root};
use crate::retention::{Digest, Plan, Policy, Problem, ProblemKind, RestorePackage, Situation};

/// Carries it out.
///
/// # Errors
/// What stopped it. What is wrong with a package is no error: the exit code says so.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    check_rules(&project)?;
    let note = |line: &str| common.note(environment, line);
    let means = Means {
        runner: environment.runner.as_ref(),
        interrupt: &environment.interrupt,
        note: &note,
    };
    let session = || Session::open(&project, arguments, environment, means);
    let recorder = Recorder::open(&project, environment)?;
    let changes = arguments.apply || arguments.resume || arguments.restore.is_some();
    let _lock = if changes {
        // What is removed is recorded, or it is not removed.
        recorder.check()?;
        Some(Lock::take(
            &folder(&project).join("lock"),
            Duration::ZERO,
            &|| {},
        )?)
    } else {
        None
    };
    if let Some(file) = &arguments.restore {
        let list = restoring::read(&environment.current_dir.join(file))?;
        return restore(&session()?, &list.packages, arguments, &recorder, common);
    }
    let left = Record::left(&folder(&project))?;
    let left = match (left, arguments) {
        (Some(left), Arguments { apply: true, .. }) => {
            return Err(unfinished(&left));
        }
        (Some(left), Arguments { resume: false, .. }) => {
            note("an earlier run ended before it was done: `--resume` finishes it");
            drop(left);
            None
        }
        (None, Arguments { resume: true, .. }) => {
            return Err(Error::usage("there is no run to be finished")
                .help("leave out `--resume`; `--apply` begins one"));
        }
        (left, _) => left,
    };
    let targets = match &left {
        Some(left) => {
            let names = left.journal.packages.iter().map(|package| &package.name);
            names
                .map(|name| Target::of(&project, name))
                .collect::<Result<_>>()?
        }
        None => targets(&project, arguments)?,
    };
    let work = Work {
        session: session()?,
        recorder,
        timings: Timings::start(common, environment),
        common,
    };
    work.run(&targets, left, arguments)
}

fn unfinished(left: &Record) -> Error {
    Error::usage("an earlier run ended before it was done")
        .because(format!("it began at {}", left.journal.begun))
        .help("finish it first: `cargo xtask docker-clean --resume`")
        .help(format!(
            "or leave it as it is, and remove {}; {} still puts back what it removed",
            left.restore_list().with_file_name("journal.json"),
            left.restore_list()
        ))
}

/// A package that was looked at.
struct Looked<'a> {
    gatherer: Gatherer<'a>,
    policy: Policy,
    gathered: Gathered,
    plan: Plan,
}

impl Looked<'_> {
    fn planned(&self) -> Cleaned {
        Cleaned::planned(self.gathered.is_there, &self.gathered.package, &self.plan)
    }
}

/// What all parts of a run need.
struct Work<'a> {
    session: Session<'a>,
    recorder: Recorder<'a>,
    timings: Timings<'a>,
    common: &'a Common,
}

impl Work<'_> {
    fn run(&self, targets: &[Target], left: Option<Record>, arguments: &Arguments) -> Result<Exit> {
        let mut looked = Vec::new();
        for target in targets {
            self.session.means.interrupt.check()?;
            looked.push(self.look(target, left.as_ref())?);
            self.timings.lap(&format!("reading {}", target.name));
        }
        if looked.iter().all(|one| !one.gathered.is_there) {
            return Err(nothing_there(targets));
        }
        let mut run = Run::new(arguments.apply || arguments.resume);
        if arguments.apply || left.is_some() {
            run.restore_list = self.apply(&looked, left, &mut run)?;
        } else {
            run.packages.extend(looked.iter().map(Looked::planned));
        }
        let trouble = looked.iter().filter_map(|one| one.gathered.trouble).max();
        run.sum_up(looked.iter().map(|one| &one.gathered.package));
        output::print(&run, &self.session, arguments, self.common)?;
        Ok(exit(&run, trouble))
    }

    fn look<'s>(&'s self, target: &'s Target, left: Option<&Record>) -> Result<Looked<'s>> {
        let project = self.session.project;
        let gatherer = Gatherer::new(&self.session, target)?;
        let policy = policy(project, target)?;
        let begun: Option<BTreeSet<Digest>> =
            left.map(|left| left.open(&target.name).into_iter().collect());
        let found = gatherer.gather(&begun.clone().unwrap_or_default())?;
        let situation = Situation {
            begun,
            ..Situation::at(now(self.session.environment))
        };
        let plan = Plan::new(&found.package, &policy, &situation);
        Ok(Looked {
            gatherer,
            policy,
            gathered: found,
            plan,
        })
    }

    /// Removes, verifies and records. What is needed to finish and to undo it is on the disk before anything is removed.
    fn apply(
        &self,
        looked: &[Looked<'_>],
        left: Option<Record>,
        run: &mut Run,
    ) -> Result<Option<String>> {
        let is_resumed = left.is_some();
        let (record, lists) = if let Some(left) = left {
            // Also of what the earlier run removed already.
            let list = restoring::read(&left.restore_list())?;
            (left, list.packages)
        } else {
            let lists = looked
                .iter()
                .filter(|one| !one.plan.removals.is_empty())
                .map(|one| restorable(&one.gatherer, &one.gathered.package, &one.plan));
            let lists: Vec<RestorePackage> = lists.collect();
            if lists.is_empty() {
                run.packages.extend(looked.iter().map(Looked::planned));
                return Ok(None);
            }
            let now = now(self.session.environment);
            let folder = folder(self.session.project);
            (Record::begin(&folder, now, lists.clone())?, lists)
        };
        let record = RefCell::new(record);
        let restore_list = record.borrow().restore_list();
        for one in looked {
            let mut cleaned = one.planned();
            let list = lists.iter().find(|list| list.name == one.plan.package);
            if let Some(list) = list.filter(|_| is_resumed || !one.plan.removals.is_empty())
                && one.plan.problems.is_empty()
            {
                let carried_out = self.apply_one(one, list, &record);
                let (applied, verified) = carried_out.inspect_err(|error| {
                    let removed = record.borrow().removed_of(&one.plan.package);
                    let event =
                        recording::stopped(&one.plan.package, removed, &restore_list, error);
                    // The error that stopped the run is the one to tell.
                    let _ = self.recorder.note(vec![event], self.common);
                })?;
                cleaned.carried_out(&one.gathered.package, applied, verified);
                let event = recording::cleaned(&cleaned, &restore_list);
                let appended = self.recorder.append(vec![event])?;
                for damage in appended.recovered {
                    self.common
                        .note(self.session.environment, &format!("warning: {damage}"));
                }
            }
            run.packages.push(cleaned);
        }
        let is_held_up = is_resumed && looked.iter().any(|one| !one.plan.problems.is_empty());
        if run.packages.iter().all(Cleaned::is_done) && !is_held_up {
            record.into_inner().end()?;
        } else {
            run.is_unfinished = true;
        }
        Ok(Some(restore_list.into_string()))
    }

    fn apply_one(
        &self,
        one: &Looked<'_>,
        list: &RestorePackage,
        record: &RefCell<Record>,
    ) -> Result<(Applied, Verified)> {
        let application = Application {
            gatherer: &one.gatherer,
            policy: &one.policy,
            before: &one.gathered,
            plan: &one.plan,
            record,
        };
        let name = &one.plan.package;
        let applied = application.carry_out()?;
        self.timings.lap(&format!("removing from {name}"));
        let verified = verification::verify(
            &one.gatherer,
            &one.gathered.package,
            &one.plan,
            &applied.spared,
            list,
        )?;
        self.timings.lap(&format!("verifying {name}"));
        Ok((applied, verified))
    }
}

fn nothing_there(targets: &[Target]) -> Error {
    let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    Error::missing(format!("the registry knows nothing of {}", names.join(", ")))
        .because("nothing was pushed yet, or whoever asks may not see it")
        .help("push first: `cargo xtask docker-build --push`, or log in as somebody who may read and remove the images")
}

fn restore(
    session: &Session<'_>,
    packages: &[RestorePackage],
    arguments: &Arguments,
    recorder: &Recorder<'_>,
    common: &Common,
) -> Result<Exit> {
    let mut all = Vec::new();
    for package in packages {
        let restored = restoring::restore(session, session.project, package)?;
        recorder.append(vec![recording::restored(&restored)])?;
        all.push(restored);
    }
    output::print_restored(&all, session, arguments, common)?;
    let failed = all.iter().any(|one| !one.failed.is_empty());
    Ok(if failed { Exit::Findings } else { Exit::Clean })
}

/// What is not known is never as good as what is done.
fn exit(run: &Run, trouble: Option<Exit>) -> Exit {
    let problems = || run.packages.iter().flat_map(|package| &package.problems);
    let is_unknown = |problem: &Problem| {
        let kind: ProblemKind = problem.kind;
        kind.is_unknown()
    };
    match trouble {
        Some(exit) => exit,
        None if problems().any(is_unknown) => Exit::Missing,
        None if problems().next().is_some() => Exit::Findings,
        None => Exit::Clean,
    }
}
