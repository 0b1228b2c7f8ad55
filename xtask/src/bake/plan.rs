//! What is built from what, and which variables change it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::targets;
use crate::error::Result;
use crate::project::manifest::{Attestations, Cache};
use crate::project::reading::Arguments;
use crate::project::{Project, Role};

/// The version of the plan's JSON shape; raised when a field changes its meaning or goes away.
pub const PLAN_VERSION: u32 = 1;

/// What a plan depends on beside the project.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// Build arguments that replace those of the manifest; they decide what a `FROM` means.
    pub arguments: Arguments,
}

/// Everything a bake file says, as data.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub schema_version: u32,
    /// The project's name.
    pub project: String,
    /// The variables that change it, in the order they are written.
    pub variables: Vec<Variable>,
    /// `default` and `production` (all images), `development`, `base` unless that is a target.
    pub groups: Vec<Group>,
    /// Bases, what is linked of them, then services; each with production before development.
    pub targets: Vec<Target>,
    /// Where each secret comes from, by id.
    pub secrets: BTreeMap<String, SecretPlace>,
    /// The platforms of a release.
    pub release_platforms: Vec<String>,
    /// Where caches go.
    pub cache: Cache,
    /// What a release records.
    pub attestations: Attestations,
    #[serde(skip)]
    pub(super) manifest_path: String,
}

/// A variable of the bake file; an environment variable of that name sets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// `JTS_TAG`.
    pub name: String,
    /// What it is if nobody sets it. `None` for what bake computes itself.
    pub default: Option<String>,
    /// A sentence.
    pub description: String,
}

/// Several targets by one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// `production`.
    pub name: String,
    /// Its targets.
    pub targets: Vec<String>,
}

/// What a target is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// The image that runs.
    Production,
    /// The image one develops in.
    Development,
    /// A stage that others are built from.
    Linked,
}

/// For which platforms a target is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Platforms {
    /// Those the images are for.
    pub target: bool,
    /// Those the builder runs on, for consumers that say `--platform=$BUILDPLATFORM`.
    pub build: bool,
}

/// The value of a build argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Argument {
    /// That of a variable.
    Variable(String),
    /// That of a variable, and left out while it is empty, so that the Dockerfile's default holds.
    Unless(String),
}

/// What the variable of a secret holds; never the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretPlace {
    /// The path of a file.
    File,
    /// The name of an environment variable.
    Variable,
}

/// One build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Target {
    /// `api-gateway`, `api-gateway-development`, `base-builder`.
    pub name: String,
    /// The image definition it comes from.
    pub image: String,
    /// Whether that is a base or a service.
    pub role: Role,
    /// What it is there for.
    pub kind: TargetKind,
    /// The stage, as written.
    pub stage: String,
    /// The Dockerfile, from the root.
    pub dockerfile: String,
    /// The build context, from the root.
    pub context: String,
    /// What the image is called below registry and namespace.
    pub repository: String,
    /// The linked targets, by the key under which BuildKit looks them up.
    pub contexts: BTreeMap<String, String>,
    /// The folders it may take from by name, from the root.
    pub folders: BTreeMap<String, String>,
    /// For which platforms.
    pub platforms: Platforms,
    /// Build arguments.
    pub arguments: BTreeMap<String, Argument>,
    /// The ids of the secrets it may mount.
    pub secrets: BTreeSet<String>,
    /// Labels whose value is known beforehand.
    pub labels: BTreeMap<String, String>,
    /// Labels whose value is a variable, left out while it is empty.
    pub variable_labels: BTreeMap<String, String>,
    /// Images from outside that it needs, by the key under which BuildKit looks them up.
    pub external_images: BTreeSet<String>,
}

impl Plan {
    /// Plans the whole project.
    ///
    /// # Errors
    /// References that cannot be linked, or names bake cannot have; all at once.
    pub fn new(project: &Project, options: &PlanOptions) -> Result<Self> {
        let targets = targets::plan(project, options)?;
        let manifest = &project.manifest;
        Ok(Self {
            schema_version: PLAN_VERSION,
            project: manifest.project.name.clone(),
            variables: variables(project, options, &targets),
            groups: groups(&targets),
            secrets: secrets(project, &targets),
            targets,
            release_platforms: manifest.platforms.release.clone(),
            cache: manifest.cache.clone(),
            attestations: manifest.attestations.clone(),
            manifest_path: manifest.path().to_string(),
        })
    }

