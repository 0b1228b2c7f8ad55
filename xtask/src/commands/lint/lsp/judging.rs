//! Open documents judged as the command line judges files: by the repository's settings, with what lies around them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::documents::Document;
use super::uri;
use crate::cli::Common;
use crate::commands::lint::fix;
use crate::commands::lint::inputs::{self, Group};
use crate::commands::lint::judgment::{Judge, Judgment};
use crate::commands::lint::settings::Settings;
use crate::commands::lint::{Arguments, compare, has_baseline};
use crate::commands::timings::Timings;
use crate::edit::Safety;
use crate::environment::Environment;
use crate::error::Result;
use crate::finding::Finding;
use crate::lint::Change;
use crate::project::glob;
use crate::source::{MAX_SOURCE_BYTES, Source};

/// Judges the documents of each folder that is open.
pub(super) struct Workspace<'a> {
    arguments: &'a Arguments,
    common: &'a Common,
    environment: &'a Environment,
    /// The folders that are open in the editor, absolute.
    pub(super) folders: Vec<Utf8PathBuf>,
    /// By folder; read again when something outside of the open texts changed.
    settings: BTreeMap<Utf8PathBuf, Settings>,
}

/// What was found in the documents of a folder.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    pub(super) names: Names,
    /// By URI, the action that mends all of a document, once it was asked for: editors ask whenever the cursor moves.
    pub(super) mended: BTreeMap<String, Option<Value>>,
}

/// What reports call files, and what the editor calls them.
#[derive(Default)]
pub(super) struct Names {
    root: Utf8PathBuf,
    open: BTreeMap<Utf8PathBuf, (String, i64)>,
}

impl Names {
    /// The URI of a file, and its version if it is open.
    pub(super) fn uri(&self, path: &Utf8Path) -> (String, Option<i64>) {
        match self.open.get(path) {
            Some((uri, version)) => (uri.clone(), Some(*version)),
            None => (uri::of(&self.root.join(path)), None),
        }
    }

    /// What reports call an open document.
    pub(super) fn path(&self, uri: &str) -> Option<&Utf8Path> {
        let named = self.open.iter().find(|(_, (open, _))| open == uri);
        named.map(|(path, _)| path.as_path())
    }
}

impl<'a> Workspace<'a> {
    pub(super) fn new(
        arguments: &'a Arguments,
        common: &'a Common,
        environment: &'a Environment,
    ) -> Self {
        Self {
            arguments,
            common,
            environment,
            folders: Vec::new(),
            settings: BTreeMap::new(),
        }
    }

    /// Forgets what was read from disk.
    pub(super) fn forget(&mut self) {
        self.settings.clear();
    }

    /// The folder whose settings hold for a document: the innermost open one, else its own.
    pub(super) fn folder(&self, document: &Document) -> Utf8PathBuf {
        let current = &self.environment.current_dir;
        let Some(path) = &document.path else {
            return self.folders.first().unwrap_or(current).clone();
        };
        let open = self
            .folders
            .iter()
            .filter(|folder| path.starts_with(folder));
        let innermost = open.max_by_key(|folder| folder.as_str().len());
        match innermost {
            Some(folder) => folder.clone(),
            None if self.folders.is_empty() && path.starts_with(current) => current.clone(),
            None => path.parent().unwrap_or(path).to_owned(),
        }
    }

    /// Judges the open documents of a folder.
    ///
    /// # Errors
    /// The settings cannot be read: nothing is judged by settings that nobody meant.
    pub(super) fn judge(&mut self, folder: &Utf8Path, documents: &[&Document]) -> Result<Judged> {
        let timings = Timings::start(self.common, self.environment);
        self.read_settings(folder)?;
        let settings = &self.settings[folder];
        let (groups, names) = groups(settings, folder, documents);
        let mut judgment = self.by(settings, &timings).groups(groups)?;
        compare(self.arguments, settings, &mut judgment, self.environment)?;
        Ok(Judged {
            findings: judgment.findings,
            names,
            mended: BTreeMap::new(),
        })
    }

    /// What mending a document safely changes, in it and elsewhere.
    pub(super) fn mend(
        &mut self,
        folder: &Utf8Path,
        documents: &[&Document],
        uri: &str,
    ) -> Result<Vec<Change>> {
        let timings = Timings::start(self.common, self.environment);
        self.read_settings(folder)?;
        let settings = &self.settings[folder];
        let (groups, names) = groups(settings, folder, documents);
        let wanted = names.path(uri);
        let mut reported = |judgment: &mut Judgment| {
            compare(self.arguments, settings, judgment, self.environment)?;
            judgment.findings.retain(|finding| finding.path() == wanted);
            Ok(())
        };
        let judge = self.by(settings, &timings);
        let fixed = fix::carry_out(groups, Safety::Safe, &judge, &mut reported)?;
        Ok(fixed.changes)
    }

    fn by<'s>(&self, settings: &'s Settings, timings: &'s Timings<'s>) -> Judge<'s>
    where
        'a: 's,
    {
        Judge {
            pins: None,
            settings,
            shellcheck: self.arguments.shellcheck,
            fingerprints: has_baseline(self.arguments, settings),
            environment: self.environment,
            timings,
        }
    }

    fn read_settings(&mut self, folder: &Utf8Path) -> Result<()> {
        if !self.settings.contains_key(folder) {
            let settings =
                Settings::read_in(folder, self.arguments, self.common, self.environment, None)?;
            self.settings.insert(folder.to_owned(), settings);
        }
        Ok(())
    }
}

/// The documents with their texts, by the repository they lie in. Those that are excluded are left out.
fn groups(settings: &Settings, folder: &Utf8Path, documents: &[&Document]) -> (Vec<Group>, Names) {
    let mut groups: Vec<Group> = Vec::new();
    let mut names = Names {
        root: settings.root.clone(),
        open: BTreeMap::new(),
    };
    for document in documents {
        let alone = document.path.is_none();
        let (root, path) = match &document.path {
            Some(full) => {
                let root = inputs::root_of(full, &settings.root);
                let path = full.strip_prefix(&root).unwrap_or(full).to_owned();
                (root, path)
            }
            None => (folder.to_owned(), Utf8PathBuf::from(&document.uri)),
        };
        let shown = if alone || root == settings.root {
            path.clone()
        } else {
            root.join(&path)
        };
        let excluded = || {
            let patterns = &settings.configuration.exclude;
            patterns
                .iter()
                .any(|pattern| glob::matches(pattern, &shown))
        };
        if document.text.len() as u64 > MAX_SOURCE_BYTES || excluded() {
            continue;
        }
        let version = (document.uri.clone(), document.version);
        names.open.insert(shown, version);
        let source = Source::new(path.as_path(), document.text.as_str());
        let same = |group: &&mut Group| group.root == root && !group.alone && !alone;
        match groups.iter_mut().find(same) {
            Some(group) => group.insert(path, source),
            None => groups.push(Group {
                root,
                files: vec![(path, Some(source))],
                stdin: None,
                whole: false,
                alone,
            }),
        }
    }
    (groups, names)
}
