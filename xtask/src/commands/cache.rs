//! `docker-cache`: what each edit makes a build do again, foretold and measured, weighed by the history of the repository.

mod answer;
mod arguments;
mod copy;
mod document;
mod findings;
mod foretelling;
mod gathered;
mod history;
mod matching;
mod output;
mod running;
#[cfg(test)]
mod tests;

pub use arguments::Arguments;

use self::answer::Answer;
use self::gathered::Gathered;
use self::history::{Effects, History};
use super::timings::Timings;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Exit, Result};
use crate::finding::Severity;
use crate::report::{self, Format};

/// Carries it out.
///
/// # Errors
/// What stopped it. A median under the goal, or a step that ran otherwise than foretold, is no error: the exit code says so.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    let gathered = Gathered::find(arguments, common, environment)?;
    timings.lap("read the project and walked the build contexts");
    let foretold = foretelling::foretell(&gathered)?;
    timings.lap(&format!("foretold {} edits", foretold.len()));
    let effects = Effects::of(&gathered);
    let since = arguments.since.as_deref();
    let history = History::read(&gathered, arguments.commits, since, &effects, environment)?;
    timings.lap("foretold the commits of the history");
    let runs = if arguments.run {
        let runs = running::run(&gathered, &foretold, arguments, common, environment)?;
        timings.lap("built the edits");
        Some(runs)
    } else {
        None
    };
    let mut answer = Answer {
        gathered: &gathered,
        foretold: &foretold,
        effects: &effects,
        history: history.as_ref(),
        runs: runs.as_deref(),
        goal: arguments
            .goal
            .unwrap_or(gathered.project.manifest.cache.goal),
        findings: Vec::new(),
    };
    answer.findings = answer.judged();
    let text = match arguments.format {
        Format::Terminal => answer.terminal(common),
        Format::Markdown => answer.markdown(),
        Format::Json => answer.json()?,
        format => report::render(&answer.findings, format, common.color.stdout(environment)),
    };
    let is_wrong = answer
        .findings
        .iter()
        .any(|one| one.severity == Severity::Error);
    if !(common.quiet && arguments.format == Format::Terminal && !is_wrong) {
        environment.print(&text)?;
    }
    Ok(if is_wrong {
        Exit::Findings
    } else {
        Exit::Clean
    })
}
