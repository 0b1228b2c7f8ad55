//! The images of an index: one for each platform, and each of them starts.

use super::Drill;
use super::deploying::Stage;
use super::publishing::Published;
use crate::commands::rollback::{Health, Target};
use crate::engine::containers::Session;
use crate::engine::local_registry::{Api, Manifest, Platform};
use crate::error::Result;
use crate::image::config::{ImageConfig, platform, same_platform};
use crate::trial::release::{INDEX, PLATFORM};
use crate::trial::{Subject, Verdict};

/// Judges what the registry has for each platform.
pub(super) fn judge<'s>(
    drill: &Drill<'_>,
    session: &'s Session<'s>,
    published: &Published,
    subject: &mut Subject,
) -> Result<()> {
    let trial = drill.trial;
    let api = Api::new(&trial.reach, drill.publisher.registry.host());
    let top = api.manifest(&published.path, &published.digest)?;
    let manifest: Manifest = serde_json::from_slice(&top.bytes).unwrap_or_default();
    let members: Vec<(String, String)> = manifest
        .manifests
        .unwrap_or_default()
        .into_iter()
        .filter_map(|member| Some((named(member.platform.as_ref()?)?, member.digest)))
        .collect();
    let wanted = &trial.project.manifest.platforms.release;
    if members.len() < 2 {
        let here = members
            .first()
            .map_or(drill.about.platform.as_str(), |(name, _)| name);
        let why = format!("it was built for {here} only");
        let verdict = Verdict::skipped(
            &INDEX,
            format!("{why}; a release is for {}", wanted.join(", ")),
        );
        subject.verdicts.push(verdict);
        subject.verdicts.push(Verdict::skipped(&PLATFORM, why));
        return Ok(());
    }
    subject
        .verdicts
        .push(index(&api, published, &members, wanted)?);
    if drill.about.config.healthcheck.is_none() {
        let why = "the image has no health check, so nobody can tell whether it works";
        subject.verdicts.push(Verdict::skipped(&PLATFORM, why));
        return Ok(());
    }
    let stage = Stage::new(trial, session, drill.image);
    for (name, digest) in &members {
        if same_platform(name, &trial.engine.platform) {
            continue;
        }
        subject
            .verdicts
            .push(started(&stage, published, name, digest)?);
    }
    Ok(())
}

fn named(of: &Platform) -> Option<String> {
    // Attestations stand in an index as images for no platform.
    let name = platform(&of.os, &of.architecture, of.variant.as_deref());
    (of.os != "unknown").then_some(name)
}

fn index(
    api: &Api<'_>,
    published: &Published,
    members: &[(String, String)],
    wanted: &[String],
) -> Result<Verdict> {
    let mut wrong = Vec::new();
    for name in wanted {
        if !members
            .iter()
            .any(|(member, _)| same_platform(member, name))
        {
            wrong.push(format!("there is no image for {name}"));
        }
    }
    for (name, digest) in members {
        let answer = api.manifest(&published.path, digest)?;
        let manifest: Manifest = serde_json::from_slice(&answer.bytes).unwrap_or_default();
        let Some(config) = manifest.config.filter(|_| answer.status == 200) else {
            wrong.push(format!("the manifest {digest} for {name} is not there"));
            continue;
        };
        let answer = api.blob(&published.path, &config.digest)?;
        let config: ImageConfig = serde_json::from_slice(&answer.bytes).unwrap_or_default();
        if !config.is_for(name) {
            wrong.push(format!(
                "{digest} is named for {name}, and is for {}",
                config.platform()
            ));
        }
    }
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    Ok(if wrong.is_empty() {
        Verdict::passed(&INDEX, format!("it has an image for {}", names.join(", ")))
    } else {
        Verdict::failed(&INDEX, wrong.join("; "))
    })
}

fn started(stage: &Stage<'_>, published: &Published, name: &str, digest: &str) -> Result<Verdict> {
    let repository = published
        .pinned
        .split_once('@')
        .map_or(published.pinned.as_str(), |(name, _)| name);
    let health = stage.put("", &format!("{repository}@{digest}"))?;
    Ok(match health {
        Health::Healthy => Verdict::passed(
            &PLATFORM,
            format!("the image for {name} is healthy under emulation"),
        ),
        Health::Untold(why) => Verdict::skipped(&PLATFORM, format!("the image for {name}: {why}")),
        Health::Unhealthy(why) => {
            let log = stage.log_tail()?;
            // A program of another processor ends so where nothing emulates it.
            let said = log.iter().chain([&why]);
            if said
                .into_iter()
                .any(|line| line.contains("exec format error"))
            {
                return Ok(without_emulation(name));
            }
            Verdict::failed(&PLATFORM, format!("the image for {name}: {why}")).proven_by(log)
        }
    })
}

fn without_emulation(name: &str) -> Verdict {
    Verdict::skipped(
        &PLATFORM,
        format!("this machine does not emulate {name} (no binfmt_misc entry)"),
    )
}
