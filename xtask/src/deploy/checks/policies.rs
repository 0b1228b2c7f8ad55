//! Network policies as Kubernetes reads them
//! (<https://kubernetes.io/docs/concepts/services-networking/network-policies/>).

use std::collections::BTreeMap;

use crate::deploy::object::Object;
use crate::deploy::tree::Tree;
use crate::deploy::workload::{Container, Workload};

/// The label that every namespace has of itself.
const NAMESPACE_LABEL: &str = "kubernetes.io/metadata.name";

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// What comes in.
    In,
    /// What goes out.
    Out,
}

/// A network policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy<'a> {
    pub(super) object: &'a Object,
}

/// One rule of a policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule<'a> {
    pub(super) policy: Policy<'a>,
    pub(super) tree: &'a Tree,
    way: Way,
}

/// A port of a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct RulePort<'a> {
    pub(super) tree: &'a Tree,
}

/// A pod as policies see it.
#[derive(Clone, Debug)]
pub(super) struct Pod<'a> {
    pub(super) labels: BTreeMap<&'a str, &'a str>,
    pub(super) namespace: Option<&'a str>,
    pub(super) containers: Vec<Container<'a>>,
}

impl<'a> Pod<'a> {
    /// The pods of a workload.
    pub(super) fn of(workload: &Workload<'a>, containers: &[Container<'a>]) -> Self {
        let is_its = |it: &&Container<'a>| std::ptr::eq(it.workload.object, workload.object);
        Self {
            labels: workload.labels(),
            namespace: workload.object.namespace(),
            containers: containers.iter().filter(is_its).copied().collect(),
        }
    }

    /// The number of a port that is written by name or number.
    fn number(&self, written: &Tree) -> Option<u64> {
        written.number().or_else(|| {
            self.containers
                .iter()
                .find_map(|it| it.port_number(written))
        })
    }
}

impl<'a> Policy<'a> {
    /// What an object is, if it is one.
    pub(super) fn of(object: &'a Object) -> Option<Self> {
        (object.kind == "NetworkPolicy" && object.api_version == "networking.k8s.io/v1")
            .then_some(Self { object })
    }

    /// Whether it is about these pods.
    pub(super) fn selects(self, pod: &Pod<'_>) -> bool {
        let selector = self.object.tree.at(&["spec", "podSelector"]);
        self.object.namespace() == pod.namespace && matches(selector, &pod.labels)
    }

    /// The labels that its pods must have, what else it asks of them aside.
    pub(super) fn wanted(self) -> BTreeMap<&'a str, &'a str> {
        let selector = self.object.tree.at(&["spec", "podSelector", "matchLabels"]);
        crate::deploy::workload::labels(selector)
    }

    /// How many labels it asks of its pods: none is every pod.
    pub(super) fn narrowness(self) -> usize {
        let labels = self.object.tree.at(&["spec", "podSelector", "matchLabels"]);
        labels.map_or(0, |labels| labels.fields().len())
    }

    /// Whether what it does not allow is denied.
    pub(super) fn isolates(self, way: Way) -> bool {
        let spec = self.object.tree.get("spec");
        match spec.and_then(|spec| spec.get("policyTypes")) {
            Some(types) => types.items().iter().any(|it| it.text() == Some(way.kind())),
            None => way == Way::In || spec.is_some_and(|spec| spec.get("egress").is_some()),
        }
    }

    /// What it allows.
    pub(super) fn rules(self, way: Way) -> impl Iterator<Item = Rule<'a>> {
        let rules = self.object.tree.at(&["spec", way.field()]);
        let rules = rules.map_or(&[][..], Tree::items);
        let counts = self.isolates(way);
        rules.iter().filter(move |_| counts).map(move |tree| Rule {
            policy: self,
            tree,
            way,
        })
    }
}

impl Way {
    const fn kind(self) -> &'static str {
        match self {
            Self::In => "Ingress",
            Self::Out => "Egress",
        }
    }

    const fn field(self) -> &'static str {
        match self {
            Self::In => "ingress",
            Self::Out => "egress",
        }
    }
}

