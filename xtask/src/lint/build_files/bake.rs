//! Bake files: targets, in HCL and JSON, with what they inherit from each other.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::{clean, compose::is_elsewhere, compose::leaves, join};
use crate::hcl::reader::{self, Value};
use crate::lint::surroundings::{EntryKind, Files};
use crate::source::{Source, Spanned};
use crate::yaml::{self, Node};

/// The bake files of one folder, which bake puts together.
#[derive(Debug)]
pub(in crate::lint) struct Bake {
    /// From the repository's root.
    folder: Utf8PathBuf,
    targets: BTreeMap<String, Target>,
}

#[derive(Debug, Default)]
struct Target {
    /// By name; the last of several counts.
    values: BTreeMap<String, Value>,
    arguments: Vec<Argument>,
}

/// A build argument.
#[derive(Clone, Debug)]
pub(in crate::lint) struct Argument {
    /// The bake file.
    pub(in crate::lint) source: Source,
    /// Its name.
    pub(in crate::lint) name: Spanned<String>,
}

/// The arguments of a target, with the Dockerfiles that get them: its own and those of targets that inherit it.
#[derive(Debug)]
pub(in crate::lint) struct Arguments<'b> {
    /// In the order of the files.
    pub(in crate::lint) arguments: &'b [Argument],
    /// Where each may be, from the repository's root: bake reads paths from the folder that it runs in.
    pub(in crate::lint) dockerfiles: Vec<Vec<String>>,
}

/// The bake files of the repository: in its root and in the folders of the root.
pub(super) fn read(files: &dyn Files) -> Vec<Bake> {
    let root = files.list(Utf8Path::new(""));
    let folders = root
        .iter()
        .filter(|entry| entry.kind == EntryKind::Folder)
        .filter(|entry| !entry.name.starts_with('.') && entry.name != "node_modules")
        .map(|entry| Utf8PathBuf::from(&entry.name));
    std::iter::once(Utf8PathBuf::new())
        .chain(folders)
        .filter_map(|folder| {
            let mut targets = BTreeMap::new();
            for entry in files.list(&folder).iter() {
                let name = Utf8Path::new(&entry.name);
                let is_bake = entry.name.starts_with("docker-bake");
                if !is_bake || !matches!(name.extension(), Some("hcl" | "json")) {
                    continue;
                }
                if let Ok(source) = files.read(&folder.join(name)) {
                    add(&mut targets, &source);
                }
            }
            (!targets.is_empty()).then_some(Bake { folder, targets })
        })
        .collect()
}

