//! The image of each service: built here, there already, pulled, or made from packages of the distribution.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::commands::test::Trial;
use crate::engine::containers::Session;
use crate::engine::debian::{Release, keep};
use crate::error::{Error, Result};
use crate::process::Command;
use crate::project::manifest::PackageStandIn;
use crate::trial::fleet::{Member, Plan};

/// How long pulling or making an image may take.
const LIMIT: Duration = Duration::from_mins(10);

/// What images made from packages are called; they stay, as the engine's build cache does.
const STAND_IN: &str = "xtask-docker-fleet-stand-in";

/// How it is made of two folders.
const DOCKERFILE: &str = "FROM scratch\n\
    COPY --from=packages / /\n\
    COPY --chmod=0555 entrypoint /entrypoint\n\
    ENTRYPOINT [\"/entrypoint\"]\n";

/// The reference of each service's image, all of which are in the engine then.
pub(super) fn prepare(
    trial: &Trial<'_>,
    session: &Session<'_>,
    plan: &Plan<'_>,
) -> Result<BTreeMap<String, String>> {
    let mut images = BTreeMap::new();
    for member in &plan.composition.members {
        trial.means.interrupt.check()?;
        let own = plan
            .services
            .get(&member.name)
            .and_then(|service| service.own.as_deref());
        let image = match own {
            Some(own) => built(trial, session, own)?,
            None => fetched(trial, session, plan, member)?,
        };
        images.insert(member.name.clone(), image);
    }
    Ok(images)
}

fn built(trial: &Trial<'_>, session: &Session<'_>, own: &str) -> Result<String> {
    let missing = || {
        Error::missing(format!("the image `{own}` is not in the engine")).help(format!(
            "run `cargo xtask docker-build {own}`, for the same engine"
        ))
    };
    let name = trial.names.get(own).ok_or_else(missing)?;
    if is_there(session, name)? {
        Ok(name.clone())
    } else {
        Err(missing())
    }
}

fn is_there(session: &Session<'_>, image: &str) -> Result<bool> {
    Ok(session
        .ask(["image", "inspect", "--format={{.Id}}", image])?
        .success())
}

fn fetched(
    trial: &Trial<'_>,
    session: &Session<'_>,
    plan: &Plan<'_>,
    member: &Member,
) -> Result<String> {
    let (service, image) = (&member.name, &member.image);
    if image.is_empty() {
        return Err(Error::usage(format!("`{service}` has no image, and is built from no Dockerfile of this project"))
            .help("write `image` in the compose file, or have `services.dockerfiles` of the manifest find its Dockerfile"));
    }
    if is_there(session, image)? {
        return Ok(image.clone());
    }
    let stand_in = plan
        .fleet
        .stand_ins
        .iter()
        .find(|stand_in| stand_in.service == *service);
    (trial.means.note)(&format!("pulling {image} for {service}"));
    let pull: Command = trial
        .engine
        .command()
        .args(["pull", "--quiet", image])
        .within(LIMIT);
    let output = trial.means.runner.run(&pull)?;
    if output.success() {
        return Ok(image.clone());
    }
    match stand_in {
        Some(stand_in) => {
            (trial.means.note)(&format!(
                "no registry gives {image}: {service} runs from packages of the distribution instead"
            ));
            made(trial, session, stand_in)
        }
        None => Err(Error::missing(format!("the image {image} of `{service}` cannot be had"))
            .because(output.error_text().lines().last().unwrap_or("docker pull failed"))
            .help("pull or build it for this engine, or say in `[[test.fleet.stand_ins]]` what stands in for it")
            .details(output.error_text())),
    }
}

/// Packs packages into an image, unless the same was made before.
fn made(trial: &Trial<'_>, session: &Session<'_>, stand_in: &PackageStandIn) -> Result<String> {
    let root = &trial.project.root;
    let release = Release::of_machine()?.codename;
    let wanted: Vec<(&str, &str)> = stand_in
        .packages
        .iter()
        .map(|name| (name.as_str(), release.as_str()))
        .collect();
    let folder = trial.folder.join("stand-ins").join(&stand_in.service);
    let kept = keep(trial.means, &folder, &wanted, &|_, _| Ok(()))?;
    let entrypoint = root.join(&stand_in.entrypoint);
    let unreadable = |e: std::io::Error| {
        Error::usage(format!(
            "failed to read {entrypoint}, the entrypoint of a stand-in"
        ))
        .because(e)
    };
    let script = std::fs::read(&entrypoint).map_err(unreadable)?;
    let mut digest = Sha256::new();
    for package in &kept.packages {
        digest.update(package.sha256.as_bytes());
    }
    digest.update(DOCKERFILE);
    digest.update(&script);
    let tag: String = digest
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let image = format!("{STAND_IN}:{}-{tag}", stand_in.service.to_lowercase());
    if is_there(session, &image)? {
        return Ok(image);
    }
    let context = folder.join("context");
    let failed = |e: std::io::Error| Error::failed(format!("failed to write {context}")).because(e);
    std::fs::create_dir_all(&context).map_err(failed)?;
    std::fs::write(context.join("entrypoint"), script).map_err(failed)?;
    let build = trial
        .engine
        .command()
        .args([
            "buildx",
            "build",
            "--load",
            "--quiet",
            "--provenance=false",
            "--file=-",
        ])
        .args([
            "--tag",
            &image,
            "--build-context",
            &format!("packages={}", kept.root),
        ])
        .arg(&context)
        .input(DOCKERFILE)
        .within(LIMIT);
    trial.means.runner.run(&build)?.checked(&build)?;
    Ok(image)
}
