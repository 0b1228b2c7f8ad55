//! Which packages are meant, and who is asked about them.

use camino::Utf8PathBuf;

use super::arguments::Arguments;
use crate::bake;
use crate::commands::engine::private_engine;
use crate::commands::trust;
use crate::distribution::{Credentials, Registry, find_credentials};
use crate::engine::Means;
use crate::engine::private::PrivateEngine;
use crate::engine::select::EngineChoice;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::http;
use crate::packages::Packages;
use crate::project::manifest::{CacheBackend, RetentionApi};
use crate::project::suggestion::nearest;
use crate::project::{ImageName, Project};
use crate::retention::Policy;

/// A package that is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    /// With the registry: `ghcr.io/acme/shop-api`.
    pub(super) name: String,
    /// The registry.
    pub(super) host: String,
    /// What follows it.
    pub(super) path: String,
    /// The service or base, where it is one of the project.
    pub(super) image: Option<String>,
}

impl Target {
    /// What is meant by a service, a base, or the whole name of another image.
    pub(super) fn of(project: &Project, given: &str) -> Result<Self> {
        let image = trust::of_project(project, given)?.then(|| given.to_owned());
        let name = match &image {
            Some(image) => project.image_name(image),
            None => given.to_owned(),
        };
        let parsed = ImageName::parse(&name)
            .filter(|parsed| parsed.tag.is_none() && parsed.digest.is_none());
        let parsed = parsed.ok_or_else(|| {
            Error::usage(format!("`{name}` is no name of a package"))
                .help("write it with its registry, and without a tag")
        })?;
        if parsed.domain == "docker.io" {
            return Err(Error::usage(format!("nothing of `{name}` can be removed"))
                .because("the registry of Docker Hub removes nothing by digest")
                .help("name the registry of your own images: `registry.host` in the manifest"));
        }
        // A service may be called like another image's whole name.
        let own = project
            .images
            .iter()
            .find(|one| project.image_name(&one.name) == name);
        Ok(Self {
            name: format!("{}/{}", parsed.domain, parsed.path),
            host: parsed.domain,
            path: parsed.path,
            image: image.or_else(|| own.map(|one| one.name.clone())),
        })
    }
}

/// Those that the user names, else all of the project; each once.
pub(super) fn targets(project: &Project, arguments: &Arguments) -> Result<Vec<Target>> {
    let mut targets: Vec<Target> = if arguments.packages.is_empty() {
        if project.manifest.registry.host.is_empty() {
            return Err(Error::usage("the images of the project are in no registry")
                .because("`registry.host` of the manifest names none")
                .help("name it there, or an image with its registry: `--package`"));
        }
        let images = project.images.iter();
        images
            .map(|image| Target::of(project, &image.name))
            .collect::<Result<_>>()?
    } else {
        let named = arguments.packages.iter();
        named
            .map(|given| Target::of(project, given))
            .collect::<Result<_>>()?
    };
    targets.sort();
    targets.dedup();
    Ok(targets)
}

/// What holds for a package.
pub(super) fn policy(project: &Project, target: &Target) -> Result<Policy> {
    let manifest = &project.manifest;
    let mut caches = Vec::new();
    if manifest.cache.backend == CacheBackend::Registry {
        let plan = bake::Plan::new(project, &bake::PlanOptions::default())?;
        let own = plan.targets.iter();
        let own = own.filter(|one| Some(&one.image) == target.image.as_ref());
        caches = own.map(|one| format!("buildcache-{}-", one.name)).collect();
    }
    Ok(Policy::of(
        &manifest.retention,
        target.image.as_deref(),
        caches,
    ))
}

/// The images that rules name must be there: else a rule that was written wrongly would hold for none.
pub(super) fn check_rules(project: &Project) -> Result<()> {
    let mut errors = Vec::new();
    for (index, rule) in project.manifest.retention.rules.iter().enumerate() {
        for (at, image) in rule.images.iter().enumerate() {
            if project.image(image).is_some() {
                continue;
            }
            let names = project.images.iter().map(|image| image.name.as_str());
            let path = [
                "retention",
                "rules",
                &index.to_string(),
                "images",
                &at.to_string(),
            ];
            let error = Error::usage(format!("there is no service or base `{image}`"))
                .at(project.manifest.value_location(&path));
            errors.push(match nearest(image, names) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            });
        }
    }
    Error::all(errors)
}

/// How the project's registries are asked.
pub(super) struct Session<'a> {
    pub(super) project: &'a Project,
    pub(super) environment: &'a Environment,
    pub(super) means: Means<'a>,
    pub(super) http: http::Client<'a>,
}

impl<'a> Session<'a> {
    pub(super) fn open(
        project: &'a Project,
        arguments: &Arguments,
        environment: &'a Environment,
        means: Means<'a>,
    ) -> Result<Self> {
        let network = network(project, arguments, environment, means)?;
        let patience = http::Patience {
            timeout: std::time::Duration::from_secs(arguments.timeout.seconds().max(1)),
            longest_wait: std::time::Duration::from_secs(arguments.max_wait.seconds()),
            ..http::Patience::default()
        };
        let http =
            http::Client::find(means, network, folder(project), environment.clock, patience)?;
        Ok(Self {
            project,
            environment,
            means,
            http,
        })
    }

    /// Whether a package is removed from by GitHub's API.
    pub(super) fn is_github(&self, target: &Target) -> bool {
        match self.project.manifest.retention.api {
            // The manifest speaks of its own registry.
            Some(api) if target.host == self.project.manifest.registry.host => {
                api == RetentionApi::Github
            }
            _ => target.host == "ghcr.io",
        }
    }

    /// The registry of a package.
    pub(super) fn registry(&self, target: &Target) -> Result<Registry<'_>> {
        let folder = self.environment.docker_config();
        let login = match &folder {
            Some(folder) => find_credentials(self.means.runner, folder, &target.host)?,
            None => None,
        };
        let token = self.token().filter(|_| self.is_github(target));
        // The token of the API is one for the registry, too; the name beside it counts nothing.
        let login = login.or_else(|| token.map(|token| Credentials::new("x-access-token", token)));
        Ok(Registry::new(&self.http, &target.host, login))
    }

    /// GitHub's API.
    pub(super) fn packages(&self) -> Packages<'_> {
        let base = self.environment.variable("GITHUB_API_URL");
        Packages::new(
            &self.http,
            base.unwrap_or("https://api.github.com"),
            self.token(),
        )
    }

    fn token(&self) -> Option<&str> {
        let own = self.environment.variable("GH_TOKEN");
        own.or_else(|| self.environment.variable("GITHUB_TOKEN"))
    }
}

fn network(
    project: &Project,
    arguments: &Arguments,
    environment: &Environment,
    means: Means<'_>,
) -> Result<Option<PrivateEngine>> {
    if arguments.engine != EngineChoice::Private {
        return Ok(None);
    }
    let private = private_engine(&project.root, environment);
    private.up(means)?;
    Ok(Some(private))
}

/// Where journals and restore lists lie.
pub(super) fn folder(project: &Project) -> Utf8PathBuf {
    project.root.join("target/docker-clean")
}
