//! `docker-build`: project → plan → bake → measure → judge.

mod arguments;
mod base_images;
mod builder;
mod execution;
mod judgment;
mod output;
mod recording;
mod selection;
mod signed;
mod tagging;
mod verdict;

pub use arguments::{Arguments, StageChoice};
pub(super) use base_images::stand_ins;
pub(super) use execution::Execution;
pub(super) use selection::targets as selected_targets;
pub(super) use verdict::short_digest;

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use self::arguments::CacheChoice;
use super::audit::Recorder;
use super::engine::{private_engine, select_engine};
use super::tags;
use super::timings::Timings;
use crate::atomic_file;
use crate::bake::{CacheUse, Inputs, Plan, PlanOptions, Target, check_override};
use crate::cli::Common;
use crate::engine::bake::{Bake, Origin, read_metadata};
use crate::engine::standin;
use crate::engine::{Engine, ImageStore, Means};
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::git;
use crate::project::{Project, root, secrets};

/// The tag of images that nobody gave one.
const DEFAULT_TAG: &str = "dev";
/// The tag of images on a stand-in.
const STAND_IN_TAG: &str = "stand-in";

/// Carries it out.
///
/// # Errors
/// What stopped it. An image over its budget is no error: the exit code says so.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    refuse_release_of_stand_in(arguments)?;
    let timings = Timings::start(common, environment);
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    timings.lap("read the manifest and the Dockerfiles");
    find_registry(arguments, &project)?;
    let chosen: BTreeMap<String, String> = arguments
        .build_args
        .iter()
        .map(|pair| (pair.key.clone(), pair.value.clone()))
        .collect();
    let plan = Plan::new(
        &project,
        &PlanOptions {
            arguments: chosen.clone(),
        },
    )?;
    timings.lap("planned");
    let mut targets = selection::targets(&project, &plan, &arguments.services, arguments.stage)?;
    if let Some(base) = &arguments.affected {
        selection::only_affected(&mut targets, base, arguments.stage, common, environment)?;
        timings.lap("found out what is affected");
        if targets.is_empty() {
            return Ok(Exit::Clean);
        }
    }
    let wrong = arguments
        .set
        .iter()
        .filter_map(|set| check_override(set).err());
    Error::all(wrong.collect::<Vec<_>>())?;
    let needed = plan.closure(targets.iter().map(|target| target.name.as_str()));
    let ids: BTreeSet<&str> = needed
        .iter()
        .flat_map(|target| &target.secrets)
        .map(String::as_str)
        .collect();
    let secrets = secrets::find(&project.manifest, ids, &environment.current_dir, &|name| {
        environment.variable(name).map(str::to_owned)
    })?;

    let note = |line: &str| common.note(environment, line);
    let means = Means {
        runner: environment.runner.as_ref(),
        interrupt: &environment.interrupt,
        note: &note,
    };
    let tagged = tagging::tagged(arguments, &project, &plan, &targets, environment, &note)?;
    let head = git::head(means.runner, &project.root);
    let mut inputs = inputs(arguments, head.clone(), chosen, secrets.places);
    let version = tagged.as_ref().and_then(tags::Metadata::version);
    inputs.version = version.map(str::to_owned);
    let work = project.root.join("target/docker-build");
    let over = tagged.iter().map(|_| work.join(tagging::FILE));
    let bake = Bake {
        directory: project.root.clone(),
        files: std::iter::once(work.join("docker-bake.hcl"))
            .chain(over)
            .collect(),
        targets: targets.iter().map(|target| target.name.clone()).collect(),
        linked_targets: needed.iter().map(|target| target.name.clone()).collect(),
        variables: inputs.variables(&plan),
        set: overrides(arguments, &targets),
        readable: secrets.files,
        writable: local_cache_folders(arguments, &project.root),
        no_cache: arguments.no_cache,
        origin: origin(arguments, environment),
        metadata: work.join("metadata.json"),
        ..Bake::default()
    };
    if arguments.dry_run {
        environment.print(&output::dry_run(&plan, &targets, &bake, arguments.format))?;
        return Ok(Exit::Clean);
    }

    let private = private_engine(&project.root, environment);
    let engine = select_engine(
        means,
        arguments.engine,
        &private,
        &project.root,
        environment,
    )?;
    can_build(&engine, arguments)?;
    timings.lap("found the secrets, the commit and the engine");
    Build {
        timings,
        arguments,
        common,
        environment,
        project: &project,
        plan: &plan,
        targets,
        means,
        engine,
        work,
        tagged,
        head,
    }
    .carry_out(bake, &inputs)
}

fn refuse_release_of_stand_in(arguments: &Arguments) -> Result<()> {
    if !arguments.offline || !(arguments.pushes() || arguments.release) {
        return Ok(());
    }
    Err(
        Error::usage("images on a stand-in are for trying out, and neither pushed nor released")
            .because("their base image is not the one the Dockerfiles name")
            .help("leave out `--offline` where a container registry can be reached"),
    )
}

