//! What is to be tried, with every name checked before anything is started.

use std::collections::{BTreeMap, BTreeSet};

use super::composition::{Composition, own_image};
use super::order::by_dependency;
use super::step;
use crate::error::{Error, Result};
use crate::project::manifest::{Fleet, Step};
use crate::project::{Project, Role};
use crate::source::Location;

/// What is tried of a fleet.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// As the manifest has it.
    pub fleet: &'a Fleet,
    /// As the compose files have it.
    pub composition: &'a Composition,
    /// Every service, by name.
    pub services: BTreeMap<String, Service>,
    /// Where requests from outside go to, if it can be told.
    pub entry: Option<String>,
    /// Who is killed, one after the other.
    pub kill: Vec<String>,
    /// Who is replaced, one after the other, those first that others depend on.
    pub restart: Vec<String>,
}

/// What is known of a service beside its compose file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// The image of the project that it is started from.
    pub own: Option<String>,
    /// The port it listens at.
    pub port: Option<u16>,
    /// The path that tells its health.
    pub health: Option<String>,
}

impl<'a> Plan<'a> {
    /// # Errors
    /// Names that nothing has, ports that nobody declares, values that no step captured: each with its place in the
    /// manifest, all at once.
    pub fn new(project: &'a Project, composition: &'a Composition) -> Result<Self> {
        let fleet = &project.manifest.test.fleet;
        let services: BTreeMap<String, Service> = composition
            .members
            .iter()
            .map(|member| {
                let own = own_image(project, member).filter(|image| image.role == Role::Service);
                let service = Service {
                    own: own.map(|image| image.name.clone()),
                    port: own
                        .and_then(|image| image.port)
                        .or(member.ports.first().copied()),
                    health: own.and_then(|image| image.health_path.clone()),
                };
                (member.name.clone(), service)
            })
            .collect();
        let ordered = by_dependency(&composition.members);
        let own: Vec<String> = ordered
            .iter()
            .filter(|name| {
                services
                    .get(**name)
                    .is_some_and(|service| service.own.is_some())
            })
            .map(|name| (*name).to_owned())
            .collect();
        let plan = Self {
            fleet,
            composition,
            entry: fleet
                .entry
                .clone()
                .or_else(|| entry(composition, &services)),
            kill: fleet.kill.clone().unwrap_or_else(|| own.clone()),
            restart: fleet.restart.clone().unwrap_or(own),
            services,
        };
        plan.check(|path| project.manifest.value_location(path))?;
        Ok(plan)
    }

    /// The port of a service.
    #[must_use]
    pub fn port(&self, service: &str) -> Option<u16> {
        self.services.get(service)?.port
    }

    /// The requests of the load: those of the manifest, else the entry's health. `None` if there is no such endpoint.
    #[must_use]
    pub fn load(&self) -> Option<Vec<Step>> {
        if let Some(load) = &self.fleet.load {
            return Some(load.requests.clone());
        }
        let entry = self.entry.as_ref()?;
        let service = self.services.get(entry)?;
        service.port?;
        Some(vec![Step {
            service: Some(entry.clone()),
            path: Some(service.health.clone()?),
            ..Step::default()
        }])
    }

    fn check(&self, at: impl Fn(&[&str]) -> Location) -> Result<()> {
        let mut errors = Vec::new();
        let known: Vec<&str> = self.services.keys().map(String::as_str).collect();
        let mut named = |path: &[&str], name: &str| {
            if !self.services.contains_key(name) {
                errors.push(
                    Error::usage(format!("the compose files have no service `{name}`"))
                        .help(format!("they have {}", known.join(", ")))
                        .at(at(path)),
                );
            }
        };
        if let Some(entry) = &self.fleet.entry {
            named(&["test", "fleet", "entry"], entry);
        }
        for (key, names) in [("kill", &self.fleet.kill), ("restart", &self.fleet.restart)] {
            for (index, name) in names.iter().flatten().enumerate() {
                named(&["test", "fleet", key, &index.to_string()], name);
            }
        }
        for (index, outage) in self.fleet.outages.iter().enumerate() {
            let index = index.to_string();
            let path = ["test", "fleet", "outages", index.as_str()];
            named(&[&path[..], &["service"]].concat(), &outage.service);
            for (number, name) in outage.excused.iter().enumerate() {
                named(
                    &[&path[..], &["excused", &number.to_string()]].concat(),
                    name,
                );
            }
        }
        for (index, stand_in) in self.fleet.stand_ins.iter().enumerate() {
            let path = ["test", "fleet", "stand_ins", &index.to_string(), "service"];
            named(&path, &stand_in.service);
        }
        for (path, step) in self.fleet.steps() {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let Some(service) = &step.service else {
                continue;
            };
            named(&[&path[..], &["service"]].concat(), service);
        }
        for (path, step) in self.fleet.steps() {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let service = step
                .service
                .as_ref()
                .filter(|name| self.services.contains_key(*name));
            if let Some(service) = service
                && step.port.or(self.port(service)).is_none()
            {
                errors.push(
                    Error::usage(format!("nothing says at which port `{service}` listens"))
                        .help("write `port`, or `expose` in the compose file, or `EXPOSE` in its Dockerfile")
                        .at(at(&path)),
                );
            }
        }
        for (index, receiver) in self.fleet.receivers.iter().enumerate() {
            if self.services.contains_key(&receiver.name) {
                let path = ["test", "fleet", "receivers", &index.to_string(), "name"];
                errors.push(
                    Error::usage(format!(
                        "`{}` is a service of the compose files",
                        receiver.name
                    ))
                    .help("give the receiver another name")
                    .at(at(&path)),
                );
            }
        }
        errors.extend(self.unknown_values(at));
        Error::all(errors)
    }

    /// Names in braces that nothing stands for.
    fn unknown_values(&self, at: impl Fn(&[&str]) -> Location) -> Vec<Error> {
        let mut errors = Vec::new();
        let mut known: BTreeSet<String> = BTreeSet::new();
        let mut list: Vec<String> = Vec::new();
        for (path, step) in self.fleet.steps() {
            let (last, front) = path
                .split_last()
                .map_or(("", &[][..]), |(a, b)| (a.as_str(), b));
            // The steps of one scenario, and the two of one outage, share what is captured.
            if front != list || last == "send" {
                list = front.to_vec();
                known = ["run".to_owned()].into();
                if path.get(2).is_none_or(|part| part != "scenarios") {
                    known.insert("n".to_owned());
                }
            }
            for name in step::names(step).difference(&known) {
                let names: Vec<String> = known.iter().map(|name| format!("`{{{name}}}`")).collect();
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                errors.push(
                    Error::usage(format!("nothing is known as `{{{name}}}` here"))
                        .help(format!(
                            "known are {}; `capture` of an earlier step adds more",
                            names.join(", ")
                        ))
                        .at(at(&path)),
                );
            }
            known.extend(step.capture.keys().cloned());
        }
        errors
    }
}

/// The one service of the project that no other waits for.
fn entry(composition: &Composition, services: &BTreeMap<String, Service>) -> Option<String> {
    let is_needed = |name: &str| {
        let mut all = composition
            .members
            .iter()
            .flat_map(|member| &member.dependencies);
        all.any(|(needed, _)| needed == name)
    };
    let mut roots = services.iter().filter(|(name, service)| {
        service.own.is_some() && service.port.is_some() && !is_needed(name)
    });
    match (roots.next(), roots.next()) {
        (Some((name, _)), None) => Some(name.clone()),
        _ => None,
    }
}
