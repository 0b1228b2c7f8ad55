//! From built images to the verdict: measured, compared with their budgets, counted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::UNIX_EPOCH;

use super::Build;
use super::verdict::{CacheUse, EngineUsed, ImageVerdict, SCHEMA_VERSION, Verdict};
use crate::bake::{Inputs, Target};
use crate::date::Date;
use crate::engine::bake::{Bake, TargetMetadata, read_metadata};
use crate::engine::events::Summary;
use crate::engine::images::{self, Built};
use crate::engine::{EngineKind, ImageStore};
use crate::error::Result;
use crate::image::accounting::Reading;
use crate::image::config::same_platform;
use crate::image::layer::Detail;
use crate::project::ImageName;
use crate::project::budget::{self, Judged, Judgment, Measures};
use crate::project::manifest::Measure;
use crate::size::Bytes;

/// What was found out about one image on one platform.
struct Measured {
    platform: String,
    digest: Option<String>,
    sizes: Option<(Bytes, Bytes, bool)>,
}

/// Measures and judges everything that was built.
///
/// # Errors
/// If the engine cannot be asked, or an image is damaged.
pub(super) fn judge(
    build: &Build<'_>,
    bake: &Bake,
    inputs: &Inputs,
    summary: &Summary,
    seconds: f64,
) -> Result<Verdict> {
    let metadata = read_metadata(&bake.metadata)?;
    let measured = measure(build, inputs, &metadata)?;
    let now = (build.environment.clock)()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let today = Date::from_unix_seconds(now.as_secs());
    let mut images = Vec::new();
    for target in &build.targets {
        let none = TargetMetadata::default();
        let metadata = metadata.get(&target.name).unwrap_or(&none);
        for one in measured.get(&target.name).into_iter().flatten() {
            images.push(image(build, target, metadata, one, summary, today));
        }
    }
    let judged: Vec<Judged<'_>> = images
        .iter()
        .map(|image| Judged {
            image: &image.name,
            platform: &image.platform,
            dockerfile: Some(&image.dockerfile),
            is_stand_in: build.arguments.offline,
            judgments: &image.judgments,
        })
        .collect();
    let manifest = &build.project.manifest;
    let (findings, expired_exceptions) = if build.arguments.has_budgets() {
        let names: BTreeSet<&str> = images.iter().map(|image| image.name.as_str()).collect();
        let expired = budget::expired(&manifest.budget, &names, today);
        let told = |index: usize| budget::tell_expired(&manifest.budget.exceptions[index]);
        (
            budget::findings(manifest, &judged, today),
            expired.into_iter().map(told).collect(),
        )
    } else {
        (Vec::new(), Vec::new())
    };
    let within_budget = images
        .iter()
        .map(|image| image.within_budget)
        .reduce(|all, one| match (all, one) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (None, _) | (_, None) => None,
            _ => Some(true),
        })
        .unwrap_or(Some(true));
    Ok(Verdict {
        schema_version: SCHEMA_VERSION,
        stage: format!("{:?}", build.arguments.stage).to_lowercase(),
        engine: EngineUsed {
            kind: match build.engine.kind {
                EngineKind::System => "system",
                EngineKind::Private => "private",
            },
            version: build.engine.server_version.clone(),
            store: match build.engine.store {
                ImageStore::GraphDriver => "graph-driver",
                ImageStore::Containerd => "containerd",
            },
        },
        stand_in: build.arguments.offline,
        within_budget,
        images,
        cache: CacheUse {
            steps: summary.steps,
            steps_cached: summary.steps_cached,
            hit_rate: summary.cache_hit_rate().unwrap_or(1.0),
        },
        seconds,
        expired_exceptions,
        findings,
    })
}

