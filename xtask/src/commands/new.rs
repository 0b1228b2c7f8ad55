//! `docker-new`: a new service after the example of one that is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use super::bake::{State, generated, state};
use super::ignore::Subjects;
use super::temporary_folder::TemporaryFolder;
use super::{ci, deploy, lint};
use crate::adoption::{Proposal, Renaming, compose_changes, new_dockerfile};
use crate::atomic_file;
use crate::bake::{self, PlanOptions};
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::git;
use crate::lint::{Change, DiskFiles};
use crate::project::manifest::is_name;
use crate::project::suggestion::nearest;
use crate::project::{ImageDefinition, Project, Role, Root, glob, root};
use crate::source::Source;

/// Options of `docker-new`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask docker-new pricing                       What would be made, after the smallest service
  cargo xtask docker-new pricing --like order-api      After this one
  cargo xtask docker-new pricing --port 4010 --write   Make it

The folder of a service that is there is copied as git knows it, with its name and port replaced in every way that they
are written; compose files get an entry, the bake file a target. So the new one follows the repository's own conventions
and passes what the old one passes; what it does is still what the old one does. Nothing that is there is replaced, a run
that was stopped is gone on with, and without `--write` nothing is written. docs/adopting.md tells more.")]
pub struct Arguments {
    /// Its name
    #[arg(value_name = "SERVICE")]
    pub service: String,
    /// The service to copy [default: the one with the fewest bytes]
    #[arg(long, value_name = "SERVICE")]
    pub like: Option<String>,
    /// The port it listens on [default: the next one that no service has]
    #[arg(long)]
    pub port: Option<u16>,
    /// Write it
    #[arg(long)]
    pub write: bool,
}

/// A file of the old service.
struct Template {
    /// From the root.
    path: Utf8PathBuf,
    bytes: Vec<u8>,
}

/// Carries it out.
///
/// # Errors
/// What stopped it; nothing is written then, unless a file cannot be written.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let mut project = Project::load(&root)?;
    let name = &arguments.service;
    refuse_name(name, &project)?;
    // What a run that was stopped made of it is gone on with, and no example for itself.
    let is_it = |image: &ImageDefinition| image.name == *name && image.role == Role::Service;
    let begun = project.images.iter().position(is_it);
    let begun = begun.map(|at| project.images.remove(at));
    let prepared = prepare(arguments, &root, &project, environment);
    let prepared = match (prepared, &begun) {
        (Err(error), Some(image)) => return Err(is_there(image).because(error)),
        (prepared, _) => prepared?,
    };
    let missing = || prepared.files.iter().filter(|file| !file.is_there);
    let is_done = missing().next().is_none() && prepared.changes.is_empty();
    if arguments.write {
        for file in missing() {
            atomic_file::write(&root.root.join(&file.path), &file.bytes)?;
        }
        let changes = prepared.changes.iter().map(|one| one.change.clone());
        lint::write(&changes.collect::<Vec<_>>(), None, &root.root, environment)?;
    }
    let renewed = if arguments.write {
        renew(&root, common, environment)?
    } else {
        Vec::new()
    };
    if let Some(image) = begun.filter(|_| is_done && renewed.is_empty()) {
        return Err(is_there(&image));
    }
    tell(&prepared, environment)?;
    let (made, others) = (
        lint::number(missing().count(), "file"),
        lint::number(prepared.changes.len(), "file"),
    );
    let like = &prepared.like;
    let told = if arguments.write {
        format!("{made} made like {like}, {others} changed; `cargo xtask docker-check` holds it")
    } else {
        format!("{made} would be made like {like}, {others} changed; `--write` does it")
    };
    for path in &renewed {
        common.note(environment, &format!("{path} is written again"));
    }
    common.note(environment, &told);
    Ok(Exit::Clean)
}

/// What is to be written.
struct Prepared {
    /// The service that is the example.
    like: String,
    /// Of the new service.
    files: Vec<NewFile>,
    /// What is there already and has to know it.
    changes: Vec<Proposal>,
}

