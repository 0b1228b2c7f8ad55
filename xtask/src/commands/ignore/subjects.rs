//! From the command line to the build contexts that are looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Arguments, lint_arguments};
use crate::cli::Common;
use crate::commands::lint::{self, Found, Settings};
use crate::context::{BuildContexts, DiskFolders, Limits, NodeSet, Overlay, Recipe};
use crate::dockerfile::{Dockerfile, parse};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::lint::configuration::Level;
use crate::lint::{Context, DiskFiles, Surroundings, all, of_build_contexts};
use crate::parallel;
use crate::project::Project;
use crate::project::root::normal;
use crate::project::suggestion::nearest;
use crate::source::Source;

/// An image: a Dockerfile and the stages of it that are built.
pub(in crate::commands) struct Subject {
    /// The image's name, or the Dockerfile's path where nobody names it.
    pub(in crate::commands) name: String,
    pub(in crate::commands) dockerfile: Utf8PathBuf,
    /// The stages that are built for themselves; empty where the Dockerfile says nothing (it is missing or empty).
    pub(in crate::commands) targets: Vec<usize>,
}

/// What is looked at.
pub(in crate::commands) struct Subjects {
    /// Absolute; all other paths are from here.
    pub(in crate::commands) root: Utf8PathBuf,
    pub(in crate::commands) images: Vec<Subject>,
    pub(in crate::commands) contexts: Arc<BuildContexts>,
    pub(in crate::commands) surroundings: Surroundings,
    /// What holds for the rules.
    pub(in crate::commands) settings: Settings,
    /// Files that could not be read.
    pub(in crate::commands) errors: Vec<Error>,
}

impl Subjects {
    /// Finds the Dockerfiles and their contexts, and walks. `texts` are files, from the root, as they would be.
    ///
    /// # Errors
    /// What is named is not there, or the configuration is wrong.
    pub(in crate::commands) fn gather(
        arguments: &Arguments,
        common: &Common,
        environment: &Environment,
        texts: &BTreeMap<Utf8PathBuf, String>,
    ) -> Result<Self> {
        Self::gather_known(arguments, common, environment, texts, None)
    }

    /// As [`Subjects::gather`], for somebody who has read the project already.
    ///
    /// # Errors
    /// As [`Subjects::gather`].
    pub(in crate::commands) fn gather_known(
        arguments: &Arguments,
        common: &Common,
        environment: &Environment,
        texts: &BTreeMap<Utf8PathBuf, String>,
        project: Option<&Project>,
    ) -> Result<Self> {
        if arguments.context.is_some() || arguments.file.is_some() {
            return Self::named(arguments, common, environment, texts);
        }
        let mut found =
            lint::dockerfiles(&lint_arguments(arguments), common, environment, project)?;
        narrow(&mut found.settings, arguments)?;
        Self::of(found, &arguments.subjects, texts)
    }

    /// The same of Dockerfiles that are found already; the settings hold as they are. Without `words` all images are
    /// looked at.
    ///
    /// # Errors
    /// A word names no image.
    pub(in crate::commands) fn of(
        found: Found,
        words: &[String],
        texts: &BTreeMap<Utf8PathBuf, String>,
    ) -> Result<Self> {
        let Found {
            settings,
            paths,
            mut errors,
        } = found;
        let project = settings.project.as_ref();
        // Those of the project were read with it.
        let images = project.into_iter().flat_map(|project| &project.images);
        let read: HashMap<&str, &Dockerfile> = images
            .map(|image| (image.path().as_str(), &image.dockerfile))
            .collect();
        let mut files = Vec::new();
        for path in &paths {
            if let Some(file) = read.get(path.as_str())
                && !texts.contains_key(path)
            {
                files.push((*file).clone());
                continue;
            }
            match text(&settings.root, path, texts) {
                Ok(source) => files.push(parse(&source)),
                Err(error) => errors.push(error),
            }
        }
        let surroundings = Surroundings::gather(
            Some(Box::new(DiskFiles::new(&settings.root))),
            files,
            project,
        );
        let all = subjects(&surroundings, project);
        let subjects = chosen(all, words)?;
        let contexts = subjects
            .iter()
            .map(|subject| {
                let context = surroundings.context(&subject.dockerfile);
                (subject.dockerfile.clone(), context.to_owned())
            })
            .collect();
        let root = settings.root.clone();
        let found = Self::walked(root, subjects, &contexts, surroundings, settings, texts);
        Ok(Self { errors, ..found })
    }

