//! `docker-ignore`: what enters each build, why, and what should not.

mod affected;
mod arguments;
mod biggest;
mod coverage;
mod explanation;
mod judgment;
mod listing;
mod mending;
mod subjects;
mod tree;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

pub use arguments::Arguments;
use coverage::{ContextCoverage, ImageCoverage};
use explanation::{Explanation, TakenBy};
use subjects::Subjects;

use super::lint::{self, Judgment};
use super::timings::Timings;
use crate::cli::Common;
use crate::context::{Change, ProblemKind, Target, select};
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::git;
use crate::report::table::Table;
use crate::report::{self, Format, terminal};

/// Carries it out.
///
/// # Errors
/// What stopped it. A file that cannot be read does not: it is told, and the others are looked at.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    if arguments.modes.fix || arguments.modes.diff {
        return mend(arguments, common, environment);
    }
    let mut looked = Subjects::gather(arguments, common, environment, &BTreeMap::new())?;
    timings.lap("walked the build contexts");
    let modes = &arguments.modes;
    if modes.is_judging() {
        let judgment = judgment::judge(&mut looked);
        timings.lap("judged them");
        let view = View {
            arguments,
            common,
            environment,
            looked: &looked,
        };
        return view.report(judgment, &timings);
    }
    let view = View {
        arguments,
        common,
        environment,
        looked: &looked,
    };
    if modes.list {
        view.list()?;
    } else if modes.tree {
        view.tree()?;
    } else if modes.why_big {
        view.why_big()?;
    } else if let Some(path) = &modes.explain {
        view.explain(path)?;
    } else if !modes.affected.is_empty() {
        view.affected()?;
    } else {
        return view.write_minimal();
    }
    timings.lap("wrote the answer");
    let troubled = view.tell_troubles()?;
    Ok(if troubled { Exit::Usage } else { Exit::Clean })
}

/// What the linter is told.
fn lint_arguments(arguments: &Arguments) -> lint::Arguments {
    lint::Arguments {
        format: arguments.format,
        fail_on: arguments.fail_on,
        only: arguments.only.clone(),
        ignore: arguments.ignore.clone(),
        baseline: arguments.baseline.clone(),
        write_baseline: arguments.write_baseline.clone(),
        fix: arguments.modes.fix,
        diff: arguments.modes.diff,
        unsafe_fixes: arguments.unsafe_fixes,
        ..lint::Arguments::default()
    }
}

/// What an answer is made of.
struct View<'a> {
    arguments: &'a Arguments,
    common: &'a Common,
    environment: &'a Environment,
    looked: &'a Subjects,
}

