//! `docker-rollback`: puts an earlier image of a service to work again, by its digest.

mod arguments;
mod compose;
mod exchange;
mod file;
mod output;
mod requirements;

pub use arguments::Arguments;
pub(super) use exchange::{Exchange, Health, Target, exchange};

use std::collections::BTreeMap;

use self::compose::Compose;
use self::file::ImagesFile;
use self::output::{Planned, Report, Result as Outcome};
use self::requirements::Requirements;
use super::audit::{Event, Recorder, trail};
use super::engine::{Format, private_engine, select_engine};
use super::trust::Session;
use crate::audit::{self, Action, Check, Entry, Filter, Image};
use crate::cli::Common;
use crate::engine::Means;
use crate::engine::registry::Client;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::project::manifest::{Requirement, RollbackTarget};
use crate::project::suggestion::nearest;
use crate::project::{ImageName, Project, Role, root};
use crate::release::{Choice, History, LEFT, Wanted, choose};

/// How long going back may take, from the first step until it is healthy.
pub(super) const BUDGET: std::time::Duration = std::time::Duration::from_mins(2);

/// Carries it out.
///
/// # Errors
/// What stopped it: nothing to go back to, or nothing that could tell whether it may be done.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    let note = |line: &str| common.note(environment, line);
    let means = Means {
        runner: environment.runner.as_ref(),
        interrupt: &environment.interrupt,
        note: &note,
    };
    let recorder = Recorder::open(&project, environment)?;
    let entries = entries(&project, environment)?;
    let services = services(arguments, &project, &entries)?;
    let wanted = arguments.to.clone().map_or(Wanted::LastGood, Wanted::Named);
    let mut chosen = Vec::new();
    let mut errors = Vec::new();
    for service in services {
        let history = History::of(&service, &entries);
        match choose(&service, &history, &wanted) {
            Ok(choice) => chosen.push((service, history, choice)),
            Err(error) => errors.push(error),
        }
    }
    Error::all(errors)?;
    let private = private_engine(&project.root, environment);
    let by_compose = arguments.write_images.is_none()
        && arguments.target.unwrap_or(project.manifest.rollback.target) == RollbackTarget::Compose;
    // A file needs nothing but a client that can ask registries.
    let engine = by_compose
        .then(|| {
            select_engine(
                means,
                arguments.engine,
                &private,
                &project.root,
                environment,
            )
        })
        .transpose()?;
    let client = match &engine {
        Some(engine) => Client::of(engine, &private)?,
        None => Client::find(means, arguments.engine, &private)?,
    };
    let target: Box<dyn Target> = match &engine {
        Some(engine) => Box::new(Compose::open(means, engine, &project)?),
        None => Box::new(images_file(arguments, &project, environment)?),
    };
    let requirements = Requirements {
        project: &project,
        arguments,
        means,
        client: &client,
        session: session(arguments, &project, environment, means, &client)?,
    };
    let mut planned = Vec::new();
    for (service, history, choice) in chosen {
        means.interrupt.check()?;
        let reference = pinned(&project, &service, &choice)?;
        planned.push(Planned {
            held: requirements.hold(&service, &reference, &history)?,
            before: before(&project, &service, &choice),
            service,
            reference,
            choice,
            result: None,
        });
    }
    let is_refused = planned.iter().any(|one| !one.held.refusals.is_empty());
    let rollback = Rollback {
        arguments,
        environment,
        common,
        target: target.as_ref(),
        recorder: &recorder,
    };
    let mut exit = if is_refused {
        Exit::Findings
    } else {
        Exit::Clean
    };
    if arguments.apply && !is_refused {
        recorder.check()?;
        for one in &mut planned {
            means.interrupt.check()?;
            let result = rollback.carry_out(one)?;
            if result.is_failure() {
                exit = Exit::Failed;
            }
            one.result = Some(result);
        }
    }
    rollback.print(&planned, is_refused)?;
    Ok(exit)
}

/// All entries of the trail, which must be whole: who can write into it could choose what is put to work.
fn entries(project: &Project, environment: &Environment) -> Result<Vec<Entry>> {
    let trail = trail(project, environment)?;
    let summary = trail.verify(Vec::new())?;
    let damage = summary
        .problems
        .iter()
        .find(|problem| problem.kind != audit::ProblemKind::Recovered);
    if damage.is_some() {
        return Err(Error::new(
            Exit::Findings,
            format!("the audit trail {} is not whole", trail.file()),
        )
        .because("what it tells of earlier versions cannot be relied on")
        .help("`cargo xtask docker-audit verify` tells what is wrong with it"));
    }
    let mut entries = Vec::new();
    trail.each(&Filter::default(), &mut |entry| {
        entries.push(entry.clone());
        Ok(())
    })?;
    Ok(entries)
}

/// Those that are named, or that were ever deployed.
fn services(arguments: &Arguments, project: &Project, entries: &[Entry]) -> Result<Vec<String>> {
    let names: Vec<&str> = project
        .images
        .iter()
        .filter(|image| image.role == Role::Service)
        .map(|image| image.name.as_str())
        .collect();
    let mut services = arguments.services.clone();
    services.dedup();
    if let Some(unknown) = services.iter().find(|name| !names.contains(&name.as_str())) {
        let error = Error::usage(format!("there is no service `{unknown}`"));
        return Err(match nearest(unknown, names.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("the manifest has {}", names.join(", "))),
        });
    }
    if !services.is_empty() {
        return Ok(services);
    }
    let is_deployed = |name: &&str| !History::of(name, entries).deployed.is_empty();
    let deployed: Vec<String> = names
        .into_iter()
        .filter(is_deployed)
        .map(str::to_owned)
        .collect();
    if deployed.is_empty() {
        return Err(Error::usage("the audit trail tells of no deployment of any service")
            .help("record deployments where they happen: `cargo xtask docker-audit record deploy …`")
            .help("or name a service and a version: `docker-rollback SERVICE --to DIGEST`"));
    }
    Ok(deployed)
}