    /// A folder and a Dockerfile; nothing else is read.
    fn named(
        arguments: &Arguments,
        common: &Common,
        environment: &Environment,
        texts: &BTreeMap<Utf8PathBuf, String>,
    ) -> Result<Self> {
        let alone = lint::Arguments {
            no_config: true,
            ..lint_arguments(arguments)
        };
        let mut settings = Settings::read(&alone, common, environment)?;
        narrow(&mut settings, arguments)?;
        let here = &environment.current_dir;
        let context = arguments.context.as_deref().unwrap_or(Utf8Path::new(""));
        let root = normal(&here.join(context));
        if !root.is_dir() {
            let told = if context == "" { &root } else { context };
            let cause = if root.exists() {
                "it is no folder"
            } else {
                "there is no such folder"
            };
            return Err(
                Error::usage(format!("the build context {told} cannot be looked at"))
                    .because(cause)
                    .help("name the folder that `docker build` would be given"),
            );
        }
        let dockerfile = match &arguments.file {
            Some(file) => normal(&here.join(file)),
            None => root.join("Dockerfile"),
        };
        let dockerfile = match dockerfile.strip_prefix(&root) {
            Ok(inside) => inside.to_owned(),
            Err(_) => dockerfile,
        };
        let is_there = root.join(&dockerfile).symlink_metadata().is_ok();
        let files = if arguments.file.is_some() || is_there {
            vec![parse(&text(&root, &dockerfile, texts)?)]
        } else {
            Vec::new()
        };
        let around = DiskFiles::new(&root).with_texts(texts.clone());
        let mut surroundings = Surroundings::gather(Some(Box::new(around)), files, None);
        let stated = Context {
            path: Utf8PathBuf::new(),
            stated: true,
        };
        surroundings.contexts.insert(dockerfile.clone(), stated);
        let recipes = surroundings.recipes();
        let targets = match recipes.get(&dockerfile) {
            Some(recipe) => vec![target(recipe, arguments.target.as_deref())?],
            None => Vec::new(),
        };
        let subject = Subject {
            name: dockerfile.to_string(),
            dockerfile: dockerfile.clone(),
            targets,
        };
        let contexts = BTreeMap::from([(dockerfile, Utf8PathBuf::new())]);
        Ok(Self::walked(
            root,
            vec![subject],
            &contexts,
            surroundings,
            settings,
            texts,
        ))
    }

    fn walked(
        root: Utf8PathBuf,
        subjects: Vec<Subject>,
        contexts: &BTreeMap<Utf8PathBuf, Utf8PathBuf>,
        mut surroundings: Surroundings,
        settings: Settings,
        texts: &BTreeMap<Utf8PathBuf, String>,
    ) -> Self {
        let disk = DiskFolders::new(&root);
        let folders = Overlay::new(&disk, texts);
        let recipes = surroundings.recipes();
        let contexts = Arc::new(BuildContexts::gather(
            &folders,
            contexts,
            recipes,
            parallel::threads(),
        ));
        surroundings.build_contexts = Some(Arc::clone(&contexts));
        Self {
            root,
            images: subjects,
            contexts,
            surroundings,
            settings,
            errors: Vec::new(),
        }
    }

    /// Looks into the files for secrets; the rules that ask for them know no more than names without.
    pub(in crate::commands) fn look_for_secrets(&mut self) {
        let folders = DiskFolders::new(&self.root);
        self.surroundings
            .look_for_secrets(&folders, Limits::default(), parallel::threads());
    }

