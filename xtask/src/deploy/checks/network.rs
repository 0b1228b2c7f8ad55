//! Who may talk to whom, against who has to.

use std::collections::BTreeMap;

use super::policies::{Pod, Policy, Rule, Way, is_namespace, is_peer};
use super::{Found, Manifests, help, related, rules};
use crate::deploy::facts::{Edge, End};
use crate::deploy::object::head;
use crate::source::Location;

/// The label by which an edge names what is no service of the project.
const NAME: &str = "app.kubernetes.io/name";

/// Every address, as the two versions of the protocol write it.
const EVERYWHERE: [&str; 2] = ["0.0.0.0/0", "::/0"];

pub(super) fn check(manifests: &Manifests<'_>, found: &mut Found<'_>) {
    let network = Network::of(manifests);
    for member in &network.members {
        network.isolation(member, found);
        network.names(member, found);
    }
    for edge in network.edges() {
        network.is_open(edge, found);
    }
    let mut told = Vec::new();
    for member in &network.members {
        for way in [Way::In, Way::Out] {
            for rule in network.rules(&member.pod, way) {
                network.is_meant(member, way, rule, &mut told, found);
            }
        }
    }
}

/// The pods of a service.
struct Member<'a> {
    service: &'a str,
    pod: Pod<'a>,
    place: Location,
}

struct Network<'a> {
    manifests: &'a Manifests<'a>,
    policies: Vec<Policy<'a>>,
    members: Vec<Member<'a>>,
}

impl<'a> Network<'a> {
    fn of(manifests: &'a Manifests<'a>) -> Self {
        let objects = manifests.subject.objects.iter();
        let members = manifests.workloads.iter().filter_map(|workload| {
            let pod = Pod::of(workload, &manifests.containers);
            let service = pod.containers.iter().find_map(|it| it.service)?;
            Some(Member {
                service: &service.name,
                place: workload.object.place(),
                pod,
            })
        });
        Self {
            policies: objects.filter_map(Policy::of).collect(),
            members: members.collect(),
            manifests,
        }
    }

    /// The rules that are about a pod.
    fn rules(&self, pod: &Pod<'_>, way: Way) -> impl Iterator<Item = Rule<'a>> {
        self.selecting(pod)
            .flat_map(move |policy| policy.rules(way))
    }

    fn selecting(&self, pod: &Pod<'_>) -> impl Iterator<Item = Policy<'a>> {
        self.policies
            .iter()
            .copied()
            .filter(move |policy| policy.selects(pod))
    }

    fn members_of<'s>(&'s self, service: &'s str) -> impl Iterator<Item = &'s Member<'a>> {
        self.members
            .iter()
            .filter(move |member| member.service == service)
    }

    /// What this environment needs.
    fn edges(&self) -> impl Iterator<Item = &'a Edge> {
        let subject = self.manifests.subject;
        let edges = subject.facts.edges.iter();
        edges.filter(|edge| edge.is_of(subject.environment))
    }

    /// Whether what is not allowed is denied.
    fn isolation(&self, member: &Member<'_>, found: &mut Found<'_>) {
        for (way, what) in [(Way::In, "comes in"), (Way::Out, "goes out")] {
            let isolated = self
                .selecting(&member.pod)
                .any(|policy| policy.isolates(way));
            if !isolated {
                let message = format!("no policy limits what {what} at `{}`", member.service);
                let finding = found.at(&rules::NOT_DENIED, &member.place, message);
                help(
                    finding,
                    "add a policy with `podSelector: {}` and `policyTypes: [Ingress, Egress]` that allows nothing",
                );
            }
        }
    }

    /// Whether names can be looked up by those that need to.
    fn names(&self, member: &Member<'_>, found: &mut Found<'_>) {
        let needs = self.edges().any(|edge| {
            let is_by_name = !matches!(edge.to, End::Network(_));
            edge.from == End::Name(member.service.to_owned()) && is_by_name
        });
        let isolated = self.selecting(&member.pod).any(|it| it.isolates(Way::Out));
        let allowed = self
            .rules(&member.pod, Way::Out)
            .any(|rule| rule.allows_port(53, None, "UDP"));
        if needs && isolated && !allowed {
            let message = format!("`{}` may not ask for names", member.service);
            let finding = found.at(&rules::NO_NAMES, &member.place, message);
            help(finding, "allow egress to port 53, UDP and TCP");
        }
    }

    /// Whether a connection that is needed is allowed.
    fn is_open(&self, edge: &Edge, found: &mut Found<'_>) {
        let sides = [
            (&edge.from, &edge.to, Way::Out),
            (&edge.to, &edge.from, Way::In),
        ];
        for (own, other, way) in sides {
            let End::Name(service) = own else {
                continue;
            };
            for member in self.members_of(service) {
                let isolated = self.selecting(&member.pod).any(|it| it.isolates(way));
                let allowed = self
                    .rules(&member.pod, way)
                    .any(|rule| self.allows(rule, way, member, other, edge.port));
                if !isolated || allowed {
                    continue;
                }
                let message = format!(
                    "`{}` must reach `{}` at port {}, and no policy lets it {} `{service}`",
                    edge.from,
                    edge.to,
                    edge.port,
                    if way == Way::Out { "leave" } else { "enter" },
                );
                // The policy that is about the fewest pods is the one to change.
                let isolating = self.selecting(&member.pod).filter(|it| it.isolates(way));
                let policy = isolating.max_by_key(|it| it.narrowness());
                let place = policy.map_or_else(|| member.place.clone(), |it| it.object.place());
                let finding = found.at(&rules::BLOCKED, &place, message);
                related(finding, Some(&edge.place), "why it is needed");
                help(
                    finding,
                    "allow it on both sides: `egress` of the one, `ingress` of the other",
                );
            }
        }
    }

