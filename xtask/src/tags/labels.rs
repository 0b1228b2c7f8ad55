//! Labels and annotations: what an image says about itself (OCI image specification, annotations).

use std::collections::BTreeMap;

use super::expressions::Scope;
use super::line::Line;
use super::occasion::{Occasion, Repository, Variables};
use super::template::Template;
use crate::error::{Error, Result};

/// Names and values.
pub type Pairs = BTreeMap<String, String>;

/// The labels of an image. `planned` are those that it has in any case, and `custom` those that are asked for; the latter
/// win.
///
/// # Errors
/// A line that is no label, or whose expressions stand for nothing.
pub fn labels(
    planned: &Pairs,
    custom: &[Line],
    repository: &Repository,
    occasion: &Occasion,
    image: &str,
    version: Option<&str>,
) -> Result<Pairs> {
    let mut labels = Pairs::new();
    let revision = Scope { occasion, image }.hash(true);
    // The time of the commit, so that the same commit gives the same image.
    let created = occasion.commit_date.unwrap_or(occasion.now).to_string();
    for (name, value) in [
        ("title", repository.name.as_deref()),
        ("description", repository.description.as_deref()),
        ("url", repository.url.as_deref()),
        ("source", repository.url.as_deref()),
        ("licenses", repository.license.as_deref()),
        ("version", version),
        ("revision", Some(revision.as_str())),
        ("created", Some(created.as_str())),
    ] {
        // A label that says nothing is left out.
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            labels.insert(format!("org.opencontainers.image.{name}"), value.to_owned());
        }
    }
    labels.extend(planned.clone());
    let scope = Scope { occasion, image };
    for line in custom {
        let text = Template::parse(&line.text)
            .and_then(|template| scope.render(&template))
            .map_err(|e| line.wrong(e))?;
        let Some((name, value)) = text
            .split_once('=')
            .filter(|(name, _)| !name.trim().is_empty())
        else {
            return Err(line.wrong("there is no value").help("write `name=value`"));
        };
        labels.insert(name.trim().to_owned(), value.trim().to_owned());
    }
    Ok(labels)
}

/// Of what annotations are: `DOCKER_METADATA_ANNOTATIONS_LEVELS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnotationLevels(Vec<String>);

/// What BuildKit can annotate (`util/exptypes`), also as `manifest[linux/amd64]`.
const LEVELS: [&str; 4] = [
    "manifest",
    "index",
    "manifest-descriptor",
    "index-descriptor",
];

impl AnnotationLevels {
    /// What a variable says; `manifest` without it.
    ///
    /// # Errors
    /// Something that cannot be annotated.
    pub fn of(variables: &Variables) -> Result<Self> {
        let name = "DOCKER_METADATA_ANNOTATIONS_LEVELS";
        let text = variables.get(name).map_or("", |text| text.trim());
        let text = if text.is_empty() { "manifest" } else { text };
        let levels: Vec<String> = text
            .split(',')
            .map(|level| level.trim().to_owned())
            .collect();
        for level in &levels {
            let kind = level
                .split_once('[')
                .map_or(level.as_str(), |(kind, _)| kind);
            let is_closed = level.contains('[') == level.ends_with(']');
            if !LEVELS.contains(&kind) || !is_closed {
                return Err(
                    Error::usage(format!("`{name}`: `{level}` cannot be annotated"))
                        .help(format!("there are: {}", LEVELS.join(", "))),
                );
            }
        }
        Ok(Self(levels))
    }

    /// `manifest:name=value`, level by level.
    #[must_use]
    pub fn annotations(&self, pairs: &Pairs) -> Vec<String> {
        let of = |level: &str| -> Vec<String> {
            pairs
                .iter()
                .map(|(name, value)| format!("{level}:{name}={value}"))
                .collect()
        };
        self.0.iter().flat_map(|level| of(level)).collect()
    }
}
