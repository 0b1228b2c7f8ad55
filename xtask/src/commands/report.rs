//! `docker-report`: every goal of the project with what was measured of it, when, on which commit, and by what.

mod arguments;
mod measuring;
mod output;

pub use arguments::Arguments;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use self::measuring::Bench;
use super::timings::Timings;
use crate::atomic_file;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::git;
use crate::project::suggestion::nearest;
use crate::project::{Project, root};
use crate::scorecard::{
    Card, Definition, Facts, History, Outcome, RowDefinition, assemble, badge, history, page,
};
use crate::source::Source;

/// Carries it out.
///
/// # Errors
/// What kept the page from being made. A goal that is not reached is no error: the exit code says so.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    let (file, record) = files(&project)?;
    let source = Source::read(&project.root, &file)?;
    let definition = Definition::parse(&source)?;
    check_pages(&definition, &project.root)?;
    check_names(arguments, &definition)?;
    if arguments.list {
        environment.print(&output::list(&definition))?;
        return Ok(Exit::Clean);
    }
    let mut history = read_history(&project.root, &record)?;
    timings.lap("read the goals and what was measured");
    if arguments.measure.is_some() {
        let bench = Bench {
            definition: &definition,
            root: &project.root,
            record: &record,
            common,
            environment,
        };
        let rows = definition.rows().filter(|row| arguments.measures(&row.id));
        history.add(bench.measure(&rows.collect::<Vec<_>>())?);
        timings.lap("measured");
    }
    if arguments.record {
        history.retain(|id| definition.rows().any(|row| row.id == id));
        atomic_file::write(&project.root.join(&record), history.text())?;
        common.note(environment, &format!("wrote {record}"));
    }
    let facts = facts(&definition, &history, &project.root, environment);
    let card = assemble(&definition, &history, &facts, |row| {
        arguments.shows(&row.id)
    });
    if let Some(folder) = &arguments.badges {
        let folder = environment.current_dir.join(folder);
        write_badges(&definition, &history, &facts, &folder)?;
        common.note(environment, &format!("wrote badges to {folder}"));
    }
    if let Some(file) = &arguments.html {
        atomic_file::write(&environment.current_dir.join(file), page::render(&card))?;
        common.note(environment, &format!("wrote {file}"));
    }
    let color = common.color.stdout(environment);
    let detail = output::Detail::of(common);
    environment.print(&output::text(
        &card,
        &definition,
        arguments.format,
        detail,
        color,
    )?)?;
    timings.lap("put the page together");
    Ok(exit(&card))
}

/// A goal that is not reached is worse than one that nobody looked at; what was not measured is never a pass.
const fn exit(card: &Card) -> Exit {
    match card.outcome {
        Outcome::Pass => Exit::Clean,
        Outcome::Fail => Exit::Findings,
        Outcome::NotMeasured => Exit::Missing,
    }
}

/// The file of goals and the one of measurements, from the root.
fn files(project: &Project) -> Result<(Utf8PathBuf, Utf8PathBuf)> {
    let report = &project.manifest.report;
    match (report.scorecard.clone(), report.history()) {
        (Some(scorecard), Some(history)) => Ok((scorecard, history)),
        _ => Err(Error::usage(format!(
            "{} names no goals",
            project.manifest.path()
        ))
        .help("add `[report]` with `scorecard = \"docker/scorecard.toml\"`; docs/report.md tells what stands in that file")),
    }
}

/// Pages that rows point to are there.
fn check_pages(definition: &Definition, root: &Utf8Path) -> Result<()> {
    let pages = definition.rows().flat_map(|row| &row.docs);
    Error::all(
        pages
            .filter(|(page, _)| !root.join(page).exists())
            .map(|(page, location)| {
                Error::usage(format!("there is no {page}"))
                    .help("pages are named from the repository's root")
                    .at(location.clone())
            }),
    )
}

/// Rows on the command line are rows of the file.
fn check_names(arguments: &Arguments, definition: &Definition) -> Result<()> {
    let ids: Vec<&str> = definition.rows().map(|row| row.id.as_str()).collect();
    let named = arguments.measure.iter().flatten().chain(&arguments.row);
    let unknown = named.filter(|name| !ids.contains(&name.as_str()));
    Error::all(unknown.map(|name| {
        let error = Error::usage(format!("there is no row `{name}`"));
        match nearest(name, ids.iter().copied()) {
            Some(known) => error.help(format!("did you mean `{known}`?")),
            None => error.help("`cargo xtask docker-report --list` lists all of them"),
        }
    }))
}

/// What was measured before; nothing if nobody recorded anything.
fn read_history(root: &Utf8Path, path: &Utf8Path) -> Result<History> {
    if !root.join(path).exists() {
        return Ok(History::default());
    }
    History::parse(&Source::read_up_to(root, path, history::MAX_BYTES)?)
}

/// What git and the clock say.
fn facts(
    definition: &Definition,
    history: &History,
    root: &Utf8Path,
    environment: &Environment,
) -> Facts {
    let runner = environment.runner.as_ref();
    let last = |row: &RowDefinition| history.of(&row.id).last()?.commit.clone();
    let mut since = BTreeMap::new();
    for commit in definition.rows().filter_map(last) {
        since
            .entry(commit)
            .or_insert_with_key(|commit| git::commits_since(runner, root, commit));
    }
    Facts {
        now: super::audit::now(environment),
        commit: git::commit_of(runner, root, "HEAD").ok(),
        since: since
            .into_iter()
            .filter_map(|(commit, distance)| Some((commit, distance?)))
            .collect(),
    }
}

/// Badges are of all rows, whichever are shown.
fn write_badges(
    definition: &Definition,
    history: &History,
    facts: &Facts,
    folder: &Utf8Path,
) -> Result<()> {
    let card = assemble(definition, history, facts, |_| true);
    for (name, badge) in badge::badges(&card) {
        atomic_file::write(&folder.join(name), super::json::json(&badge)?)?;
    }
    Ok(())
}
