//! From what is in the repository to what is proposed.

use camino::Utf8Path;

use super::Plan;
use crate::adoption::{
    Answers, ManifestFacts, Proposal, Stated, Survey, manifest_path, packages, project_name,
    propose, stated_places, with_alias,
};
use crate::atomic_file;
use crate::bake::{self, PlanOptions};
use crate::cli::Common;
use crate::commands::bake::{State, generated, state};
use crate::commands::hooks;
use crate::commands::temporary_folder::TemporaryFolder;
use crate::context::{DiskFolders, Folders as _, From, minimal};
use crate::dockerfile::parse;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::git;
use crate::lint::{Change, DiskFiles, Files as _, Surroundings, discovery};
use crate::parallel;
use crate::project::{Project, Root, root};
use crate::source::Source;

/// Finds out what is to be proposed.
///
/// # Errors
/// The repository has nothing to build, what it says contradicts itself, or a file of somebody stands where a generated
/// one belongs.
pub(super) fn make(
    folder: &Utf8Path,
    answers: &Answers,
    common: &Common,
    environment: &Environment,
) -> Result<Plan> {
    let mut plan = Plan {
        root: folder.to_owned(),
        proposals: Vec::new(),
        generated: Vec::new(),
        notes: Vec::new(),
    };
    let managers: Vec<String> = packages(&DiskFiles::new(folder))
        .iter()
        .map(|one| format!("{} ({})", one.name, one.file))
        .collect();
    if !managers.is_empty() {
        plan.notes.push(format!("found {}", managers.join(", ")));
    }
    match root::find(&environment.current_dir, common.manifest.as_deref()) {
        Ok(root) => next_time(&root, &mut plan)?,
        Err(_) => first_time(folder, answers, environment, &mut plan)?,
    }
    alias(folder, &mut plan)?;
    plan.notes.extend(hooks::advice(environment, folder));
    Ok(plan)
}

/// There is a manifest: it stays as it is, and what is missing beside it is proposed.
fn next_time(root: &Root, plan: &mut Plan) -> Result<()> {
    plan.notes
        .push(format!("{} is there and stays as it is", root.manifest));
    let project = Project::load(root)?;
    plan.generated = generated_files(root, &project, &mut plan.notes)?;
    let sources = sources(&root.root, &mut plan.notes)?;
    let context = &project.manifest.build.context;
    let context = context.strip_prefix(".").unwrap_or(context);
    // An ignore file in the context counts for every Dockerfile that has none of its own.
    if DiskFolders::new(&root.root).exists(&context.join(".dockerignore")) {
        return Ok(());
    }
    let surroundings = surroundings(&root.root, &sources, Some(&project));
    ignore_file(&surroundings, context, plan);
    Ok(())
}

/// There is no manifest yet.
fn first_time(
    folder: &Utf8Path,
    answers: &Answers,
    environment: &Environment,
    plan: &mut Plan,
) -> Result<()> {
    let sources = sources(folder, &mut plan.notes)?;
    let surroundings = surroundings(folder, &sources, None);
    let survey = Survey::of(&surroundings, answers)?;
    let remote = git::origin(&*environment.runner, folder);
    let (owner, repository) = remote.as_deref().and_then(owner_and_name).unzip();
    let places = stated_places(&DiskFiles::new(folder), owner.as_deref());
    let fallback = fallback_name(folder, repository);
    let facts = ManifestFacts::of(&survey, answers, &places, fallback)?;
    plan.proposals = propose(&survey, &facts);
    for one in &survey.left_out {
        plan.notes
            .push(format!("{} is left out: {}", one.path, one.why));
    }
    if facts.registry.is_none() && answers.registry.is_none() {
        let note = "nothing says where images are pushed to: `--registry HOST/NAMESPACE` does";
        plan.notes.push(note.to_owned());
    }
    // Tried out beside, so that nothing is proposed that does not hold.
    let beside = TemporaryFolder::new("docker-init", environment)?;
    for image in &survey.images {
        let text = image.dockerfile.source.text();
        atomic_file::write(&beside.path().join(image.path()), text)?;
    }
    for Proposal { change, .. } in &plan.proposals {
        atomic_file::write(&beside.path().join(&change.path), &change.after)?;
    }
    let tried = Root {
        root: beside.path().to_owned(),
        manifest: manifest_path().to_owned(),
    };
    let project = Project::load(&tried).map_err(|error| {
        error.help("the proposed manifest comes to this; nothing is written before it holds")
    })?;
    let there = Root {
        root: folder.to_owned(),
        ..tried
    };
    plan.generated = generated_files(&there, &project, &mut plan.notes)?;
    let is_foreign = |one: &&Proposal| !one.change.before.text().is_empty();
    if let Some(foreign) = plan.generated.iter().find(is_foreign) {
        let path = &foreign.change.path;
        return Err(Error::usage(format!("{path} is there already, and not what would be generated"))
            .help("move it elsewhere; what it says and the generated one does not belongs into the manifest (docs/manifest.md)"));
    }
    ignore_file(&surroundings, &survey.context, plan);
    Ok(())
}

