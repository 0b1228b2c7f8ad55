//! Whether containers are what their images are: port, user, time to stop.

use std::collections::HashSet;
use std::time::Duration;

use super::{Found, Manifests, help, related, rules};
use crate::deploy::facts::{Grace, Service};
use crate::deploy::tree::Tree;
use crate::deploy::workload::Container;

/// What Kubernetes waits unless it is told.
const DEFAULT_GRACE: u64 = 30;

pub(super) fn check(manifests: &Manifests<'_>, found: &mut Found<'_>) {
    for container in &manifests.containers {
        let Some(service) = container.service else {
            continue;
        };
        user(container, service, found);
        if !container.is_first {
            port(container, service, found);
            grace(manifests, container, service, found);
        }
    }
    let subject = manifests.subject;
    let containers = manifests.containers.iter();
    let run: HashSet<&str> = containers
        .filter_map(|container| Some(container.service?.name.as_str()))
        .collect();
    for service in &subject.facts.services {
        if !run.contains(service.name.as_str()) && !subject.without.contains(&service.name) {
            let message = format!(
                "`{}` does not run `{}`: no container has the image {}",
                subject.environment, service.name, service.image
            );
            let finding = found.at(&rules::NOT_DEPLOYED, subject.place, message);
            help(
                finding,
                format!(
                    "add it, or leave it out on purpose: `--without {}`",
                    service.name
                ),
            );
        }
    }
}

fn port(container: &Container<'_>, service: &Service, found: &mut Found<'_>) {
    let Some(port) = service.port else {
        return;
    };
    if container
        .ports()
        .any(|(_, number, _)| number == Some(port.into()))
    {
        return;
    }
    let first = container.ports().next();
    let (place, message) = match first {
        Some((_, _, written)) => {
            let number = written.get("containerPort").unwrap_or(written);
            let named = number.text().unwrap_or_default();
            (
                number.place.clone(),
                format!(
                    "{} names port {named}, and its image listens on {port}",
                    container.title()
                ),
            )
        }
        None => (
            container.place(),
            format!(
                "{} names no port, and its image listens on {port}",
                container.title()
            ),
        ),
    };
    let finding = found.at(&rules::PORT, &place, message);
    help(finding, format!("write `containerPort: {port}`"));
}

fn user(container: &Container<'_>, service: &Service, found: &mut Found<'_>) {
    let Some(user) = &service.user else {
        return;
    };
    for (name, wanted) in [("runAsUser", user.uid), ("runAsGroup", user.gid)] {
        let Some(written) = container.secured(name) else {
            continue;
        };
        let (Some(wanted), Some(text)) = (wanted, written.text()) else {
            continue;
        };
        if written.number() != Some(wanted) {
            let message = format!(
                "{} has `{name}: {}`, and its image runs as `{}`",
                container.title(),
                text.escape_debug(),
                user.text
            );
            let finding = found.at(&rules::USER, &written.place, message);
            related(finding, Some(&user.place), "the user of the image");
            help(finding, format!("write `{name}: {wanted}`"));
        }
    }
}

/// Whether it has the time to stop that it takes.
fn grace(
    manifests: &Manifests<'_>,
    container: &Container<'_>,
    service: &Service,
    found: &mut Found<'_>,
) {
    let written = container.workload.pod.get("terminationGracePeriodSeconds");
    let seconds = written.and_then(Tree::number).unwrap_or(DEFAULT_GRACE);
    let grace = Duration::from_secs(seconds);
    let sleep = container
        .tree
        .at(&["lifecycle", "preStop", "sleep", "seconds"])
        .and_then(Tree::number)
        .map(Duration::from_secs)
        .unwrap_or_default();
    let config_map = |name: &str| manifests.named("ConfigMap", name).first().copied();
    let variables = container.variables(&config_map);
    let name = service.grace.variable.as_deref();
    let set = name.and_then(|name| Some((name, variables.get(name)?)));
    let deadline = set.and_then(|(_, variable)| {
        let milliseconds = variable.value?.parse().ok()?;
        Some(Duration::from_millis(milliseconds))
    });
    // A margin is what is generated; what is judged is whether it is killed before its own deadline.
    let least = match deadline {
        Some(deadline) => deadline,
        None => service.grace.least,
    };
    let is_short = if deadline.is_some() {
        grace <= least + sleep
    } else {
        grace < least + sleep
    };
    if !is_short {
        return;
    }
    let place = written.map_or_else(|| container.place(), |written| written.place.clone());
    let sleeps = if sleep.is_zero() {
        String::new()
    } else {
        format!(", after {} seconds of `preStop`", sleep.as_secs())
    };
    let message = match (set, deadline) {
        (Some((name, variable)), Some(_)) => format!(
            "{} is killed after {seconds} seconds, and gives up by itself after {} ms (`{name}`){sleeps}",
            container.title(),
            variable.value.unwrap_or_default(),
        ),
        _ => format!(
            "{} is killed after {seconds} seconds, and may take {} to stop{sleeps}",
            container.title(),
            least.as_secs()
        ),
    };
    let wanted = if deadline.is_some() {
        Grace::for_deadline(least + sleep)
    } else {
        least + sleep
    };
    let finding = found.at(&rules::GRACE, &place, message);
    related(
        finding,
        set.map(|(_, variable)| variable.place),
        "its own deadline",
    );
    help(
        finding,
        format!("write `terminationGracePeriodSeconds: {}`", ceil(wanted)),
    );
}

/// Whole seconds, rounded up.
fn ceil(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
