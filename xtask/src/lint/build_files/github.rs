//! GitHub workflows: jobs, steps, and which of them build images from which Dockerfile.

use std::collections::BTreeMap;

use super::compose::{is_elsewhere, leaves};
use super::matrix::{Combination, combinations};
use super::{BuildFile, clean, join};
use crate::expression::{self, Piece};
use crate::source::{Span, Spanned};
use crate::yaml::Node;

/// A job.
#[derive(Clone, Copy, Debug)]
pub(in crate::lint) struct Job<'w> {
    pub(in crate::lint) workflow: &'w BuildFile,
    pub(in crate::lint) name: &'w str,
    pub(in crate::lint) node: &'w Node,
}

/// A step that builds an image with `docker/build-push-action`.
#[derive(Clone, Copy, Debug)]
pub(in crate::lint) struct BuildStep<'w> {
    pub(in crate::lint) job: Job<'w>,
    with: Option<&'w Node>,
    pub(in crate::lint) step: &'w Node,
}

/// A build argument of a step: a line of `build-args`.
#[derive(Clone, Debug)]
pub(in crate::lint) struct BuildArg {
    pub(in crate::lint) name: Spanned<String>,
    /// Empty if the line has no `=`: the value is the environment's.
    pub(in crate::lint) value: String,
    /// The whole line.
    pub(in crate::lint) span: Span,
}

/// A Dockerfile that a step builds.
#[derive(Clone, Debug)]
pub(in crate::lint) struct BuiltFile<'w> {
    /// From the repository's root.
    pub(in crate::lint) path: String,
    /// The value of the matrix that the path comes from.
    pub(in crate::lint) from_matrix: Option<&'w Node>,
    /// Where the path is written.
    pub(in crate::lint) span: Span,
}

impl BuildFile {
    pub(in crate::lint) fn jobs(&self) -> impl Iterator<Item = Job<'_>> {
        let jobs = self.root.get("jobs").map_or(&[][..], Node::entries);
        jobs.iter().filter_map(|entry| {
            Some(Job {
                workflow: self,
                name: entry.key.as_str()?,
                node: &entry.value,
            })
        })
    }

    pub(in crate::lint) fn job(&self, name: &str) -> Option<Job<'_>> {
        self.jobs().find(|job| job.name == name)
    }

    pub(in crate::lint) fn builds(&self) -> impl Iterator<Item = BuildStep<'_>> {
        self.jobs().flat_map(Job::builds)
    }

    /// What it says about an event it runs on; just the event's name if it says no more.
    pub(in crate::lint) fn event(&self, name: &str) -> Option<&Node> {
        let on = self.root.get("on")?;
        let mut named = on.one_or_many();
        named
            .find(|event| event.as_str() == Some(name))
            .or_else(|| on.get(name))
    }
}

impl<'w> Job<'w> {
    pub(in crate::lint) fn steps(self) -> &'w [Node] {
        self.node.get("steps").map_or(&[], Node::items)
    }

    /// The step with an id.
    pub(in crate::lint) fn step(self, id: &str) -> Option<&'w Node> {
        let is_it = |step: &&Node| step.get("id").and_then(Node::as_str) == Some(id);
        self.steps().iter().find(is_it)
    }

    pub(in crate::lint) fn builds(self) -> impl Iterator<Item = BuildStep<'w>> {
        self.steps()
            .iter()
            .filter(|step| uses(step, "docker/build-push-action"))
            .map(move |step| BuildStep {
                job: self,
                with: step.get("with"),
                step,
            })
    }

    /// Whether an expression is `steps.ID.outputs.tags` of `docker/metadata-action`, which has a line for each tag, or an
    /// output of a needed job that is one; its labels and annotations are such, too.
    pub(in crate::lint) fn is_multiline(self, expression: &str) -> bool {
        let parts: Vec<&str> = expression.split('.').collect();
        match parts.as_slice() {
            ["steps", id, "outputs", "tags" | "labels" | "annotations"] => self
                .step(id)
                .is_some_and(|step| uses(step, "docker/metadata-action")),
            ["needs", name, "outputs", output] => {
                let Some(needed) = self.workflow.job(name) else {
                    return false;
                };
                let value = needed.node.at(&["outputs", output]).and_then(Node::as_str);
                // One step further and no more: an output of `needs` cannot come back here.
                value.is_some_and(|value| {
                    expressions(value).any(|e| e.starts_with("steps.") && needed.is_multiline(e))
                })
            }
            _ => false,
        }
    }

    /// The jobs it waits for.
    pub(in crate::lint) fn needs(self) -> Vec<&'w str> {
        let needs = self.node.get("needs");
        needs
            .map(|needs| needs.one_or_many().filter_map(Node::as_str).collect())
            .unwrap_or_default()
    }
}

/// Whether a step uses an action, of whatever version.
pub(in crate::lint) fn uses(step: &Node, action: &str) -> bool {
    step.get("uses")
        .and_then(Node::as_str)
        .and_then(|uses| uses.split_once('@'))
        .is_some_and(|(name, _)| name == action)
}

