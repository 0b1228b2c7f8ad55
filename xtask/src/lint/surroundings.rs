//! What is around a Dockerfile: the files of the repository, the other Dockerfiles, who builds it and with what.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use crate::context::{BuildContexts, Folders, Limits, NodeSet, SensitiveFiles, sensitive_files};
use crate::dockerfile::Dockerfile;
use crate::error::Result;
use crate::lint::build_files::bake::Bake;
use crate::lint::build_files::{BuildFile, BuildFiles};
use crate::lint::ignore_files::IgnoreFiles;
use crate::lint::model::Model;
use crate::lint::published::Published;
use crate::source::Source;

/// What a rule may know about the repository.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The files of the repository; `None` where only one text is known (standard input).
    pub files: Option<Arc<dyn Files>>,
    /// The Dockerfiles of the repository whose meaning is known, by path: in a rule for one Dockerfile only those that
    /// are joined with others by `FROM`, in a rule for the repository all.
    pub dockerfiles: BTreeMap<Utf8PathBuf, Arc<Model>>,
    /// Where each Dockerfile's build context is; the root where nothing is said.
    pub contexts: HashMap<Utf8PathBuf, Context>,
    /// By Dockerfile, the folders that it may take from by name, from the repository's root.
    pub named_contexts: HashMap<Utf8PathBuf, BTreeMap<String, Utf8PathBuf>>,
    /// The image that a Dockerfile's stage is published as, for images of this repository: reference without tag →
    /// (Dockerfile, stage).
    pub own_images: BTreeMap<String, (Utf8PathBuf, usize)>,
    /// What enters the builds, where a command looked: it takes a walk through all files.
    pub build_contexts: Option<Arc<BuildContexts>>,
    /// What is secret among what enters the builds, where a command looked into the files.
    pub sensitive_files: Option<SensitiveFiles>,
    /// What registries say about images from outside, where they were asked.
    pub published: Published,
    /// Workflows and compose files.
    pub(super) build_files: Arc<BuildFiles>,
    /// Ignore files of [`Self::files`] that a rule asked for.
    pub(super) ignore_files: Arc<IgnoreFiles>,
    /// Build arguments that are set from outside.
    pub(super) arguments: Arc<BTreeMap<String, String>>,
}

/// A build context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// From the repository's root.
    pub path: Utf8PathBuf,
    /// The manifest, a workflow or a compose file says so; otherwise it is a guess.
    pub stated: bool,
}

impl Context {
    /// As somebody writes it.
    pub(super) fn stated(written: &Utf8Path) -> Self {
        Self {
            path: written.strip_prefix(".").unwrap_or(written).to_owned(),
            stated: true,
        }
    }
}

/// What is around Dockerfiles, whichever they are.
#[derive(Clone, Debug, Default)]
pub struct Around {
    pub(super) files: Option<Arc<dyn Files>>,
    /// Workflows, bake files and compose files.
    pub(super) build_files: Arc<BuildFiles>,
    /// Ignore files that a rule asked for.
    pub(super) ignore_files: Arc<IgnoreFiles>,
}

impl Around {
    /// Reads what of some files builds images.
    #[must_use]
    pub fn read(files: Option<Box<dyn Files>>) -> Self {
        Self {
            build_files: Arc::new(files.as_deref().map(BuildFiles::read).unwrap_or_default()),
            ignore_files: Arc::default(),
            files: files.map(Arc::from),
        }
    }
}

