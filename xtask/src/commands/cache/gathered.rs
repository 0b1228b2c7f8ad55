//! What is known of the repository, and what its builds are after an edit.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::Arguments;
use crate::bake::{Plan, PlanOptions, Target as PlanTarget};
use crate::caching::{Class, Edit, Inventory, Other};
use crate::cli::Common;
use crate::commands::build::{StageChoice, selected_targets};
use crate::commands::ignore::{self, Subjects};
use crate::context::{From, Kind, Recipe, Target, View};
use crate::dockerfile::parse;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git;
use crate::lint::Surroundings;
use crate::project::suggestion::nearest;
use crate::project::volatile::COMMIT_ARGUMENTS;
use crate::project::{Project, root};
use crate::source::Source;

/// What is known of the repository.
pub(super) struct Gathered {
    pub(super) project: Project,
    pub(super) plan: Plan,
    pub(super) looked: Subjects,
    /// The images that are looked at.
    pub(super) targets: Vec<Target>,
    /// The names of their targets in the plan.
    pub(super) planned: Vec<String>,
    /// The files of the repository, sorted: those that git follows or does not ignore, or, without git, all that the
    /// build contexts hold.
    pub(super) files: Vec<Utf8PathBuf>,
    /// Why there is no git, if there is none.
    pub(super) without_git: Option<String>,
    /// The edits that were asked for.
    pub(super) edits: Vec<Edit>,
}

/// The recipes of all Dockerfiles.
pub(super) type Recipes = BTreeMap<Utf8PathBuf, Recipe>;

impl Gathered {
    pub(super) fn find(
        arguments: &Arguments,
        common: &Common,
        environment: &Environment,
    ) -> Result<Self> {
        let place = root::find(&environment.current_dir, common.manifest.as_deref())?;
        let project = Project::load(&place)?;
        let plan = Plan::new(&project, &PlanOptions::default())?;
        let chosen = selected_targets(&project, &plan, &arguments.images, StageChoice::Production)?;
        let targets = chosen
            .iter()
            .filter_map(|target| target_of(&project, target));
        let targets: Vec<Target> = targets.collect();
        let planned = chosen.iter().map(|target| target.name.clone()).collect();
        let looked = Subjects::gather(
            &ignore::Arguments::default(),
            common,
            environment,
            &BTreeMap::new(),
        )?;
        Error::all(looked.errors.iter().cloned())?;
        Error::all(looked.contexts.errors.iter().cloned())?;
        let listed = git::files(
            environment.runner.as_ref(),
            &project.root,
            Utf8Path::new("."),
        );
        let (files, without_git) = match listed {
            Ok(files) => (files, None),
            Err(error) => {
                let tree = &looked.contexts.tree;
                let nodes = tree.nodes().filter(|node| tree.kind(*node) != Kind::Folder);
                let mut files: Vec<Utf8PathBuf> = nodes.map(|node| tree.path(node)).collect();
                files.sort();
                (files, Some(error.message().to_owned()))
            }
        };
        let mut gathered = Self {
            project,
            plan,
            looked,
            targets,
            planned,
            files,
            without_git,
            edits: Vec::new(),
        };
        let edits = gathered.inventory(&gathered.arguments()).edits();
        gathered.edits = chosen_edits(edits, &arguments.edits)?;
        Ok(gathered)
    }

    pub(super) fn arguments(&self) -> Vec<String> {
        self.project.manifest.build.args.keys().cloned().collect()
    }

    pub(super) fn inventory<'a>(&'a self, arguments: &'a [String]) -> Inventory<'a> {
        Inventory {
            contexts: &self.looked.contexts,
            targets: &self.targets,
            other: Other {
                files: &self.files,
                manifest: self.project.manifest.path(),
                arguments,
            },
        }
    }

