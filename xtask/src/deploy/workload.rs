//! Objects that run pods, and the containers of the pods.

use std::collections::BTreeMap;

use super::facts::{Facts, Service};
use super::image::ImageField;
use super::object::Object;
use super::tree::Tree;
use crate::source::Location;

/// An object that runs pods.
#[derive(Clone, Copy, Debug)]
pub(super) struct Workload<'a> {
    pub(super) object: &'a Object,
    /// What the pods' metadata are.
    metadata: Option<&'a Tree>,
    /// What the pods are.
    pub(super) pod: &'a Tree,
}

/// A container of a pod.
#[derive(Clone, Copy, Debug)]
pub(super) struct Container<'a> {
    pub(super) tree: &'a Tree,
    /// It is run before the others.
    pub(super) is_first: bool,
    pub(super) workload: Workload<'a>,
    /// The service whose image it has.
    pub(super) service: Option<&'a Service>,
}

/// A variable of a container.
#[derive(Clone, Debug)]
pub(super) struct Variable<'a> {
    /// `None` if it comes from where nobody here can look.
    pub(super) value: Option<&'a str>,
    pub(super) place: &'a Location,
}

impl<'a> Workload<'a> {
    /// What an object runs; `None` if it runs nothing.
    pub(super) fn of(object: &'a Object) -> Option<Self> {
        let tree = &object.tree;
        let template = match object.kind.as_str() {
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => {
                tree.at(&["spec", "template"])?
            }
            "CronJob" => tree.at(&["spec", "jobTemplate", "spec", "template"])?,
            "Pod" => tree,
            _ => return None,
        };
        Some(Self {
            object,
            metadata: template.get("metadata"),
            pod: template.get("spec")?,
        })
    }

    /// The labels of its pods.
    pub(super) fn labels(&self) -> BTreeMap<&'a str, &'a str> {
        labels(self.metadata.and_then(|metadata| metadata.get("labels")))
    }

    /// Its containers, those that are run first at first.
    pub(super) fn containers(&self, facts: &'a Facts) -> Vec<Container<'a>> {
        let of = |list: &str, is_first: bool| {
            let list = self.pod.get(list).map_or(&[][..], Tree::items);
            let workload = *self;
            list.iter().map(move |tree| Container {
                tree,
                // One that goes on running beside the others serves.
                is_first: is_first && tree.text_of(&["restartPolicy"]) != Some("Always"),
                workload,
                service: tree
                    .text_of(&["image"])
                    .and_then(|image| facts.of_image(ImageField::of(image).name)),
            })
        };
        of("initContainers", true)
            .chain(of("containers", false))
            .collect()
    }

    /// How many pods; one unless it says otherwise.
    pub(super) fn replicas(&self) -> u64 {
        let replicas = self.object.tree.at(&["spec", "replicas"]);
        replicas.and_then(Tree::number).unwrap_or(1)
    }
}

impl<'a> Container<'a> {
    /// Its name.
    pub(super) fn name(&self) -> &'a str {
        self.tree.text_of(&["name"]).unwrap_or_default()
    }

    /// What messages call it; one that is called like its object by the object alone.
    pub(super) fn title(&self) -> String {
        let object = self.workload.object.title();
        if self.workload.object.name == self.name() {
            object
        } else {
            format!("the container `{}` of {object}", self.name())
        }
    }

    /// Where its name stands.
    pub(super) fn place(&self) -> Location {
        let name = self.tree.get("name").unwrap_or(self.tree);
        super::object::head(&name.place)
    }

    /// A setting of its security context, else of its pod's.
    pub(super) fn secured(&self, name: &str) -> Option<&'a Tree> {
        let own = self.tree.at(&["securityContext", name]);
        own.or_else(|| self.workload.pod.at(&["securityContext", name]))
    }

    /// A setting of its own security context; those that only containers have.
    pub(super) fn own_secured(&self, name: &str) -> Option<&'a Tree> {
        self.tree.at(&["securityContext", name])
    }

    /// Its ports, by name and number.
    pub(super) fn ports(&self) -> impl Iterator<Item = (Option<&'a str>, Option<u64>, &'a Tree)> {
        let ports = self.tree.get("ports").map_or(&[][..], Tree::items);
        ports.iter().map(|port| {
            let number = port.get("containerPort");
            (port.text_of(&["name"]), number.and_then(Tree::number), port)
        })
    }

    /// The number that a port of a probe or a Service means: itself, or the port of that name.
    pub(super) fn port_number(&self, written: &Tree) -> Option<u64> {
        written.number().or_else(|| {
            let name = written.text()?;
            self.ports().find(|(its, ..)| *its == Some(name))?.1
        })
    }

    /// Its variables: those of `ConfigMap`s, which `config_map` finds by name, and its own over them.
    pub(super) fn variables(
        &self,
        config_map: &dyn Fn(&str) -> Option<&'a Object>,
    ) -> BTreeMap<String, Variable<'a>> {
        let mut variables = BTreeMap::new();
        for from in self.tree.get("envFrom").map_or(&[][..], Tree::items) {
            let prefix = from.text_of(&["prefix"]).unwrap_or_default();
            let name = from.text_of(&["configMapRef", "name"]);
            let data = name
                .and_then(config_map)
                .and_then(|map| map.tree.get("data"));
            for field in data.map_or(&[][..], Tree::fields) {
                let variable = Variable {
                    value: field.value.text(),
                    place: &field.value.place,
                };
                variables.insert(format!("{prefix}{}", field.name), variable);
            }
        }
        for entry in self.tree.get("env").map_or(&[][..], Tree::items) {
            let Some(name) = entry.text_of(&["name"]) else {
                continue;
            };
            let value = entry.get("value");
            let variable = Variable {
                value: value.and_then(Tree::text),
                place: &value.unwrap_or(entry).place,
            };
            variables.insert(name.to_owned(), variable);
        }
        variables
    }

    /// What is mounted at a path: the volume.
    pub(super) fn mounted(&self, path: &str) -> Option<&'a Tree> {
        let mounts = self.tree.get("volumeMounts").map_or(&[][..], Tree::items);
        let mount = mounts.iter().find(|mount| {
            mount
                .text_of(&["mountPath"])
                .is_some_and(|there| there.trim_end_matches('/') == path)
        })?;
        let volumes = self
            .workload
            .pod
            .get("volumes")
            .map_or(&[][..], Tree::items);
        volumes
            .iter()
            .find(|volume| volume.text_of(&["name"]) == mount.text_of(&["name"]))
    }
}

/// Labels, or what is to match them.
pub(super) fn labels(tree: Option<&Tree>) -> BTreeMap<&str, &str> {
    tree.map_or(&[][..], Tree::fields)
        .iter()
        .filter_map(|field| Some((field.name.as_str(), field.value.text()?)))
        .collect()
}