    /// Whether a rule about `member` allows a connection with `other`.
    fn allows(
        &self,
        rule: Rule<'_>,
        way: Way,
        member: &Member<'_>,
        other: &End,
        port: u16,
    ) -> bool {
        let peers = rule.peers();
        let is_peer_of = |peer| self.is_end(peer, rule.policy, other);
        if !peers.is_empty() && !peers.iter().any(is_peer_of) {
            return false;
        }
        if way == Way::In {
            return rule.allows_port(port, Some(&member.pod), "TCP");
        }
        let mut pods = match other {
            End::Name(name) => self.members_of(name).collect::<Vec<_>>(),
            _ => Vec::new(),
        }
        .into_iter()
        .peekable();
        if pods.peek().is_none() {
            return rule.allows_port(port, None, "TCP");
        }
        pods.any(|it| rule.allows_port(port, Some(&it.pod), "TCP"))
    }

    /// Whether an entry of `from` or `to` is about an end of a connection.
    fn is_end(&self, peer: &crate::deploy::tree::Tree, policy: Policy<'_>, end: &End) -> bool {
        let block = peer.text_of(&["ipBlock", "cidr"]);
        match end {
            End::Every => false,
            End::Internet => block.is_some_and(|block| EVERYWHERE.contains(&block)),
            End::Network(network) => block == Some(network),
            End::Namespace(name) => is_namespace(peer, name),
            End::Name(name) => {
                let mut members = self.members_of(name).peekable();
                if members.peek().is_some() {
                    return members.any(|member| is_peer(peer, &member.pod, policy));
                }
                let stranger = Pod {
                    labels: BTreeMap::from([(NAME, name.as_str())]),
                    namespace: policy.object.namespace(),
                    containers: Vec::new(),
                };
                is_peer(peer, &stranger, policy)
            }
        }
    }

    /// Whether all that a rule about `member` allows is needed.
    fn is_meant(
        &self,
        member: &Member<'_>,
        way: Way,
        rule: Rule<'_>,
        told: &mut Vec<(Location, String)>,
        found: &mut Found<'_>,
    ) {
        if rule.is_for_names() {
            return;
        }
        let mut tell = |place: &Location, message: String| {
            let place = head(place);
            if told
                .iter()
                .any(|(there, said)| *there == place && *said == message)
            {
                return;
            }
            told.push((place.clone(), message.clone()));
            let finding = found.at(&rules::NOT_MEANT, &place, message);
            help(
                finding,
                "remove it, or say in `[[deploy.edges]]` of the manifest that it is meant",
            );
        };
        let who = match way {
            Way::In => format!("may reach `{}`", member.service),
            Way::Out => format!("may be reached by `{}`", member.service),
        };
        if rule.peers().is_empty() {
            tell(&rule.tree.place, format!("everybody {who}"));
            return;
        }
        let ports = rule.ports();
        for peer in rule.peers() {
            if ports.is_empty() {
                tell(
                    &peer.place,
                    format!("{} {who} at every port", self.name(peer, rule)),
                );
            }
            for port in &ports {
                for (name, ends) in self.ends(peer, rule) {
                    let meant = ends.iter().any(|end| {
                        self.edges().any(|edge| {
                            let (own, other) = match way {
                                Way::In => (&edge.to, &edge.from),
                                Way::Out => (&edge.from, &edge.to),
                            };
                            let its_pod = match (way, end) {
                                (Way::In, _) => Some(&member.pod),
                                (Way::Out, End::Name(name)) => {
                                    self.members_of(name).next().map(|it| &it.pod)
                                }
                                _ => None,
                            };
                            *own == End::Name(member.service.to_owned())
                                && other == end
                                && port.tree.get("endPort").is_none()
                                && port.tree.get("port").is_some()
                                && port.is(edge.port, its_pod, "TCP")
                        })
                    });
                    if !meant {
                        let number = port.tree.text_of(&["port"]).unwrap_or("any");
                        tell(
                            &peer.place,
                            format!("`{name}` {who} at port {number}, and nobody needs it"),
                        );
                    }
                }
            }
        }
    }

    /// What an entry of `from` or `to` is about: what each is called, and the ends of edges that it may be.
    fn ends(&self, peer: &crate::deploy::tree::Tree, rule: Rule<'_>) -> Vec<(String, Vec<End>)> {
        let mut ends = Vec::new();
        for member in &self.members {
            if is_peer(peer, &member.pod, rule.policy) {
                let name = member.service.to_owned();
                ends.push((name.clone(), vec![End::Name(name)]));
            }
        }
        if ends.is_empty() {
            // Something else: whatever the edges name that it fits.
            let others = self.edges().flat_map(|edge| [&edge.from, &edge.to]);
            let fitting = others.filter(|end| self.is_end(peer, rule.policy, end));
            ends.push((self.name(peer, rule), fitting.cloned().collect()));
        }
        ends
    }

    /// What an entry of `from` or `to` is called.
    fn name(&self, peer: &crate::deploy::tree::Tree, rule: Rule<'_>) -> String {
        if let Some(block) = peer.text_of(&["ipBlock", "cidr"]) {
            return block.to_owned();
        }
        let member = self
            .members
            .iter()
            .find(|it| is_peer(peer, &it.pod, rule.policy));
        if let Some(member) = member {
            return member.service.to_owned();
        }
        let labels = ["namespaceSelector", "podSelector"]
            .iter()
            .flat_map(|selector| {
                crate::deploy::workload::labels(peer.at(&[selector, "matchLabels"]))
            })
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
            .join(" ");
        if labels.is_empty() {
            "everything in some namespaces".to_owned()
        } else {
            labels
        }
    }
}
