//! One answer for each thing that can be asked for.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::coverage::{self, ContextCoverage, ImageCoverage};
use super::explanation::{self, Explanation, TakenBy};
use super::subjects::Subjects;
use super::{
    Arguments, affected, biggest, judgment, lint_arguments, listing, mending, tell_changes, tree,
};
use crate::cli::Common;
use crate::commands::checkout::Checkout;
use crate::commands::lint::{self, Judgment};
use crate::commands::timings::Timings;
use crate::context::{Change, From, Target};
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::git;
use crate::report::table::Table;
use crate::report::{self, Format, terminal};

/// What an answer is made of.
pub(super) struct View<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) common: &'a Common,
    pub(super) environment: &'a Environment,
    pub(super) looked: &'a Subjects,
}

impl View<'_> {
    /// Tells what could not be looked at; whether there was anything.
    pub(super) fn tell_troubles(&self) -> Result<bool> {
        self.looked.tell_troubles(self.common, self.environment)
    }

    pub(super) fn list(&self) -> Result<()> {
        let (mut paths, mut named) = (Vec::new(), BTreeMap::new());
        let tree = &self.looked.contexts.tree;
        for (view, set) in self.looked.by_view(self.arguments.all) {
            let view = &self.looked.contexts.views[view];
            let found = listing::paths(tree, &view.root, &set);
            match &view.from {
                From::NamedContext(root) => drop(named.insert(root.to_string(), found)),
                _ => paths.extend(found),
            }
        }
        paths.sort_unstable();
        paths.dedup();
        let text = match self.format(&[Format::Json])? {
            Format::Json => listing::json(&paths, &named)?,
            _ => listing::plain(&paths, &named),
        };
        self.environment.print(&text)
    }

    pub(super) fn tree(&self) -> Result<()> {
        self.format(&[])?;
        let tree = &self.looked.contexts.tree;
        for (view, set) in self.looked.by_view(self.arguments.all) {
            self.heading(view)?;
            if let Some(root) = tree.find(&self.looked.contexts.views[view].root) {
                self.environment.print(&tree::draw(
                    tree,
                    root,
                    &set,
                    self.arguments.depth.max(1),
                ))?;
            }
        }
        Ok(())
    }

    pub(super) fn why_big(&self) -> Result<()> {
        let format = self.format(&[Format::Json, Format::Markdown])?;
        let mut found = Vec::new();
        for (view, set) in self.looked.by_view(self.arguments.all) {
            found.push(biggest::Biggest::of(
                &self.looked.contexts,
                view,
                &set,
                self.arguments.top,
            ));
        }
        let text = match format {
            Format::Json => biggest::json(&found)?,
            Format::Markdown => biggest::markdown(&found),
            _ => biggest::plain(&found),
        };
        self.environment.print(&text)
    }

    /// The path is from the context's root, or, for one that only so lies in the context, from where one stands.
    pub(super) fn explain(&self, path: &Utf8Path) -> Result<()> {
        let format = self.format(&[Format::Json])?;
        let contexts = &self.looked.contexts;
        let mut explanations = Vec::new();
        let mut outside = None;
        for (index, _) in self.looked.by_view(true) {
            let view = &contexts.views[index];
            let inside = match &view.from {
                From::NamedContext(root) => match self.inside_named(path, root) {
                    Some(inside) => inside,
                    None => continue,
                },
                _ => match self.inside(path, &view.root) {
                    Ok(inside) => inside,
                    Err(error) => {
                        outside.get_or_insert(error);
                        continue;
                    }
                },
            };
            let node = contexts.tree.find(&view.root.join(&inside));
            let (ignored, patterns) = explanation::says(view.ignore.as_ref(), &inside);
            let mut taken_by = Vec::new();
            for dockerfile in &view.dockerfiles {
                let (Some(recipe), Some(node)) = (contexts.recipes.get(dockerfile), node) else {
                    continue;
                };
                for place in view.takes(recipe) {
                    let selection = place.of(&contexts.tree, &view.view(), &view.admitted);
                    if !selection.nodes.contains(node) {
                        continue;
                    }
                    let stage = &recipe.stages[place.stage];
                    let step = &stage.steps[place.step];
                    let at = step.location.source.line_column(step.location.span.start);
                    taken_by.push(TakenBy {
                        dockerfile: step.location.source.path().to_owned(),
                        line: at.line,
                        stage: stage.name.clone(),
                        instruction: step.text.clone(),
                    });
                }
            }
            explanations.push(Explanation {
                path: inside,
                context: view.root.clone(),
                dockerfiles: view.dockerfiles.clone(),
                ignore_file: view.ignore.as_ref().map(crate::context::IgnoreFile::path),
                exists: node.is_some(),
                ignored,
                patterns,
                taken_by,
            });
        }
        if let Some(error) = outside.filter(|_| explanations.is_empty()) {
            return Err(error);
        }
        let text = match format {
            Format::Json => explanation::json(&explanations)?,
            _ => explanation::plain(&explanations),
        };
        self.environment.print(&text)
    }

    /// The same in a named context, if the path is there or is written from where one stands.
    fn inside_named(&self, path: &Utf8Path, root: &Utf8Path) -> Option<Utf8PathBuf> {
        let root = self.looked.root.join(root);
        let from_here = crate::project::root::normal(&self.environment.current_dir.join(path));
        if let Ok(inside) = from_here.strip_prefix(&root) {
            return Some(inside.to_owned());
        }
        let is_there = root.join(path).symlink_metadata().is_ok();
        is_there.then(|| path.to_owned())
    }

    fn inside(&self, path: &Utf8Path, context: &Utf8Path) -> Result<Utf8PathBuf> {
        let root = self.looked.root.join(context);
        let from_context = crate::project::root::normal(&root.join(path));
        let from_here = crate::project::root::normal(&self.environment.current_dir.join(path));
        let exists = |path: &Utf8Path| path.symlink_metadata().is_ok();
        let meant = if !exists(&from_context) && exists(&from_here) {
            from_here
        } else {
            from_context
        };
        meant
            .strip_prefix(&root)
            .map(Utf8Path::to_owned)
            .map_err(|_| {
                Error::usage(format!("{path} is not in the build context"))
                    .because(format!("the build context is {root}"))
            })
    }

    /// What is said above a part of the answer where there are several.
    fn heading(&self, view: usize) -> Result<()> {
        let view = &self.looked.contexts.views[view];
        let context = match view.root.as_str() {
            "" => ".",
            root => root,
        };
        let ignore = view.ignore.as_ref().map(crate::context::IgnoreFile::path);
        let file = ignore
            .as_ref()
            .map_or("no ignore file", |path| path.as_str());
        self.environment.print(&format!(
            "{}context {context}, {file}, for {}\n",
            if view.from == From::Context {
                ""
            } else {
                "named "
            },
            explanation::shortened(&view.dockerfiles)
        ))
    }

    /// The format, if the answer can be written so.
    fn format(&self, others: &[Format]) -> Result<Format> {
        let format = self.arguments.format;
        if format == Format::Terminal || others.contains(&format) {
            return Ok(format);
        }
        let names: Vec<String> = std::iter::once(&Format::Terminal)
            .chain(others)
            .map(|format| format!("{format:?}").to_lowercase())
            .collect();
        Err(Error::usage("this answer cannot be written in that format")
            .help(format!("`--format` can be: {}", names.join(", "))))
    }

    /// `checkout` is where the files lie, if that is not the work tree.
    pub(super) fn affected(&self, checkout: Option<&Checkout>) -> Result<()> {
        let looked = self.looked;
        let targets: Vec<Target> = looked
            .images
            .iter()
            .map(|subject| Target {
                name: subject.name.clone(),
                dockerfile: subject.dockerfile.clone(),
                stages: subject.targets.clone(),
            })
            .collect();
        let project = looked.settings.project.as_ref();
        let repository = match checkout {
            Some(checkout) => checkout.origin(&looked.root),
            None => looked.root.clone(),
        };
        let facts = affected::Facts {
            root: &looked.root,
            repository: &repository,
            current_dir: &self.environment.current_dir,
            targets: &targets,
            contexts: &looked.contexts,
            surroundings: &looked.surroundings,
            project,
            manifest: project.map(|project| project.manifest.path()),
        };
        let words = &self.arguments.modes.affected;
        let answer = affected::Answer::of(words, &facts, &*self.environment.runner)?;
        self.environment
            .print(&answer.render(self.arguments.format, self.arguments.all)?)
    }

    pub(super) fn write_minimal(&self) -> Result<Exit> {
        let (changes, errors) = mending::smallest(self.looked);
        let color = self.common.color.stderr(self.environment);
        for error in &errors {
            self.environment.note(&terminal::error(error, color))?;
        }
        let troubled = self.tell_troubles()? || !errors.is_empty();
        if self.arguments.check {
            tell_changes(&changes, self.environment)?;
        } else {
            // The root of a folder that was named is not that of the settings.
            lint::write(&changes, None, &self.looked.root, self.environment)?;
            for change in &changes {
                self.common
                    .note(self.environment, &format!("{} is written", change.path));
            }
        }
        if changes.is_empty() && !troubled {
            self.common
                .note(self.environment, "the ignore files are as small as can be");
        }
        Ok(
            match (troubled, self.arguments.check && !changes.is_empty()) {
                (true, _) => Exit::Usage,
                (_, true) => Exit::Findings,
                _ => Exit::Clean,
            },
        )
    }

    /// What enters each image, and what is wrong with that.
    pub(super) fn report(&self, mut judgment: Judgment, timings: &Timings<'_>) -> Result<Exit> {
        let (common, environment) = (self.common, self.environment);
        let troubled = self.tell_troubles()?;
        let exit = |judgment: &Judgment, least| match lint::exit(judgment, least) {
            Exit::Clean | Exit::Findings if troubled => Exit::Usage,
            exit => exit,
        };
        if let Some(path) = &self.arguments.write_baseline {
            lint::write_baseline(path, &judgment.findings, common, environment)?;
            return Ok(exit(&judgment, None));
        }
        let told = lint_arguments(self.arguments);
        let settings = &self.looked.settings;
        let known = lint::compare(&told, settings, &mut judgment, environment)?;
        let images = coverage::of(self.looked);
        let since = self.since()?;
        let contexts = coverage::of_contexts(self.looked, since.as_deref());
        timings.lap("followed what enters");
        let format = self.arguments.format;
        let findings = report::render(&judgment.findings, format, common.color.stdout(environment));
        environment.print(&match format {
            Format::Json => {
                let document = with_coverage(&findings, &images, &contexts);
                document?
            }
            Format::Terminal => joined([
                coverage::table(&images).plain(),
                coverage::contexts_told(&contexts, Table::plain),
                findings,
            ]),
            Format::Markdown => joined([
                coverage::table(&images).markdown(),
                coverage::contexts_told(&contexts, Table::markdown),
                findings,
            ]),
            _ => findings,
        })?;
        for line in &known.stale {
            common.note(environment, line);
        }
        common.note(environment, &judgment::summary(&judgment, known.count));
        timings.lap("wrote the report");
        Ok(exit(&judgment, settings.configuration.fail_on))
    }

    /// What has changed since the commit that was named.
    fn since(&self) -> Result<Option<Vec<Change>>> {
        let Some(word) = &self.arguments.since else {
            return Ok(None);
        };
        let (runner, root) = (&*self.environment.runner, &self.looked.root);
        let range = git::range(runner, root, word)?
            .ok_or_else(|| Error::usage(format!("git knows no commit `{word}`")))?;
        git::changes(runner, root, &range).map(Some)
    }
}

/// The report of the findings, with what enters each image and context.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    findings: serde_json::Map<String, serde_json::Value>,
    images: &'a [ImageCoverage],
    contexts: &'a [ContextCoverage],
}

fn with_coverage(
    findings: &str,
    images: &[ImageCoverage],
    contexts: &[ContextCoverage],
) -> Result<String> {
    let findings = serde_json::from_str(findings).map_err(|error| {
        Error::failed("failed to read the report of the findings again").because(error)
    })?;
    super::json(&Document {
        findings,
        images,
        contexts,
    })
}

/// Parts with a blank line between them.
fn joined(parts: [String; 3]) -> String {
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n")
}
