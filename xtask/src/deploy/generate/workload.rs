//! Everything of a service but its network policy: account, Deployment, Service, disruption budget.

use std::time::Duration;

use super::lines::{Lines, quoted, value};
use super::object_name;
use crate::deploy::facts::{Facts, Service};
use crate::deploy::image::UNPINNED;
use crate::quantity;

/// What `/tmp` may hold: it counts as the container's memory.
const TMPFS_LIMIT: &str = "16Mi";

/// What a container gets of a processor where nobody says: enough to be scheduled.
const CPU_REQUEST: u64 = 50;

pub(super) fn write(facts: &Facts, service: &Service, lines: &mut Lines) {
    account(facts, service, lines);
    deployment(facts, service, lines);
    if service.port.is_some() {
        network_service(facts, service, lines);
    }
    if !service.wanted.single {
        budget(facts, service, lines);
    }
}

/// The head of an object: its kind and metadata.
pub(super) fn head(facts: &Facts, api_version: &str, kind: &str, name: &str, lines: &mut Lines) {
    lines.at(0, "---");
    lines.at(0, format!("apiVersion: {api_version}"));
    lines.at(0, format!("kind: {kind}"));
    lines.at(0, "metadata:");
    lines.at(1, format!("name: {name}"));
    labels(facts, name, 1, lines);
}

fn labels(facts: &Facts, name: &str, level: usize, lines: &mut Lines) {
    lines.at(level, "labels:");
    lines.at(level + 1, format!("app.kubernetes.io/name: {name}"));
    lines.at(
        level + 1,
        format!("app.kubernetes.io/part-of: {}", facts.project),
    );
}

fn account(facts: &Facts, service: &Service, lines: &mut Lines) {
    head(
        facts,
        "v1",
        "ServiceAccount",
        &object_name(&service.name),
        lines,
    );
    lines.at(0, "automountServiceAccountToken: false");
}

fn deployment(facts: &Facts, service: &Service, lines: &mut Lines) {
    let name = object_name(&service.name);
    head(facts, "apps/v1", "Deployment", &name, lines);
    lines.at(0, "spec:");
    lines.at(1, format!("replicas: {}", service.wanted.replicas));
    lines.at(1, "revisionHistoryLimit: 5");
    lines.at(1, "strategy:");
    if service.wanted.single {
        lines.at(2, "# There may never be two: it keeps its state to itself.");
        lines.at(2, "type: Recreate");
    } else {
        lines.at(2, "type: RollingUpdate");
        lines.at(2, "rollingUpdate:");
        lines.at(3, "maxSurge: 1");
        lines.at(3, "maxUnavailable: 0");
    }
    lines.at(1, "selector:");
    lines.at(2, "matchLabels:");
    lines.at(3, format!("app.kubernetes.io/name: {name}"));
    lines.at(1, "template:");
    lines.at(2, "metadata:");
    labels(facts, &name, 3, lines);
    if let (Some(path), Some(port)) = (&facts.metrics_path, service.port) {
        lines.at(3, "annotations:");
        lines.at(4, "prometheus.io/scrape: 'true'");
        lines.at(4, format!("prometheus.io/port: '{port}'"));
        lines.at(4, format!("prometheus.io/path: {}", value(path)));
    }
    lines.at(2, "spec:");
    pod(service, &name, lines);
}

fn pod(service: &Service, name: &str, lines: &mut Lines) {
    lines.at(3, format!("serviceAccountName: {name}"));
    lines.at(3, "automountServiceAccountToken: false");
    lines.at(3, "enableServiceLinks: false");
    lines.at(
        3,
        format!(
            "terminationGracePeriodSeconds: {}",
            seconds(service.grace.least)
        ),
    );
    lines.at(3, "securityContext:");
    lines.at(4, "runAsNonRoot: true");
    if let Some(user) = &service.user {
        for (key, number) in [("runAsUser", user.uid), ("runAsGroup", user.gid)] {
            if let Some(number) = number {
                lines.at(4, format!("{key}: {number}"));
            }
        }
    }
    lines.at(4, "seccompProfile:");
    lines.at(5, "type: RuntimeDefault");
    if !service.wanted.single {
        lines.at(3, "topologySpreadConstraints:");
        for key in ["kubernetes.io/hostname", "topology.kubernetes.io/zone"] {
            lines.at(4, "- maxSkew: 1");
            lines.at(5, format!("topologyKey: {key}"));
            lines.at(5, "whenUnsatisfiable: ScheduleAnyway");
            lines.at(5, "labelSelector:");
            lines.at(6, "matchLabels:");
            lines.at(7, format!("app.kubernetes.io/name: {name}"));
        }
    }
    if !service.wanted.migrate.is_empty() {
        lines.at(3, "initContainers:");
        lines.at(4, "- name: migrate");
        lines.at(5, format!("image: {}:{UNPINNED}", service.image));
        lines.at(5, "args:");
        for word in &service.wanted.migrate {
            lines.at(6, format!("- {}", value(word)));
        }
        settings(service, lines);
    }
    lines.at(3, "containers:");
    lines.at(4, format!("- name: {name}"));
    lines.at(5, format!("image: {}:{UNPINNED}", service.image));
    if let Some(port) = service.port {
        lines.at(5, "ports:");
        lines.at(6, "- name: http");
        lines.at(7, format!("containerPort: {port}"));
        probes(service, lines);
    }
    settings(service, lines);
    let folders = folders(service);
    if !folders.is_empty() {
        lines.at(3, "volumes:");
        for (name, _) in &folders {
            lines.at(4, format!("- name: {name}"));
            lines.at(5, "emptyDir:");
            lines.at(6, "medium: Memory");
            lines.at(6, format!("sizeLimit: {TMPFS_LIMIT}"));
        }
    }
}