impl<'a> Rule<'a> {
    /// Whom it is about; none means everybody.
    pub(super) fn peers(&self) -> &'a [Tree] {
        let name = match self.way {
            Way::In => "from",
            Way::Out => "to",
        };
        self.tree.get(name).map_or(&[], Tree::items)
    }

    /// At which ports; none means at every port.
    pub(super) fn ports(&self) -> Vec<RulePort<'a>> {
        let ports = self.tree.get("ports").map_or(&[][..], Tree::items);
        ports.iter().map(|tree| RulePort { tree }).collect()
    }

    /// Whether it is about this port of a pod, or of something else that nobody here knows.
    pub(super) fn allows_port(&self, port: u16, pod: Option<&Pod<'_>>, protocol: &str) -> bool {
        let ports = self.ports();
        ports.is_empty() || ports.iter().any(|it| it.is(port, pod, protocol))
    }

    /// Whether it only lets names be looked up.
    pub(super) fn is_for_names(&self) -> bool {
        let ports = self.ports();
        self.way == Way::Out
            && !ports.is_empty()
            && ports.iter().all(|it| {
                let number = it.tree.get("port").and_then(Tree::number);
                number == Some(53) && it.tree.get("endPort").is_none()
            })
    }
}

impl RulePort<'_> {
    /// Whether it is this one.
    pub(super) fn is(self, port: u16, pod: Option<&Pod<'_>>, protocol: &str) -> bool {
        if self.tree.text_of(&["protocol"]).unwrap_or("TCP") != protocol {
            return false;
        }
        let Some(written) = self.tree.get("port") else {
            return true;
        };
        let number = match pod {
            Some(pod) => pod.number(written),
            None => written.number(),
        };
        let port = u64::from(port);
        let end = self.tree.get("endPort").and_then(Tree::number);
        number.is_some_and(|first| first == port || (first <= port && end >= Some(port)))
    }
}

/// Whether an entry of `from` or `to` is about a pod, seen from a policy.
pub(super) fn is_peer(peer: &Tree, pod: &Pod<'_>, policy: Policy<'_>) -> bool {
    if peer.get("ipBlock").is_some() {
        return false;
    }
    let is_there = match peer.get("namespaceSelector") {
        None => pod.namespace == policy.object.namespace(),
        Some(selector) => match pod.namespace {
            Some(name) => matches(Some(selector), &BTreeMap::from([(NAMESPACE_LABEL, name)])),
            None => selector.fields().is_empty(),
        },
    };
    is_there && matches(peer.get("podSelector"), &pod.labels)
}

/// Whether an entry of `from` or `to` is about a namespace, or a part of it.
pub(super) fn is_namespace(peer: &Tree, name: &str) -> bool {
    let labels = BTreeMap::from([(NAMESPACE_LABEL, name)]);
    peer.get("namespaceSelector")
        .is_some_and(|selector| matches(Some(selector), &labels))
}

/// Whether labels are what a selector wants; without one, they are.
fn matches(selector: Option<&Tree>, labels: &BTreeMap<&str, &str>) -> bool {
    let Some(selector) = selector else {
        return true;
    };
    let wanted = crate::deploy::workload::labels(selector.get("matchLabels"));
    let has_all = wanted
        .iter()
        .all(|(name, value)| labels.get(name) == Some(value));
    let expressions = selector
        .get("matchExpressions")
        .map_or(&[][..], Tree::items);
    has_all
        && expressions.iter().all(|expression| {
            let there = expression
                .text_of(&["key"])
                .and_then(|key| labels.get(key).copied());
            let values = expression.get("values").map_or(&[][..], Tree::items);
            let is_one = |it: &str| values.iter().any(|value| value.text() == Some(it));
            match expression.text_of(&["operator"]) {
                Some("In") => there.is_some_and(is_one),
                Some("NotIn") => !there.is_some_and(is_one),
                Some("Exists") => there.is_some(),
                Some("DoesNotExist") => there.is_none(),
                _ => false,
            }
        })
}
