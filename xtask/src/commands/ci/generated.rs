//! The generated files: made, compared with those that are there, written.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::super::bake;
use crate::atomic_file;
use crate::ci::{Known, Pipeline, paths};
use crate::cli::Common;
use crate::context::Recipe;
use crate::dockerignore;
use crate::environment::Environment;
use crate::error::{Exit, Result};
use crate::finding::{Finding, Severity};
use crate::lint::{EntryKind, Surroundings};
use crate::project::{Manifest, Project, Root, root};
use crate::source::{MAX_GENERATED_BYTES, Source, Span};

/// What the files should be.
pub(super) struct Generated {
    root: Utf8PathBuf,
    manifest: String,
    /// From the root, the workflow first.
    files: Vec<(Utf8PathBuf, String)>,
}

impl Generated {
    /// For the project of the manifest that is found from here.
    ///
    /// # Errors
    /// As [`Generated::read`].
    pub(super) fn make(
        project: &Project,
        surroundings: &Surroundings,
        common: &Common,
        environment: &Environment,
    ) -> Result<Option<Self>> {
        let found = root::find(&environment.current_dir, common.manifest.as_deref())?;
        Self::of(project, &found, surroundings)
    }

    /// Where no project could be read; `None` where the manifest asks for nothing, or there is none.
    ///
    /// # Errors
    /// The manifest or a Dockerfile cannot be read, or the manifest lacks something: see [`Pipeline::new`].
    pub(super) fn read(
        surroundings: &Surroundings,
        common: &Common,
        environment: &Environment,
    ) -> Result<Option<Self>> {
        let found = match root::find(&environment.current_dir, common.manifest.as_deref()) {
            Ok(found) => found,
            Err(error) if common.manifest.is_some() => return Err(error),
            Err(_) => return Ok(None),
        };
        let manifest = Manifest::read(&found.root, &found.manifest)?;
        if !manifest.is_written(&["ci"]) {
            return Ok(None);
        }
        Self::of(&Project::load(&found)?, &found, surroundings)
    }

    /// For a project that was read already.
    ///
    /// # Errors
    /// As [`Generated::read`].
    pub(super) fn of(
        project: &Project,
        found: &Root,
        surroundings: &Surroundings,
    ) -> Result<Option<Self>> {
        if !project.manifest.is_written(&["ci"]) {
            return Ok(None);
        }
        let pipeline = Pipeline::new(project, starting_paths(project, found, surroundings))?;
        Ok(Some(Self {
            files: pipeline.files(&project.manifest.ci.workflow),
            manifest: pipeline.manifest,
            root: found.root.clone(),
        }))
    }

    pub(super) fn workflow(&self) -> &str {
        self.files.first().map_or("", |(_, text)| text.as_str())
    }

    pub(super) fn write(&self, common: &Common, environment: &Environment) -> Result<Exit> {
        for (path, wanted) in &self.files {
            let line = if self.write_one(path, wanted)? {
                format!("{path} is written\n")
            } else if common.quiet {
                continue;
            } else {
                format!("{path} is up to date\n")
            };
            environment.print(&line)?;
        }
        Ok(Exit::Clean)
    }

    /// Writes those that are not up to date; their paths.
    pub(super) fn renew(&self) -> Result<Vec<Utf8PathBuf>> {
        let mut written = Vec::new();
        for (path, wanted) in &self.files {
            if self.write_one(path, wanted)? {
                written.push(path.clone());
            }
        }
        Ok(written)
    }

