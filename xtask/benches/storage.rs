//! What a registry has to store: `cargo bench -p xtask --bench storage`.
//!
//! Twenty commits of a simulated history (`storage/history.rs`) are built one after another, by `docker-build` and in
//! the seed's way (`baseline/`), on one engine whose cache is kept in between, and all seven images are pushed to a real
//! registry after each. What went over the wire is read from the registry's log, what it keeps from its disk. Both ways
//! stand on the same stand-in for the base image and are compressed by the same engine. In the end the last commit is
//! built again without a cache, from files with new times: what is pushed then is what nothing but time changed.
//!
//! `--commits N` (20); `--format json` prints one JSON object instead of tables. `--only ours` and `--only baseline` run
//! one way and take the other's figures from its last run; `--only none` takes both. Where a run got less far, as many
//! commits are compared as both have. Needs root, or a Docker with the containerd image store, and npm's registry.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a bench is a program of its own: it reads its arguments and prints"
)]

#[allow(dead_code, reason = "every bench takes its part of it")]
#[path = "baseline/mod.rs"]
mod baseline;
#[path = "storage/counting.rs"]
mod counting;
#[path = "storage/history.rs"]
mod history;
#[path = "storage/report.rs"]
mod report;
#[path = "storage/series.rs"]
mod series;

use std::collections::BTreeMap;
use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use series::{Outcome, Way, Workshop};
use xtask::engine::private::{PrivateEngine, Up};
use xtask::engine::standin::{self, Request, Wanted};
use xtask::engine::{Engine, Means, local_registry};
use xtask::error::{Error, Result};
use xtask::process::{Interrupt, System};
use xtask::project::Project;
use xtask::retention::Policy;

/// What the baseline's Dockerfiles install.
const BASELINE_PACKAGES: [&str; 9] = [
    "curl",
    "dumb-init",
    "git",
    "make",
    "openssh-client",
    "py3-numpy",
    "py3-pandas",
    "python3",
    "tzdata",
];
/// What they start from.
const NODE_IMAGE: &str = "node:20.18.0-alpine";

struct Arguments {
    commits: usize,
    json: bool,
    only: Option<String>,
}

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = given.iter().position(|argument| argument == name)?;
        given.get(at + 1).cloned()
    };
    let arguments = Arguments {
        commits: value("--commits").map_or(20, |text| text.parse().unwrap()),
        json: value("--format").as_deref() == Some("json"),
        only: value("--only"),
    };
    match measured(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}\n{}", error.tool_output().unwrap_or_default());
            ExitCode::from(error.exit().code())
        }
    }
}

fn measured(arguments: &Arguments) -> Result<()> {
    let interrupt = Interrupt::of_this_process();
    let runner = System::new(interrupt.clone());
    let means = Means {
        runner: &runner,
        interrupt: &interrupt,
        note: &|line| eprintln!("{line}"),
    };
    let checkout = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let checkout = checkout
        .canonicalize_utf8()
        .map_err(|error| Error::failed("the repository is not there").because(error))?;
    let private = PrivateEngine::new(checkout.join("target/docker-engine"));
    let up = private.up(means)?;
    let started = matches!(up, Up::Started(_));
    let engine = up.engine();
    let outcome = both(means, &engine, &private, &checkout, arguments);
    if started {
        private.down(means)?;
    }
    let mut outcome = outcome?;
    let (Some(mut baseline), Some(mut ours)) = (outcome.remove("baseline"), outcome.remove("ours"))
    else {
        eprintln!("nothing to compare with: run the other way, too");
        return Ok(());
    };
    let count = baseline.rows.len().min(ours.rows.len());
    if count < arguments.commits {
        eprintln!("only {count} commits were measured both ways");
    }
    baseline.cut(count);
    ours.cut(count);
    let document = report::json(&baseline, &ours);
    if arguments.json {
        println!("{document:#}");
    } else {
        println!("{}", report::tables(&document));
    }
    Ok(())
}

fn both(
    means: Means<'_>,
    engine: &Engine,
    private: &PrivateEngine,
    checkout: &Utf8Path,
    arguments: &Arguments,
) -> Result<BTreeMap<&'static str, Outcome>> {
    let root = xtask::project::root::find(checkout, None)?;
    let project = Project::load(&root)?;
    let wanted = BASELINE_PACKAGES
        .into_iter()
        .chain([history::ADDED_PACKAGE]);
    let request = Request {
        reference: NODE_IMAGE.to_owned(),
        platform: engine.platform.clone(),
        wanted: wanted
            .map(|name| Wanted {
                name: name.to_owned(),
                by: None,
            })
            .collect(),
        extra: BTreeMap::new(),
    };
    let kept = checkout.join("target/docker-stand-in");
    let stand_in = standin::prepare(means.runner, engine, &request, &kept, means.note)?;
    let registry = local_registry::fetch(means, &checkout.join("target/docker-registry"))?;
    let folder = Utf8PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("storage");
    let workshop = Workshop {
        means,
        engine,
        private,
        checkout,
        folder: &folder,
        registry: &registry,
        node: stand_in.context(),
        policy: Policy::of(&project.manifest.retention, None, Vec::new()),
    };
    let services: Vec<String> = baseline::SERVICES
        .iter()
        .map(|(service, _)| (*service).to_owned())
        .collect();
    let commits = history::history(arguments.commits, &services);
    let mut outcomes = BTreeMap::new();
    for way in [Way::Ours, Way::Baseline] {
        let wanted = arguments
            .only
            .as_deref()
            .is_none_or(|only| only == way.name());
        let outcome = if wanted {
            Some(series::run(&workshop, way, &commits)?)
        } else {
            Outcome::kept(&folder, way)
        };
        outcomes.extend(outcome.map(|outcome| (way.name(), outcome)));
    }
    Ok(outcomes)
}