impl View<'_> {
    fn list(&self) -> Result<()> {
        let mut paths = Vec::new();
        let tree = &self.looked.contexts.tree;
        for (view, set) in self.looked.by_view(self.arguments.all) {
            let root = &self.looked.contexts.views[view].root;
            paths.extend(listing::paths(tree, root, &set));
        }
        paths.sort_unstable();
        paths.dedup();
        let text = match self.format(&[Format::Json])? {
            Format::Json => listing::json(&paths).map_err(unwritable)?,
            _ => listing::plain(&paths),
        };
        self.environment.print(&text)
    }

    fn tree(&self) -> Result<()> {
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

    fn why_big(&self) -> Result<()> {
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
            Format::Json => biggest::json(&found).map_err(unwritable)?,
            Format::Markdown => biggest::markdown(&found),
            _ => biggest::plain(&found),
        };
        self.environment.print(&text)
    }

    /// The path is from the context's root, or, for one that only so lies in the context, from where one stands.
    fn explain(&self, path: &Utf8Path) -> Result<()> {
        let format = self.format(&[Format::Json])?;
        let contexts = &self.looked.contexts;
        let mut explanations = Vec::new();
        for (index, _) in self.looked.by_view(true) {
            let view = &contexts.views[index];
            let inside = self.inside(path, &view.root)?;
            let node = contexts.tree.find(&view.root.join(&inside));
            let (ignored, patterns) = explanation::says(view.ignore.as_ref(), &inside);
            let mut taken_by = Vec::new();
            for dockerfile in &view.dockerfiles {
                let (Some(recipe), Some(node)) = (contexts.recipes.get(dockerfile), node) else {
                    continue;
                };
                for place in recipe.context_takes() {
                    let selection =
                        select(&contexts.tree, &view.view(), &view.admitted, place.take);
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
        let text = match format {
            Format::Json => explanation::json(&explanations).map_err(unwritable)?,
            _ => explanation::plain(&explanations),
        };
        self.environment.print(&text)
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
            "context {context}, {file}, for {}\n",
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

    fn affected(&self) -> Result<()> {
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
        let facts = affected::Facts {
            root: &looked.root,
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
            .print(&answer.render(self.arguments.format)?)
    }

    fn write_minimal(&self) -> Result<Exit> {
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
    fn report(&self, mut judgment: Judgment, timings: &Timings<'_>) -> Result<Exit> {
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
                document.map_err(unwritable)?
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

    /// Tells what could not be looked at; whether there was anything.
    fn tell_troubles(&self) -> Result<bool> {
        let color = self.common.color.stderr(self.environment);
        let contexts = &self.looked.contexts;
        let mut failed = false;
        for error in self.looked.errors.iter().chain(&contexts.errors) {
            failed = true;
            self.environment.note(&terminal::error(error, color))?;
        }
        for error in self.syntax_errors() {
            failed = true;
            self.environment.note(&terminal::error(&error, color))?;
        }
        for problem in contexts.tree.problems() {
            let error = match problem.kind {
                ProblemKind::Vanished => {
                    self.common.note(
                        self.environment,
                        &format!("{} vanished while it was looked at", problem.path),
                    );
                    continue;
                }
                ProblemKind::Unreadable => Error::usage(format!(
                    "failed to look at {}",
                    problem.path
                ))
                .because(&problem.cause)
                .help("BuildKit stops there, too: leave it out with a pattern, or let it be read"),
                ProblemKind::NotUtf8 => Error::usage(format!("{} cannot be sent", problem.path))
                    .because(&problem.cause)
                    .help("rename it, or leave out the folder it lies in"),
            };
            failed = true;
            self.environment.note(&terminal::error(&error, color))?;
        }
        Ok(failed)
    }

    /// What `BuildKit` refuses the build for.
    fn syntax_errors(&self) -> Vec<Error> {
        let mut errors = BTreeMap::new();
        for (view, _) in self.looked.by_view(true) {
            let Some(ignore) = &self.looked.contexts.views[view].ignore else {
                continue;
            };
            for error in &ignore.errors {
                errors.insert(
                    (ignore.path(), error.span),
                    Error::usage(error.message.clone())
                        .help("BuildKit refuses the whole build for this line")
                        .at(ignore.source.location(error.span)),
                );
            }
        }
        errors.into_values().collect()
    }
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::failed("failed to write the answer as JSON").because(error)
}

fn number(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// `--fix` and `--diff`.
fn mend(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let told = lint_arguments(arguments);
    let mut known = 0;
    let mended = mending::mend(arguments, common, environment, &mut |looked, judgment| {
        known = lint::compare(&told, &looked.settings, judgment, environment)?.count;
        Ok(())
    })?;
    let view = View {
        arguments,
        common,
        environment,
        looked: &mended.looked,
    };
    let troubled = view.tell_troubles()?;
    let changes = &mended.changes;
    let only_told = arguments.modes.diff || arguments.check;
    if only_told {
        tell_changes(changes, environment)?;
    } else {
        lint::write(changes, None, &mended.looked.root, environment)?;
        environment.print(&report::render(
            &mended.judgment.findings,
            arguments.format,
            common.color.stdout(environment),
        ))?;
    }
    let verb = if only_told {
        "would be mended"
    } else {
        "mended"
    };
    let (findings, files) = (
        number(mended.count, "finding"),
        number(changes.len(), "file"),
    );
    common.note(environment, &format!("{findings} {verb} in {files}"));
    common.note(environment, &judgment::summary(&mended.judgment, known));
    if troubled {
        return Ok(Exit::Usage);
    }
    if only_told {
        return Ok(if changes.is_empty() {
            Exit::Clean
        } else {
            Exit::Findings
        });
    }
    Ok(lint::exit(
        &mended.judgment,
        mended.looked.settings.configuration.fail_on,
    ))
}

fn tell_changes(changes: &[crate::lint::Change], environment: &Environment) -> Result<()> {
    for change in changes {
        environment.print(&lint::difference(change))?;
    }
    Ok(())
}

/// The report of the findings, with what enters each image and context.
fn with_coverage(
    findings: &str,
    images: &[ImageCoverage],
    contexts: &[ContextCoverage],
) -> Result<String, serde_json::Error> {
    let mut document: serde_json::Map<String, serde_json::Value> = serde_json::from_str(findings)?;
    document.insert("images".to_owned(), serde_json::to_value(images)?);
    document.insert("contexts".to_owned(), serde_json::to_value(contexts)?);
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

/// Parts with a blank line between them.
fn joined(parts: [String; 3]) -> String {
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n")
}
