//! `docker-check`: every check that needs no engine, in one process, with one answer.

mod arguments;
mod checks;
mod facts;

use camino::Utf8PathBuf;
use serde_json::json;

pub use arguments::Arguments;
use checks::{CHECKS, Check};
use facts::Facts;

use super::checkout::Checkout;
use super::lint::{self, number};
use super::timings::Timings;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::{Finding, Severity};
use crate::git::{self, Version};
use crate::parallel;
use crate::project::suggestion::nearest;
use crate::report::table::{Alignment, Table};
use crate::report::{self, Format, SCHEMA_VERSION, terminal};

/// Carries it out.
///
/// # Errors
/// What stopped it. A check that cannot be made does not: it is told, and the others are made.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    if arguments.list {
        return list(arguments.format, environment);
    }
    let chosen = chosen(&arguments.only)?;
    let timings = Timings::start(common, environment);
    if arguments.staged || arguments.commit.is_some() {
        return elsewhere(arguments, &chosen, common, environment, &timings);
    }
    for path in &arguments.paths {
        if environment
            .current_dir
            .join(path)
            .symlink_metadata()
            .is_err()
        {
            return Err(Error::usage(format!("there is no {path}"))
                .help("name files and folders of the repository, or none to make every check"));
        }
    }
    if arguments.fix {
        mend(arguments, &chosen, common, environment)?;
        timings.lap("mended");
    }
    let paths = (!arguments.paths.is_empty()).then_some(arguments.paths.as_slice());
    judge(paths, arguments, &chosen, common, environment, &timings)
}

/// The checks, for people or as data.
fn list(format: Format, environment: &Environment) -> Result<Exit> {
    if format == Format::Json {
        let checks: Vec<_> = CHECKS
            .iter()
            .map(|check| {
                json!({"id": check.id, "about": check.about, "mends": check.mend.is_some()})
            })
            .collect();
        let document = json!({"schema_version": SCHEMA_VERSION, "checks": checks});
        environment.print(&super::json::json(&document)?)?;
        return Ok(Exit::Clean);
    }
    let mut table = Table::new(&[
        ("check", Alignment::Left),
        ("--fix", Alignment::Left),
        ("what it holds", Alignment::Left),
    ]);
    for check in CHECKS {
        let mends = if check.mend.is_some() { "yes" } else { "-" };
        table.row([check.id, mends, check.about].map(str::to_owned));
    }
    environment.print(&match format {
        Format::Markdown => table.markdown(),
        _ => table.plain(),
    })?;
    Ok(Exit::Clean)
}

/// The checks of these names; all without any.
fn chosen(only: &[String]) -> Result<Vec<&'static Check>> {
    let names = || CHECKS.iter().map(|check| check.id);
    for word in only {
        if !names().any(|name| name == word) {
            let error = Error::usage(format!("there is no check `{word}`"));
            return Err(match nearest(word, names()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help("`docker-check --list` lists them"),
            });
        }
    }
    let is_chosen = |check: &&Check| only.is_empty() || only.iter().any(|word| word == check.id);
    Ok(CHECKS.iter().filter(is_chosen).collect())
}

