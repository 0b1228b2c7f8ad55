//! What containers may do, against what they are tested with.

use std::collections::HashSet;

use super::{Found, Manifests, help, related, rules};
use crate::deploy::facts::Service;
use crate::deploy::object::Object;
use crate::deploy::quantity_of;
use crate::deploy::tree::Tree;
use crate::deploy::workload::{Container, Workload};
use crate::rule::About;
use crate::source::Location;

pub(super) fn check(manifests: &Manifests<'_>, found: &mut Found<'_>) {
    for workload in &manifests.workloads {
        host(workload, found);
    }
    for container in &manifests.containers {
        host_of_container(container, found);
        if let Some(service) = container.service {
            context(container, service, found);
            folders(container, service, found);
        }
    }
    let containers = manifests.containers.iter();
    let ours: HashSet<*const Object> = containers
        .filter(|container| container.service.is_some())
        .map(|container| std::ptr::from_ref(container.workload.object))
        .collect();
    for workload in &manifests.workloads {
        if ours.contains(&std::ptr::from_ref(workload.object)) {
            token(manifests, workload, found);
        }
    }
}

/// What is the machine's.
fn host(workload: &Workload<'_>, found: &mut Found<'_>) {
    for name in ["hostNetwork", "hostPID", "hostIPC"] {
        if let Some(written) = workload
            .pod
            .get(name)
            .filter(|it| it.switch() == Some(true))
        {
            let message = format!("{} has `{name}: true`", workload.object.title());
            found.at(&rules::HOST, &written.place, message);
        }
    }
    for volume in workload.pod.get("volumes").map_or(&[][..], Tree::items) {
        if let Some(path) = volume.get("hostPath") {
            let message = format!(
                "{} mounts `{}` of the machine",
                workload.object.title(),
                path.text_of(&["path"]).unwrap_or_default().escape_debug()
            );
            found.at(&rules::HOST, &path.place, message);
        }
    }
}

fn host_of_container(container: &Container<'_>, found: &mut Found<'_>) {
    let privileged = container.own_secured("privileged");
    if let Some(written) = privileged.filter(|it| it.switch() == Some(true)) {
        let message = format!("{} is privileged", container.title());
        found.at(&rules::HOST, &written.place, message);
    }
    for (_, _, port) in container.ports() {
        if let Some(written) = port.get("hostPort") {
            let message = format!(
                "{} takes port {} of the machine",
                container.title(),
                written.text().unwrap_or_default().escape_debug()
            );
            found.at(&rules::HOST, &written.place, message);
        }
    }
}

fn context(container: &Container<'_>, service: &Service, found: &mut Found<'_>) {
    let composed = service.composed.as_ref();
    let tested = composed.map(|composed| &composed.place);
    let mut wants = |about: &About, name: &str, wanted: bool, there: Option<&Tree>| {
        if there.and_then(Tree::switch) == Some(wanted) {
            return;
        }
        let place = there.map_or_else(|| container.place(), |there| there.place.clone());
        let message = format!("{}: {}", container.title(), about.summary);
        let finding = found.at(about, &place, message);
        related(finding, tested, "how it is tested");
        help(finding, format!("write `{name}: {wanted}`"));
    };
    if composed.is_some_and(|composed| composed.read_only) {
        let name = "readOnlyRootFilesystem";
        wants(&rules::WRITABLE, name, true, container.own_secured(name));
    }
    let name = "allowPrivilegeEscalation";
    wants(&rules::ESCALATION, name, false, container.own_secured(name));
    // An image whose user is not known may have to be root.
    if service
        .user
        .as_ref()
        .is_some_and(|user| user.uid != Some(0))
    {
        let name = "runAsNonRoot";
        wants(&rules::ROOT, name, true, container.secured(name));
    }
    capabilities(container, tested, found);
    seccomp(container, found);
}

fn capabilities(container: &Container<'_>, tested: Option<&Location>, found: &mut Found<'_>) {
    let written = container.own_secured("capabilities");
    let list = |name: &str| {
        let list = written.and_then(|written| written.get(name));
        list.map_or(&[][..], Tree::items)
    };
    let is_all = |item: &Tree| {
        item.text()
            .is_some_and(|text| text.eq_ignore_ascii_case("all"))
    };
    if !list("drop").iter().any(is_all) {
        let place = written.map_or_else(|| container.place(), |written| written.place.clone());
        let message = format!("{} keeps capabilities", container.title());
        let finding = found.at(&rules::CAPABILITIES, &place, message);
        related(finding, tested, "how it is tested");
        help(finding, "write `capabilities: { drop: [ALL] }`");
    }
    for added in list("add") {
        let message = format!(
            "{} is given the capability `{}`",
            container.title(),
            added.text().unwrap_or_default().escape_debug()
        );
        let finding = found.at(&rules::CAPABILITIES, &added.place, message);
        help(finding, "remove it");
    }
}

fn seccomp(container: &Container<'_>, found: &mut Found<'_>) {
    let written = container
        .secured("seccompProfile")
        .and_then(|it| it.get("type"));
    if written
        .and_then(Tree::text)
        .is_some_and(|kind| kind != "Unconfined")
    {
        return;
    }
    let place = written.map_or_else(|| container.place(), |written| written.place.clone());
    let message = format!("the system calls of {} are not filtered", container.title());
    let finding = found.at(&rules::SECCOMP, &place, message);
    help(finding, "write `seccompProfile: { type: RuntimeDefault }`");
}

/// The folders that the compose file has in memory.
fn folders(container: &Container<'_>, service: &Service, found: &mut Found<'_>) {
    let Some(composed) = &service.composed else {
        return;
    };
    for path in &composed.tmpfs {
        let Some(volume) = container.mounted(path) else {
            let message = format!("{} has nothing at `{path}` to write to", container.title());
            let finding = found.at(&rules::NO_TMPFS, &container.place(), message);
            related(finding, Some(&composed.place), "how it is tested");
            help(
                finding,
                "mount an `emptyDir` with `medium: Memory` and a `sizeLimit` there",
            );
            continue;
        };
        let Some(folder) = volume.get("emptyDir") else {
            continue;
        };
        let limit = folder.get("sizeLimit");
        if limit.and_then(quantity_of).is_none_or(|limit| limit == 0) {
            let place = limit.unwrap_or(volume).place.clone();
            let place = crate::deploy::object::head(&place);
            let message = format!("`{path}` of {} may grow without limit", container.title());
            let finding = found.at(&rules::NO_TMPFS, &place, message);
            help(finding, "add a `sizeLimit`, such as `16Mi`");
        }
    }
}

/// Whether the pod gets a token: its own word, else that of its service account.
fn token(manifests: &Manifests<'_>, workload: &Workload<'_>, found: &mut Found<'_>) {
    let name = "automountServiceAccountToken";
    let account = workload
        .pod
        .text_of(&["serviceAccountName"])
        .unwrap_or("default");
    let account = manifests.named("ServiceAccount", account).first();
    let own = workload.pod.get(name);
    let written = own.or_else(|| account?.tree.get(name));
    if written.and_then(Tree::switch) == Some(false) {
        return;
    }
    let place = written.map_or_else(|| workload.object.place(), |written| written.place.clone());
    let message = format!(
        "{} gets a token for the cluster's API",
        workload.object.title()
    );
    let finding = found.at(&rules::TOKEN, &place, message);
    help(finding, format!("write `{name}: false`"));
}
