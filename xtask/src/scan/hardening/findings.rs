//! Where rules leave what they found, and whose it is.

use std::borrow::Cow;

use super::files::Group;
use super::image::Image;
use super::rule::Identity;
use crate::finding::{Finding, Severity};
use crate::image::attribution::Origin;

/// Collects the findings of one rule after the other.
#[derive(Debug)]
pub(super) struct Findings<'a> {
    image: &'a Image<'a>,
    identity: Identity,
    list: Vec<Finding>,
}

/// A finding that can still be added to.
#[derive(Debug)]
pub(super) struct Found<'f>(&'f mut Finding);

impl Found<'_> {
    /// Says what to do, as an imperative.
    pub(super) fn help(self, help: impl Into<Cow<'static, str>>) -> Self {
        self.0.help.push(help.into());
        self
    }

    /// Adds a fact for machines.
    pub(super) fn property(self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.0
            .details_mut()
            .properties
            .insert(name.to_owned(), value.into());
        self
    }

    /// It is less or more than the rule says.
    pub(super) fn severity(self, severity: Severity) -> Self {
        self.0.severity = severity;
        self
    }
}

impl<'a> Findings<'a> {
    pub(super) const fn new(image: &'a Image<'a>) -> Self {
        Self {
            image,
            identity: Identity {
                code: "",
                name: "",
                aliases: &[],
                severity: Severity::Note,
            },
            list: Vec::new(),
        }
    }

    /// From now on findings are of this rule.
    pub(super) const fn enter(&mut self, identity: Identity) {
        self.identity = identity;
    }

    pub(super) fn finish(self) -> Vec<Finding> {
        self.list
    }

    /// Reports what a layer brought.
    pub(super) fn layer(&mut self, layer: usize, message: impl Into<String>) -> Found<'_> {
        let origin = self.image.subject.origins.get(layer);
        self.report(origin, message.into())
    }

    /// Reports files of one layer after the other; `what` follows their paths: "are setuid". Adds the facts `paths`
    /// and `files`.
    pub(super) fn files<'g>(
        &mut self,
        groups: impl IntoIterator<Item = &'g Group>,
        what: impl Fn(&Group) -> String,
        help: &'static str,
    ) {
        for group in groups {
            let message = format!("{} {}", group.named(), what(group));
            self.layer(group.layer, message)
                .help(help)
                .property("paths", group.paths.clone())
                .property("files", group.count);
        }
    }

    /// Reports what an entry of the history does.
    pub(super) fn step(&mut self, step: usize, message: impl Into<String>) -> Found<'_> {
        let origin = self.image.subject.steps.get(step);
        self.report(origin, message.into())
    }

    /// Reports a setting of the image: at the last instruction of one of these keywords in the own Dockerfile. Whoever
    /// builds on an image answers for the settings that he inherits, so the actor is never the base.
    pub(super) fn setting(&mut self, keywords: &[&str], message: impl Into<String>) -> Found<'_> {
        let steps = self.image.subject.steps;
        let origin = self
            .image
            .history
            .iter()
            .rev()
            .filter(|step| keywords.contains(&step.keyword.as_str()))
            .find_map(|step| steps.get(step.index))
            .filter(|origin| origin.is_base != Some(true));
        if let Some(origin) = origin {
            return self.report(Some(origin), message.into());
        }
        let origin = self.image.own_file();
        self.report(Some(&origin), message.into())
    }

    fn report(&mut self, origin: Option<&Origin>, message: String) -> Found<'_> {
        let identity = self.identity;
        let unknown = Origin::default();
        let origin = origin.unwrap_or(&unknown);
        let is_base = origin.is_base == Some(true);
        let line = origin.line.filter(|_| !is_base);
        let message = if line.is_some() {
            message
        } else if is_base {
            format!("{}: the base image: {message}", self.image.subject.name)
        } else {
            format!("{}: {message}", self.image.subject.name)
        };
        let actor = match origin.is_base {
            Some(true) => "base",
            Some(false) => "own",
            None => "unknown",
        };
        let mut finding = Finding::new(identity.code, identity.name, identity.severity, message)
            .property("image", self.image.subject.name)
            .property("actor", actor);
        finding.aliases = identity.aliases;
        if !origin.instruction.is_empty() {
            // A build argument's value may stand in it: the history has its own rules for secrets.
            let keyword = origin.instruction.split_whitespace().next();
            finding = finding.property("instruction", keyword.unwrap_or_default());
        }
        if let Some(line) = line {
            finding = finding.property("line", line);
        }
        if let Some(file) = origin.dockerfile.as_ref().filter(|_| !is_base) {
            finding = finding.in_file(file.clone());
        }
        self.list.push(finding);
        let last = self.list.len() - 1;
        Found(&mut self.list[last])
    }
}
