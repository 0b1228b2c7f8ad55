//! One service: its Dockerfile with what its base brings, and what the manifest asks for.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{DEFAULT_GRACE, Grace, Health, Service, User, Wanted, thousandths};
use crate::deploy::compose::Composed;
use crate::dockerfile::{CommandLine, InstructionKind, StageEnvironment, stage_environment};
use crate::project::reading::{self, Arguments};
use crate::project::{ImageDefinition, Project};
use crate::quantity;
use crate::source::Location;

/// Bases of bases: no real chain comes near.
const MOST_BASES: usize = 16;

/// A stage, and the Dockerfile it is in.
struct Link<'p> {
    image: &'p ImageDefinition,
    environment: StageEnvironment,
}

/// What is known of a service.
pub(super) fn service(
    project: &Project,
    image: &ImageDefinition,
    composed: Option<Composed>,
) -> Service {
    let chain = chain(project, image);
    let deploy = &project.manifest.deploy;
    let checked = chain
        .iter()
        .find(|link| link.environment.healthcheck.is_some());
    let healthcheck = checked.and_then(|link| link.environment.healthcheck.clone().flatten());
    let mut variables = BTreeMap::new();
    for link in chain.iter().rev() {
        variables.extend(link.environment.image_variables.clone());
    }
    let wanted = wanted(project, image, composed.as_ref());
    let variable = deploy.shutdown_variable.clone();
    let least = grace(variable.as_ref(), &wanted, composed.as_ref(), &variables);
    Service {
        name: image.name.clone(),
        image: project.image_name(&image.name),
        dockerfile: image.dockerfile.source.clone(),
        port: image.port,
        health_path: image.health_path.clone(),
        liveness_path: deploy
            .liveness_path
            .clone()
            .or_else(|| image.health_path.clone()),
        health: Health::of(healthcheck.as_ref(), checked.and_then(healthcheck_place)),
        user: chain.iter().find_map(user),
        variables,
        programs: programs(project, image, &chain),
        composed,
        wanted,
        grace: Grace { variable, least },
    }
}

/// The service's stage, and the stages of the project's bases that it stands on.
fn chain<'p>(project: &'p Project, image: &'p ImageDefinition) -> Vec<Link<'p>> {
    let arguments = project.arguments(&Arguments::new());
    let mut chain = Vec::new();
    let mut next = Some((image, image.production));
    while let Some((image, stage)) = next.filter(|_| chain.len() < MOST_BASES) {
        let file = &image.dockerfile;
        chain.push(Link {
            image,
            environment: stage_environment(file, stage, &arguments),
        });
        next = reading::root_image(file, stage, &arguments)
            .and_then(|reference| project.own_image(&reference.name));
    }
    chain
}

fn user(link: &Link<'_>) -> Option<User> {
    let user = link.environment.user.as_ref()?;
    let (uid, gid) = match user.value.split_once(':') {
        Some((uid, gid)) => (uid, Some(gid)),
        None => (user.value.as_str(), None),
    };
    Some(User {
        text: user.value.clone(),
        uid: uid.parse().ok(),
        gid: gid.and_then(|gid| gid.parse().ok()),
        place: link.image.location(user.span),
    })
}

fn healthcheck_place(link: &Link<'_>) -> Option<Location> {
    let stage = link.environment.healthcheck_stage?;
    let instructions = &link.image.dockerfile.stages.get(stage)?.instructions;
    let is_it = |kind: &InstructionKind| matches!(kind, InstructionKind::Healthcheck(_));
    let instruction = instructions.iter().rev().find(|it| is_it(&it.kind))?;
    Some(link.image.location(instruction.span))
}

/// The programs that start: the first words of `ENTRYPOINT` and `CMD`, and those that the manifest adds.
fn programs(project: &Project, image: &ImageDefinition, chain: &[Link<'_>]) -> Vec<String> {
    let position = |has: &dyn Fn(&StageEnvironment) -> bool| {
        chain.iter().position(|link| has(&link.environment))
    };
    let entrypoint = position(&|it| it.entrypoint.is_some());
    // An `ENTRYPOINT` that comes later takes the base's `CMD` away.
    let cmd = position(&|it| it.cmd.is_some())
        .filter(|at| entrypoint.is_none_or(|entrypoint| *at <= entrypoint));
    let commands = [
        entrypoint.and_then(|at| chain[at].environment.entrypoint.as_ref()),
        cmd.and_then(|at| chain[at].environment.cmd.as_ref()),
    ];
    let program = |command: &CommandLine| match command {
        CommandLine::Exec(words) => {
            let path = words.first().map_or("", |word| word.value.as_str());
            path.rsplit('/').next().unwrap_or_default().to_owned()
        }
        CommandLine::Shell(_) => "sh".to_owned(),
    };
    let more = project.manifest.deploy.services.get(&image.name);
    let mut programs: Vec<String> = commands.into_iter().flatten().map(program).collect();
    programs.extend(more.map(|it| it.programs.clone()).unwrap_or_default());
    programs.retain(|program| !program.is_empty());
    programs.sort();
    programs.dedup();
    programs
}

fn wanted(project: &Project, image: &ImageDefinition, composed: Option<&Composed>) -> Wanted {
    let deploy = &project.manifest.deploy;
    let own = deploy
        .services
        .get(&image.name)
        .cloned()
        .unwrap_or_default();
    let defaults = &deploy.defaults;
    let bytes = |text: Option<&String>| quantity::bytes(text?);
    let memory_limit = bytes(own.memory_limit.as_ref()).or_else(|| composed?.memory);
    let cpu_request = own.cpu_request.as_ref().or(defaults.cpu_request.as_ref());
    let memory_request = own
        .memory_request
        .as_ref()
        .or(defaults.memory_request.as_ref());
    let mut variables = defaults.variables.clone();
    variables.extend(own.variables);
    Wanted {
        replicas: own
            .replicas
            .or(defaults.replicas)
            .filter(|_| !own.single)
            .unwrap_or(1),
        single: own.single,
        cpu_request: thousandths(cpu_request),
        cpu_limit: thousandths(own.cpu_limit.as_ref())
            .or_else(|| composed?.cpus)
            .or_else(|| thousandths(defaults.cpu_limit.as_ref())),
        memory_request: bytes(memory_request).or(memory_limit),
        memory_limit,
        variables,
        secrets: own
            .secrets
            .iter()
            .filter_map(|(variable, secret)| {
                let (name, key) = secret.split_once('/')?;
                Some((variable.clone(), (name.to_owned(), key.to_owned())))
            })
            .collect(),
        migrate: own.migrate,
    }
}

/// What Kubernetes must wait at least: the deadline that the service has, with a margin, else what compose waits.
fn grace(
    variable: Option<&String>,
    wanted: &Wanted,
    composed: Option<&Composed>,
    image: &BTreeMap<String, String>,
) -> Duration {
    let set = variable.and_then(|name| {
        let composed = || Some(&composed?.variables.get(name)?.0);
        let value = wanted.variables.get(name).or_else(composed);
        let value = value.or_else(|| image.get(name))?;
        value.parse().ok().map(Duration::from_millis)
    });
    set.map(Grace::for_deadline)
        .or_else(|| composed?.stop_grace_period)
        .unwrap_or(DEFAULT_GRACE)
}