fn image(
    build: &Build<'_>,
    target: &Target,
    metadata: &TargetMetadata,
    measured: &Measured,
    summary: &Summary,
    today: Date,
) -> ImageVerdict {
    let unpacked = measured.sizes.map(|(unpacked, _, _)| unpacked);
    let compressed = measured.sizes.map(|(_, compressed, _)| compressed);
    let judgments = if build.arguments.has_budgets() {
        let sizes = Measures::of_build(unpacked.zip(compressed));
        let budget = &build.project.manifest.budget;
        budget::judge(&target.image, &sizes, budget, today)
    } else {
        Vec::new()
    };
    let of = |measure: Measure| judgments.iter().find(|one| one.measure == measure);
    let limit = |measure: Measure| of(measure).and_then(|judgment| judgment.hard_bytes);
    let applied = |judgment: &Judgment| {
        let exception = judgment.exception.as_ref()?;
        Some(format!(
            "{} (until {})",
            exception.reason, exception.expires
        ))
    };
    let counted = summary.target(&target.name);
    ImageVerdict {
        name: target.image.clone(),
        target: target.name.clone(),
        dockerfile: target.dockerfile.clone(),
        tag: metadata.name().unwrap_or_default().to_owned(),
        platform: measured.platform.clone(),
        digest: measured.digest.clone().or_else(|| metadata.digest.clone()),
        unpacked_bytes: unpacked.map(|bytes| bytes.0),
        compressed_bytes: compressed.map(|bytes| bytes.0),
        compressed_is_estimate: measured.sizes.is_some_and(|(_, _, estimate)| estimate),
        budget_bytes: limit(Measure::Unpacked),
        compressed_budget_bytes: limit(Measure::Compressed),
        within_budget: budget::is_within(&judgments),
        exception: judgments.iter().find_map(applied),
        steps: counted.map_or(0, |target| target.steps),
        steps_cached: counted.map_or(0, |target| target.steps_cached),
        seconds: counted.map_or(0.0, |target| target.elapsed.as_secs_f64()),
        judgments,
    }
}

/// By target. What the engine does not have (a builder that keeps its results) is there without sizes.
fn measure(
    build: &Build<'_>,
    inputs: &Inputs,
    metadata: &BTreeMap<String, TargetMetadata>,
) -> Result<BTreeMap<String, Vec<Measured>>> {
    let runner = build.means.runner;
    let platforms = match (inputs.platforms.is_empty(), inputs.release) {
        (true, true) => build.plan.release_platforms.clone(),
        (true, false) => vec![build.engine.platform.clone()],
        (false, _) => inputs.platforms.clone(),
    };
    let named: Vec<(&str, &str)> = build
        .targets
        .iter()
        .filter_map(|target| Some((target.name.as_str(), metadata.get(&target.name)?.name()?)))
        .collect();
    let mut found: BTreeMap<String, Vec<Measured>> = BTreeMap::new();
    if let [platform] = platforms.as_slice() {
        let cache = build.project.root.join("target/docker-build/layers.json");
        let asked: Vec<Built<'_>> = named
            .iter()
            .map(|(target, reference)| Built {
                reference,
                digest: metadata[*target].digest.as_deref(),
            })
            .collect();
        let sizes = images::measure_built(runner, &build.engine, &asked, &cache)?;
        for (target, reference) in named {
            let size = sizes
                .get(reference)
                .filter(|size| same_platform(&size.platform, platform));
            let measured = Measured {
                platform: platform.clone(),
                digest: size.map(|size| size.digest.clone()),
                sizes: size
                    .map(|size| (size.unpacked, size.compressed, size.compressed_is_estimate)),
            };
            found.entry(target.to_owned()).or_default().push(measured);
        }
        return Ok(found);
    }
    let references: Vec<&str> = named.iter().map(|(_, reference)| *reference).collect();
    let saved = images::save(
        runner,
        &build.engine,
        &references,
        Reading {
            known: &BTreeMap::new(),
            detail: Detail::Sizes,
        },
    )?;
    for (target, reference) in named {
        for platform in &platforms {
            let image = saved.iter().find(|image| {
                image.names.iter().any(|name| same_name(name, reference))
                    && same_platform(&image.config.platform(), platform)
            });
            let measured = Measured {
                platform: platform.clone(),
                digest: image.and_then(|image| image.manifest_digest.clone()),
                sizes: image.map(|image| {
                    (
                        image.unpacked(),
                        image.compressed(),
                        image.compressed_is_estimate(),
                    )
                }),
            };
            found.entry(target.to_owned()).or_default().push(measured);
        }
    }
    Ok(found)
}

/// Archives leave out the default registry, and a tag may be left out as well.
fn same_name(a: &str, b: &str) -> bool {
    let key = |name: &str| ImageName::parse(name).map(|name| name.context_key());
    key(a) == key(b)
}
