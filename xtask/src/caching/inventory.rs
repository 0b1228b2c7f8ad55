//! The edits that a repository lets one think of: one for each effect that a changed file can have.
//!
//! Files that the same steps take have the same effect, so one of them stands for all. Which steps those are is read from
//! the Dockerfiles; no folder is known by its name.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::edit::{Class, Edit, FileEdit};
use super::file_kind::{FileKind, file_kind};
use super::touch::{Manner, Touch, manner};
use crate::context::{
    BuildContexts, IgnoreFile, Kind, NodeId, StageReference, StepKind, StepReference, Target,
    stages_of,
};

/// The name of the variable that an edit puts before a `RUN`, and of the label that one adds.
const MARK: &str = "DOCKER_CACHE_PROBE";

/// What edits are made of.
#[derive(Clone, Copy, Debug)]
pub struct Inventory<'a> {
    /// What enters the builds.
    pub contexts: &'a BuildContexts,
    /// What is built.
    pub targets: &'a [Target],
    /// What there is besides.
    pub other: Other<'a>,
}

/// What there is besides what enters the builds.
#[derive(Clone, Copy, Debug)]
pub struct Other<'a> {
    /// The files of the repository, sorted; those that no build takes are among them.
    pub files: &'a [Utf8PathBuf],
    /// The manifest of the project.
    pub manifest: &'a Utf8Path,
    /// The names of the build arguments that the manifest sets.
    pub arguments: &'a [String],
}

/// The steps that take a file.
type Takers = BTreeSet<StepReference>;

