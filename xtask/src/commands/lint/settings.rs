//! What holds for a run, from every place where something is said.

use camino::{Utf8Path, Utf8PathBuf};

use super::Arguments;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::Result;
use crate::lint::configuration::{Configuration, HadolintSettings, Level, Services, variables};
use crate::project::{Manifest, Project, root};
use crate::source::Source;

/// The repository and what holds in it.
pub(in crate::commands) struct Settings {
    /// Absolute: the manifest's, else the nearest folder with `.git`, else the current directory.
    pub(in crate::commands) root: Utf8PathBuf,
    pub(in crate::commands) configuration: Configuration,
    /// The manifest's project, where there is one and all of it can be read.
    pub(in crate::commands) project: Option<Project>,
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// Anything that is written and means nothing: a linter that goes on without its settings misleads.
    pub(in crate::commands) fn read(
        arguments: &Arguments,
        common: &Common,
        environment: &Environment,
    ) -> Result<Self> {
        Self::read_known(arguments, common, environment, None)
    }

    /// As [`Settings::read`], for somebody who has read the project already.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub(super) fn read_known(
        arguments: &Arguments,
        common: &Common,
        environment: &Environment,
        project: Option<&Project>,
    ) -> Result<Self> {
        let here = &environment.current_dir;
        Self::read_in(here, arguments, common, environment, project)
    }

    /// As [`Settings::read`], for someone who stands in another folder.
    pub(super) fn read_in(
        current_dir: &Utf8Path,
        arguments: &Arguments,
        common: &Common,
        environment: &Environment,
        known: Option<&Project>,
    ) -> Result<Self> {
        let mut configuration = Configuration::default();
        let mut project = None;
        let root = if arguments.no_config {
            repository(current_dir)
        } else {
            let found = match root::find(current_dir, common.manifest.as_deref()) {
                Ok(found) => Some(found),
                Err(error) if common.manifest.is_some() => return Err(error),
                Err(_) => None,
            };
            let root = found
                .as_ref()
                .map_or_else(|| repository(current_dir), |found| found.root.clone());
            hadolint(current_dir, arguments, environment, &root)?.apply(&mut configuration)?;
            if let Some(found) = found {
                let is_it = |project: &&Project| {
                    project.root == found.root && project.manifest.path() == found.manifest
                };
                let manifest = if let Some(known) = known.filter(is_it) {
                    project = Some(known.clone());
                    known.manifest.clone()
                } else {
                    let manifest = Manifest::read(&found.root, &found.manifest)?;
                    // What is wrong with a Dockerfile is for the linter to say, not for the one who loads it.
                    project = Project::of(&found.root, manifest.clone()).ok();
                    manifest
                };
                let services = services(project.as_ref());
                configuration.apply_manifest(&manifest, &services)?;
            }
            root
        };
        apply_arguments(arguments, &mut configuration)?;
        Ok(Self {
            root,
            configuration,
            project,
        })
    }

    /// The Dockerfiles that the manifest names.
    pub(super) fn dockerfiles(&self) -> Vec<Utf8PathBuf> {
        let images = self.project.iter().flat_map(|project| &project.images);
        images.map(|image| image.path().to_owned()).collect()
    }
}

fn apply_arguments(arguments: &Arguments, configuration: &mut Configuration) -> Result<()> {
    arguments.hadolint.settings().apply(configuration)?;
    if !arguments.only.is_empty() {
        configuration.only(&arguments.only)?;
    }
    for code in &arguments.ignore {
        configuration.set(code, Level::Off)?;
    }
    if arguments.fail_on.is_some() && configuration.fail_on.is_some() {
        configuration.fail_on = arguments.fail_on;
    }
    Ok(())
}

/// hadolint's variables and its file.
fn hadolint(
    current_dir: &Utf8Path,
    arguments: &Arguments,
    environment: &Environment,
    root: &Utf8Path,
) -> Result<HadolintSettings> {
    let get = |name: &str| environment.variable(name);
    let settings = variables(&get)?;
    let file = match &arguments.hadolint.config {
        Some(named) => Some(Source::read(current_dir, named)?),
        None => hadolint_places(environment, root)
            .into_iter()
            .find(|path| current_dir.join(path).symlink_metadata().is_ok())
            .map(|path| Source::read(current_dir, &path))
            .transpose()?,
    };
    Ok(match file {
        Some(source) => settings.and(HadolintSettings::parse(&source)?),
        None => settings,
    })
}

/// Where hadolint looks for its file, in its order: the first that is there counts, and no other. The repository's root
/// comes second, so that it makes no difference where in it one stands.
fn hadolint_places(environment: &Environment, root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let home = environment.variable("HOME").map(Utf8PathBuf::from);
    let config = environment
        .variable("XDG_CONFIG_HOME")
        .map(Utf8PathBuf::from)
        .or_else(|| Some(home.as_ref()?.join(".config")));
    let stems = [
        Some(Utf8PathBuf::from(".hadolint")),
        Some(root.join(".hadolint")),
        config.map(|folder| folder.join("hadolint")),
        home.as_ref().map(|home| home.join(".hadolint/hadolint")),
        home.as_ref().map(|home| home.join(".hadolint/config")),
        home.as_ref().map(|home| home.join(".hadolint")),
    ];
    stems
        .into_iter()
        .flatten()
        .flat_map(|stem| [format!("{stem}.yaml"), format!("{stem}.yml")])
        .map(Utf8PathBuf::from)
        .collect()
}

fn services(project: Option<&Project>) -> Services {
    let images = project.into_iter().flat_map(|project| &project.images);
    images
        .map(|image| (image.name.clone(), image.path().to_owned()))
        .collect()
}

/// The nearest folder with `.git`, else where the user stands.
fn repository(current_dir: &Utf8Path) -> Utf8PathBuf {
    current_dir
        .ancestors()
        .find(|folder| folder.join(".git").exists())
        .unwrap_or(current_dir)
        .to_owned()
}
