//! Who may talk to whom, against who has to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use camino::Utf8PathBuf;

use super::index::{Labeled, Selectors};
use super::policies::{Pod, Policy, Rule, Way, is_namespace, is_peer};
use super::{Found, Manifests, help, related, rules};
use crate::deploy::facts::{Edge, End};
use crate::deploy::object::head;
use crate::deploy::tree::Tree;
use crate::deploy::workload::{Container, labels};
use crate::source::{Location, Span};

/// The label by which an edge names what is no service of the project.
const NAME: &str = "app.kubernetes.io/name";

/// Every address, as the two versions of the protocol write it.
const EVERYWHERE: [&str; 2] = ["0.0.0.0/0", "::/0"];

pub(super) fn check(manifests: &Manifests<'_>, found: &mut Found<'_>) {
    let network = Network::of(manifests);
    for member in &network.members {
        isolation(member, found);
        network.names(member, found);
    }
    for edge in network.edges() {
        network.is_open(edge, found);
    }
    let mut told = HashSet::new();
    for member in &network.members {
        for way in [Way::In, Way::Out] {
            for rule in Network::rules(member, way) {
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
    /// Those that are about it.
    policies: Vec<Policy<'a>>,
}

struct Network<'a> {
    manifests: &'a Manifests<'a>,
    members: Vec<Member<'a>>,
    /// By service, its members.
    by_service: HashMap<&'a str, Vec<usize>>,
    by_label: Labeled<'a>,
    /// What this environment needs, by who talks.
    from: BTreeMap<&'a End, Vec<&'a Edge>>,
    /// The same by who answers.
    to: BTreeMap<&'a End, Vec<&'a Edge>>,
    /// What entries of `from` and `to` are about, by what they say: many policies say the same.
    known: RefCell<HashMap<Said<'a>, Rc<Vec<Meant>>>>,
}

/// What an entry says, and the namespace of the policy that says it.
type Said<'a> = (String, Option<&'a str>);

/// Somebody that an entry is about: what it is called, and the ends of edges that it may be.
type Meant = (String, Vec<End>);

impl<'a> Network<'a> {
    fn of(manifests: &'a Manifests<'a>) -> Self {
        let subject = manifests.subject;
        let policies: Vec<Policy<'a>> = subject.objects.iter().filter_map(Policy::of).collect();
        let selectors = Selectors::new(policies.iter().map(|policy| policy.wanted()));
        // Containers stand in the order of their workloads.
        let mut containers = &manifests.containers[..];
        let members = manifests.workloads.iter().filter_map(|workload| {
            let is_its = |it: &Container<'_>| std::ptr::eq(it.workload.object, workload.object);
            let count = containers.iter().take_while(|it| is_its(it)).count();
            let (own, others) = containers.split_at(count);
            containers = others;
            let pod = Pod::of(workload, own);
            let service = pod.containers.iter().find_map(|it| it.service)?;
            let candidates = selectors.candidates(&pod.labels).into_iter();
            Some(Member {
                service: &service.name,
                place: workload.object.place(),
                policies: candidates
                    .map(|at| policies[at])
                    .filter(|policy| policy.selects(&pod))
                    .collect(),
                pod,
            })
        });
        let members: Vec<Member<'a>> = members.collect();
        let mut by_service: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, member) in members.iter().enumerate() {
            by_service.entry(member.service).or_default().push(number);
        }
        let mut from: BTreeMap<&End, Vec<&Edge>> = BTreeMap::new();
        let mut to: BTreeMap<&End, Vec<&Edge>> = BTreeMap::new();
        let edges = subject.facts.edges.iter();
        for edge in edges.filter(|edge| edge.is_of(subject.environment)) {
            from.entry(&edge.from).or_default().push(edge);
            to.entry(&edge.to).or_default().push(edge);
        }
        Self {
            manifests,
            by_label: Labeled::new(members.iter().map(|member| member.pod.labels.clone())),
            members,
            by_service,
            from,
            to,
            known: RefCell::default(),
        }
    }

    /// The rules that are about a pod.
    fn rules(member: &Member<'a>, way: Way) -> impl Iterator<Item = Rule<'a>> {
        let policies = member.policies.clone().into_iter();
        policies.flat_map(move |policy| policy.rules(way))
    }

    fn members_of(&self, service: &str) -> impl Iterator<Item = &Member<'a>> {
        let numbers = self.by_service.get(service).into_iter().flatten();
        numbers.map(|number| &self.members[*number])
    }

    /// The members that an entry of `from` or `to` is about.
    fn peers(&self, peer: &Tree, policy: Policy<'_>) -> impl Iterator<Item = &Member<'a>> {
        let wanted = labels(peer.at(&["podSelector", "matchLabels"]));
        let candidates = self.by_label.candidates(&wanted).iter();
        candidates
            .map(|number| &self.members[*number])
            .filter(move |member| is_peer(peer, &member.pod, policy))
    }

    /// What this environment needs.
    fn edges(&self) -> impl Iterator<Item = &'a Edge> {
        let subject = self.manifests.subject;
        let edges = subject.facts.edges.iter();
        edges.filter(|edge| edge.is_of(subject.environment))
    }

    /// Whether names can be looked up by those that need to.
    fn names(&self, member: &Member<'a>, found: &mut Found<'_>) {
        let own = self.from.get(&End::Name(member.service.to_owned()));
        let by_name = |edge: &&Edge| !matches!(edge.to, End::Network(_));
        let needs = own.into_iter().flatten().any(by_name);
        let isolated = member.policies.iter().any(|it| it.isolates(Way::Out));
        let allowed = Self::rules(member, Way::Out).any(|rule| rule.allows_port(53, None, "UDP"));
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
                let isolated = member.policies.iter().any(|it| it.isolates(way));
                let allowed = Self::rules(member, way)
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
                let isolating = member.policies.iter().filter(|it| it.isolates(way));
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
    fn is_end(&self, peer: &Tree, policy: Policy<'_>, end: &End) -> bool {
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
        rule: Rule<'a>,
        told: &mut HashSet<(Utf8PathBuf, Span, String)>,
        found: &mut Found<'_>,
    ) {
        if rule.is_for_names() {
            return;
        }
        let mut tell = |place: &Location, message: String| {
            let place = head(place);
            let path = place.source.path().to_owned();
            if !told.insert((path, place.span, message.clone())) {
                return;
            }
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
        let own = End::Name(member.service.to_owned());
        let edges = match way {
            Way::In => self.to.get(&own),
            Way::Out => self.from.get(&own),
        };
        let edges = edges.map_or(&[][..], Vec::as_slice);
        for peer in rule.peers() {
            if ports.is_empty() {
                tell(
                    &peer.place,
                    format!("{} {who} at every port", self.name(peer, rule)),
                );
            }
            for port in &ports {
                for (name, ends) in self.ends(peer, rule).iter() {
                    let meant = ends.iter().any(|end| {
                        edges.iter().any(|edge| {
                            let other = match way {
                                Way::In => &edge.from,
                                Way::Out => &edge.to,
                            };
                            let its_pod = match (way, end) {
                                (Way::In, _) => Some(&member.pod),
                                (Way::Out, End::Name(name)) => {
                                    self.members_of(name).next().map(|it| &it.pod)
                                }
                                _ => None,
                            };
                            other == end
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

    /// What an entry of `from` or `to` is about.
    fn ends(&self, peer: &Tree, rule: Rule<'a>) -> Rc<Vec<Meant>> {
        let mut said = (String::new(), rule.policy.object.namespace());
        peer.write_data(&mut said.0);
        if let Some(known) = self.known.borrow().get(&said) {
            return Rc::clone(known);
        }
        let mut ends = Vec::new();
        for member in self.peers(peer, rule.policy) {
            let name = member.service.to_owned();
            ends.push((name.clone(), vec![End::Name(name)]));
        }
        if ends.is_empty() {
            // Something else: whatever the edges name that it fits.
            let others: BTreeSet<&End> = self.from.keys().chain(self.to.keys()).copied().collect();
            let fitting = others
                .into_iter()
                .filter(|end| self.is_end(peer, rule.policy, end));
            ends.push((self.name(peer, rule), fitting.cloned().collect()));
        }
        let ends = Rc::new(ends);
        self.known.borrow_mut().insert(said, Rc::clone(&ends));
        ends
    }

    /// What an entry of `from` or `to` is called.
    fn name(&self, peer: &Tree, rule: Rule<'_>) -> String {
        if let Some(block) = peer.text_of(&["ipBlock", "cidr"]) {
            return block.to_owned();
        }
        if let Some(member) = self.peers(peer, rule.policy).next() {
            return member.service.to_owned();
        }
        let labels = ["namespaceSelector", "podSelector"]
            .iter()
            .flat_map(|selector| labels(peer.at(&[selector, "matchLabels"])))
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

/// Whether what is not allowed is denied.
fn isolation(member: &Member<'_>, found: &mut Found<'_>) {
    for (way, what) in [(Way::In, "comes in"), (Way::Out, "goes out")] {
        let isolated = member.policies.iter().any(|policy| policy.isolates(way));
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
