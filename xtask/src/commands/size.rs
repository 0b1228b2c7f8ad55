//! `docker-size`: what an image consists of, which line made each part, and whether it meets its budget.

mod answer;
mod arguments;
mod budgets;
mod comparison;
mod estimate;
mod estimated;
mod looked;
mod mending;
mod output;
mod page;
mod recording;
mod tree;

pub use arguments::{Action, Arguments, DiffArguments, ReadingArguments};

use answer::Answer;
pub(super) use answer::FindingDocument;
use looked::Looked;
use recording::Known;

use super::images::LookedAt;
use super::lint::tell_errors;
use super::timings::Timings;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Exit, Result};
use crate::finding::Severity;

/// Carries it out.
///
/// # Errors
/// What stopped it. An image that cannot be read does not: it is told, and the others are looked at.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    if let Some(Action::Diff(arguments)) = &arguments.action {
        return comparison::of_two(arguments, common, environment);
    }
    let place = LookedAt::find(&arguments.images, common, environment)?;
    let known = Known::read(arguments, &place, environment)?;
    timings.lap("read the manifest and the record");
    if arguments.estimate {
        return estimate::run(arguments, &place, &known, common, environment);
    }
    let least = if arguments.html.is_some() {
        page::LIST_LENGTH
    } else {
        0
    };
    let looked = Looked::gather(
        &place,
        &arguments.images,
        &arguments.reading,
        least,
        common,
        environment,
    )?;
    timings.lap("read the images and looked through them");
    tell_errors(&looked.errors, common, environment)?;
    let judged = budgets::judge(&looked, &known, environment);
    let mut findings = looked.findings();
    findings.extend(budgets::findings(&looked, &judged, environment));
    timings.lap("judged them");
    let answer = Answer {
        arguments,
        looked: &looked,
        known: &known,
        judged: &judged,
        findings: &findings,
        today: budgets::today(environment),
    };
    let color = common.color.stdout(environment);
    let text = answer.text(color)?;
    if !(common.quiet && answer.is_for_people() && answer.is_quiet()) {
        environment.print(&text)?;
    }
    if let Some(file) = &arguments.html {
        page::write(&answer, file, environment)?;
        common.note(environment, &format!("wrote {file}"));
    }
    if arguments.record {
        let file = recording::write(&looked, &known, environment)?;
        common.note(environment, &format!("recorded the sizes in {file}"));
    }
    let mended = arguments.fix && mending::mend(&findings, common, environment)?;
    timings.lap("wrote the answer");
    let is_wrong = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    Ok(if let Some(exit) = looked.exit() {
        exit
    } else if is_wrong || mended {
        Exit::Findings
    } else {
        Exit::Clean
    })
}
