//! Files that say what is built from which Dockerfile: GitHub workflows, compose files, bake files.

pub(super) mod bake;
pub(super) mod compose;
pub(super) mod github;
pub(super) mod image_steps;
pub(super) mod matrix;
pub(super) mod occasion;

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::thread::ScopedJoinHandle;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use crate::dockerfile::clean_path;
use crate::lint::surroundings::Files;
use crate::shell::Invocation;
use crate::source::Source;
use crate::yaml::{self, Node};

/// A YAML file that could be read.
#[derive(Debug)]
pub(super) struct BuildFile {
    pub(super) source: Source,
    pub(super) root: Node,
    /// By where a script starts, the programs that it starts: many rules ask for them.
    scripts: OnceLock<HashMap<usize, Vec<Invocation>>>,
}

impl BuildFile {
    /// A file that was parsed.
    pub(super) const fn new(source: Source, root: Node) -> Self {
        Self {
            source,
            root,
            scripts: OnceLock::new(),
        }
    }
}

/// What of the kind there is in a repository, read once.
#[derive(Debug, Default)]
pub(super) struct BuildFiles {
    pub(super) workflows: Vec<BuildFile>,
    pub(super) compose: Vec<BuildFile>,
    pub(super) bake: Vec<bake::Bake>,
}

impl BuildFiles {
    /// Reads them.
    pub(super) fn read(files: &dyn Files) -> Self {
        std::thread::scope(|scope| {
            let compose = scope.spawn(|| compose::read(files));
            let bake = scope.spawn(|| bake::read(files));
            Self {
                workflows: read_all(files, Utf8Path::new(".github/workflows"), |_| true),
                compose: joined(compose),
                bake: joined(bake),
            }
        })
    }

    /// The build contexts that they state, by Dockerfile; the first one counts.
    pub(super) fn contexts(&self) -> BTreeMap<Utf8PathBuf, Utf8PathBuf> {
        let composed = self.compose.iter().flat_map(compose::builds);
        let composed = composed.map(|build| (build.dockerfile, build.context));
        let workflows = self.workflows.iter();
        let built = workflows
            .flat_map(BuildFile::builds)
            .flat_map(|step| step.contexts());
        let mut contexts = BTreeMap::new();
        for (dockerfile, context) in built.chain(composed) {
            contexts
                .entry(Utf8PathBuf::from(dockerfile))
                .or_insert_with(|| Utf8PathBuf::from(context));
        }
        contexts
    }

    /// The folders that they give Dockerfiles by name; of a Dockerfile's name the first one counts.
    pub(super) fn named_contexts(&self) -> HashMap<Utf8PathBuf, BTreeMap<String, Utf8PathBuf>> {
        let workflows = self.workflows.iter().flat_map(BuildFile::builds);
        let built = workflows.flat_map(|step| {
            let named = step.named_contexts();
            let contexts = step.contexts().into_iter();
            contexts.map(move |(dockerfile, _)| (dockerfile, named.clone()))
        });
        let composed = self.compose.iter().flat_map(compose::builds);
        let composed = composed.map(|build| (build.dockerfile, build.named_contexts));
        let mut all: HashMap<Utf8PathBuf, BTreeMap<String, Utf8PathBuf>> = HashMap::default();
        for (dockerfile, named) in built.chain(composed) {
            for (name, path) in named {
                all.entry(Utf8PathBuf::from(&dockerfile))
                    .or_default()
                    .entry(name)
                    .or_insert_with(|| path.into());
            }
        }
        all
    }
}

/// What a thread made.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(made) => made,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// The YAML files of a folder whose names are wanted and which can be read.
fn read_all(files: &dyn Files, folder: &Utf8Path, wanted: impl Fn(&str) -> bool) -> Vec<BuildFile> {
    files
        .list(folder)
        .iter()
        .filter(|entry| is_yaml(&entry.name) && wanted(&entry.name))
        .filter_map(|entry| {
            let source = files.read(&folder.join(&entry.name)).ok()?;
            let root = yaml::parse(&source).ok()?;
            Some(BuildFile::new(source, root))
        })
        .collect()
}

fn is_yaml(name: &str) -> bool {
    let extension = Utf8Path::new(name).extension();
    extension.is_some_and(|extension| matches!(extension, "yml" | "yaml"))
}

/// From the context's root: nothing leads out of it.
pub(in crate::lint) fn clean(path: &str) -> String {
    let mut clean = clean_path(path);
    clean.remove(0);
    clean
}

/// `folder/name`; the name alone in the root.
pub(in crate::lint) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}