/// Where images are pushed to by digest: without a tag, there is no local name either.
fn find_registry(arguments: &Arguments, project: &Project) -> Result<()> {
    let manifest = &project.manifest;
    if arguments.push_by_digest && manifest.registry.host.is_empty() {
        let place = format!("name it as `registry.host` in {}", manifest.path());
        return Err(Error::usage("there is no registry to push to").help(place));
    }
    Ok(())
}

/// What is known once an engine answers.
struct Build<'a> {
    timings: Timings<'a>,
    arguments: &'a Arguments,
    common: &'a Common,
    environment: &'a Environment,
    project: &'a Project,
    plan: &'a Plan,
    targets: Vec<&'a Target>,
    means: Means<'a>,
    engine: Engine,
    work: Utf8PathBuf,
    /// What `docker-tags` would tell, if it is to be so.
    tagged: Option<tags::Metadata>,
    /// The commit it is built of.
    head: Option<git::Head>,
}

impl Build<'_> {
    fn carry_out(&self, mut bake: Bake, inputs: &Inputs) -> Result<Exit> {
        let arguments = self.arguments;
        atomic_file::write(&bake.files[0], self.plan.hcl())?;
        if let Some(tagged) = &self.tagged {
            tagging::write(self, tagged)?;
        }
        if arguments.offline {
            let images = base_images::stand_ins(
                self.project,
                self.plan,
                &self.targets,
                self.means,
                &self.engine,
            )?;
            let label = (standin::LABEL.to_owned(), "true".to_owned());
            let overlay = self.work.join("stand-in.hcl");
            atomic_file::write(&overlay, self.plan.overlay(&images, &[label].into()))?;
            bake.files.push(overlay);
            self.timings.lap("prepared the stand-in");
        }
        if let Some(name) = &arguments.builder {
            builder::ensure(self.project, name, self.means, &self.engine)?;
            bake.builder = Some(name.clone());
            // Other builders keep their results to themselves.
            bake.load = true;
        }
        bake.load |= arguments.load;

        let recorder = Recorder::of_commit(self.project, self.environment, self.head.as_ref())?;
        if arguments.pushes() {
            // What cannot be recorded is not pushed.
            recorder.check()?;
        }
        // Nor what cannot be signed, where it must be.
        let signing = signed::prepare(self)?;
        let started = std::time::Instant::now();
        let execution = Execution {
            common: self.common,
            environment: self.environment,
            project: self.project,
            engine: &self.engine,
            plan: self.plan,
            offline: arguments.offline,
            work: &self.work,
        };
        self.timings.tell(&bake.command_line().display());
        let summary = execution.run(&bake)?;
        let seconds = started.elapsed().as_secs_f64();
        self.timings.lap("built");
        let verdict = judgment::judge(self, &bake, inputs, &summary, seconds)?;
        self.timings.lap("measured and judged");
        recorder.note(recording::built(self, &verdict), self.common)?;
        let exit = if verdict.is_clean() {
            Exit::Clean
        } else {
            Exit::Findings
        };
        let mut signed = Ok(());
        if arguments.pushes() && exit == Exit::Clean {
            (self.means.note)("pushing");
            execution.run(&self.pushing(&bake)?)?;
            let pushed = read_metadata(&bake.metadata)?;
            recorder.append(recording::pushed(self, &pushed))?;
            if let Some(signing) = &signing {
                signed = signed::sign(self, signing, &bake.metadata);
            }
        }
        if let Some(file) = &arguments.metadata_file {
            let file = self.environment.current_dir.join(file);
            let text = std::fs::read_to_string(&bake.metadata).map_err(|e| {
                Error::failed(format!("failed to read {}", bake.metadata)).because(e)
            })?;
            atomic_file::write(&file, &text)?;
        }
        output::report(&verdict, arguments, self.common, self.environment)?;
        if arguments.pushes() && exit != Exit::Clean {
            (self.means.note)(
                "nothing was pushed: an image is not within its budget, or an exception no longer holds",
            );
        }
        signed.map(|()| exit)
    }

    /// The same build once more, all of it cached, to push it.
    fn pushing(&self, bake: &Bake) -> Result<Bake> {
        let mut pushing = Bake {
            push: self.arguments.push,
            load: false,
            no_cache: false,
            ..bake.clone()
        };
        if self.arguments.push_by_digest {
            let overlay = self.work.join("by-digest.hcl");
            let text = self.plan.by_digest(self.targets.iter().copied());
            atomic_file::write(&overlay, &text)?;
            pushing.files.push(overlay);
        }
        Ok(pushing)
    }
}