/// What the service and what runs before it have in common.
fn settings(service: &Service, lines: &mut Lines) {
    let wanted = &service.wanted;
    if !wanted.variables.is_empty() || !wanted.secrets.is_empty() {
        lines.at(5, "env:");
    }
    for (name, text) in &wanted.variables {
        lines.at(6, format!("- name: {name}"));
        lines.at(7, format!("value: {}", quoted(text)));
    }
    for (name, (secret, key)) in &wanted.secrets {
        lines.at(6, format!("- name: {name}"));
        lines.at(7, "valueFrom:");
        lines.at(8, "secretKeyRef:");
        lines.at(9, format!("name: {}", value(secret)));
        lines.at(9, format!("key: {}", value(key)));
    }
    // Configuration of an environment: its overlay generates it, or there is none.
    lines.at(5, "envFrom:");
    lines.at(6, "- configMapRef:");
    lines.at(8, format!("name: {}", object_name(&service.name)));
    lines.at(8, "optional: true");
    lines.at(5, "resources:");
    lines.at(6, "requests:");
    let cpu = wanted.cpu_request.unwrap_or(CPU_REQUEST);
    lines.at(7, format!("cpu: {}", quantity::of_cores(cpu)));
    if let Some(memory) = wanted.memory_request {
        lines.at(7, format!("memory: {}", quantity::of_bytes(memory)));
    }
    if wanted.cpu_limit.is_some() || wanted.memory_limit.is_some() {
        lines.at(6, "limits:");
    }
    if let Some(cpu) = wanted.cpu_limit {
        lines.at(7, format!("cpu: {}", quantity::of_cores(cpu)));
    }
    if let Some(memory) = wanted.memory_limit {
        lines.at(7, format!("memory: {}", quantity::of_bytes(memory)));
    }
    lines.at(5, "securityContext:");
    lines.at(6, "allowPrivilegeEscalation: false");
    let composed = service.composed.as_ref();
    if composed.is_some_and(|composed| composed.read_only) {
        lines.at(6, "readOnlyRootFilesystem: true");
    }
    lines.at(6, "capabilities:");
    lines.at(7, "drop: [ALL]");
    let folders = folders(service);
    if !folders.is_empty() {
        lines.at(5, "volumeMounts:");
        for (name, path) in folders {
            lines.at(6, format!("- name: {name}"));
            lines.at(7, format!("mountPath: {}", value(path)));
        }
    }
}

fn probes(service: &Service, lines: &mut Lines) {
    let health = &service.health;
    let retries = health.retries;
    let mut probe = |name: &str, path: &str, period: Duration, failures: u64| {
        lines.at(5, format!("{name}:"));
        lines.at(6, "httpGet:");
        lines.at(7, format!("path: {}", value(path)));
        lines.at(7, "port: http");
        lines.at(6, format!("periodSeconds: {}", seconds(period)));
        lines.at(6, format!("timeoutSeconds: {}", seconds(health.timeout)));
        lines.at(6, format!("failureThreshold: {failures}"));
    };
    if let Some(path) = &service.health_path {
        let period = health.start_interval.max(Duration::from_secs(1));
        let tries = health.start_period.as_secs().div_ceil(seconds(period));
        probe("startupProbe", path, period, tries + retries);
        probe("readinessProbe", path, health.interval, retries);
    }
    if let Some(path) = &service.liveness_path {
        probe("livenessProbe", path, health.interval, retries);
    }
}

/// The folders in memory: what the volume is called, and where it is.
fn folders(service: &Service) -> Vec<(String, &str)> {
    let paths = service.composed.as_ref().map_or(&[][..], |it| &it.tmpfs);
    paths
        .iter()
        .map(|path| {
            let name = path
                .trim_matches('/')
                .to_lowercase()
                .replace(['/', '_', '.'], "-");
            (name, path.as_str())
        })
        .collect()
}

fn network_service(facts: &Facts, service: &Service, lines: &mut Lines) {
    let name = object_name(&service.name);
    head(facts, "v1", "Service", &name, lines);
    lines.at(0, "spec:");
    lines.at(1, "selector:");
    lines.at(2, format!("app.kubernetes.io/name: {name}"));
    lines.at(1, "ports:");
    lines.at(2, "- name: http");
    if let Some(port) = service.port {
        lines.at(3, format!("port: {port}"));
    }
    lines.at(3, "targetPort: http");
}

fn budget(facts: &Facts, service: &Service, lines: &mut Lines) {
    let name = object_name(&service.name);
    head(facts, "policy/v1", "PodDisruptionBudget", &name, lines);
    lines.at(0, "spec:");
    lines.at(1, "maxUnavailable: 1");
    lines.at(1, "selector:");
    lines.at(2, "matchLabels:");
    lines.at(3, format!("app.kubernetes.io/name: {name}"));
}

/// Whole seconds, rounded up, at least one.
fn seconds(duration: Duration) -> u64 {
    (duration.as_secs() + u64::from(duration.subsec_nanos() > 0)).max(1)
}
