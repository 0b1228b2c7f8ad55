//! Probes against the image's `HEALTHCHECK`.

use std::time::Duration;

use super::{Found, Manifests, help, related, rules};
use crate::deploy::facts::Service;
use crate::deploy::tree::Tree;
use crate::deploy::workload::Container;

pub(super) fn check(manifests: &Manifests<'_>, found: &mut Found<'_>) {
    for container in &manifests.containers {
        if let (Some(service), false) = (container.service, container.is_first) {
            probes(container, service, found);
        }
    }
}

fn probes(container: &Container<'_>, service: &Service, found: &mut Found<'_>) {
    let Some(port) = service.port else {
        return;
    };
    for (name, path, must) in [
        ("startupProbe", &service.health_path, false),
        ("readinessProbe", &service.health_path, true),
        ("livenessProbe", &service.liveness_path, true),
    ] {
        match container.tree.get(name) {
            Some(probe) => {
                asks(container, service, (name, probe), path.as_deref(), found);
                waits(container, service, (name, probe), found);
            }
            None if must && service.health.place.is_some() => {
                let message = format!("{} has no `{name}`", container.title());
                let finding = found.at(&rules::NO_PROBE, &container.place(), message);
                let asked = path.as_deref().unwrap_or("/");
                related(finding, service.health.place.as_ref(), "its HEALTHCHECK");
                help(finding, format!("let it ask `{asked}` at port {port}"));
            }
            None => {}
        }
    }
    starts(container, service, found);
}

/// Whether it asks what the `HEALTHCHECK` asks.
fn asks(
    container: &Container<'_>,
    service: &Service,
    (name, probe): (&str, &Tree),
    path: Option<&str>,
    found: &mut Found<'_>,
) {
    let (Some(path), Some(port)) = (path, service.port) else {
        return;
    };
    let Some(request) = probe.get("httpGet") else {
        // Something else is asked: a socket, a command. That it answers says less, and nothing wrong.
        return;
    };
    let written = request.get("path");
    let asked = written.and_then(Tree::text).unwrap_or("/");
    // Liveness may ask the health path, too.
    let is_health = name == "livenessProbe" && service.health_path.as_deref() == Some(asked);
    if asked != path && !is_health {
        let place = &written.unwrap_or(request).place;
        let message = format!(
            "the `{name}` of {} asks `{}`, and it answers at `{path}`",
            container.title(),
            asked.escape_debug()
        );
        let finding = found.at(&rules::PROBE, place, message);
        related(finding, service.health.place.as_ref(), "its HEALTHCHECK");
        help(finding, format!("write `path: {path}`"));
    }
    let written = request.get("port");
    let number = written.and_then(|written| container.port_number(written));
    if number != Some(port.into()) {
        let place = &written.unwrap_or(request).place;
        let message = format!(
            "the `{name}` of {} asks port {}, and it answers at {port}",
            container.title(),
            written
                .and_then(Tree::text)
                .unwrap_or("nothing")
                .escape_debug()
        );
        let finding = found.at(&rules::PROBE, place, message);
        help(finding, format!("write `port: {port}`"));
    }
}

/// Whether it waits for an answer as long as the `HEALTHCHECK`.
fn waits(
    container: &Container<'_>,
    service: &Service,
    (name, probe): (&str, &Tree),
    found: &mut Found<'_>,
) {
    if service.health.place.is_none() {
        return;
    }
    let written = probe.get("timeoutSeconds");
    let seconds = written.and_then(Tree::number).unwrap_or(1);
    if Duration::from_secs(seconds) < service.health.timeout {
        let wanted = service.health.timeout.as_secs_f64();
        let message = format!(
            "the `{name}` of {} waits {seconds} s for an answer, and the HEALTHCHECK waits {wanted} s",
            container.title()
        );
        let finding = found.at(&rules::IMPATIENT, &written.unwrap_or(probe).place, message);
        related(finding, service.health.place.as_ref(), "its HEALTHCHECK");
        help(
            finding,
            format!("write `timeoutSeconds: {}`", wanted.ceil()),
        );
        shorten(finding);
    }
}

/// Whether it has as much time to start as the `HEALTHCHECK` gives.
fn starts(container: &Container<'_>, service: &Service, found: &mut Found<'_>) {
    let startup = container.tree.get("startupProbe");
    let Some(probe) = startup.or_else(|| container.tree.get("livenessProbe")) else {
        return;
    };
    let number =
        |name: &str, default: u64| probe.get(name).and_then(Tree::number).unwrap_or(default);
    let budget = number("initialDelaySeconds", 0)
        .saturating_add(number("periodSeconds", 10).saturating_mul(number("failureThreshold", 3)));
    let needed = service.health.start_period;
    if Duration::from_secs(budget) >= needed || service.health.place.is_none() {
        return;
    }
    let message = format!(
        "{} is started anew after {budget} s without an answer, and the HEALTHCHECK gives it {} s to start",
        container.title(),
        needed.as_secs_f64()
    );
    let finding = found.at(&rules::IMPATIENT, &probe.place, message);
    related(finding, service.health.place.as_ref(), "its HEALTHCHECK");
    help(
        finding,
        "add a `startupProbe` whose `periodSeconds` times `failureThreshold` is as long",
    );
    shorten(finding);
}

/// The first line of a place: a whole probe is too long to be shown.
fn shorten(finding: &mut crate::finding::Finding) {
    if let Some(place) = &mut finding.location {
        *place = crate::deploy::object::head(place);
    }
}