/// A file of the new service.
struct NewFile {
    /// From the root.
    path: Utf8PathBuf,
    bytes: Vec<u8>,
    /// Whether it is there byte for byte: a run that was stopped wrote it.
    is_there: bool,
}

fn prepare(
    arguments: &Arguments,
    root: &Root,
    project: &Project,
    environment: &Environment,
) -> Result<Prepared> {
    let name = &arguments.service;
    let (like, templates) = example(arguments.like.as_deref(), project, environment)?;
    let Some((dockerfile, folder)) = new_dockerfile(like.path(), name) else {
        return Err(
            Error::usage(format!("nothing names what {} makes", like.path()))
                .help("`--like` takes a service whose Dockerfile lies in a folder of its own"),
        );
    };
    let globs = &project.manifest.services.dockerfiles;
    if !globs
        .iter()
        .any(|pattern| glob::matches(pattern, &dockerfile))
    {
        return Err(
            Error::usage(format!("the manifest would not find {dockerfile}"))
                .because(format!("`services.dockerfiles` is {}", globs.join(", ")))
                .help(format!(
                    "add it in {}, or write a pattern that finds it",
                    root.manifest
                )),
        );
    }
    let others = project.images.iter().map(|image| image.name.clone());
    let mut renaming = Renaming::new(&like.name, name, others.filter(|other| *other != like.name));
    if let Some(old) = like.port {
        renaming = renaming.with_port(old, free_port(arguments.port, project)?);
    }
    let mut files = new_files(&templates, folder.as_deref(), &dockerfile, &renaming)?;
    for file in &mut files {
        let full = root.root.join(&file.path);
        let Ok(about) = full.symlink_metadata() else {
            continue;
        };
        file.is_there = about.is_file() && std::fs::read(&full).is_ok_and(|it| it == file.bytes);
        if !file.is_there {
            let path = &file.path;
            return Err(Error::usage(format!("{path} is there already"))
                .because(format!("it is not what a copy of {} would have", like.name))
                .help("nothing that is there is replaced: choose another name, or move it away"));
        }
    }
    let mut changes = compose_changes(&DiskFiles::new(&root.root), &like.name, name, &renaming);
    changes.extend(bake_changes(
        root,
        project,
        &dockerfile,
        &files,
        environment,
    )?);
    Ok(Prepared {
        like: like.name.clone(),
        files,
        changes,
    })
}

fn is_there(image: &ImageDefinition) -> Error {
    Error::usage(format!(
        "there is a `{}` already: {}",
        image.name,
        image.path()
    ))
    .help("a run that was stopped is gone on with by the same command, with the same `--like` and `--port`")
}

/// Writes again what else is generated from all services: the workflow, the manifests. Their paths.
fn renew(root: &Root, common: &Common, environment: &Environment) -> Result<Vec<Utf8PathBuf>> {
    let project = Project::load(root)?;
    let mut renewed = deploy::renew(&project)?;
    let found = lint::dockerfiles(
        &lint::Arguments::default(),
        common,
        environment,
        Some(&project),
    )?;
    let looked = Subjects::of(found, &[], &BTreeMap::new())?;
    renewed.extend(ci::renew(&project, root, &looked.surroundings)?);
    Ok(renewed)
}

fn refuse_name(name: &str, project: &Project) -> Result<()> {
    if !is_name(name) || name.to_lowercase() != name {
        return Err(
            Error::usage(format!("`{name}` cannot be the name of a service")).help(
                "names are made of small letters, digits, `-` and `_`, a letter or digit first",
            ),
        );
    }
    let other = project.images.iter().find(|image| {
        let is_service = image.name == name && image.role == Role::Service;
        image.name.eq_ignore_ascii_case(name) && !is_service
    });
    match other {
        None => Ok(()),
        Some(image) => Err(is_there(image)),
    }
}