/// The Dockerfiles; what cannot be read is noted.
fn sources(folder: &Utf8Path, notes: &mut Vec<String>) -> Result<Vec<Source>> {
    let found = discovery::discover(folder, Utf8Path::new(""), &[]);
    Error::all(found.errors)?;
    let mut sources = Vec::new();
    for path in &found.paths {
        match Source::read(folder, path) {
            Ok(source) => sources.push(source),
            Err(error) => notes.push(format!("{path} is left out: {error}")),
        }
    }
    Ok(sources)
}

fn surroundings(folder: &Utf8Path, sources: &[Source], project: Option<&Project>) -> Surroundings {
    let files = Box::new(DiskFiles::new(folder));
    let dockerfiles = sources.iter().map(parse).collect();
    Surroundings::gather(Some(files), dockerfiles, project)
}

/// The generated files that are missing; with a text of before where there is no manifest yet, and something else stands
/// in their place.
fn generated_files(
    root: &Root,
    project: &Project,
    notes: &mut Vec<String>,
) -> Result<Vec<Proposal>> {
    let is_new = !root.root.join(&root.manifest).is_file();
    let mut proposals = Vec::new();
    let planned = bake::Plan::new(project, &PlanOptions::default())?;
    for (path, wanted) in generated(root, &planned) {
        let why = "generated from the manifest and the Dockerfiles";
        match state(&root.root.join(&path), &path, &wanted)? {
            State::UpToDate => {}
            State::Missing => proposals.push(Proposal::new_file(path, wanted, why)),
            State::Different(present) if is_new => {
                let mut proposal = Proposal::new_file(&path, wanted, why);
                proposal.change.before = Source::new(path, present);
                proposals.push(proposal);
            }
            State::Different(_) => {
                let note = format!("{path} is not up to date: `cargo xtask docker-bake --write`");
                notes.push(note);
            }
        }
    }
    Ok(proposals)
}

/// An ignore file for the context, where none counts.
fn ignore_file(surroundings: &Surroundings, context: &Utf8Path, plan: &mut Plan) {
    let folders = DiskFolders::new(&plan.root);
    let surroundings = surroundings
        .clone()
        .with_build_contexts(&folders, parallel::threads());
    let Some(contexts) = &surroundings.build_contexts else {
        return;
    };
    let bare = contexts.views.iter().position(|view| {
        view.root == context && view.from == From::Context && view.ignore.is_none()
    });
    let Some(view) = bare else {
        return;
    };
    match minimal(contexts, view) {
        Ok(text) => plan.proposals.push(Proposal::new_file(
            context.join(".dockerignore"),
            text,
            "without it everything in the context enters each build",
        )),
        Err(error) => plan.notes.push(format!(
            "there is no ignore file, and none can be proposed: {error}"
        )),
    }
}

/// `cargo xtask`, where the repository has an xtask.
fn alias(folder: &Utf8Path, plan: &mut Plan) -> Result<()> {
    if !folder.join("xtask/Cargo.toml").is_file() {
        let note =
            "there is no xtask/ here: docs/adopting.md tells how this tool comes into a repository";
        plan.notes.push(note.to_owned());
        return Ok(());
    }
    let path = Utf8Path::new(".cargo/config.toml");
    let before = if folder.join(path).exists() {
        Source::read(folder, path)?
    } else {
        Source::new(path, "")
    };
    if let Some(after) = with_alias(before.text()) {
        plan.proposals.push(Proposal {
            change: Change {
                path: path.to_owned(),
                before,
                after,
            },
            why: "makes `cargo xtask` start the tool".to_owned(),
        });
    }
    Ok(())
}

/// The last two parts of a remote's address, in whatever way it is written.
fn owner_and_name(address: &str) -> Option<(String, String)> {
    let address = address.trim_end_matches('/');
    let address = address.strip_suffix(".git").unwrap_or(address);
    let (rest, name) = address.rsplit_once('/')?;
    let owner = rest.rsplit(['/', ':']).next()?;
    Some((owner.to_owned(), name.to_owned()))
}

fn fallback_name(folder: &Utf8Path, repository: Option<String>) -> Stated<String> {
    let package = DiskFiles::new(folder)
        .read(Utf8Path::new("package.json"))
        .ok();
    let package = package.and_then(|source| {
        let document: serde_json::Value = serde_json::from_str(source.text()).ok()?;
        Some(document.get("name")?.as_str()?.to_owned())
    });
    let named = |name: &str, by: &str| Stated::guessed(project_name(name), by);
    if let Some(name) = package {
        return named(&name, "package.json has this name");
    }
    match repository {
        Some(name) => named(&name, "the remote `origin` has this name"),
        None => named(
            folder.file_name().unwrap_or_default(),
            "the folder has this name",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_owner_and_name() {
        for address in [
            "https://example.org/acme/shop.git",
            "git@example.org:acme/shop.git",
            "ssh://git@example.org:22/acme/shop/",
            "/srv/acme/shop",
        ] {
            let (owner, name) = owner_and_name(address).unwrap();
            assert_eq!(
                (owner.as_str(), name.as_str()),
                ("acme", "shop"),
                "{address}"
            );
        }
        assert_eq!(owner_and_name("shop"), None);
    }
}
