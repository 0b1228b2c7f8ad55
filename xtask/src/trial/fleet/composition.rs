//! What the compose files say: dependencies with their places, and what compose makes of all files together.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::project::{ImageDefinition, Project};
use crate::source::{Location, Source, Span};
use crate::yaml::{self, Node};

/// A service of the fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Its name in the compose files.
    pub name: String,
    /// The image it is started from.
    pub image: String,
    /// The Dockerfile it would be built from, as compose tells it.
    pub dockerfile: Option<String>,
    /// What it waits for.
    pub dependencies: Vec<(String, Condition)>,
    /// Its environment, as the compose files set it.
    pub environment: BTreeMap<String, String>,
    /// The names it has in networks besides its own.
    pub aliases: Vec<String>,
    /// The ports that it exposes or publishes, in the container.
    pub ports: Vec<u16>,
}

/// What a service waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Condition {
    /// That the container is started.
    #[default]
    Started,
    /// That it is healthy.
    Healthy,
    /// That it ended with 0.
    Completed,
}

/// The whole fleet, as compose resolved it.
#[derive(Clone, Debug, PartialEq)]
pub struct Composition {
    /// By name.
    pub members: Vec<Member>,
    document: Value,
}

/// What is done to a composition so that it can be tried beside anything else on the machine.
#[derive(Clone, Copy, Debug)]
pub struct Isolation<'a> {
    /// The name of the compose project.
    pub name: &'a str,
    /// Labels of everything that is made.
    pub labels: &'a [(String, String)],
    /// The image of each service.
    pub images: &'a BTreeMap<String, String>,
}

impl Composition {
    /// Reads what `docker compose config --format json` printed.
    ///
    /// # Errors
    /// It is not what compose prints.
    pub fn read(printed: &[u8]) -> Result<Self> {
        let strange = || Error::failed("failed to read what `docker compose config` printed");
        let document: Value =
            serde_json::from_slice(printed).map_err(|error| strange().because(error))?;
        let services = document.get("services").and_then(Value::as_object);
        let mut members: Vec<Member> = services
            .ok_or_else(|| strange().because("it has no services"))?
            .iter()
            .map(|(name, service)| member(name, service))
            .collect();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        if members.is_empty() {
            return Err(Error::usage("the compose files have no service")
                .help("add services, or name other files in `test.fleet.compose`"));
        }
        Ok(Self { members, document })
    }

    /// The service of this name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The same fleet, apart from everything else: its own project, networks and volumes, nothing published on the
    /// machine, what it shares with the machine read-only, no restarts but those of the trial.
    #[must_use]
    pub fn isolated(&self, isolation: &Isolation<'_>) -> Value {
        let mut document = self.document.clone();
        let labels: Map<String, Value> = isolation
            .labels
            .iter()
            .map(|(name, value)| (name.clone(), json!(value.replace('$', "$$"))))
            .collect();
        if let Some(top) = document.as_object_mut() {
            top.insert("name".to_owned(), json!(isolation.name));
        }
        for kind in ["networks", "volumes"] {
            for part in values(&mut document, kind) {
                if part.get("external").and_then(Value::as_bool) == Some(true) {
                    // It would be the real one.
                    part.clear();
                }
                // A fixed range of addresses may be taken.
                part.retain(|key, _| key != "name" && key != "ipam");
                part.insert("labels".to_owned(), Value::Object(labels.clone()));
            }
        }
        let names: Vec<String> = self
            .members
            .iter()
            .map(|member| member.name.clone())
            .collect();
        for (name, service) in names.iter().zip(services_in_order(&mut document, &names)) {
            for key in ["build", "container_name", "logging", "ports", "profiles"] {
                service.remove(key);
            }
            if let Some(image) = isolation.images.get(name) {
                service.insert("image".to_owned(), json!(image));
            }
            service.insert("pull_policy".to_owned(), json!("never"));
            service.insert("restart".to_owned(), json!("no"));
            let own = service.entry("labels").or_insert_with(|| json!({}));
            if let Some(own) = own.as_object_mut() {
                own.extend(labels.clone());
            }
            let networks = service.get_mut("networks").and_then(Value::as_object_mut);
            for (_, network) in networks.into_iter().flatten() {
                if let Some(network) = network.as_object_mut() {
                    let fixed = ["ipv4_address", "ipv6_address", "mac_address"];
                    network.retain(|key, _| !fixed.contains(&key.as_str()));
                }
            }
            let mounts = service.get_mut("volumes").and_then(Value::as_array_mut);
            for mount in mounts
                .into_iter()
                .flatten()
                .filter_map(Value::as_object_mut)
            {
                if mount.get("type").and_then(Value::as_str) == Some("bind") {
                    mount.insert("read_only".to_owned(), json!(true));
                }
            }
        }
        document
    }
}

fn values<'d>(document: &'d mut Value, kind: &str) -> Vec<&'d mut Map<String, Value>> {
    let Some(parts) = document.get_mut(kind).and_then(Value::as_object_mut) else {
        return Vec::new();
    };
    parts
        .values_mut()
        .filter_map(|part| {
            if part.is_null() {
                *part = json!({});
            }
            part.as_object_mut()
        })
        .collect()
}

fn services_in_order<'d>(
    document: &'d mut Value,
    names: &[String],
) -> Vec<&'d mut Map<String, Value>> {
    let services = document.get_mut("services").and_then(Value::as_object_mut);
    let mut found: Vec<(&String, &mut Map<String, Value>)> = services
        .into_iter()
        .flatten()
        .filter_map(|(name, service)| Some((name, service.as_object_mut()?)))
        .filter(|(name, _)| names.contains(name))
        .collect();
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found.into_iter().map(|(_, service)| service).collect()
}

