//! Which images are meant: what a build left in its metadata, or names as they are given.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use crate::audit;
use crate::bake::{Plan, PlanOptions, TargetKind};
use crate::engine::bake::TargetMetadata;
use crate::error::{Error, Result};
use crate::project::suggestion::nearest;
use crate::project::{ImageName, Project};
use crate::timestamp::Timestamp;
use crate::trust::{Planned, Predicate, provenance};

/// An image that was built, as buildx tells it.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Built {
    /// The service or base.
    pub(in crate::commands) name: String,
    /// The first name it was given, with its tag.
    pub(in crate::commands) tagged: String,
    /// `host/path@sha256:…`; what is wrong if there is no digest.
    pub(in crate::commands) pinned: Result<String>,
    /// Of its index or manifest.
    pub(in crate::commands) digest: Option<String>,
    /// Its Dockerfile, from the root.
    pub(in crate::commands) dockerfile: String,
    /// The stage that it is.
    pub(in crate::commands) stage: String,
    /// When the build had ended: the metadata is the last that buildx writes.
    pub(in crate::commands) ended: Option<Timestamp>,
    /// All that buildx tells of it.
    pub(in crate::commands) metadata: Value,
}

/// The images in a metadata file of `docker-build`, by the name of the service or base.
///
/// # Errors
/// There is no such file, or it is not what buildx writes.
pub(in crate::commands) fn built(
    project: &Project,
    file: &Utf8Path,
) -> Result<BTreeMap<String, Built>> {
    let text = std::fs::read(file).map_err(|error| {
        Error::usage(format!("there is no metadata of a build in {file}"))
            .because(error)
            .help("build and push first: `cargo xtask docker-build --push`, or name its `--metadata-file` with `--metadata`")
    })?;
    let wrong = |error: &dyn std::fmt::Display| {
        Error::usage(format!("{file} is not the metadata of a build")).because(error)
    };
    let entries: BTreeMap<String, Value> = serde_json::from_slice(&text).map_err(|e| wrong(&e))?;
    let ended = written(file);
    let plan = Plan::new(project, &PlanOptions::default())?;
    let production = plan
        .targets
        .iter()
        .filter(|target| target.kind == TargetKind::Production);
    let mut found = BTreeMap::new();
    for target in production {
        let Some(metadata) = entries.get(&target.name) else {
            continue;
        };
        let told: TargetMetadata =
            serde_json::from_value(metadata.clone()).map_err(|e| wrong(&e))?;
        let Some(tagged) = told.name().map(str::to_owned) else {
            // A base that was only linked has no name and was pushed nowhere.
            continue;
        };
        let name = ImageName::parse(&tagged)
            .ok_or_else(|| wrong(&format!("`{tagged}` is no name of an image")))?;
        let digest = told.digest.filter(|digest| is_digest(digest));
        let pinned = digest
            .as_ref()
            .map(|digest| format!("{}/{}@{digest}", name.domain, name.path))
            .ok_or_else(|| {
                Error::usage(format!("{file} tells no digest of `{}`", target.image))
                    .because("only what was pushed has one everywhere")
                    .help("build it with `--push`, or name the image with its digest")
            });
        found.insert(
            target.image.clone(),
            Built {
                name: target.image.clone(),
                tagged,
                pinned,
                digest,
                dockerfile: target.dockerfile.clone(),
                stage: target.stage.clone(),
                ended,
                metadata: metadata.clone(),
            },
        );
    }
    Ok(found)
}

fn written(file: &Utf8Path) -> Option<Timestamp> {
    let time = file.metadata().ok()?.modified().ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    let seconds = i64::try_from(since.as_secs()).ok()?;
    Some(Timestamp::from_unix_seconds(seconds))
}

impl Built {
    /// How it was built.
    pub(in crate::commands) fn provenance(
        &self,
        builder: &str,
        source: Option<&audit::Source>,
    ) -> Predicate {
        let planned = Planned {
            builder: builder.to_owned(),
            dockerfile: self.dockerfile.clone(),
            stage: self.stage.clone(),
            commit: source.map(|source| (source.commit.clone(), source.dirty)),
            finished: self.ended,
        };
        provenance(&self.metadata, &planned)
    }
}

/// Where `docker-build` leaves its metadata unless told otherwise.
pub(in crate::commands) fn metadata_file(project: &Project) -> Utf8PathBuf {
    project.root.join("target/docker-build/metadata.json")
}

/// Whether a name is one of a service or base, rather than that of an image.
///
/// # Errors
/// It is neither: it has no slash, colon or `@`, and no image of the project is called so.
pub(in crate::commands) fn of_project(project: &Project, given: &str) -> Result<bool> {
    if project.image(given).is_some() {
        return Ok(true);
    }
    if given.contains(['/', ':', '@']) {
        return Ok(false);
    }
    let names = || project.images.iter().map(|image| image.name.as_str());
    let error = Error::usage(format!("there is no service `{given}`"));
    Err(match nearest(given, names()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("name a service, or an image with its registry and digest"),
    })
}

/// What annotations call an image: the service or base it is of, else the last part of its name.
pub(in crate::commands) fn image_name(project: &Project, name: &ImageName) -> String {
    let plain = format!("{}/{}", name.domain, name.path);
    let of_project = project
        .images
        .iter()
        .find(|image| project.image_name(&image.name) == plain);
    match of_project {
        Some(image) => image.name.clone(),
        None => name.path.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}
