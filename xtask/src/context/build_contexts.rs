//! All build contexts of a repository, in one walk.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};

use camino::{Utf8Path, Utf8PathBuf};

use super::coverage::{Coverage, coverage};
use super::flow::Given;
use super::folders::Folders;
use super::ignore_file::IgnoreFile;
use super::node_set::NodeSet;
use super::recipe::{From, Recipe, StepKind, Take};
use super::selection::{Selection, taken};
use super::selections::{OfView, Selections};
use super::sent::{admitted, sent, step_takes};
use super::tree::Tree;
use super::walk::{View, Walk};
use crate::error::{Error, Result};

/// What enters the builds of a repository.
#[derive(Debug)]
pub struct BuildContexts {
    /// Everything below the root, with the decision of each view.
    pub tree: Tree,
    /// Every context with every ignore file that counts in it, once. A view's place is its number in [`Tree`].
    pub views: Vec<ContextView>,
    /// What the Dockerfiles' steps take, as far as that is known.
    pub recipes: BTreeMap<Utf8PathBuf, Recipe>,
    /// Ignore files that cannot be read. Their Dockerfiles have no view: nobody knows what enters.
    pub errors: Vec<Error>,
    by_dockerfile: BTreeMap<Utf8PathBuf, usize>,
    /// The views of named contexts, by their folder.
    named: BTreeMap<Utf8PathBuf, usize>,
    /// The same by Dockerfile that takes from them, in the order of the folders.
    named_by: BTreeMap<Utf8PathBuf, Vec<usize>>,
    /// By view, what it lets through of each category: worked out when somebody asks, for all who do.
    coverages: Vec<OnceLock<Vec<Coverage>>>,
    selections: Selections,
}

/// A build context with the ignore file that counts in it.
#[derive(Debug)]
pub struct ContextView {
    /// The context, from the root of the walk.
    pub root: Utf8PathBuf,
    /// What steps say that take from it: [`From::Context`], or the name of a context besides the Dockerfile's own.
    pub from: From,
    /// `None` where there is none: everything enters.
    pub ignore: Option<IgnoreFile>,
    /// The Dockerfiles that are built so, or that take something from it by name, sorted.
    pub dockerfiles: Vec<Utf8PathBuf>,
    /// What the ignore file lets through, with the folders that it lies in.
    pub admitted: NodeSet,
}

/// A step that takes something from its build context.
#[derive(Clone, Copy, Debug)]
pub struct ContextTake<'r> {
    /// The place of its stage.
    pub stage: usize,
    /// The place of the step in its stage.
    pub step: usize,
    /// What it takes.
    pub take: &'r Take,
    /// A bind mount, no copy.
    pub is_mount: bool,
}

impl ContextTake<'_> {
    /// What it takes of what is there.
    #[must_use]
    pub fn of(&self, tree: &Tree, context: &View<'_>, available: &NodeSet) -> Selection {
        taken(tree, context, available, self.take, self.is_mount)
    }
}

impl BuildContexts {
    /// Reads the ignore files, and walks. `contexts` has the build context of each Dockerfile; all paths are from the
    /// root of `folders`.
    #[must_use]
    pub fn gather(
        folders: &dyn Folders,
        contexts: &BTreeMap<Utf8PathBuf, Utf8PathBuf>,
        recipes: BTreeMap<Utf8PathBuf, Recipe>,
        threads: NonZeroUsize,
    ) -> Self {
        let mut files: BTreeMap<Utf8PathBuf, Option<IgnoreFile>> = BTreeMap::new();
        let mut errors = Vec::new();
        let mut read = |path: &Utf8PathBuf| -> Option<IgnoreFile> {
            let file = files.entry(path.clone()).or_insert_with(|| {
                let read: Result<_> = folders.text(path).map(IgnoreFile::parse);
                read.map_err(|error| errors.push(error)).ok()
            });
            file.clone()
        };
        let mut places: BTreeMap<(&Utf8Path, Option<Utf8PathBuf>), usize> = BTreeMap::new();
        let mut views: Vec<ContextView> = Vec::new();
        let mut by_dockerfile = BTreeMap::new();
        for (dockerfile, context) in contexts {
            let path = IgnoreFile::find(folders, dockerfile, context);
            let ignore = match &path {
                None => None,
                Some(path) => {
                    let Some(file) = read(path) else {
                        continue;
                    };
                    Some(file)
                }
            };
            let place = *places.entry((context, path)).or_insert(views.len());
            if place == views.len() {
                views.push(ContextView {
                    root: context.clone(),
                    from: From::Context,
                    ignore,
                    dockerfiles: Vec::new(),
                    admitted: NodeSet::default(),
                });
            }
            views[place].dockerfiles.push(dockerfile.clone());
            by_dockerfile.insert(dockerfile.clone(), place);
        }
        let mut named = BTreeMap::new();
        let mut named_by: BTreeMap<Utf8PathBuf, Vec<usize>> = BTreeMap::new();
        for (root, dockerfiles) in named_contexts(contexts, &recipes) {
            // For a context by name its own ignore file counts, and no Dockerfile's.
            let path = root.join(".dockerignore");
            let mut ignore = None;
            if folders.exists(&path) {
                ignore = read(&path);
                if ignore.is_none() {
                    continue;
                }
            }
            named.insert(root.clone(), views.len());
            for dockerfile in &dockerfiles {
                let its = named_by.entry(dockerfile.clone()).or_default();
                its.push(views.len());
            }
            views.push(ContextView {
                from: From::NamedContext(root.clone()),
                root,
                ignore,
                dockerfiles,
                admitted: NodeSet::default(),
            });
        }
        let tree = Walk {
            folders,
            views: &views.iter().map(ContextView::view).collect::<Vec<_>>(),
            measure: true,
            threads,
        }
        .carry_out();
        for (index, view) in views.iter_mut().enumerate() {
            view.admitted = admitted(&tree, index, &view.view());
        }
        Self {
            coverages: views.iter().map(|_| OnceLock::new()).collect(),
            selections: Selections::default(),
            tree,
            views,
            recipes,
            errors,
            by_dockerfile,
            named,
            named_by,
        }
    }