fn images_file<'a>(
    arguments: &Arguments,
    project: &'a Project,
    environment: &Environment,
) -> Result<ImagesFile<'a>> {
    let path = match (&arguments.write_images, &project.manifest.rollback.images) {
        (Some(file), _) => environment.current_dir.join(file),
        (None, Some(file)) => project.root.join(file),
        (None, None) => {
            return Err(Error::usage("no file of digests is named")
                .help("name it: `images = \"…/kustomization.yaml\"` in `[rollback]`, or `--write-images FILE`"));
        }
    };
    Ok(ImagesFile { project, path })
}

/// What checks signatures, where they are asked for.
fn session<'a>(
    arguments: &Arguments,
    project: &'a Project,
    environment: &'a Environment,
    means: Means<'a>,
    client: &Client,
) -> Result<Option<Session<'a>>> {
    if !project
        .manifest
        .rollback
        .require
        .contains(&Requirement::Signature)
    {
        return Ok(None);
    }
    match Session::beside(project, environment, means, client.clone()) {
        Ok(session) => Ok(Some(session)),
        // Without cosign nothing is known of signatures, which is what was overridden.
        Err(error) if error.exit() == Exit::Missing && arguments.unsafe_unsigned => Ok(None),
        Err(error) => Err(error),
    }
}

/// The image by its digest.
fn pinned(project: &Project, service: &str, choice: &Choice) -> Result<String> {
    let name = match &choice.reference {
        Some(reference) => reference.clone(),
        None => project.image_name(service),
    };
    let name = ImageName::parse(&name)
        .ok_or_else(|| Error::usage(format!("`{name}` is no name of an image")))?;
    Ok(format!("{}/{}@{}", name.domain, name.path, choice.digest))
}

/// What runs, as the trail tells it.
fn before(project: &Project, service: &str, choice: &Choice) -> Option<String> {
    let current = choice.current.as_ref()?;
    let name = ImageName::parse(&project.image_name(service))?;
    Some(format!("{}/{}@{current}", name.domain, name.path))
}

/// Carrying it out.
struct Rollback<'a> {
    arguments: &'a Arguments,
    environment: &'a Environment,
    common: &'a Common,
    target: &'a dyn Target,
    recorder: &'a Recorder<'a>,
}

impl Rollback<'_> {
    fn carry_out(&self, planned: &Planned) -> Result<Outcome> {
        let Planned {
            service, reference, ..
        } = planned;
        let done = exchange(self.target, service, planned.before.as_deref(), reference)?;
        let mut events = vec![self.event(planned, reference, &done.health, &done)];
        if let Some((former, health)) = &done.returned {
            events.push(self.event(planned, former, health, &done));
        }
        let appended = self.recorder.append(events)?;
        for damage in &appended.recovered {
            self.common
                .note(self.environment, &format!("warning: {damage}"));
        }
        Ok(Outcome::of(done))
    }

    fn event(&self, planned: &Planned, put: &str, health: &Health, done: &Exchange) -> Event {
        let is_return = put != planned.reference;
        let mut verdicts = if is_return {
            Vec::new()
        } else {
            planned.held.checks.clone()
        };
        // What was overridden did not fail the deployment.
        for check in &mut verdicts {
            if planned.held.overridden.contains(&check.check) {
                check.outcome = audit::Outcome::Unknown;
            }
        }
        verdicts.push(match health {
            Health::Healthy => check("health", audit::Outcome::Pass, None),
            Health::Unhealthy(why) => check("health", audit::Outcome::Fail, Some(why)),
            Health::Untold(why) => check("health", audit::Outcome::Unknown, Some(why)),
        });
        let mut details = BTreeMap::from([
            ("target".to_owned(), self.target.name().to_owned()),
            ("took_ms".to_owned(), done.took.as_millis().to_string()),
        ]);
        let left = if is_return {
            Some(planned.choice.digest.clone())
        } else {
            planned.choice.current.clone()
        };
        details.extend(left.map(|left| (LEFT.to_owned(), left)));
        if let Some(reason) = &self.arguments.reason {
            details.insert("reason".to_owned(), reason.clone());
        }
        if !planned.held.overridden.is_empty() {
            let overridden = planned.held.overridden.join(", ");
            details.insert("overridden".to_owned(), overridden);
        }
        let digest = put.rsplit_once('@').map_or(put, |(_, digest)| digest);
        Event {
            action: Action::Rollback,
            image: Some(Image {
                name: Some(planned.service.clone()),
                reference: Some(put.to_owned()),
                digest: digest.starts_with("sha256:").then(|| digest.to_owned()),
                platform: None,
            }),
            verdicts,
            details,
        }
    }

    fn print(&self, planned: &[Planned], is_refused: bool) -> Result<()> {
        let report = Report {
            planned,
            target: self.target.name(),
            is_applied: self.arguments.apply && !is_refused,
        };
        self.environment.print(&match self.arguments.format {
            Format::Terminal => report.text(),
            Format::Json => report.json()?,
        })
    }
}

fn check(name: &str, outcome: audit::Outcome, detail: Option<&String>) -> Check {
    Check {
        check: name.to_owned(),
        outcome,
        detail: detail.cloned(),
    }
}