impl Inventory<'_> {
    /// The edits, by class and then by subject.
    #[must_use]
    pub fn edits(&self) -> Vec<Edit> {
        let needed = self.needed();
        let taken = self.taken(&needed);
        let mut edits: Vec<Edit> = [Class::Nothing, Class::Commit]
            .map(|class| Edit {
                class,
                subject: String::new(),
                files: Vec::new(),
                alike: 1,
            })
            .into();
        self.of_taken_files(&taken, &needed, &mut edits);
        self.of_other_files(&taken, &mut edits);
        self.of_dockerfiles(&needed, &mut edits);
        self.of_ignore_files(&mut edits);
        edits.push(Edit {
            class: Class::Manifest,
            subject: self.other.manifest.to_string(),
            files: vec![appended(self.other.manifest)],
            alike: 1,
        });
        edits.extend(self.other.arguments.iter().map(|name| Edit {
            class: Class::Argument,
            subject: name.clone(),
            files: Vec::new(),
            alike: 1,
        }));
        edits.sort_by(|a, b| (a.class, &a.subject).cmp(&(b.class, &b.subject)));
        edits
    }

    /// The steps that take each file, for files that any take.
    #[must_use]
    pub fn takers(&self) -> BTreeMap<Utf8PathBuf, BTreeSet<StepReference>> {
        let tree = &self.contexts.tree;
        let taken = self.taken(&self.needed());
        let paths = taken
            .into_iter()
            .map(|(node, takers)| (tree.path(node), takers));
        paths.collect()
    }

    /// The stages that are needed, with the places of the targets that need them.
    fn needed(&self) -> BTreeMap<StageReference, BTreeSet<usize>> {
        let mut needed: BTreeMap<StageReference, BTreeSet<usize>> = BTreeMap::new();
        for (index, target) in self.targets.iter().enumerate() {
            for stage in stages_of(&self.contexts.recipes, target) {
                needed.entry(stage).or_default().insert(index);
            }
        }
        needed
    }

    fn taken(
        &self,
        needed: &BTreeMap<StageReference, BTreeSet<usize>>,
    ) -> BTreeMap<NodeId, Takers> {
        let tree = &self.contexts.tree;
        let mut taken: BTreeMap<NodeId, Takers> = BTreeMap::new();
        for (dockerfile, recipe) in &self.contexts.recipes {
            for index in self.contexts.views_of(dockerfile) {
                let view = &self.contexts.views[index];
                for take in view.takes(recipe) {
                    let stage = StageReference {
                        dockerfile: dockerfile.clone(),
                        stage: take.stage,
                    };
                    if !needed.contains_key(&stage) {
                        continue;
                    }
                    let step = StepReference {
                        stage,
                        step: take.step + 1,
                    };
                    let selection = self.contexts.selection(index, &take);
                    for node in selection.nodes.iter() {
                        if tree.kind(node) == Kind::File {
                            taken.entry(node).or_default().insert(step.clone());
                        }
                    }
                }
            }
        }
        taken
    }

    fn of_taken_files(
        &self,
        taken: &BTreeMap<NodeId, Takers>,
        needed: &BTreeMap<StageReference, BTreeSet<usize>>,
        edits: &mut Vec<Edit>,
    ) {
        let tree = &self.contexts.tree;
        let mut groups: BTreeMap<&Takers, Vec<Utf8PathBuf>> = BTreeMap::new();
        for (node, takers) in taken {
            groups.entry(takers).or_default().push(tree.path(*node));
        }
        for (takers, mut paths) in groups {
            paths.sort();
            let targets: BTreeSet<usize> = takers
                .iter()
                .filter_map(|step| needed.get(&step.stage))
                .flatten()
                .copied()
                .collect();
            let of_kind = |kind: FileKind| -> Vec<&Utf8PathBuf> {
                paths
                    .iter()
                    .filter(|path| file_kind(path) == kind)
                    .collect()
            };
            let class = if targets.len() > 1 {
                Class::Shared
            } else {
                Class::Source
            };
            for (kind, class) in [
                (FileKind::Source, class),
                (FileKind::Test, Class::Test),
                (FileKind::Documentation, Class::Documentation),
            ] {
                let alike = of_kind(kind);
                edits.extend(typical(&alike).map(|path| Edit {
                    class,
                    subject: path.to_string(),
                    files: vec![appended(path)],
                    alike: alike.len(),
                }));
            }
            let manifests = of_kind(FileKind::Manifest);
            let lockfiles = of_kind(FileKind::Lockfile);
            // The one that is nearest to the root is that of the whole.
            let lockfile = lockfiles
                .iter()
                .min_by_key(|path| path.components().count());
            let manifest = manifests
                .iter()
                .min_by_key(|path| path.components().count());
            edits.extend(lockfile.map(|path| Edit {
                class: Class::Lockfile,
                subject: path.to_string(),
                files: vec![appended(path)],
                alike: lockfiles.len(),
            }));
            edits.extend(manifest.map(|path| {
                Edit {
                    class: Class::Dependencies,
                    subject: path.to_string(),
                    files: std::iter::once(path)
                        .chain(lockfile)
                        .map(|path| appended(path))
                        .collect(),
                    alike: manifests.len(),
                }
            }));
        }
    }

    /// One for each kind of which no file is taken: what nobody builds from costs nothing.
    fn of_other_files(&self, taken: &BTreeMap<NodeId, Takers>, edits: &mut Vec<Edit>) {
        let tree = &self.contexts.tree;
        let recipes = &self.contexts.recipes;
        let ignore_files = self.ignore_files();
        let is_other = |path: &&Utf8PathBuf| {
            let node = tree.find(path);
            node.is_none_or(|node| !taken.contains_key(&node))
                && !recipes.contains_key(path.as_path())
                && !ignore_files.contains(path)
                && path.as_path() != self.other.manifest
        };
        // Files among those that builds take say more than files elsewhere.
        let folders: BTreeSet<Utf8PathBuf> = taken
            .keys()
            .filter_map(|node| Some(tree.path(*node).parent()?.to_owned()))
            .collect();
        let is_near = |path: &Utf8Path| {
            let mut above = path.ancestors().skip(1);
            above.any(|folder| folder != "" && folders.contains(folder))
        };
        for (kind, class) in [
            (FileKind::Source, Class::Other),
            (FileKind::Test, Class::Test),
            (FileKind::Documentation, Class::Documentation),
        ] {
            let is_of_kind = |path: &&Utf8PathBuf| file_kind(path) == kind;
            let others = self.other.files.iter().filter(is_of_kind).filter(is_other);
            let (near, far): (Vec<&Utf8PathBuf>, Vec<&Utf8PathBuf>) =
                others.partition(|path| is_near(path));
            let alike = near.len() + far.len();
            let found = typical(&near).or_else(|| typical(&far));
            edits.extend(found.map(|path| Edit {
                class,
                subject: path.to_string(),
                files: vec![appended(path)],
                alike,
            }));
        }
    }

    fn of_dockerfiles(
        &self,
        needed: &BTreeMap<StageReference, BTreeSet<usize>>,
        edits: &mut Vec<Edit>,
    ) {
        for (path, recipe) in &self.contexts.recipes {
            let mut stages = recipe.stages.iter().enumerate();
            let is_needed = |index: usize| {
                needed.contains_key(&StageReference {
                    dockerfile: path.clone(),
                    stage: index,
                })
            };
            if !stages.any(|(index, _)| is_needed(index)) {
                continue;
            }
            edits.push(Edit {
                class: Class::Comment,
                subject: path.to_string(),
                files: vec![FileEdit {
                    path: path.clone(),
                    touch: Touch::Append(Manner::Comment("# ", "")),
                }],
                alike: 1,
            });
            let mut runs: Vec<usize> = Vec::new();
            for (_, stage) in recipe
                .stages
                .iter()
                .enumerate()
                .filter(|(i, _)| is_needed(*i))
            {
                let own = stage.steps.iter().filter(|step| {
                    matches!(step.kind, StepKind::Run { .. }) && step.location.source.path() == path
                });
                runs.extend(own.map(|step| line_of(&step.location)));
            }
            runs.sort_unstable();
            let ends = [runs.first(), runs.last()];
            for line in ends.into_iter().flatten().collect::<BTreeSet<_>>() {
                edits.push(inserted(
                    Class::Instruction,
                    path,
                    *line,
                    format!("ENV {MARK}={{mark}}"),
                ));
            }
            let last = (0..recipe.stages.len())
                .rev()
                .find(|index| is_needed(*index));
            // One that `ONBUILD` adds stands elsewhere.
            let own = last.and_then(|index| {
                let mut steps = recipe.stages[index].steps.iter();
                steps.rfind(|step| step.location.source.path() == path)
            });
            if let Some(step) = own {
                let line = line_of(&step.location);
                edits.push(inserted(
                    Class::Label,
                    path,
                    line,
                    format!("LABEL {MARK}={{mark}}"),
                ));
            }
        }
    }

    fn of_ignore_files(&self, edits: &mut Vec<Edit>) {
        edits.extend(self.ignore_files().into_iter().map(|path| Edit {
            class: Class::Ignore,
            subject: path.to_string(),
            files: vec![FileEdit {
                path,
                touch: Touch::Append(Manner::Comment("# ", "")),
            }],
            alike: 1,
        }));
    }

    fn ignore_files(&self) -> Vec<Utf8PathBuf> {
        let views = self.contexts.views.iter();
        let files: BTreeSet<Utf8PathBuf> = views
            .filter_map(|view| view.ignore.as_ref())
            .map(IgnoreFile::path)
            .collect();
        files.into_iter().collect()
    }
}