fn member(name: &str, service: &Value) -> Member {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let table = |key: &str| service.get(key).and_then(Value::as_object);
    let condition = |value: &Value| match value.get("condition").and_then(Value::as_str) {
        Some("service_healthy") => Condition::Healthy,
        Some("service_completed_successfully") => Condition::Completed,
        _ => Condition::Started,
    };
    let dependencies = table("depends_on").into_iter().flatten();
    let environment = table("environment").into_iter().flatten();
    let published = service
        .get("ports")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let exposed = service
        .get("expose")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut ports: Vec<u16> = published
        .filter_map(|port| port.get("target")?.as_u64()?.try_into().ok())
        .chain(exposed.filter_map(|port| {
            // `8080`, `"8080/tcp"`
            let written = port
                .as_str()
                .map_or_else(|| port.to_string(), str::to_owned);
            written.split('/').next()?.parse().ok()
        }))
        .collect();
    ports.dedup();
    let networks = table("networks").into_iter().flatten();
    let mut aliases: Vec<String> = networks
        .filter_map(|(_, network)| network.get("aliases")?.as_array())
        .flatten()
        .filter_map(|alias| alias.as_str().map(str::to_owned))
        .collect();
    aliases.sort();
    aliases.dedup();
    Member {
        name: name.to_owned(),
        image: text(service.get("image")).unwrap_or_default(),
        dockerfile: service.get("build").map(dockerfile),
        dependencies: dependencies
            .map(|(name, value)| (name.clone(), condition(value)))
            .collect(),
        environment: environment
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.replace("$$", "$"))))
            .collect(),
        aliases,
        ports,
    }
}

/// The Dockerfile of a `build`, below its context unless it is absolute.
fn dockerfile(build: &Value) -> String {
    let text = |key: &str| build.get(key).and_then(Value::as_str);
    let file = text("dockerfile").unwrap_or("Dockerfile");
    let context = text("context").unwrap_or_default();
    Utf8Path::new(context).join(file).into_string()
}

/// The image of the project that a service is started from: by the image's name, else by the Dockerfile.
#[must_use]
pub fn own_image<'p>(project: &'p Project, member: &Member) -> Option<&'p ImageDefinition> {
    let by_name = project.own_image(&member.image);
    let by_name = by_name.filter(|(image, stage)| image.production == *stage);
    by_name.map(|(image, _)| image).or_else(|| {
        let file = member.dockerfile.as_deref()?;
        project
            .images
            .iter()
            .find(|image| project.root.join(image.path()) == file)
    })
}

/// One `depends_on` with its place.
struct Edge {
    from: String,
    to: String,
    place: Location,
}

/// Looks through the compose files for dependencies on nobody, and on oneself by way of others.
///
/// # Errors
/// Files that are no YAML, and such dependencies, each with its place; all at once.
pub fn check_dependencies(files: &[Source]) -> Result<()> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut edges: Vec<Edge> = Vec::new();
    let mut is_whole = true;
    for source in files {
        let tree = yaml::parse(source).map_err(|error| {
            Error::usage(format!("it is no YAML: {}", error.message))
                .at(source.location(error.span))
        })?;
        // What other files add is for compose to say.
        is_whole &= tree.get("include").is_none();
        for entry in tree.get("services").map(Node::entries).unwrap_or_default() {
            let Some(name) = entry.key.as_str() else {
                continue;
            };
            known.insert(name.to_owned());
            is_whole &= entry.value.get("extends").is_none();
            let dependencies = entry.value.get("depends_on");
            edges.extend(
                dependencies
                    .into_iter()
                    .flat_map(targets)
                    .map(|(to, span)| Edge {
                        from: name.to_owned(),
                        to,
                        place: source.location(span),
                    }),
            );
        }
    }
    let mut errors: Vec<Error> = Vec::new();
    for edge in edges
        .iter()
        .filter(|edge| is_whole && !known.contains(&edge.to))
    {
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        errors.push(
            Error::usage(format!(
                "`{}` depends on `{}`, which no file has as a service",
                edge.from, edge.to
            ))
            .help(format!("the services are {}", names.join(", ")))
            .at(edge.place.clone()),
        );
    }
    if let Some(circle) = circle(&edges) {
        let way: Vec<&str> = circle.iter().map(|edge| edge.from.as_str()).collect();
        if let (Some(first), Some(last)) = (circle.first(), circle.last()) {
            errors.push(
                Error::usage(format!("services wait for each other: {} → {}", way.join(" → "), first.from))
                    .help("take one of these dependencies out: a service that only talks to another need not wait for it")
                    .at(last.place.clone()),
            );
        }
    }
    Error::all(errors)
}

/// The services in a `depends_on`, as a list or as a table.
fn targets(node: &Node) -> Vec<(String, Span)> {
    let listed = node.items().iter();
    let keyed = node.entries().iter().map(|entry| &entry.key);
    listed
        .chain(keyed)
        .filter_map(|node| Some((node.text()?.to_owned(), node.span)))
        .collect()
}

/// The dependencies along one circle, from the first in the order of the files.
fn circle(edges: &[Edge]) -> Option<Vec<&Edge>> {
    for start in edges {
        // The shortest way back to where it starts.
        let mut ways: Vec<Vec<&Edge>> = vec![vec![start]];
        let mut seen: BTreeSet<&str> = [start.to.as_str()].into();
        let mut at = 0;
        while let Some(way) = ways.get(at).cloned() {
            at += 1;
            let end = way.last()?.to.as_str();
            if end == start.from {
                return Some(way);
            }
            for edge in edges.iter().filter(|edge| edge.from == end) {
                if edge.to == start.from || seen.insert(&edge.to) {
                    ways.push(way.iter().copied().chain([edge]).collect());
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