impl Surroundings {
    /// Nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            files: None,
            dockerfiles: BTreeMap::new(),
            contexts: HashMap::default(),
            named_contexts: HashMap::default(),
            own_images: BTreeMap::new(),
            build_contexts: None,
            sensitive_files: None,
            published: Published::default(),
            build_files: Arc::default(),
            ignore_files: Arc::default(),
            arguments: Arc::default(),
        }
    }

    /// The same, with what enters the builds: one walk through `folders`, whose root is the repository's.
    #[must_use]
    pub fn with_build_contexts(mut self, folders: &dyn Folders, threads: NonZeroUsize) -> Self {
        let contexts = self
            .dockerfiles
            .keys()
            .map(|path| (path.clone(), self.context(path).to_owned()))
            .collect();
        let found = BuildContexts::gather(folders, &contexts, self.recipes(), threads);
        self.build_contexts = Some(Arc::new(found));
        self
    }

    /// Looks for secrets in what enters the builds; `folders` are those of [`Self::with_build_contexts`].
    pub fn look_for_secrets(
        &mut self,
        folders: &dyn Folders,
        limits: Limits,
        threads: NonZeroUsize,
    ) {
        let Some(contexts) = &self.build_contexts else {
            return;
        };
        let mut all = NodeSet::none(&contexts.tree);
        for view in &contexts.views {
            all.insert_all(&view.admitted);
        }
        let found = sensitive_files(folders, &contexts.tree, &all, limits, threads);
        self.sensitive_files = Some(found);
    }

    /// The meaning of a Dockerfile that starts from no other one of the repository.
    pub(super) fn model_of(&self, file: Dockerfile) -> Model {
        Model::read(file, Arc::clone(&self.arguments), &|_| None)
    }

    /// The same, with the meaning of more Dockerfiles.
    pub(super) fn with(&self, models: impl IntoIterator<Item = Arc<Model>>) -> Self {
        let mut more = self.clone();
        let named = |model: Arc<Model>| (model.file.source.path().to_owned(), model);
        more.dockerfiles.extend(models.into_iter().map(named));
        more
    }

    /// The build context of a Dockerfile, from the root.
    #[must_use]
    pub fn context(&self, dockerfile: &Utf8Path) -> &Utf8Path {
        self.contexts
            .get(dockerfile)
            .map_or(Utf8Path::new(""), |context| &context.path)
    }

    /// Whether someone states the build context of a Dockerfile.
    #[must_use]
    pub fn states_context(&self, dockerfile: &Utf8Path) -> bool {
        let context = self.contexts.get(dockerfile);
        context.is_some_and(|context| context.stated)
    }

    /// The workflows of the repository that could be read.
    pub(super) fn workflows(&self) -> &[BuildFile] {
        &self.build_files.workflows
    }

    /// The bake files of the repository that could be read, by folder.
    pub(super) fn bake_files(&self) -> &[Bake] {
        &self.build_files.bake
    }

    /// The compose files of the repository that could be read.
    pub(super) fn compose_files(&self) -> &[BuildFile] {
        &self.build_files.compose
    }
}

/// The files below a root. Paths are relative to it, with `/`, without `./`; the root is the empty path.
pub trait Files: fmt::Debug + Send + Sync {
    /// What stands at a path; links are not followed.
    fn kind(&self, path: &Utf8Path) -> Option<EntryKind>;
    /// What a folder holds, by name. Empty if it is none.
    fn list(&self, folder: &Utf8Path) -> Arc<[Entry]>;
    /// A file's text.
    ///
    /// # Errors
    /// If it is no file, too large or no UTF-8.
    fn read(&self, path: &Utf8Path) -> Result<Source>;
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name, without the folder.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, socket or device.
    Other,
}

#[cfg(test)]
impl Surroundings {
    /// What some files say about each other, by path: those called so are Dockerfiles.
    pub(in crate::lint) fn of_texts(files: &[(&str, &str)]) -> Self {
        let is_dockerfile = |(path, _): &&(&str, &str)| path.contains("Dockerfile");
        let dockerfiles = files.iter().filter(is_dockerfile);
        let dockerfiles = dockerfiles
            .map(|(path, text)| crate::dockerfile::parse(&Source::new(*path, *text)))
            .collect();
        let memory = files
            .iter()
            .map(|(path, text)| (Utf8PathBuf::from(*path), (*text).to_owned()))
            .collect();
        Self::gather(Some(Box::new(MemoryFiles(memory))), dockerfiles, None)
    }
}

/// Files that are texts in memory: for examples and tests.
#[derive(Debug, Default)]
pub struct MemoryFiles(pub BTreeMap<Utf8PathBuf, String>);

impl Files for MemoryFiles {
    fn kind(&self, path: &Utf8Path) -> Option<EntryKind> {
        if self.0.contains_key(path) {
            return Some(EntryKind::File);
        }
        let inside = path.as_str().is_empty() || self.0.keys().any(|file| file.starts_with(path));
        inside.then_some(EntryKind::Folder)
    }

    fn list(&self, folder: &Utf8Path) -> Arc<[Entry]> {
        let mut entries: Vec<Entry> = self
            .0
            .keys()
            .filter_map(|file| {
                let mut rest = file.strip_prefix(folder).ok()?.components();
                let name = rest.next()?.as_str().to_owned();
                let kind = match rest.next() {
                    Some(_) => EntryKind::Folder,
                    None => EntryKind::File,
                };
                Some(Entry { name, kind })
            })
            .collect();
        entries.sort();
        entries.dedup();
        entries.into()
    }

    fn read(&self, path: &Utf8Path) -> Result<Source> {
        let text = self.0.get(path).ok_or_else(|| {
            crate::error::Error::usage(format!("failed to read {path}"))
                .because("there is no such file")
        })?;
        Ok(Source::new(path, text.as_str()))
    }
}