/// Attestations tell it, and a local build has none unless it is asked for; whoever set buildx's own variable has decided.
fn origin(arguments: &Arguments, environment: &Environment) -> Origin {
    let attests = |set: &String| set.contains(".attest");
    let is_told = arguments.release
        || arguments.pushes()
        || arguments.set.iter().any(attests)
        || environment.variable("BUILDX_GIT_INFO").is_some();
    if is_told {
        Origin::Told
    } else {
        Origin::Untold
    }
}

/// The values of the plan's variables.
fn inputs(
    arguments: &Arguments,
    head: Option<git::Head>,
    chosen: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
) -> Inputs {
    let tag = if arguments.offline {
        STAND_IN_TAG
    } else {
        DEFAULT_TAG
    };
    Inputs {
        tags: vec![arguments.tag.clone().unwrap_or_else(|| tag.to_owned())],
        vcs_ref: head.as_ref().map(|head| head.revision.clone()),
        build_date: head.map(|head| head.date),
        platforms: arguments.platform.clone(),
        release: arguments.release,
        cache: match arguments.cache {
            Some(choice) => choice.into(),
            None if arguments.release => CacheUse::Write,
            None => CacheUse::None,
        },
        arguments: chosen,
        secrets,
        ..Inputs::default()
    }
}

/// `--cache-from`, `--cache-to` and the user's own `--set`. Targets that export to one local folder at the same time
/// destroy each other's index, so each gets a folder of its own.
fn overrides(arguments: &Arguments, targets: &[&Target]) -> Vec<String> {
    let mut set = Vec::new();
    for (key, caches) in [
        ("cache-from", &arguments.cache_from),
        ("cache-to", &arguments.cache_to),
    ] {
        for cache in caches {
            for target in targets {
                set.push(format!(
                    "{}.{key}={}",
                    target.name,
                    in_own_folder(cache, &target.name)
                ));
            }
        }
    }
    set.extend(arguments.set.iter().cloned());
    set
}

/// A local cache one folder further down; any other as it is.
fn in_own_folder(cache: &str, target: &str) -> String {
    let Some(folder) = local_folder(cache) else {
        return cache.to_owned();
    };
    let moved = |field: &str| match field.split_once('=') {
        Some((key @ ("src" | "dest"), value)) if value == folder => {
            format!("{key}={folder}/{target}")
        }
        _ => field.to_owned(),
    };
    cache.split(',').map(moved).collect::<Vec<_>>().join(",")
}

/// The folder of `type=local,src=…` or `type=local,dest=…`.
fn local_folder(cache: &str) -> Option<&str> {
    let mut fields = cache.split(',');
    fields.clone().any(|field| field == "type=local").then(|| {
        fields.find_map(|field| {
            field
                .strip_prefix("src=")
                .or_else(|| field.strip_prefix("dest="))
        })
    })?
}

fn local_cache_folders(arguments: &Arguments, root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let caches = arguments.cache_from.iter().chain(&arguments.cache_to);
    let folders = caches.filter_map(|cache| local_folder(cache));
    folders.map(|folder| root.join(folder)).collect()
}

/// What the engine's own builder cannot do, said before it starts.
fn can_build(engine: &Engine, arguments: &Arguments) -> Result<()> {
    let own_builder = arguments.builder.is_none();
    let needs_store = arguments.platform.len() > 1
        || arguments.release
        || arguments.cache == Some(CacheChoice::Write)
        || !arguments.cache_to.is_empty();
    if own_builder && needs_store && engine.store == ImageStore::GraphDriver {
        return Err(Error::missing(
            "this engine's image store cannot build several platforms, attestations or a cache to export",
        )
        .help("turn on the containerd image store of the engine (\"features\": {\"containerd-snapshotter\": true} in daemon.json)")
        .help("or use `--engine private`, or another builder with `--builder NAME`"));
    }
    Ok(())
}

impl Arguments {
    /// Whether anything is pushed.
    const fn pushes(&self) -> bool {
        self.push || self.push_by_digest
    }

    /// Whether images are held to budgets.
    fn has_budgets(&self) -> bool {
        self.stage == StageChoice::Production
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_folder_of_a_local_cache_is_moved() {
        for (cache, expected) in [
            ("type=local,dest=c", "type=local,dest=c/api"),
            (
                "type=local,dest=/c,mode=max",
                "type=local,dest=/c/api,mode=max",
            ),
            ("src=local,type=local", "src=local/api,type=local"),
            ("type=gha,scope=x", "type=gha,scope=x"),
        ] {
            assert_eq!(in_own_folder(cache, "api"), expected);
        }
    }

    #[test]
    fn the_folder_of_a_local_cache_is_found_wherever_it_stands() {
        assert_eq!(local_folder("type=local,dest=/c,mode=max"), Some("/c"));
        assert_eq!(local_folder("src=c,type=local"), Some("c"));
        assert_eq!(local_folder("type=gha,scope=x"), None);
        assert_eq!(local_folder("type=registry,ref=r/x:dest=1"), None);
    }
}
