//! Services of Kubernetes: whether they lead to pods that listen.

use super::index::Labeled;
use super::{Found, Manifests, help, rules};
use crate::deploy::object::Object;
use crate::deploy::tree::Tree;
use crate::deploy::workload::{Container, labels};

pub(super) fn check(manifests: &Manifests<'_>, found: &mut Found<'_>) {
    let containers = manifests.containers.iter();
    let index = Labeled::new(containers.map(|it| it.workload.labels()));
    for object in manifests.subject.objects {
        let is_elsewhere = object.tree.text_of(&["spec", "type"]) == Some("ExternalName");
        if object.kind == "Service" && object.api_version == "v1" && !is_elsewhere {
            service(manifests, &index, object, found);
        }
    }
}

fn service(manifests: &Manifests<'_>, index: &Labeled<'_>, object: &Object, found: &mut Found<'_>) {
    // Without a selector somebody else says where it leads.
    let Some(selector) = object.tree.at(&["spec", "selector"]) else {
        return;
    };
    let wanted = labels(Some(selector));
    let behind: Vec<&Container<'_>> = index
        .candidates(&wanted)
        .iter()
        .map(|number| &manifests.containers[*number])
        .filter(|container| {
            let pods = container.workload.labels();
            let is_same = container.workload.object.namespace() == object.namespace();
            is_same
                && wanted
                    .iter()
                    .all(|(name, value)| pods.get(name) == Some(value))
        })
        .collect();
    if behind.is_empty() {
        let message = format!("{} selects no pod", object.title());
        let finding = found.at(&rules::SERVICE_PORT, &object.place(), message);
        help(finding, "let `selector` be the labels of the pods");
        return;
    }
    for port in object
        .tree
        .at(&["spec", "ports"])
        .map_or(&[][..], Tree::items)
    {
        let Some(target) = port.get("targetPort").or_else(|| port.get("port")) else {
            continue;
        };
        let leads = behind.iter().any(|container| {
            let number = container.port_number(target);
            number.is_some() && container.ports().any(|(_, its, _)| its == number)
        });
        if !leads {
            let message = format!(
                "{} leads to port {}, which no container behind it names",
                object.title(),
                target.text().unwrap_or_default().escape_debug()
            );
            let finding = found.at(&rules::SERVICE_PORT, &target.place, message);
            let known: Vec<String> = behind
                .iter()
                .flat_map(|container| container.ports())
                .filter_map(|(_, number, _)| Some(number?.to_string()))
                .collect();
            if !known.is_empty() {
                help(finding, format!("the containers name {}", known.join(", ")));
            }
        }
    }
}
