//! From a folder with a kustomization to its objects.

use std::collections::HashMap;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::super::object::Object;
use super::super::tree::{Data, Tree};
use super::{generators, merge, pointer, transformers, unknown};
use crate::error::{Error, Result};
use crate::source::{Location, Source, Span};
use crate::yaml;

/// What a kustomization's file may be called.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The fields that are followed, or that change nothing.
const FIELDS: [&str; 15] = [
    "apiVersion",
    "buildMetadata",
    "commonAnnotations",
    "components",
    "configMapGenerator",
    "generatorOptions",
    "images",
    "kind",
    "labels",
    "metadata",
    "namespace",
    "patches",
    "replicas",
    "resources",
    "secretGenerator",
];

/// The objects of the kustomization in `folder`, both from the root of the repository.
///
/// # Errors
/// There is none, a file cannot be read or is malformed (exit 2), or it has what is not followed here (exit 3).
pub fn build(root: &Utf8Path, folder: &Utf8Path) -> Result<Vec<Object>> {
    let mut builder = Builder {
        root,
        open: Vec::new(),
    };
    let mut objects = Vec::new();
    builder.folder(folder, None, &mut objects)?;
    Ok(objects)
}

struct Builder<'r> {
    root: &'r Utf8Path,
    /// The folders that are being built, to notice a circle.
    open: Vec<Utf8PathBuf>,
}

impl Builder<'_> {
    /// Adds the objects of a kustomization, or, of a component, changes those that are there.
    fn folder(
        &mut self,
        folder: &Utf8Path,
        named: Option<&Location>,
        objects: &mut Vec<Object>,
    ) -> Result<()> {
        let at = |error: Error| match named {
            Some(place) => error.at(place.clone()),
            None => error,
        };
        if self.open.iter().any(|open| open == folder) {
            return Err(at(Error::usage(format!(
                "the kustomization in {folder} leads to itself"
            ))));
        }
        let is_there = |name: &&&str| self.root.join(folder).join(name).is_file();
        let Some(name) = NAMES.iter().find(is_there) else {
            return Err(at(Error::usage(format!("{folder} has no {}", NAMES[0]))));
        };
        let source = Source::read(self.root, &folder.join(name)).map_err(at)?;
        let file = read(&source)?;
        for field in file.fields() {
            if !FIELDS.contains(&field.name.as_str()) {
                return Err(unknown(
                    format!(
                        "what `{}` in a kustomization comes to is not known here",
                        field.name
                    ),
                    field.place.clone(),
                ));
            }
        }
        self.open.push(folder.to_owned());
        let mut there: HashMap<Identity, Location> = objects
            .iter()
            .map(|object| (identity(object), object.place()))
            .collect();
        for resource in list(&file, "resources")? {
            self.resource(folder, resource, &mut there, objects)?;
        }
        generators::add(self.root, folder, &file, objects)?;
        for component in list(&file, "components")? {
            let path = self.path(folder, component)?;
            self.folder(&path, Some(&component.place), objects)?;
        }
        for patch in list(&file, "patches")? {
            self.patch(folder, &source, patch, objects)?;
        }
        transformers::transform(&file, objects)?;
        self.open.pop();
        Ok(())
    }

    fn resource(
        &mut self,
        folder: &Utf8Path,
        resource: &Tree,
        there: &mut HashMap<Identity, Location>,
        objects: &mut Vec<Object>,
    ) -> Result<()> {
        let path = self.path(folder, resource)?;
        let mut fresh = Vec::new();
        if self.root.join(&path).is_dir() {
            self.folder(&path, Some(&resource.place), &mut fresh)?;
        } else {
            let source =
                Source::read(self.root, &path).map_err(|error| error.at(resource.place.clone()))?;
            fresh = Object::read(&source)?;
        }
        let own: Vec<Identity> = fresh.iter().map(identity).collect();
        for (object, identity) in fresh.iter().zip(&own) {
            if let Some(first) = there.get(identity) {
                return Err(Error::usage(format!("{} is there twice", object.title()))
                    .because(format!("the other is at {first}"))
                    .at(object.place()));
            }
        }
        for (object, identity) in fresh.iter().zip(own) {
            there.entry(identity).or_insert_with(|| object.place());
        }
        objects.append(&mut fresh);
        Ok(())
    }

    /// A path that a kustomization names, from the root.
    fn path(&self, folder: &Utf8Path, written: &Tree) -> Result<Utf8PathBuf> {
        let text = written.text().unwrap_or_default();
        let is_remote = text.contains("://") || text.contains("?ref=") || text.starts_with("git@");
        if is_remote && !self.root.join(folder).join(text).exists() {
            return Err(unknown(
                format!("`{text}` lies elsewhere, and nothing is fetched here"),
                written.place.clone(),
            ));
        }
        inside(folder, text).ok_or_else(|| {
            Error::usage(format!("`{text}` is no path inside of the repository"))
                .at(written.place.clone())
        })
    }

    /// One entry of `patches`.
    fn patch(
        &self,
        folder: &Utf8Path,
        source: &Source,
        entry: &Tree,
        objects: &mut Vec<Object>,
    ) -> Result<()> {
        let (source, documents) = match (entry.get("patch"), entry.get("path")) {
            (Some(text), None) => (source.clone(), inline(source, text)?),
            (None, Some(path)) => {
                let file = Source::read(self.root, &self.path(folder, path)?)
                    .map_err(|error| error.at(path.place.clone()))?;
                let documents = yaml::parse_all(&file).map_err(|error| no_yaml(&file, &error))?;
                (file, documents)
            }
            _ => {
                return Err(
                    Error::usage("a patch needs one of `patch` and `path`").at(entry.place.clone())
                );
            }
        };
        for document in &documents {
            let patch = Tree::of(document, &source);
            let target = match entry.get("target") {
                Some(target) => Target::of(target)?,
                None => Target::named_by(&patch)?,
            };
            let found: Vec<usize> = (0..objects.len())
                .filter(|at| target.fits(&objects[*at]))
                .collect();
            if found.is_empty() {
                return Err(Error::usage("this patch is for nothing that is there")
                    .at(target.place.clone()));
            }
            for at in found.into_iter().rev() {
                if matches!(patch.data, Data::Sequence(_)) {
                    pointer::apply(&mut objects[at].tree, &patch)?;
                } else if merge::directive(&patch)? == Some("delete") {
                    objects.remove(at);
                    continue;
                } else {
                    lay_over(&mut objects[at], &patch)?;
                }
                // Its name or kind may be another now.
                let tree = std::mem::replace(&mut objects[at].tree, Tree::mapping_at(&entry.place));
                objects[at] = Object::of(tree)?;
            }
        }
        Ok(())
    }
}

