//! Who may talk to whom.

use std::collections::{BTreeSet, HashMap};

use super::Service;
use crate::error::Error;
use crate::project::Project;
use crate::source::Location;

/// One end of a connection.
pub use crate::project::manifest::DeployEnd as End;

/// A connection that is meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Who talks; never [`End::Every`].
    pub from: End,
    /// Who answers; never [`End::Every`].
    pub to: End,
    /// The port it answers at.
    pub port: u16,
    /// The environments that have it; empty is all.
    pub environments: Vec<String>,
    /// Where it is said.
    pub place: Location,
}

impl Edge {
    /// Whether an environment has it.
    #[must_use]
    pub fn is_of(&self, environment: &str) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|it| it == environment)
    }
}

/// The connections: what the compose file depends on, the services in URLs, and what the manifest adds.
pub(super) fn edges(project: &Project, services: &[Service], errors: &mut Vec<Error>) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    let mut there = BTreeSet::new();
    let mut add = |edge: Edge| {
        let (from, to) = (edge.from.clone(), edge.to.clone());
        if there.insert((from, to, edge.port, edge.environments.clone())) {
            edges.push(edge);
        }
    };
    let everywhere = |from: &Service, to: &Service, port: u16, place: &Location| Edge {
        from: End::Name(from.name.clone()),
        to: End::Name(to.name.clone()),
        port,
        environments: Vec::new(),
        place: place.clone(),
    };
    // A service may go by another name in the compose file; the first that is called so is meant.
    let mut called: HashMap<&str, &Service> = HashMap::new();
    for service in services {
        called.entry(&service.name).or_insert(service);
        if let Some(composed) = &service.composed {
            called.entry(&composed.name).or_insert(service);
        }
    }
    let known = |name: &str| called.get(name).copied();
    for service in services {
        let Some(composed) = &service.composed else {
            continue;
        };
        for (name, place) in &composed.depends_on {
            if let Some((peer, port)) = known(name).and_then(|peer| Some((peer, peer.port?))) {
                add(everywhere(service, peer, port, place));
            }
        }
        for (value, place) in composed.variables.values() {
            for (host, port) in hosts(value) {
                let peer = known(host).filter(|peer| peer.name != service.name);
                if let Some((peer, port)) = peer.and_then(|peer| Some((peer, port.or(peer.port)?)))
                {
                    add(everywhere(service, peer, port, place));
                }
            }
        }
    }
    for (index, edge) in project.manifest.deploy.edges.iter().enumerate() {
        let path = ["deploy", "edges", &index.to_string()];
        let place = project.manifest.key_location(&path);
        for from in ends(&edge.from, services) {
            for to in ends(&edge.to, services) {
                // Every service with every other; with itself only if somebody says so.
                let of_all = edge.from == End::Every || edge.to == End::Every;
                if of_all && from == to {
                    continue;
                }
                let its_port = match &to {
                    End::Name(name) => known(name).and_then(|peer| peer.port),
                    _ => None,
                };
                match edge.port.or(its_port) {
                    Some(port) => add(Edge {
                        from: from.clone(),
                        to,
                        port,
                        environments: edge.environments.clone(),
                        place: place.clone(),
                    }),
                    None => errors.push(
                        Error::usage(format!("which port of `{to}`?"))
                            .because("it is no service of this project whose port is known")
                            .help("add `port`")
                            .at(place.clone()),
                    ),
                }
            }
        }
    }
    edges.sort_by(|a, b| (&a.from, &a.to, a.port).cmp(&(&b.from, &b.to, b.port)));
    edges
}

/// `*` is every service.
fn ends(end: &End, services: &[Service]) -> Vec<End> {
    match end {
        End::Every => services
            .iter()
            .map(|service| End::Name(service.name.clone()))
            .collect(),
        other => vec![other.clone()],
    }
}

/// The hosts and ports of the URLs in a value: `http://orders:3003/x`.
fn hosts(value: &str) -> impl Iterator<Item = (&str, Option<u16>)> {
    value.split([',', ' ']).filter_map(|url| {
        let (_, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = authority.rsplit('@').next()?;
        Some(match host.split_once(':') {
            Some((host, port)) => (host, port.parse().ok()),
            None => (host, None),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::hosts;

    #[test]
    fn hosts_of_urls() {
        let found: Vec<_> = hosts("http://a:1/x,postgres://u:p@db/y no://b?q, plain").collect();
        assert_eq!(found, [("a", Some(1)), ("db", None), ("b", None)]);
    }
}