    /// How each Dockerfile's context is looked at.
    pub(super) fn views(&self) -> BTreeMap<Utf8PathBuf, View<'_>> {
        let contexts = &self.looked.contexts;
        let dockerfiles = contexts.recipes.keys();
        dockerfiles
            .filter_map(|path| {
                let view = contexts.view_of(path)?;
                Some((path.clone(), contexts.views[view].view()))
            })
            .collect()
    }

    /// How the contexts that have a name are looked at.
    pub(super) fn named_views(&self) -> BTreeMap<Utf8PathBuf, View<'_>> {
        let views = self.looked.contexts.views.iter();
        let named = views.filter(|view| view.from != From::Context);
        named.map(|view| (view.root.clone(), view.view())).collect()
    }

    /// The recipes with some files holding another text (`None` for one that is not there), and with other values of build
    /// arguments.
    pub(super) fn recipes(
        &self,
        texts: &BTreeMap<Utf8PathBuf, Option<String>>,
        arguments: &BTreeMap<String, String>,
    ) -> Recipes {
        let project = self.project_with(texts, arguments);
        let known = self.looked.surroundings.dockerfiles.iter();
        let dockerfiles = known.filter_map(|(path, model)| match texts.get(path) {
            None => Some((*model.file).clone()),
            Some(None) => None,
            Some(Some(text)) => Some(parse(&Source::new(path, text.as_str()))),
        });
        Surroundings::gather(None, dockerfiles.collect(), Some(&project)).recipes()
    }

    /// The project with other Dockerfiles: a stage that is an image is looked for by its name.
    pub(super) fn project_with(
        &self,
        texts: &BTreeMap<Utf8PathBuf, Option<String>>,
        arguments: &BTreeMap<String, String>,
    ) -> Project {
        let mut project = self.project.clone();
        project.manifest.build.args.extend(arguments.clone());
        for image in &mut project.images {
            let Some(Some(text)) = texts.get(image.path()) else {
                continue;
            };
            let file = parse(&Source::new(image.path(), text.as_str()));
            let name = image.dockerfile.stages[image.production].name.as_ref();
            let name = name.map(|name| name.value.to_lowercase());
            let found = file.stages.iter().position(|stage| {
                let own = stage.name.as_ref().map(|name| name.value.to_lowercase());
                own.is_some() && own == name
            });
            // A file without stages makes nothing, and is not planned either.
            if file.stages.is_empty() {
                continue;
            }
            image.production = found.unwrap_or(file.stages.len() - 1);
            image.dockerfile = file;
        }
        project
    }

    /// The targets as they are in another state of the project.
    pub(super) fn targets_of(&self, project: &Project) -> Vec<Target> {
        let own = self.targets.iter();
        own.map(|target| {
            let image = project.image(&target.name);
            Target {
                stages: image.map_or_else(|| target.stages.clone(), |image| vec![image.production]),
                ..target.clone()
            }
        })
        .collect()
    }
}

/// What a commit is called, before and after another one.
pub(super) fn commit_arguments(value: &str) -> BTreeMap<String, String> {
    let names = COMMIT_ARGUMENTS.iter();
    names
        .map(|name| ((*name).to_owned(), value.to_owned()))
        .collect()
}

fn target_of(project: &Project, target: &PlanTarget) -> Option<Target> {
    let image = project.image(&target.image)?;
    Some(Target {
        name: image.name.clone(),
        dockerfile: image.path().to_owned(),
        stages: vec![image.production],
    })
}

/// Those of a class, or of a whole name.
fn chosen_edits(all: Vec<Edit>, words: &[String]) -> Result<Vec<Edit>> {
    if words.is_empty() {
        return Ok(all);
    }
    for word in words {
        let is_class = Class::ALL.iter().any(|class| class.name() == word);
        if is_class || all.iter().any(|edit| edit.name() == *word) {
            continue;
        }
        let names: Vec<String> = Class::ALL
            .iter()
            .map(|class| class.name().to_owned())
            .chain(all.iter().map(Edit::name))
            .collect();
        let error = Error::usage(format!("no edit is called `{word}`"));
        return Err(match nearest(word, names.iter().map(String::as_str)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!(
                "the classes are: {}",
                Class::ALL.map(Class::name).join(", ")
            )),
        });
    }
    let is_chosen = |edit: &Edit| {
        words
            .iter()
            .any(|word| edit.class.name() == word || edit.name() == *word)
    };
    Ok(all.into_iter().filter(is_chosen).collect())
}