    /// What a view lets through of each category; several rules ask for it, and it is worked out once.
    #[must_use]
    pub fn coverage(&self, view: usize) -> &[Coverage] {
        self.coverages[view].get_or_init(|| coverage(self, view))
    }

    /// What a step takes of what a view lets through.
    #[must_use]
    pub fn selection(&self, view: usize, take: &ContextTake<'_>) -> Arc<Selection> {
        let seen = &self.views[view];
        let (context, is_mount) = (seen.view(), take.is_mount);
        let selections = self.selections(view);
        selections.get(&self.tree, &context, &seen.admitted, take.take, is_mount)
    }

    fn selections(&self, view: usize) -> OfView<'_> {
        OfView {
            selections: &self.selections,
            view,
        }
    }

    /// The number of the view of a folder that Dockerfiles take from by name.
    #[must_use]
    pub fn named_view(&self, root: &Utf8Path) -> Option<usize> {
        self.named.get(root).copied()
    }

    /// The numbers of all views that a Dockerfile takes from: its own context first.
    pub fn views_of(&self, dockerfile: &Utf8Path) -> impl Iterator<Item = usize> {
        let named = self.named_by.get(dockerfile).into_iter().flatten();
        self.view_of(dockerfile).into_iter().chain(named.copied())
    }

    /// What a step of a Dockerfile finds where it takes from; `None` where that is no folder of this repository, or
    /// nobody knows what enters.
    #[must_use]
    pub fn given(&self, dockerfile: &Utf8Path, from: &From) -> Option<Given<'_>> {
        let view = match from {
            From::Context => self.view_of(dockerfile)?,
            From::NamedContext(root) => self.named_view(root)?,
            From::Stage(_) | From::Image(_) => return None,
        };
        let seen = &self.views[view];
        Some(Given {
            view: seen.view(),
            available: &seen.admitted,
            selections: Some(self.selections(view)),
        })
    }

    /// The number of the view that a Dockerfile is built with.
    #[must_use]
    pub fn view_of(&self, dockerfile: &Utf8Path) -> Option<usize> {
        self.by_dockerfile.get(dockerfile).copied()
    }

    /// What is sent of its build context when some stages of a Dockerfile are built; `None` where its ignore file or its
    /// steps are not known.
    #[must_use]
    pub fn sent(&self, dockerfile: &Utf8Path, stages: &[usize]) -> Option<NodeSet> {
        let index = self.view_of(dockerfile)?;
        self.sent_of(index, dockerfile, stages)
    }

    /// The same of any view that it takes from.
    #[must_use]
    pub fn sent_of(&self, view: usize, dockerfile: &Utf8Path, stages: &[usize]) -> Option<NodeSet> {
        let recipe = self.recipes.get(dockerfile)?;
        let seen = &self.views[view];
        Some(sent(
            &self.tree,
            view,
            &seen.view(),
            &seen.admitted,
            &seen.from,
            recipe,
            stages,
        ))
    }
}

