//! What is known of the services without looking at a manifest of Kubernetes: what Dockerfiles, the compose file and the
//! project's manifest say.

mod edges;
mod settings;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

pub use edges::{Edge, End};

use super::compose::Composed;
use crate::dockerfile::Healthcheck;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::quantity;
use crate::source::{Location, Source};

/// How much longer than the deadline of a service Kubernetes waits.
const MARGIN: Duration = Duration::from_secs(2);

/// What Kubernetes waits where nothing is said.
const DEFAULT_GRACE: Duration = Duration::from_secs(30);

/// Everything that manifests are made from and held to.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What the project is called.
    pub project: String,
    /// The services, by name.
    pub services: Vec<Service>,
    /// Who may talk to whom, sorted.
    pub edges: Vec<Edge>,
    /// The path of the metrics.
    pub metrics_path: Option<String>,
    /// By image, the place of its service.
    by_image: HashMap<String, usize>,
}

/// One service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its image without tag and digest.
    pub image: String,
    /// Its Dockerfile.
    pub dockerfile: Source,
    /// The port it listens on.
    pub port: Option<u16>,
    /// The path that tells whether it can be asked.
    pub health_path: Option<String>,
    /// The path that tells whether it must be started anew.
    pub liveness_path: Option<String>,
    /// How its health is checked.
    pub health: Health,
    /// Who it runs as.
    pub user: Option<User>,
    /// What its image sets.
    pub variables: BTreeMap<String, String>,
    /// The programs that it starts.
    pub programs: Vec<String>,
    /// What the compose file says.
    pub composed: Option<Composed>,
    /// What is asked of Kubernetes.
    pub wanted: Wanted,
    /// How long it has to stop, and why.
    pub grace: Grace,
}

/// The times of a `HEALTHCHECK`, with Docker's defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Between checks.
    pub interval: Duration,
    /// Of one check.
    pub timeout: Duration,
    /// Before failures count.
    pub start_period: Duration,
    /// Between checks in the start period.
    pub start_interval: Duration,
    /// Failures in a row that make it unhealthy.
    pub retries: u64,
    /// Where it is written.
    pub place: Option<Location>,
}

/// Who a container runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// As written.
    pub text: String,
    /// The user's number, if it is one.
    pub uid: Option<u64>,
    /// The group's number, if one is written.
    pub gid: Option<u64>,
    /// Where it is written.
    pub place: Location,
}

/// What the manifest asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// How many.
    pub replicas: u16,
    /// There may never be two at a time.
    pub single: bool,
    /// Thousandths of a processor.
    pub cpu_request: Option<u64>,
    /// Thousandths of a processor.
    pub cpu_limit: Option<u64>,
    /// Bytes.
    pub memory_request: Option<u64>,
    /// Bytes.
    pub memory_limit: Option<u64>,
    /// Variables.
    pub variables: BTreeMap<String, String>,
    /// Secret variables: name and key of the Secret.
    pub secrets: BTreeMap<String, (String, String)>,
    /// What is run before.
    pub migrate: Vec<String>,
}

/// How long a service has to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grace {
    /// The variable that holds its own deadline.
    pub variable: Option<String>,
    /// What it is where no manifest sets the variable.
    pub least: Duration,
}

impl Grace {
    /// What Kubernetes must wait when the service itself gives up after `deadline`.
    #[must_use]
    pub fn for_deadline(deadline: Duration) -> Duration {
        deadline + MARGIN
    }
}

impl Facts {
    /// Gathers what is known. `composed` is what the compose file says.
    ///
    /// # Errors
    /// What is said does not fit together.
    pub fn gather(project: &Project, composed: &[Composed]) -> Result<Self> {
        let mut errors = Vec::new();
        // By name and by image, the first in the file that is called so.
        let mut called: HashMap<&str, usize> = HashMap::new();
        let mut of_image: HashMap<&str, usize> = HashMap::new();
        for (place, it) in composed.iter().enumerate() {
            called.entry(&it.name).or_insert(place);
            if let Some(image) = &it.image {
                let name = super::image::ImageField::of(image).name;
                of_image.entry(name).or_insert(place);
            }
        }
        let services: Vec<Service> = project
            .services()
            .map(|image| {
                let name = project.image_name(&image.name);
                let places = [called.get(image.name.as_str()), of_image.get(name.as_str())];
                let first = places.into_iter().flatten().min();
                let composed = first.map(|place| composed[*place].clone());
                settings::service(project, image, composed)
            })
            .collect();
        let deploy = &project.manifest.deploy;
        if let (Some(path), true) = (&deploy.compose, !composed.is_empty()) {
            for service in &services {
                if service.composed.is_none() {
                    errors.push(
                        Error::usage(format!("{path} has no service for `{}`", service.name))
                            .help(format!(
                                "add one of that name, or of the image {}",
                                service.image
                            ))
                            .at(project.manifest.value_location(&["deploy", "compose"])),
                    );
                }
            }
        }
        let edges = edges::edges(project, &services, &mut errors);
        Error::all(errors)?;
        let mut by_image = HashMap::new();
        for (place, service) in services.iter().enumerate() {
            by_image.entry(service.image.clone()).or_insert(place);
        }
        Ok(Self {
            project: project.manifest.project.name.clone(),
            by_image,
            services,
            edges,
            metrics_path: deploy.metrics_path.clone(),
        })
    }

    /// The service of this name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    /// The service whose image this is, by the name of the image.
    #[must_use]
    pub fn of_image(&self, image: &str) -> Option<&Service> {
        Some(&self.services[*self.by_image.get(image)?])
    }
}

impl Health {
    /// As a `HEALTHCHECK` says, or with Docker's defaults.
    pub(super) fn of(healthcheck: Option<&Healthcheck>, place: Option<Location>) -> Self {
        let flag = |name: &str| {
            let flags = healthcheck.map_or(&[][..], |it| &it.flags);
            let flag = flags.iter().find(|flag| flag.name.value == name)?;
            Some(flag.value.as_ref()?.value.as_str())
        };
        let seconds = |name: &str, default: u64| {
            flag(name)
                .and_then(crate::dockerfile::parse_duration)
                .filter(|it| !it.is_zero())
                .unwrap_or(Duration::from_secs(default))
        };
        Self {
            interval: seconds("interval", 30),
            timeout: seconds("timeout", 30),
            start_period: flag("start-period")
                .and_then(crate::dockerfile::parse_duration)
                .unwrap_or_default(),
            start_interval: seconds("start-interval", 5),
            retries: flag("retries")
                .and_then(|text| text.parse().ok())
                .filter(|it| *it > 0)
                .unwrap_or(3),
            place,
        }
    }
}

/// An amount of the manifest, which was checked when it was read.
fn thousandths(text: Option<&String>) -> Option<u64> {
    u64::try_from(quantity::thousandths(text?)?).ok()
}