    /// What is sent of a view for a subject; all that is let through where nothing is known of its Dockerfile.
    fn sent_of(&self, view: usize, subject: &Subject) -> Option<NodeSet> {
        if subject.targets.is_empty() {
            return Some(self.contexts.views[view].admitted.clone());
        }
        self.contexts
            .sent_of(view, &subject.dockerfile, &subject.targets)
    }

    /// For each view, the entries that are sent for any subject (or, with `all`, let through).
    pub(in crate::commands) fn by_view(&self, all: bool) -> Vec<(usize, NodeSet)> {
        let views: BTreeSet<usize> = self
            .images
            .iter()
            .flat_map(|subject| self.contexts.views_of(&subject.dockerfile))
            .collect();
        views
            .into_iter()
            .map(|view| {
                if all {
                    return (view, self.contexts.views[view].admitted.clone());
                }
                let mut set = NodeSet::none(&self.contexts.tree);
                for subject in &self.images {
                    if self
                        .contexts
                        .views_of(&subject.dockerfile)
                        .any(|its| its == view)
                        && let Some(sent) = self.sent_of(view, subject)
                    {
                        set.insert_all(&sent);
                    }
                }
                (view, set)
            })
            .collect()
    }
}

fn text(root: &Utf8Path, path: &Utf8Path, texts: &BTreeMap<Utf8PathBuf, String>) -> Result<Source> {
    match texts.get(path) {
        Some(text) => Ok(Source::new(path, text.as_str())),
        None => Source::read(root, path),
    }
}

/// Turns off the rules that are about something else, unless rules were named.
fn narrow(settings: &mut Settings, arguments: &Arguments) -> Result<()> {
    if !arguments.only.is_empty() {
        return Ok(());
    }
    let kept: BTreeSet<&str> = of_build_contexts().iter().map(|rule| rule.code).collect();
    for rule in all().iter().filter(|rule| !kept.contains(rule.code)) {
        settings.configuration.set(rule.code, Level::Off)?;
    }
    Ok(())
}

/// The images of the manifest; without one, every Dockerfile with its last stage.
fn subjects(surroundings: &Surroundings, project: Option<&Project>) -> Vec<Subject> {
    if let Some(project) = project {
        let images = project.images.iter().map(|image| Subject {
            name: image.name.clone(),
            dockerfile: image.path().to_owned(),
            targets: std::iter::once(image.production)
                .chain(image.development)
                .collect(),
        });
        return images.collect();
    }
    let models = surroundings.dockerfiles.iter();
    models
        .map(|(path, model)| Subject {
            name: path.to_string(),
            dockerfile: path.clone(),
            targets: model
                .final_stage()
                .map(|stage| stage.index)
                .into_iter()
                .collect(),
        })
        .collect()
}

fn chosen(all: Vec<Subject>, words: &[String]) -> Result<Vec<Subject>> {
    if words.is_empty() {
        return Ok(all);
    }
    for word in words {
        let is_meant = |subject: &Subject| subject.name == *word || subject.dockerfile == *word;
        if !all.iter().any(is_meant) {
            let names: Vec<&str> = all
                .iter()
                .flat_map(|subject| [subject.name.as_str(), subject.dockerfile.as_str()])
                .collect();
            let error = Error::usage(format!("no image and no Dockerfile is called `{word}`"));
            return Err(match nearest(word, names.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("there are: {}", names.join(", "))),
            });
        }
    }
    let is_chosen = |subject: &Subject| {
        words.contains(&subject.name) || words.iter().any(|word| subject.dockerfile == *word)
    };
    Ok(all.into_iter().filter(is_chosen).collect())
}

/// A stage by name or number; the last one without.
fn target(recipe: &Recipe, name: Option<&str>) -> Result<usize> {
    let Some(name) = name else {
        return Ok(recipe.stages.len().saturating_sub(1));
    };
    let stages = &recipe.stages;
    stages
        .iter()
        .position(|stage| stage.name.eq_ignore_ascii_case(name))
        .or_else(|| name.parse().ok().filter(|index| *index < stages.len()))
        .ok_or_else(|| {
            let names: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
            Error::usage(format!("{} has no stage `{name}`", recipe.dockerfile))
                .help(format!("its stages are: {}", names.join(", ")))
        })
}
