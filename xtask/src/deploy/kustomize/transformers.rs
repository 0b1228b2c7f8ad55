//! What a kustomization does to every object: namespace, labels, annotations, replicas, images.

use std::collections::HashMap;

use super::super::image::ImageField;
use super::super::object::Object;
use super::super::tree::{Data, Tree};
use super::build::list;
use super::unknown;
use crate::error::{Error, Result};
use crate::source::Location;

/// Carries out what the file says, in the order in which kustomize does.
pub(super) fn transform(file: &Tree, objects: &mut [Object]) -> Result<()> {
    if let Some(namespace) = file.get("namespace") {
        set_namespace(namespace, objects);
    }
    for entry in list(file, "labels")? {
        label(entry, objects)?;
    }
    let annotations = file.get("commonAnnotations").map_or(&[][..], Tree::fields);
    for field in annotations {
        for object in &mut *objects {
            let name = field.name.as_str();
            let path = ["metadata", "annotations", name];
            object.tree.put(&path, field.value.clone());
            if has_pods(object) {
                let path = ["spec", "template", "metadata", "annotations", name];
                object.tree.put(&path, field.value.clone());
            }
        }
    }
    replicate(list(file, "replicas")?, objects)?;
    rename_images(list(file, "images")?, objects)
}

fn set_namespace(namespace: &Tree, objects: &mut [Object]) {
    for object in objects {
        if object.kind == "Namespace" {
            object.tree.put(&["metadata", "name"], namespace.clone());
            namespace
                .text()
                .unwrap_or_default()
                .clone_into(&mut object.name);
        } else if object.is_of_namespace() {
            object
                .tree
                .put(&["metadata", "namespace"], namespace.clone());
        }
    }
}

fn label(entry: &Tree, objects: &mut [Object]) -> Result<()> {
    let is_on = |name: &str| entry.get(name).and_then(Tree::switch) == Some(true);
    for field in entry.fields() {
        let is_known = matches!(
            field.name.as_str(),
            "pairs" | "includeSelectors" | "includeTemplates"
        );
        if !is_known || (field.name == "includeSelectors" && is_on("includeSelectors")) {
            return Err(unknown(
                format!("labels with `{}` are not followed here", field.name),
                field.place.clone(),
            ));
        }
    }
    for field in entry.get("pairs").map_or(&[][..], Tree::fields) {
        for object in &mut *objects {
            let name = field.name.as_str();
            let path = ["metadata", "labels", name];
            object.tree.put(&path, field.value.clone());
            if is_on("includeTemplates") && has_pods(object) {
                let path = ["spec", "template", "metadata", "labels", name];
                object.tree.put(&path, field.value.clone());
            }
        }
    }
    Ok(())
}

fn has_pods(object: &Object) -> bool {
    object.tree.at(&["spec", "template", "spec"]).is_some()
}

fn replicate(entries: &[Tree], objects: &mut [Object]) -> Result<()> {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, object) in objects.iter().enumerate() {
        let has_replicas = matches!(
            object.kind.as_str(),
            "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet"
        );
        if has_replicas && !entries.is_empty() {
            by_name.entry(object.name.clone()).or_default().push(place);
        }
    }
    for entry in entries {
        let (Some(name), Some(count)) = (entry.text_of(&["name"]), entry.get("count")) else {
            return Err(Error::usage("`replicas` needs `name` and `count`").at(entry.place.clone()));
        };
        let Some(places) = by_name.get(name) else {
            return Err(Error::usage(format!(
                "there is nothing called `{name}` that has replicas"
            ))
            .at(entry.place.clone()));
        };
        for place in places {
            let tree = &mut objects[*place].tree;
            tree.put(&["spec", "replicas"], count.clone());
        }
    }
    Ok(())
}

/// An entry of `images`.
struct Renaming<'t> {
    name: &'t str,
    new_name: Option<&'t str>,
    new_tag: Option<&'t str>,
    digest: Option<&'t str>,
    /// Where what counts is written.
    place: Location,
}

impl<'t> Renaming<'t> {
    fn of(entry: &'t Tree) -> Result<Self> {
        let known = ["digest", "name", "newName", "newTag"];
        if let Some(field) = entry
            .fields()
            .iter()
            .find(|it| !known.contains(&it.name.as_str()))
        {
            return Err(unknown(
                format!("what `{}` of an image does is not known here", field.name),
                field.place.clone(),
            ));
        }
        let name = entry.get("name").ok_or_else(|| {
            Error::usage("an image needs the `name` it has in the manifests")
                .at(entry.place.clone())
        })?;
        let place = ["digest", "newTag", "newName"]
            .iter()
            .find_map(|field| entry.get(field))
            .map_or_else(|| entry.place.clone(), |value| value.place.clone());
        Ok(Self {
            name: name.text().unwrap_or_default(),
            new_name: entry.text_of(&["newName"]),
            new_tag: entry.text_of(&["newTag"]),
            digest: entry.text_of(&["digest"]),
            place,
        })
    }
}

/// Carries out `images`: entry after entry, as an image may be called by one what a later one is for.
fn rename_images(entries: &[Tree], objects: &mut [Object]) -> Result<()> {
    let renamings: Vec<Renaming<'_>> = entries.iter().map(Renaming::of).collect::<Result<_>>()?;
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, renaming) in renamings.iter().enumerate() {
        by_name.entry(renaming.name).or_default().push(place);
    }
    if renamings.is_empty() {
        return Ok(());
    }
    for object in objects {
        images(&mut object.tree, &mut |image| {
            let mut next = 0;
            loop {
                let there = ImageField::of(image.text().unwrap_or_default());
                let places = by_name.get(there.name).map_or(&[][..], Vec::as_slice);
                let Some(place) = places.iter().find(|place| **place >= next) else {
                    return;
                };
                next = place + 1;
                let renaming = &renamings[*place];
                let new_name = renaming.new_name.unwrap_or(there.name);
                let suffix = match (renaming.new_tag, renaming.digest) {
                    (Some(tag), Some(digest)) => format!(":{tag}@{digest}"),
                    (Some(tag), None) => format!(":{tag}"),
                    (None, Some(digest)) => format!("@{digest}"),
                    (None, None) => there.suffix.to_owned(),
                };
                *image = Tree::text_at(format!("{new_name}{suffix}"), &renaming.place);
            }
        });
    }
    Ok(())
}

/// Visits the image of every container, wherever it stands in an object.
fn images(tree: &mut Tree, visit: &mut dyn FnMut(&mut Tree)) {
    match &mut tree.data {
        Data::Scalar(_) => {}
        Data::Sequence(items) => {
            for item in items {
                images(item, visit);
            }
        }
        Data::Mapping(fields) => {
            for field in fields {
                if matches!(field.name.as_str(), "containers" | "initContainers") {
                    if let Data::Sequence(containers) = &mut field.value.data {
                        for container in containers {
                            if let Some(image) = container.get_mut("image") {
                                visit(image);
                            }
                        }
                    }
                } else {
                    images(&mut field.value, visit);
                }
            }
        }
    }
}