/// The service to copy, with its files as git knows them, those that are not added yet among them.
fn example<'p>(
    like: Option<&str>,
    project: &'p Project,
    environment: &Environment,
) -> Result<(&'p ImageDefinition, Vec<Template>)> {
    let services: Vec<&ImageDefinition> = project.services().collect();
    let names = || services.iter().map(|service| service.name.as_str());
    if let Some(name) = like {
        let Some(service) = services.iter().find(|service| service.name == name) else {
            let error = Error::usage(format!("there is no service `{name}`"));
            return Err(match nearest(name, names()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!(
                    "there are: {}",
                    names().collect::<Vec<_>>().join(", ")
                )),
            });
        };
        let paths = git::files(&*environment.runner, &project.root, own_folder(service))?;
        return Ok((service, templates(&paths, project)?));
    }
    // Git is asked once for all of them: it reads its whole index each time.
    let folders = services.iter().map(|service| own_folder(service));
    let common = folders.reduce(common_folder).unwrap_or(Utf8Path::new(""));
    let common = if common == "" {
        Utf8Path::new(".")
    } else {
        common
    };
    let paths = git::files(&*environment.runner, &project.root, common)?;
    let smallest = services
        .into_iter()
        .map(|service| (service, below(&paths, own_folder(service))))
        .min_by_key(|(_, files)| {
            let sizes = files.iter().filter_map(|path| size(path, project));
            sizes.sum::<u64>()
        });
    match smallest {
        Some((service, files)) => Ok((service, templates(files, project)?)),
        None => Err(
            Error::usage("there is no service yet that a new one could be like")
                .help("write the first one by hand; docs/services.md tells what it needs"),
        ),
    }
}

/// What is a service's alone: its folder, or its Dockerfile where it has none.
fn own_folder(service: &ImageDefinition) -> &Utf8Path {
    let is_own = new_dockerfile(service.path(), &service.name).is_some_and(|(_, it)| it.is_some());
    let folder = service.path().parent().filter(|_| is_own);
    folder.unwrap_or(service.path())
}

/// The innermost folder that both are in.
fn common_folder<'p>(a: &'p Utf8Path, b: &'p Utf8Path) -> &'p Utf8Path {
    let mut above = a.ancestors();
    let common = above.find(|folder| b.starts_with(folder));
    common.unwrap_or(Utf8Path::new(""))
}

/// Of sorted paths, those in a folder.
fn below<'p>(paths: &'p [Utf8PathBuf], folder: &Utf8Path) -> &'p [Utf8PathBuf] {
    let start = paths.partition_point(|path| path.as_path() < folder);
    let count = paths[start..].partition_point(|path| path.starts_with(folder));
    &paths[start..start + count]
}

/// `None` for links and what is gone from the work tree: they are no files to copy.
fn size(path: &Utf8Path, project: &Project) -> Option<u64> {
    let metadata = project.root.join(path).symlink_metadata().ok()?;
    metadata.is_file().then_some(metadata.len())
}

/// The files to copy.
fn templates(paths: &[Utf8PathBuf], project: &Project) -> Result<Vec<Template>> {
    let there = paths.iter().filter(|path| size(path, project).is_some());
    there
        .map(|path| {
            let bytes = std::fs::read(project.root.join(path));
            let failed = |error| Error::usage(format!("failed to read {path}")).because(error);
            Ok(Template {
                path: path.clone(),
                bytes: bytes.map_err(failed)?,
            })
        })
        .collect()
}

fn free_port(wanted: Option<u16>, project: &Project) -> Result<u16> {
    let taken: BTreeSet<u16> = project
        .images
        .iter()
        .filter_map(|image| image.port)
        .collect();
    match wanted {
        Some(port) if taken.contains(&port) => Err(Error::usage(format!(
            "another service listens on port {port}"
        ))),
        Some(port) => Ok(port),
        None => taken
            .last()
            .and_then(|last| last.checked_add(1))
            .ok_or_else(|| {
                Error::usage("no port is free above those of the services")
                    .help("`--port` names one")
            }),
    }
}