/// A strategic merge; what a patch calls its object is what it is for, not what the object becomes.
fn lay_over(object: &mut Object, patch: &Tree) -> Result<()> {
    let name = object.tree.at(&["metadata", "name"]).cloned();
    let kind = object.tree.get("kind").cloned();
    let is_built_in = object.is_built_in();
    merge::merge(&mut object.tree, patch, is_built_in)?;
    if let Some(name) = name {
        object.tree.put(&["metadata", "name"], name);
    }
    if let Some(kind) = kind {
        object.tree.set("kind", kind);
    }
    Ok(())
}

/// What a patch is for.
struct Target {
    kind: Option<String>,
    name: Option<String>,
    namespace: Option<String>,
    place: Location,
}

impl Target {
    fn of(written: &Tree) -> Result<Self> {
        let mut target = Self {
            kind: None,
            name: None,
            namespace: None,
            place: written.place.clone(),
        };
        for field in written.fields() {
            let text = field.value.text().map(str::to_owned);
            // Names are regular expressions of the whole name; those that are more than a name are not followed.
            let is_plain = text
                .as_deref()
                .is_none_or(|text| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
            match (field.name.as_str(), is_plain) {
                ("kind", true) => target.kind = text,
                ("name", true) => target.name = text,
                ("namespace", true) => target.namespace = text,
                ("name" | "namespace" | "kind", false) if text.as_deref() == Some(".*") => {}
                ("group" | "version", true) => {}
                _ => {
                    return Err(unknown(
                        format!("which objects `{}` means is not known here", field.name),
                        field.place.clone(),
                    ));
                }
            }
        }
        Ok(target)
    }

    fn named_by(patch: &Tree) -> Result<Self> {
        let place = super::super::object::head(&patch.place);
        let text = |path: &[&str]| patch.text_of(path).map(str::to_owned);
        let (Some(kind), Some(name)) = (text(&["kind"]), text(&["metadata", "name"])) else {
            return Err(Error::usage(
                "a patch without a `target` says with `kind` and `metadata.name` what it is for",
            )
            .at(place));
        };
        Ok(Self {
            kind: Some(kind),
            name: Some(name),
            namespace: text(&["metadata", "namespace"]),
            place,
        })
    }

    fn fits(&self, object: &Object) -> bool {
        let is = |wanted: &Option<String>, there: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == there)
        };
        is(&self.kind, &object.kind)
            && is(&self.name, &object.name)
            && is(&self.namespace, object.namespace().unwrap_or("default"))
    }
}

