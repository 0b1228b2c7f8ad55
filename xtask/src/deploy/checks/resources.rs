//! What containers get, and how services stay there.

use std::collections::BTreeMap;

use super::index::Selectors;
use super::{Found, Manifests, help, related, rules};
use crate::deploy::facts::Service;
use crate::deploy::object::Object;
use crate::deploy::quantity_of;
use crate::deploy::tree::Tree;
use crate::deploy::workload::{Container, Workload, labels};
use crate::quantity;

pub(super) fn check(manifests: &Manifests<'_>, found: &mut Found<'_>) {
    for container in &manifests.containers {
        if let Some(service) = container.service {
            limits(container, service, found);
        }
    }
    let objects = manifests.subject.objects.iter();
    let budgets: Vec<&Object> = objects
        .filter(|object| object.kind == "PodDisruptionBudget")
        .collect();
    let selectors = Selectors::new(budgets.iter().map(|budget| wanted(budget)));
    for container in &manifests.containers {
        let Some(service) = container.service.filter(|_| !container.is_first) else {
            continue;
        };
        let workload = &container.workload;
        single(workload, service, found);
        if workload.replicas() > 1 && workload.object.kind != "DaemonSet" {
            let pods = workload.labels();
            let candidates = selectors.candidates(&pods).into_iter();
            let its = candidates.map(|at| budgets[at]).filter(|budget| {
                let mut wanted = wanted(budget).into_iter();
                wanted.all(|(name, value)| pods.get(name) == Some(&value))
            });
            budget(its, workload, found);
            spread(workload, found);
        }
    }
}

fn limits(container: &Container<'_>, service: &Service, found: &mut Found<'_>) {
    let resources = container.tree.get("resources");
    let amount = |path: &[&str]| resources.and_then(|resources| resources.at(path));
    for path in [
        ["limits", "memory"],
        ["requests", "memory"],
        ["requests", "cpu"],
    ] {
        // What is not requested is what the limit says.
        let there = amount(&path).or_else(|| amount(&["limits", path[1]]));
        if there.and_then(quantity_of).is_none() {
            let place = there.map_or_else(|| container.place(), |there| there.place.clone());
            let message = format!(
                "{} has no `resources.{}`",
                container.title(),
                path.join(".")
            );
            let finding = found.at(&rules::NO_LIMIT, &place, message);
            let tested = service
                .composed
                .as_ref()
                .and_then(|composed| composed.memory);
            if let (Some(bytes), "memory") = (tested, path[1]) {
                let tested = quantity::of_bytes(bytes);
                help(finding, format!("it is tested with `{tested}`"));
            }
        }
    }
    let Some(limit) = amount(&["limits", "memory"]) else {
        return;
    };
    let Some(bytes) = quantity_of(limit).map(|amount| amount / 1_000) else {
        return;
    };
    let composed = service.composed.as_ref();
    if let Some(tested) = composed.and_then(|composed| composed.memory)
        && bytes < u128::from(tested)
    {
        let tested = quantity::of_bytes(tested);
        let message = format!(
            "{} gets {} of memory, and is tested with {tested}",
            container.title(),
            limit.text().unwrap_or_default()
        );
        let finding = found.at(&rules::LOW_LIMIT, &limit.place, message);
        related(finding, composed.map(|it| &it.place), "how it is tested");
        help(
            finding,
            format!("write `memory: {tested}`, or test it with less"),
        );
    }
    for name in ["memory", "cpu"] {
        let pair = (amount(&["requests", name]), amount(&["limits", name]));
        let (Some(request), Some(limit)) = pair else {
            continue;
        };
        if quantity_of(request) > quantity_of(limit) {
            let message = format!(
                "{} asks for {} of `{name}`, more than its limit of {}",
                container.title(),
                request.text().unwrap_or_default(),
                limit.text().unwrap_or_default()
            );
            let finding = found.at(&rules::LOW_LIMIT, &request.place, message);
            help(
                finding,
                "the cluster refuses it: lower the request, or raise the limit",
            );
        }
    }
}

/// Whether what must be alone is.
fn single(workload: &Workload<'_>, service: &Service, found: &mut Found<'_>) {
    if !service.wanted.single {
        return;
    }
    let object = workload.object;
    if workload.replicas() > 1 {
        let written = object.tree.at(&["spec", "replicas"]);
        let place = written.map_or_else(|| object.place(), |written| written.place.clone());
        let message = format!(
            "{} runs {} times, and `{}` must be alone",
            object.title(),
            workload.replicas(),
            service.name
        );
        let finding = found.at(&rules::REPLICATED, &place, message);
        help(finding, "write `replicas: 1`");
    }
    let kind = object.tree.at(&["spec", "strategy", "type"]);
    if object.kind == "Deployment" && kind.and_then(Tree::text) != Some("Recreate") {
        let place = kind.map_or_else(|| object.place(), |kind| kind.place.clone());
        let message = format!(
            "an update of {} starts the new one before the old one has stopped, and `{}` must be alone",
            object.title(),
            service.name
        );
        let finding = found.at(&rules::REPLICATED, &place, message);
        help(finding, "write `strategy: { type: Recreate }`");
    }
}

/// The labels of the pods that a `PodDisruptionBudget` is about.
fn wanted(budget: &Object) -> BTreeMap<&str, &str> {
    labels(budget.tree.at(&["spec", "selector", "matchLabels"]))
}

fn budget<'a>(
    budgets: impl Iterator<Item = &'a Object>,
    workload: &Workload<'_>,
    found: &mut Found<'_>,
) {
    let mut any = false;
    for budget in budgets {
        any = true;
        let most = budget.tree.at(&["spec", "maxUnavailable"]);
        let least = budget.tree.at(&["spec", "minAvailable"]);
        let is_nothing = |most: &Tree| matches!(most.text(), Some("0" | "0%"));
        let is_all = |least: &Tree| {
            least.text() == Some("100%")
                || least
                    .number()
                    .is_some_and(|least| least >= workload.replicas())
        };
        let written = most
            .filter(|it| is_nothing(it))
            .or_else(|| least.filter(|it| is_all(it)));
        if let Some(written) = written {
            let message = format!("{} forbids that any pod is ever stopped", budget.title());
            let finding = found.at(&rules::NO_BUDGET, &written.place, message);
            help(
                finding,
                "write `maxUnavailable: 1`: else no machine is ever drained",
            );
        }
    }
    if !any {
        let object = workload.object;
        let message = format!(
            "nothing keeps all {} pods of {} from being stopped at once",
            workload.replicas(),
            object.title()
        );
        let finding = found.at(&rules::NO_BUDGET, &object.place(), message);
        help(
            finding,
            "add a PodDisruptionBudget with `maxUnavailable: 1`",
        );
    }
}

fn spread(workload: &Workload<'_>, found: &mut Found<'_>) {
    let constraints = workload
        .pod
        .get("topologySpreadConstraints")
        .map_or(&[][..], Tree::items);
    let apart = workload.pod.at(&["affinity", "podAntiAffinity"]);
    if constraints.is_empty() && apart.is_none() {
        let object = workload.object;
        let message = format!("all pods of {} may be on one machine", object.title());
        let finding = found.at(&rules::NOT_SPREAD, &object.place(), message);
        help(
            finding,
            "add `topologySpreadConstraints` over `kubernetes.io/hostname`",
        );
    }
}