impl ContextView {
    /// It, as a walk wants it.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View {
            root: &self.root,
            patterns: self.ignore.as_ref().map(|ignore| &ignore.patterns),
        }
    }

    /// What the steps of a Dockerfile take from it, in order.
    pub fn takes<'r>(&'r self, recipe: &'r Recipe) -> impl Iterator<Item = ContextTake<'r>> {
        recipe.takes(&self.from)
    }

    /// A path of the walk as the context has it; `None` outside of the context.
    #[must_use]
    pub fn inside<'p>(&self, path: &'p Utf8Path) -> Option<&'p Utf8Path> {
        path.strip_prefix(&self.root).ok()
    }
}

/// The folders that Dockerfiles take from by name, and who does.
fn named_contexts(
    contexts: &BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    recipes: &BTreeMap<Utf8PathBuf, Recipe>,
) -> BTreeMap<Utf8PathBuf, Vec<Utf8PathBuf>> {
    let mut named: BTreeMap<Utf8PathBuf, Vec<Utf8PathBuf>> = BTreeMap::new();
    for (path, recipe) in recipes
        .iter()
        .filter(|(path, _)| contexts.contains_key(*path))
    {
        let steps = recipe.stages.iter().flat_map(|stage| &stage.steps);
        for take in steps.flat_map(step_takes) {
            if let From::NamedContext(root) = &take.from {
                let dockerfiles = named.entry(root.clone()).or_default();
                if dockerfiles.last() != Some(path) {
                    dockerfiles.push(path.clone());
                }
            }
        }
    }
    named
}

impl Recipe {
    /// What its steps take from a context, in order.
    fn takes<'r>(&'r self, from: &'r From) -> impl Iterator<Item = ContextTake<'r>> {
        self.stages
            .iter()
            .enumerate()
            .flat_map(move |(stage, steps)| {
                steps
                    .steps
                    .iter()
                    .enumerate()
                    .flat_map(move |(step, what)| {
                        let is_mount = matches!(what.kind, StepKind::Run { .. });
                        let takes: &[Take] = match &what.kind {
                            StepKind::Copy { take, .. } => std::slice::from_ref(take),
                            StepKind::Run { mounts, .. } => mounts,
                            StepKind::Workdir(_) | StepKind::Other => &[],
                        };
                        takes
                            .iter()
                            .filter(move |take| take.from == *from)
                            .map(move |take| ContextTake {
                                stage,
                                step,
                                take,
                                is_mount,
                            })
                    })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::MemoryFolders;

    #[test]
    fn dockerfiles_that_share_context_and_ignore_file_share_a_view() {
        let folders = MemoryFolders::default()
            .with_text(".dockerignore", "*.md\n")
            .with_text("x.md", "text")
            .with_text("a/Dockerfile", "")
            .with_text("b/Dockerfile", "")
            .with_text("c/Dockerfile", "")
            .with_text("c/Dockerfile.dockerignore", "");
        let contexts = [
            ("a/Dockerfile", ""),
            ("b/Dockerfile", ""),
            ("c/Dockerfile", ""),
            ("d/Dockerfile", "a"),
        ];
        let contexts = contexts
            .into_iter()
            .map(|(dockerfile, context)| (dockerfile.into(), context.into()))
            .collect();
        let found = BuildContexts::gather(&folders, &contexts, BTreeMap::new(), NonZeroUsize::MIN);
        let views: Vec<_> = found
            .views
            .iter()
            .map(|view| {
                let ignore = view.ignore.as_ref().map(IgnoreFile::path);
                (view.root.as_str(), ignore, view.dockerfiles.len())
            })
            .collect();
        assert_eq!(
            views,
            [
                ("", Some(".dockerignore".into()), 2),
                ("", Some("c/Dockerfile.dockerignore".into()), 1),
                ("a", None, 1),
            ]
        );
        let file = found.tree.find(Utf8Path::new("x.md")).unwrap();
        let lets = |dockerfile: &str| {
            let view = found.view_of(Utf8Path::new(dockerfile)).unwrap();
            found.views[view].admitted.contains(file)
        };
        assert_eq!(
            ["a/Dockerfile", "c/Dockerfile", "d/Dockerfile"].map(lets),
            [false, true, false]
        );
    }

    #[test]
    fn an_ignore_file_that_cannot_be_read_leaves_its_dockerfiles_without_a_view() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        std::fs::write(root.join(".dockerignore"), b"\xff").unwrap();
        std::fs::write(root.join("x.dockerignore"), "").unwrap();
        let contexts = ["Dockerfile", "x"]
            .map(|path| (path.into(), "".into()))
            .into();
        let found = BuildContexts::gather(
            &super::super::DiskFolders::new(root),
            &contexts,
            BTreeMap::new(),
            NonZeroUsize::MIN,
        );
        assert_eq!(found.errors.len(), 1);
        assert_eq!(found.view_of(Utf8Path::new("Dockerfile")), None);
        assert_eq!(found.view_of(Utf8Path::new("x")), Some(0));
    }
}