/// What no two objects may have in common: group, kind, namespace and name.
type Identity = (Option<String>, String, Option<String>, String);

fn identity(object: &Object) -> Identity {
    let group = object.api_version.split_once('/');
    (
        group.map(|(group, _)| group.to_owned()),
        object.kind.clone(),
        object.namespace().map(str::to_owned),
        object.name.clone(),
    )
}

fn read(source: &Source) -> Result<Tree> {
    let node = yaml::parse(source).map_err(|error| no_yaml(source, &error))?;
    Ok(Tree::of(&node, source))
}

pub(super) fn no_yaml(source: &Source, error: &yaml::SyntaxError) -> Error {
    Error::usage(format!("this is no YAML: {}", error.message)).at(source.location(error.span))
}

/// A list of a kustomization; empty where it is not written.
pub(super) fn list<'t>(tree: &'t Tree, name: &str) -> Result<&'t [Tree]> {
    match tree.get(name) {
        None => Ok(&[]),
        Some(value) => match &value.data {
            Data::Sequence(items) => Ok(items),
            _ if value.is_null() => Ok(&[]),
            _ => Err(Error::usage(format!("`{name}` is a list")).at(value.place.clone())),
        },
    }
}

/// `folder/text` without `.` and `..`; `None` if it leaves the repository.
pub(super) fn inside(folder: &Utf8Path, text: &str) -> Option<Utf8PathBuf> {
    let mut path = Utf8PathBuf::new();
    if text.is_empty() || text.starts_with('/') {
        return None;
    }
    for component in folder.join(text).components() {
        match component {
            Utf8Component::Normal(name) => path.push(name),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if path.file_name().is_some() => {
                path.pop();
            }
            _ => return None,
        }
    }
    Some(path)
}

/// The documents of a patch that stands in the kustomization itself. Everything around it is blanked, so that what is
/// read keeps its place in the file.
fn inline(source: &Source, text: &Tree) -> Result<Vec<yaml::Node>> {
    let Data::Scalar(scalar) = &text.data else {
        return Err(Error::usage("`patch` is a text").at(text.place.clone()));
    };
    let is_block = scalar.style == yaml::Style::Literal;
    let file = source.text();
    let span = text.place.span;
    let start = file[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let around = |range: &str| -> String {
        range
            .chars()
            .flat_map(|c| {
                let blank = if c == '\n' { '\n' } else { ' ' };
                std::iter::repeat_n(blank, c.len_utf8())
            })
            .collect()
    };
    if !is_block {
        // Escapes and folds have no places of their own.
        let alone = Source::new(source.path(), scalar.text.clone());
        let documents = yaml::parse_all(&alone).map_err(|error| {
            Error::usage(format!("this patch is no YAML: {}", error.message)).at(text.place.clone())
        })?;
        let mut documents = documents;
        for document in &mut documents {
            at(document, span);
        }
        return Ok(documents);
    }
    let blanked = format!("{}{}", around(&file[..start]), &file[start..span.end]);
    let blanked = Source::new(source.path(), blanked);
    yaml::parse_all(&blanked).map_err(|error| no_yaml(source, &error))
}

/// Gives a node and all below one place.
fn at(node: &mut yaml::Node, span: Span) {
    node.span = span;
    match &mut node.value {
        yaml::Value::Scalar(_) => {}
        yaml::Value::Sequence(items) => items.iter_mut().for_each(|item| at(item, span)),
        yaml::Value::Mapping(entries) => {
            for entry in entries {
                at(&mut entry.key, span);
                at(&mut entry.value, span);
            }
        }
    }
}