    /// The target of this name.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.name == name)
    }

    /// The target of an image in production or development.
    #[must_use]
    pub fn target_of(&self, image: &str, kind: TargetKind) -> Option<&Target> {
        self.targets
            .iter()
            .find(|target| target.image == image && target.kind == kind)
    }

    /// The targets of a group, or the one target of that name.
    #[must_use]
    pub fn select(&self, name: &str) -> Vec<&Target> {
        match self.groups.iter().find(|group| group.name == name) {
            Some(group) => group
                .targets
                .iter()
                .filter_map(|t| self.target(t))
                .collect(),
            None => self.target(name).into_iter().collect(),
        }
    }

    /// The targets and all they are linked to, in the plan's order.
    #[must_use]
    pub fn closure<'a>(&'a self, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a Target> {
        let mut open: Vec<&str> = names.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            if let Some(target) = self.target(name)
                && seen.insert(name)
            {
                open.extend(target.contexts.values().map(String::as_str));
            }
        }
        self.targets
            .iter()
            .filter(|target| seen.contains(target.name.as_str()))
            .collect()
    }

    /// The first part of every variable: `JTS`.
    #[must_use]
    pub fn variable_prefix(&self) -> String {
        self.project.to_uppercase().replace('-', "_")
    }

    /// The plan as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        // Texts, numbers and switches always serialize.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

fn secrets(project: &Project, targets: &[Target]) -> BTreeMap<String, SecretPlace> {
    let used = targets.iter().flat_map(|target| &target.secrets);
    used.map(|id| {
        let declared = project.manifest.secrets.get(id);
        let place = match declared.and_then(|secret| secret.env.as_ref()) {
            Some(_) => SecretPlace::Variable,
            None => SecretPlace::File,
        };
        (id.clone(), place)
    })
    .collect()
}

fn groups(targets: &[Target]) -> Vec<Group> {
    let named = |role: Option<Role>, kind: TargetKind| -> Vec<String> {
        targets
            .iter()
            .filter(|t| t.kind == kind && role.is_none_or(|role| t.role == role))
            .map(|t| t.name.clone())
            .collect()
    };
    let production = named(None, TargetKind::Production);
    let mut groups = vec![
        Group {
            name: "default".to_owned(),
            targets: production.clone(),
        },
        Group {
            name: "production".to_owned(),
            targets: production,
        },
        Group {
            name: "development".to_owned(),
            targets: named(None, TargetKind::Development),
        },
        Group {
            name: "base".to_owned(),
            targets: named(Some(Role::Base), TargetKind::Production),
        },
    ];
    // A group and a target of one name would hide each other, and a group of nothing is an error to bake.
    groups.retain(|group| {
        !group.targets.is_empty() && targets.iter().all(|target| target.name != group.name)
    });
    groups
}

fn variables(project: &Project, options: &PlanOptions, targets: &[Target]) -> Vec<Variable> {
    let prefix = project.variable_prefix();
    let registry = &project.manifest.registry;
    let variable = |name: &str, default: Option<&str>, description: &str| Variable {
        name: format!("{prefix}_{name}"),
        default: default.map(str::to_owned),
        description: description.to_owned(),
    };
    let mut variables = vec![
        variable(
            "REGISTRY",
            Some(&registry.host),
            "The registry images are named after; empty for local names.",
        ),
        variable(
            "NAMESPACE",
            Some(&registry.namespace),
            "The path below the registry.",
        ),
        variable(
            "TAG",
            Some("latest"),
            "The tag of every image; several are separated by commas.",
        ),
        variable("VERSION", Some(""), "The version label of every image."),
        variable("VCS_REF", Some(""), "The commit the images are built from."),
        variable(
            "BUILD_DATE",
            Some(""),
            "When the images are built, as RFC 3339 has it.",
        ),
        variable(
            "PLATFORMS",
            Some(""),
            "For which platforms, separated by commas; empty for the builder's own.",
        ),
        variable(
            "BUILD_PLATFORMS",
            None,
            "What the builder runs on; set it if that is not this machine's platform.",
        ),
        variable(
            "RELEASE",
            Some(""),
            "Not empty for a release: its platforms, provenance and list of packages.",
        ),
        variable(
            "CACHE",
            Some(""),
            "`read` to use the shared build cache, `write` to fill it too.",
        ),
    ];
    let arguments = project.arguments(&options.arguments);
    let passed: BTreeSet<&String> = targets.iter().flat_map(|t| t.arguments.keys()).collect();
    for (name, value) in arguments.iter().filter(|(name, _)| passed.contains(name)) {
        variables.push(variable(
            &format!("ARG_{name}"),
            Some(value),
            &format!("The build argument {name}."),
        ));
    }
    for (id, place) in secrets(project, targets) {
        let what = match place {
            SecretPlace::File => "The file that holds",
            SecretPlace::Variable => "The environment variable that holds",
        };
        variables.push(variable(
            &secret_variable(&id),
            Some(""),
            &format!("{what} the secret `{id}`; empty to go without."),
        ));
    }
    variables
}

/// The variable of a secret, without the prefix.
pub(super) fn secret_variable(id: &str) -> String {
    format!("SECRET_{}", id.to_uppercase().replace('-', "_"))
}