/// `--staged` and `--commit`: files in a folder of their own. What lies in the work tree counts for nothing.
fn elsewhere(
    arguments: &Arguments,
    chosen: &[&'static Check],
    common: &Common,
    environment: &Environment,
    timings: &Timings<'_>,
) -> Result<Exit> {
    let runner = &*environment.runner;
    let top = git::top(runner, &environment.current_dir)
        .map_err(|error| error.help("`--staged` and `--commit` ask git: run it in a repository"))?;
    let mut paths: Vec<Utf8PathBuf> = arguments.paths.clone();
    let version = match &arguments.commit {
        Some(name) => Version::Commit(git::named_commit(runner, &top, name)?),
        None => Version::Index,
    };
    if paths.is_empty() && version == Version::Index {
        let staged = git::staged(runner, &top)?;
        if staged.is_empty() {
            common.note(environment, "nothing is staged");
            return Ok(Exit::Clean);
        }
        paths.extend(staged.iter().map(|path| top.join(path)));
    }
    let checkout = Checkout::of(&version, environment)?;
    timings.lap("wrote the files beside");
    let paths: Vec<Utf8PathBuf> = paths.iter().map(|path| checkout.inside(path)).collect();
    judge(
        (!paths.is_empty()).then_some(paths.as_slice()),
        arguments,
        chosen,
        &checkout.common(common),
        &checkout.environment(environment),
        timings,
    )
}

/// `--fix`: each check mends what it can; what is left is told afterwards.
fn mend(
    arguments: &Arguments,
    chosen: &[&'static Check],
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    let touched = if arguments.paths.is_empty() {
        chosen.to_vec()
    } else {
        let facts = Facts::gather(arguments, common, environment)?;
        let paths = facts.inside(&arguments.paths, environment)?;
        facts.touched(chosen, &paths)
    };
    for check in touched {
        let Some(mend) = check.mend else { continue };
        for path in mend(common, environment)? {
            common.note(environment, &format!("{path} is mended ({})", check.id));
        }
    }
    Ok(())
}

/// Makes the checks that the paths touch, and tells what they found.
fn judge(
    paths: Option<&[Utf8PathBuf]>,
    arguments: &Arguments,
    chosen: &[&'static Check],
    common: &Common,
    environment: &Environment,
    timings: &Timings<'_>,
) -> Result<Exit> {
    let mut facts = Facts::gather(arguments, common, environment)?;
    timings.lap("read and walked");
    let checks = match paths {
        None => chosen.to_vec(),
        Some(paths) => facts.touched(chosen, &facts.inside(paths, environment)?),
    };
    if checks.iter().any(|check| check.reads_contents) {
        facts.looked.look_for_secrets();
        timings.lap("looked for secrets");
    }
    // The rules of `lint` and `ignore` are one pass: the latter comes last, as it would only wait for the former.
    let mut queue: Vec<(usize, &Check)> = checks.iter().copied().enumerate().collect();
    queue.sort_by_key(|(_, check)| check.reads_contents);
    let mut made = parallel::map(parallel::threads(), queue, |(at, check)| {
        (at, check, (check.findings)(&facts))
    });
    made.sort_by_key(|(at, ..)| *at);
    timings.lap("judged");
    let mut findings: Vec<Finding> = Vec::new();
    let mut errors: Vec<Error> = Vec::new();
    let mut exit = Exit::Clean;
    for (_, check, found) in made {
        match found {
            Ok(found) => {
                let least = if check.has_levels {
                    facts.looked.settings.configuration.fail_on
                } else {
                    Some(Severity::Warning)
                };
                if least.is_some_and(|least| found.iter().any(|found| found.severity >= least)) {
                    exit = exit.max(Exit::Findings);
                }
                findings.extend(found);
            }
            Err(error) => {
                // Several checks may need what is broken.
                let told = |other: &Error| other.to_string() == error.to_string();
                if !errors.iter().any(told) {
                    errors.push(error);
                }
            }
        }
    }
    if !checks.is_empty() && facts.looked.tell_troubles(common, environment)? {
        exit = exit.max(Exit::Usage);
    }
    for error in &errors {
        exit = exit.max(error.exit());
        environment.note(&terminal::error(error, common.color.stderr(environment)))?;
    }
    let color = common.color.stdout(environment);
    environment.print_pieces(|out| report::write(&findings, arguments.format, color, out))?;
    for line in facts.stale() {
        common.note(environment, &line);
    }
    common.note(environment, &summary(&facts, &checks, &findings));
    Ok(exit)
}

/// `3 findings, 1 with a fix, in 4 checks (manifest, bake, lint, ignore)`.
fn summary(facts: &Facts, checks: &[&Check], findings: &[Finding]) -> String {
    if checks.is_empty() {
        return "nothing that a check looks at".to_owned();
    }
    let ids: Vec<&str> = checks.iter().map(|check| check.id).collect();
    let found = match findings.len() {
        0 => "no findings".to_owned(),
        count => number(count, "finding"),
    };
    let judgment = lint::Judgment {
        findings: findings.to_vec(),
        suppressed: facts.suppressed(),
        ..lint::Judgment::default()
    };
    let remarks = lint::remarks(&judgment, facts.known());
    let count = number(checks.len(), "check");
    format!("{found}{remarks} ({count}: {})", ids.join(", "))
}