impl Bake {
    /// What each target passes on. What has to be computed is left out.
    pub(in crate::lint) fn arguments(&self) -> Vec<Arguments<'_>> {
        let mut heirs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, target) in &self.targets {
            let parents = target.values.get("inherits");
            if parents.is_some_and(|parents| !are_texts(parents)) {
                // Any target may stand on any other.
                return Vec::new();
            }
            for parent in texts(parents) {
                heirs.entry(parent).or_default().push(name);
            }
        }
        let with_arguments = self
            .targets
            .iter()
            .filter(|(_, target)| !target.arguments.is_empty());
        with_arguments
            .filter_map(|(name, target)| {
                let mut getting: BTreeSet<&str> = BTreeSet::new();
                let mut open = vec![name.as_str()];
                while let Some(name) = open.pop() {
                    if getting.insert(name) {
                        open.extend(heirs.get(name).into_iter().flatten());
                    }
                }
                // One that only others stand on has no Dockerfile of its own.
                let is_built = |name: &&str| {
                    getting.len() == 1
                        || ["dockerfile", "context"]
                            .iter()
                            .any(|key| self.value(name, key).is_some())
                };
                let dockerfiles = getting.iter().copied().filter(is_built);
                Some(Arguments {
                    arguments: &target.arguments,
                    dockerfiles: dockerfiles
                        .map(|name| self.dockerfile(name))
                        .collect::<Option<_>>()?,
                })
            })
            .collect()
    }

    /// The images that named contexts replace in a Dockerfile, by the key under which `BuildKit` looks them up. A target
    /// whose Dockerfile has to be computed may be of any.
    pub(in crate::lint) fn replaced<'b>(
        &'b self,
        dockerfile: &'b Utf8Path,
    ) -> impl Iterator<Item = &'b str> {
        let of_it = move |name: &&String| {
            let places = self.dockerfile(name);
            places.is_none_or(|places| places.iter().any(|place| place == dockerfile.as_str()))
        };
        let contexts = |name: &String| match self.value(name, "contexts") {
            Some(Value::Map(entries)) => entries.as_slice(),
            _ => &[],
        };
        let entries = self.targets.keys().filter(of_it).flat_map(contexts);
        entries.map(|(key, _)| key.value.as_str())
    }

    /// Where the Dockerfile of a target may be; `None` if it has to be computed, or lies elsewhere.
    fn dockerfile(&self, target: &str) -> Option<Vec<String>> {
        if self.value(target, "dockerfile-inline").is_some() {
            return None;
        }
        let path = |key, usual| match self.value(target, key) {
            None => Some(usual),
            Some(Value::Text(text)) if !is_elsewhere(&text.value) => Some(text.value.as_str()),
            Some(_) => None,
        };
        let path = join(path("context", ".")?, path("dockerfile", "Dockerfile")?);
        let from_folder = join(self.folder.as_str(), &path);
        let places = [path, from_folder].into_iter();
        Some(
            places
                .filter(|path| !leaves(path))
                .map(|path| clean(&path))
                .collect(),
        )
    }

    /// A value of a target, or of the last one that it inherits from and that has it.
    fn value(&self, target: &str, key: &str) -> Option<&Value> {
        let mut seen = BTreeSet::new();
        let mut open = vec![target];
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let Some(target) = self.targets.get(name) else {
                continue;
            };
            if let Some(value) = target.values.get(key) {
                return Some(value);
            }
            open.extend(texts(target.values.get("inherits")));
        }
        None
    }
}

fn are_texts(value: &Value) -> bool {
    matches!(value, Value::List(items) if items.iter().all(|it| matches!(it, Value::Text(_))))
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = match value {
        Some(Value::List(items)) => items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(|item| match item {
        Value::Text(text) => Some(text.value.as_str()),
        _ => None,
    })
}

/// Adds the targets of a file; one that cannot be read has none.
fn add(targets: &mut BTreeMap<String, Target>, source: &Source) {
    let mut add = |name: &str, values: Vec<(Spanned<String>, Value)>| {
        let target = targets.entry(name.to_owned()).or_default();
        for (key, value) in values {
            if key.value == "args"
                && let Value::Map(entries) = &value
            {
                let names = entries.iter().map(|(name, _)| Argument {
                    source: source.clone(),
                    name: name.clone(),
                });
                target.arguments.extend(names);
            }
            target.values.insert(key.value, value);
        }
    };
    if source.path().extension() == Some("json") {
        let root = yaml::parse(source);
        let declared = root.as_ref().ok().and_then(|root| root.get("target"));
        for entry in declared.map_or(&[][..], Node::entries) {
            if let (Some(name), Value::Map(values)) = (entry.key.as_str(), value(&entry.value)) {
                add(name, values);
            }
        }
        return;
    }
    let blocks = reader::read(source.text()).map(|body| body.blocks);
    for block in blocks.unwrap_or_default() {
        if let ("target", [name]) = (block.kind.value.as_str(), block.labels.as_slice()) {
            add(&name.value, block.body.attributes);
        }
    }
}

/// JSON as HCL has it, in which texts are templates, too.
fn value(node: &Node) -> Value {
    match &node.value {
        yaml::Value::Scalar(scalar) if node.is_null() || scalar.text.contains(['$', '%']) => {
            Value::Other
        }
        yaml::Value::Scalar(scalar) => {
            Value::Text(Spanned::new(scalar.text.clone(), node.content_span()))
        }
        yaml::Value::Sequence(items) => Value::List(items.iter().map(value).collect()),
        yaml::Value::Mapping(entries) => {
            let entries = entries.iter().filter_map(|entry| {
                let key = entry.key.as_str()?.to_owned();
                Some((
                    Spanned::new(key, entry.key.content_span()),
                    value(&entry.value),
                ))
            });
            Value::Map(entries.collect())
        }
    }
}