    /// Whether it was not up to date.
    fn write_one(&self, path: &Utf8Path, wanted: &str) -> Result<bool> {
        if self.present(path)?.is_some_and(|it| it.text() == wanted) {
            return Ok(false);
        }
        let full = self.root.join(path);
        if let Some(folder) = full.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                crate::error::Error::usage(format!("failed to create {folder}")).because(error)
            })?;
        }
        atomic_file::write(&full, wanted)?;
        Ok(true)
    }

    /// One finding for each file that is not what it should be.
    pub(super) fn differences(&self) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for (path, wanted) in &self.files {
            let finding = |message: String| {
                Finding::new(
                    "out-of-date",
                    "generated-file-out-of-date",
                    Severity::Error,
                    message,
                )
                .help("run `cargo xtask docker-ci --write`")
            };
            let says = format!("what {} and the Dockerfiles say", self.manifest);
            let Some(source) = self.present(path)? else {
                let missing = format!("the file is missing: {says} is written nowhere");
                findings.push(finding(missing).in_file(path.clone()));
                continue;
            };
            if let Some((span, expected)) = first_difference(source.text(), wanted) {
                let expected = expected.map_or_else(
                    || "nothing more is expected".to_owned(),
                    |line| format!("`{line}` is expected"),
                );
                let message = format!("this is not {says}: {expected}");
                findings.push(finding(message).at(source.location(span)));
            }
        }
        Ok(findings)
    }

    fn present(&self, path: &Utf8Path) -> Result<Option<Source>> {
        let is_missing = |e: std::io::Error| e.kind() == std::io::ErrorKind::NotFound;
        if self.root.join(path).metadata().is_err_and(is_missing) {
            return Ok(None);
        }
        Source::read_up_to(&self.root, path, MAX_GENERATED_BYTES).map(Some)
    }
}

/// The first line that differs, and what it should be; `None` for the latter where the text should have ended.
fn first_difference<'w>(present: &str, wanted: &'w str) -> Option<(Span, Option<&'w str>)> {
    if present == wanted {
        return None;
    }
    let mut at = 0;
    let mut lines = wanted.lines();
    for line in present.split_inclusive('\n') {
        let expected = lines.next();
        let text = line.strip_suffix('\n').unwrap_or(line);
        if expected != Some(text) {
            return Some((Span::new(at, at + text.len()), expected));
        }
        at += line.len();
    }
    Some((Span::new(at, at), lines.next()))
}

/// What starts the workflow: what the images are made of, and what makes them.
fn starting_paths(project: &Project, found: &Root, surroundings: &Surroundings) -> Vec<String> {
    let ci = &project.manifest.ci;
    let files = surroundings.files.as_deref();
    let kind = |path: &Utf8Path| files.and_then(|files| files.kind(path));
    let mut more: BTreeSet<String> = ci.tool.iter().chain(&ci.paths).cloned().collect();
    more.extend([
        found.manifest.to_string(),
        bake::file_path(found).to_string(),
        ci.workflow.to_string(),
        format!("{}/**", ci.action),
    ]);
    let mut recipes: Vec<(Recipe, Utf8PathBuf)> = Vec::new();
    for image in &project.images {
        let context = surroundings.context(image.path());
        let ignore_files = dockerignore::candidates(image.path(), context);
        let there = ignore_files.iter().filter(|path| kind(path).is_some());
        more.extend(there.map(ToString::to_string));
        let recipe = surroundings.recipe(image.path());
        recipes.extend(recipe.map(|recipe| (recipe, context.to_owned())));
    }
    let recipes: Vec<(&Recipe, &Utf8Path)> = recipes
        .iter()
        .map(|(recipe, context)| (recipe, context.as_path()))
        .collect();
    let more: Vec<String> = more.into_iter().collect();
    paths(&Known {
        recipes: &recipes,
        is_folder: &|path| kind(path).map(|kind| kind == EntryKind::Folder),
        more: &more,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_told() {
        for (present, wanted, expected) in [
            ("a\nb\n", "a\nb\n", None),
            ("a\nx\n", "a\nb\n", Some(((2, 3), Some("b")))),
            ("a\n", "a\nb\n", Some(((2, 2), Some("b")))),
            ("a\nb\nc\n", "a\nb\n", Some(((4, 5), None))),
            ("a\r\nb\n", "a\nb\n", Some(((0, 2), Some("a")))),
            ("a\nb", "a\nb\n", Some(((3, 3), None))),
        ] {
            let found = first_difference(present, wanted);
            let found = found.map(|(span, line)| ((span.start, span.end), line));
            assert_eq!(found, expected, "{present:?}");
        }
    }
}