fn appended(path: &Utf8Path) -> FileEdit {
    FileEdit {
        path: path.to_owned(),
        touch: Touch::Append(manner(path)),
    }
}

fn inserted(class: Class, path: &Utf8Path, line: usize, text: String) -> Edit {
    Edit {
        class,
        subject: format!("{path}:{line}"),
        files: vec![FileEdit {
            path: path.to_owned(),
            touch: Touch::Insert { line, text },
        }],
        alike: 1,
    }
}

fn line_of(location: &crate::source::Location) -> usize {
    location.source.line_column(location.span.start).line
}

/// The first file, in order, of the kind that most files are of; those that can hold a comment go before others.
fn typical<'p>(paths: &[&'p Utf8PathBuf]) -> Option<&'p Utf8PathBuf> {
    let mut counts: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    let key = |path: &'p Utf8PathBuf| {
        let can_comment = manner(path) != Manner::Space;
        (can_comment, path.extension().unwrap_or_default())
    };
    for path in paths {
        *counts.entry(key(path)).or_default() += 1;
    }
    let ((can_comment, extension), _) =
        counts
            .into_iter()
            .max_by_key(|((can_comment, extension), count)| {
                (*can_comment, *count, std::cmp::Reverse(*extension))
            })?;
    paths
        .iter()
        .copied()
        .find(|path| key(path) == (can_comment, extension))
}