fn new_files(
    templates: &[Template],
    folder: Option<&Utf8Path>,
    dockerfile: &Utf8Path,
    renaming: &Renaming,
) -> Result<Vec<NewFile>> {
    let new_folder = dockerfile.parent().unwrap_or(Utf8Path::new(""));
    let mut files = Vec::new();
    for Template { path, bytes } in templates {
        let place = match folder.map(|folder| path.strip_prefix(folder)) {
            None => dockerfile.to_owned(),
            Some(Ok(inside)) => new_folder.join(renaming.text(inside.as_str())),
            Some(Err(_)) => continue,
        };
        let bytes = match std::str::from_utf8(bytes) {
            Ok(text) => renaming.text(text).into_bytes(),
            Err(_) => bytes.clone(),
        };
        files.push(NewFile {
            path: place,
            bytes,
            is_there: false,
        });
    }
    if files.iter().all(|file| file.path != dockerfile) {
        return Err(
            Error::usage("git does not know the Dockerfile that is to be copied")
                .help("add it, or take it off .gitignore"),
        );
    }
    Ok(files)
}

/// What is generated anew with the new service; tried out beside, so that nothing is written that does not hold.
fn bake_changes(
    root: &Root,
    project: &Project,
    dockerfile: &Utf8Path,
    files: &[NewFile],
    environment: &Environment,
) -> Result<Vec<Proposal>> {
    let beside = TemporaryFolder::new("docker-new", environment)?;
    let manifest = Source::read(&root.root, &root.manifest)?;
    atomic_file::write(&beside.path().join(&root.manifest), manifest.text())?;
    for image in &project.images {
        let text = image.dockerfile.source.text();
        atomic_file::write(&beside.path().join(image.path()), text)?;
    }
    for file in files.iter().filter(|file| file.path == dockerfile) {
        atomic_file::write(&beside.path().join(&file.path), &file.bytes)?;
    }
    let tried = Root {
        root: beside.path().to_owned(),
        manifest: root.manifest.clone(),
    };
    let tried = Project::load(&tried).map_err(|error| {
        error.help("the new service comes to this; nothing is written before it holds")
    })?;
    let plan = bake::Plan::new(&tried, &PlanOptions::default())?;
    let mut changes = Vec::new();
    for (path, after) in generated(root, &plan) {
        let before = match state(&root.root.join(&path), &path, &after)? {
            State::UpToDate => continue,
            State::Missing => String::new(),
            State::Different(present) => present,
        };
        changes.push(Proposal {
            change: Change {
                before: Source::new(&path, before),
                path,
                after,
            },
            why: "generated from the manifest and the Dockerfiles".to_owned(),
        });
    }
    Ok(changes)
}

fn tell(prepared: &Prepared, environment: &Environment) -> Result<()> {
    let mut text = String::new();
    for file in &prepared.files {
        let there = if file.is_there { ", is there" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# {} ({} bytes{there})", file.path, file.bytes.len());
    }
    for Proposal { change, why } in &prepared.changes {
        let _ = write!(
            text,
            "# {}: {why}\n{}",
            change.path,
            lint::difference(change)
        );
    }
    environment.print(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_share_the_folder_that_all_are_in() {
        for (a, b, common) in [
            ("apps/a", "apps/b", "apps"),
            ("apps/a", "apps/ab", "apps"),
            ("apps/x/a", "apps/y/b", "apps"),
            ("apps", "apps/b", "apps"),
            ("a", "b", ""),
        ] {
            let found = common_folder(Utf8Path::new(a), Utf8Path::new(b));
            assert_eq!(found, common, "{a} {b}");
        }
    }

    #[test]
    fn the_files_of_a_folder_are_not_those_of_one_that_starts_the_same() {
        let paths = ["a-b/x", "a/x", "a/y/z", "a.c", "ab/x"].map(Utf8PathBuf::from);
        let mut paths = paths.to_vec();
        paths.sort();
        for (folder, files) in [
            ("a", vec!["a/x", "a/y/z"]),
            ("a-b", vec!["a-b/x"]),
            ("a.c", vec!["a.c"]),
            ("b", vec![]),
        ] {
            assert_eq!(below(&paths, Utf8Path::new(folder)), files, "{folder}");
        }
    }
}
