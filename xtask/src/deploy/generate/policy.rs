//! Network policies: nothing is allowed but the connections that are needed.

use super::lines::Lines;
use super::object_name;
use super::workload::head;
use crate::deploy::facts::{Edge, End, Facts, Service};

/// Addresses that are no public ones, by version (RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291). The cloud's metadata
/// are at a link-local address.
const PUBLIC: [(&str, &[&str]); 2] = [
    (
        "0.0.0.0/0",
        &[
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
        ],
    ),
    ("::/0", &["::1/128", "fc00::/7", "fe80::/10"]),
];

/// The policy of a service.
pub(super) fn write(facts: &Facts, service: &Service, lines: &mut Lines) {
    let name = object_name(&service.name);
    head(facts, "networking.k8s.io/v1", "NetworkPolicy", &name, lines);
    lines.at(0, "spec:");
    lines.at(1, "podSelector:");
    lines.at(2, "matchLabels:");
    lines.at(3, format!("app.kubernetes.io/name: {name}"));
    lines.at(1, "policyTypes: [Ingress, Egress]");
    let own = End::Name(service.name.clone());
    // What only some environments have, their overlays allow.
    let edges = || {
        facts
            .edges
            .iter()
            .filter(|edge| edge.environments.is_empty())
    };
    let incoming = edges().filter(|edge| edge.to == own);
    rules(
        "ingress",
        "from",
        incoming.map(|edge| (&edge.from, edge)),
        lines,
    );
    let outgoing = edges().filter(|edge| edge.from == own);
    rules("egress", "to", outgoing.map(|edge| (&edge.to, edge)), lines);
}

fn rules<'e>(
    name: &str,
    peer: &str,
    edges: impl Iterator<Item = (&'e End, &'e Edge)>,
    lines: &mut Lines,
) {
    let mut is_first = true;
    for (end, edge) in edges {
        if std::mem::take(&mut is_first) {
            lines.at(1, format!("{name}:"));
        }
        lines.at(2, format!("- {peer}:"));
        self::peer(end, lines);
        lines.at(3, "ports:");
        lines.at(4, "- protocol: TCP");
        lines.at(5, format!("port: {}", edge.port));
    }
}

fn peer(end: &End, lines: &mut Lines) {
    match end {
        // Both ends of an edge are named; `*` was resolved.
        End::Every => {}
        End::Name(name) => {
            lines.at(4, "- podSelector:");
            lines.at(6, "matchLabels:");
            lines.at(7, format!("app.kubernetes.io/name: {}", object_name(name)));
        }
        End::Namespace(name) => {
            lines.at(4, "- namespaceSelector:");
            lines.at(6, "matchLabels:");
            lines.at(7, format!("kubernetes.io/metadata.name: {name}"));
        }
        End::Internet => {
            for (all, except) in PUBLIC {
                lines.at(4, "- ipBlock:");
                lines.at(6, format!("cidr: {}", super::lines::value(all)));
                lines.at(6, "except:");
                for network in except {
                    lines.at(7, format!("- {}", super::lines::value(network)));
                }
            }
        }
        End::Network(network) => {
            lines.at(4, "- ipBlock:");
            lines.at(6, format!("cidr: {}", super::lines::value(network)));
        }
    }
}

/// What holds for all pods: nothing is allowed, and names may be looked up.
pub(super) fn write_common(lines: &mut Lines) {
    for line in [
        "---",
        "apiVersion: networking.k8s.io/v1",
        "kind: NetworkPolicy",
        "metadata:",
        "  name: default-deny",
        "spec:",
        "  podSelector: {}",
        "  policyTypes: [Ingress, Egress]",
        "---",
        "apiVersion: networking.k8s.io/v1",
        "kind: NetworkPolicy",
        "metadata:",
        "  name: allow-names",
        "spec:",
        "  podSelector: {}",
        "  policyTypes: [Egress]",
        "  egress:",
        "    - to:",
        "        - namespaceSelector:",
        "            matchLabels:",
        "              kubernetes.io/metadata.name: kube-system",
        "          podSelector:",
        "            matchLabels:",
        "              k8s-app: kube-dns",
        "      ports:",
        "        - protocol: UDP",
        "          port: 53",
        "        - protocol: TCP",
        "          port: 53",
    ] {
        lines.at(0, line);
    }
}