impl<'w> BuildStep<'w> {
    pub(in crate::lint) fn input(&self, name: &str) -> Option<&'w Node> {
        self.with?.get(name).filter(|node| !node.is_null())
    }

    pub(in crate::lint) fn build_args(&self) -> Vec<BuildArg> {
        let source = &self.job.workflow.source;
        let Some(node) = self.input("build-args") else {
            return Vec::new();
        };
        node.lines(source)
            .into_iter()
            .filter(|line| !line.value.starts_with('#'))
            .map(|line| {
                let (name, value) = line.value.split_once('=').unwrap_or((&line.value, ""));
                let is_there = line.span.of(source.text()).starts_with(name);
                let end = if is_there {
                    line.span.start + name.len()
                } else {
                    line.span.end
                };
                BuildArg {
                    name: Spanned::new(name.to_owned(), Span::new(line.span.start, end)),
                    value: value.to_owned(),
                    span: line.span,
                }
            })
            .collect()
    }

    /// `build-contexts` that are folders of the repository, from its root.
    pub(in crate::lint) fn named_contexts(&self) -> Vec<(String, String)> {
        let Some(node) = self.input("build-contexts") else {
            return Vec::new();
        };
        node.lines(&self.job.workflow.source)
            .into_iter()
            .filter_map(|line| {
                let (name, path) = line.value.split_once('=')?;
                let is_here = !is_elsewhere(path) && !leaves(path);
                is_here.then(|| (name.to_owned(), clean(path)))
            })
            .collect()
    }

    /// The Dockerfiles it builds, one for each combination of the matrix; none if its path is not known.
    pub(in crate::lint) fn dockerfiles(&self) -> Vec<BuiltFile<'w>> {
        let context = self.input("context").and_then(Node::as_str).unwrap_or(".");
        let file = self.input("file");
        let place = file.or_else(|| self.input("context"));
        let span = match place {
            Some(place) => place.content_span(),
            None => self
                .step
                .get("uses")
                .map_or(self.step.span, Node::content_span),
        };
        let text = match file.and_then(Node::as_str) {
            Some(file) => file.to_owned(),
            None => join(context.trim_end_matches('/'), "Dockerfile"),
        };
        let mut found: BTreeMap<String, BuiltFile<'w>> = BTreeMap::new();
        for combination in combinations(self.job.node) {
            let Some((path, from_matrix)) = self.resolve(&text, &combination) else {
                continue;
            };
            // A context from elsewhere has its Dockerfile there.
            if path.contains("://") || path.starts_with("git@") {
                continue;
            }
            let path = clean(&path);
            found.entry(path.clone()).or_insert(BuiltFile {
                path,
                from_matrix,
                span,
            });
        }
        found.into_values().collect()
    }

    /// The Dockerfiles it builds, each with its build context, both from the repository's root.
    pub(in crate::lint) fn contexts(&self) -> Vec<(String, String)> {
        let context = self.input("context").and_then(Node::as_str).unwrap_or(".");
        let mut found = Vec::new();
        for combination in combinations(self.job.node) {
            let Some((context, _)) = self.resolve(context, &combination) else {
                continue;
            };
            let file = match self.input("file").and_then(Node::as_str) {
                Some(file) => self.resolve(file, &combination).map(|(file, _)| file),
                None => Some(join(context.trim_end_matches('/'), "Dockerfile")),
            };
            let is_elsewhere = |text: &str| text.contains("://") || text.starts_with("git@");
            if let Some(file) = file
                && !is_elsewhere(&file)
                && !is_elsewhere(&context)
            {
                found.push((clean(&file), clean(&context)));
            }
        }
        found
    }

    /// A text with the matrix and `env` put in; `None` if anything else is asked for.
    fn resolve(
        &self,
        text: &str,
        combination: &Combination<'w>,
    ) -> Option<(String, Option<&'w Node>)> {
        let mut resolved = String::new();
        let mut from_matrix = None;
        let mut rest = text;
        while let Some(at) = rest.find("${{") {
            resolved.push_str(&rest[..at]);
            let (expression, after) = rest[at + 3..].split_once("}}")?;
            let expression = expression.trim();
            if let Some(key) = expression.strip_prefix("matrix.") {
                let node = combination.get(key)?;
                resolved.push_str(node.as_str()?);
                from_matrix = Some(node);
            } else {
                let name = expression.strip_prefix("env.")?;
                let places = [self.step, self.job.node, &self.job.workflow.root];
                let value = places.iter().find_map(|place| place.at(&["env", name]))?;
                let value = value.as_str().filter(|value| !value.contains("${{"))?;
                resolved.push_str(value);
            }
            rest = after;
        }
        resolved.push_str(rest);
        Some((resolved, from_matrix))
    }
}

/// The expressions of a text, without `${{` and `}}`.
pub(in crate::lint) fn expressions(text: &str) -> impl Iterator<Item = &str> {
    let pieces = expression::pieces(text).into_iter();
    pieces.filter_map(|piece| match piece {
        Piece::Expression(expression) => Some(expression),
        Piece::Text(_) => None,
    })
}
