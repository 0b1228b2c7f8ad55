//! A name of the fleet goes from one container to another, without either losing a connection.
//!
//! An engine gives a new container its names when it starts, whether it is ready or not, and cannot take a name away from
//! one that runs. So a new one starts without its names; once it is healthy, it gets them in a network of its own kind,
//! in which all others are: an engine looks a name up in one network after the other, in the order of their names, and
//! takes the first that knows it. What load balancers do by readiness, this does by name.

use super::client;
use super::running::{Instance, Running};
use crate::engine::containers::{Network, WayOut};
use crate::error::Result;

/// Where names go from hand to hand.
pub(super) struct Handover<'r> {
    running: &'r Running<'r>,
    network: Network,
    /// Services whose name is known in this network only, with who has it and in which other networks that one is.
    handed: Vec<Handed>,
}

struct Handed {
    names: Vec<String>,
    id: String,
    networks: Vec<String>,
}

impl<'r> Handover<'r> {
    /// Brings all that run together.
    pub(super) fn open(running: &'r Running<'r>) -> Result<Self> {
        // Compose writes `_` behind the project's name, and `-` comes before it.
        let network = running.session.network("handover", WayOut::Open)?;
        for instance in running.instances()? {
            if instance.state.running && !instance.state.addresses.is_empty() {
                running
                    .session
                    .ok(["network", "connect", network.name(), &instance.id])?;
            }
        }
        running.outpost.join(network.name(), &[])?;
        Ok(Self {
            running,
            network,
            handed: Vec::new(),
        })
    }

    /// Takes the names from a container that was made and does not run yet, and tells it those that were handed over.
    pub(super) fn prepare(&self, fresh: &str, old: &Instance) -> Result<()> {
        for network in self.networks_of(old) {
            let session = self.running.session;
            session.ok(["network", "disconnect", &network, fresh])?;
            let mut arguments = vec!["network".to_owned(), "connect".to_owned()];
            for handed in self
                .handed
                .iter()
                .filter(|handed| handed.networks.contains(&network))
            {
                let id = &handed.id;
                arguments.extend(
                    handed
                        .names
                        .iter()
                        .map(|name| format!("--link={id}:{name}")),
                );
            }
            arguments.extend([network, fresh.to_owned()]);
            session.ok(&arguments)?;
        }
        Ok(())
    }

    /// Gives the names of `old` to a container that is ready for them.
    pub(super) fn switch(&mut self, fresh: &str, old: &Instance) -> Result<Result<(), String>> {
        let mut names = vec![old.service.clone()];
        let member = self.running.plan.composition.member(&old.service);
        names.extend(
            member
                .into_iter()
                .flat_map(|member| member.aliases.iter().cloned()),
        );
        let mut arguments = vec!["network".to_owned(), "connect".to_owned()];
        arguments.extend(names.iter().map(|name| format!("--alias={name}")));
        arguments.extend([self.network.name().to_owned(), fresh.to_owned()]);
        self.running.session.ok(&arguments)?;
        let state = self
            .running
            .session
            .states(&[fresh])?
            .pop()
            .unwrap_or_default();
        let own = state
            .addresses
            .iter()
            .find(|(network, _)| network == self.network.name());
        let found = self
            .running
            .outpost
            .reach()
            .within(|| Ok(client::resolve(&old.service)))?;
        self.handed.push(Handed {
            names,
            id: fresh.to_owned(),
            networks: self.networks_of(old),
        });
        let is_found = |address: &str| {
            let mut found = found.iter().flatten();
            found.any(|one| one.to_string() == address)
        };
        if own.is_some_and(|(_, address)| is_found(address)) {
            return Ok(Ok(()));
        }
        Ok(Err(format!(
            "the engine's resolver does not give the new address of {}: it cannot be replaced here",
            old.service
        )))
    }

    fn networks_of(&self, old: &Instance) -> Vec<String> {
        let names = old
            .state
            .addresses
            .iter()
            .map(|(network, _)| network.clone());
        names
            .filter(|network| network != self.network.name())
            .collect()
    }
}
