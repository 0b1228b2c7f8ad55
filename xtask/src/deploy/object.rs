//! One Kubernetes object.

use super::tree::Tree;
use crate::error::{Error, Result};
use crate::source::{Location, Source, Span};
use crate::yaml;

/// An object of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// All of it.
    pub tree: Tree,
}

/// Kinds that are of no namespace. Those that somebody defines are not among them.
const OF_THE_CLUSTER: [&str; 14] = [
    "APIService",
    "CSIDriver",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingWebhookConfiguration",
];

impl Object {
    /// The objects of a file with any number of documents. A `List` stands for its items.
    ///
    /// # Errors
    /// The file is no YAML, or a document is no object.
    pub fn read(source: &Source) -> Result<Vec<Self>> {
        let documents = yaml::parse_all(source).map_err(|error| {
            Error::usage(format!("this is no YAML: {}", error.message))
                .at(source.location(error.span))
        })?;
        let mut objects = Vec::new();
        for document in &documents {
            let tree = Tree::of(document, source);
            if tree.text_of(&["kind"]) == Some("List") {
                for item in tree.get("items").map_or(&[][..], Tree::items) {
                    objects.push(Self::of(item.clone())?);
                }
            } else {
                objects.push(Self::of(tree)?);
            }
        }
        Ok(objects)
    }

    /// An object of a tree.
    ///
    /// # Errors
    /// It has no `apiVersion`, `kind` or `metadata.name`.
    pub fn of(tree: Tree) -> Result<Self> {
        let (api_version, kind, name) = {
            let text = |path: &[&str]| {
                tree.text_of(path).map(str::to_owned).ok_or_else(|| {
                    Error::usage(format!(
                        "this is no Kubernetes object: `{}` is missing",
                        path.join(".")
                    ))
                    .at(head(&tree.place))
                })
            };
            (
                text(&["apiVersion"])?,
                text(&["kind"])?,
                text(&["metadata", "name"])?,
            )
        };
        Ok(Self {
            api_version,
            kind,
            name,
            tree,
        })
    }

    /// `Deployment api-gateway`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} `{}`", self.kind, self.name)
    }

    /// Whether it belongs to a namespace.
    #[must_use]
    pub fn is_of_namespace(&self) -> bool {
        !OF_THE_CLUSTER.contains(&self.kind.as_str())
    }

    /// Its namespace; none stands for the one that it is applied in.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.tree.text_of(&["metadata", "namespace"])
    }

    /// Where its name stands.
    #[must_use]
    pub fn place(&self) -> Location {
        let name = self.tree.at(&["metadata", "name"]);
        name.map_or_else(|| head(&self.tree.place), |name| name.place.clone())
    }

    /// Whether it is of Kubernetes itself, so that its lists are merged as its schema says.
    pub(super) fn is_built_in(&self) -> bool {
        let group = self
            .api_version
            .split_once('/')
            .map_or("", |(group, _)| group);
        !group.contains('.') || group.ends_with(".k8s.io")
    }
}

/// The first line of a place: a whole object is too long to be shown.
pub(super) fn head(place: &Location) -> Location {
    let text = place.span.of(place.source.text());
    let length = text.lines().next().unwrap_or_default().len();
    place
        .source
        .location(Span::new(place.span.start, place.span.start + length))
}
