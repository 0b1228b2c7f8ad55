//! `docker-ignore`: what enters each build, why, and what should not.

mod affected;
mod answers;
mod arguments;
mod biggest;
mod coverage;
mod explanation;
mod judgment;
mod listing;
mod mending;
mod subjects;
mod tree;
mod troubles;

use std::collections::BTreeMap;

pub(super) use affected::{Amendment, Answer, Checkout, Facts};
use answers::View;
pub use arguments::Arguments;
pub(super) use subjects::Subjects;

use super::json::json;
use super::lint::{self, number};
use super::timings::Timings;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Exit, Result};
use crate::report;

/// Carries it out.
///
/// # Errors
/// What stopped it. A file that cannot be read does not: it is told, and the others are looked at.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    if arguments.modes.fix || arguments.modes.diff {
        return mend(arguments, common, environment);
    }
    let modes = &arguments.modes;
    let checkout = affected::Checkout::of(&modes.affected, environment)?;
    let there = checkout.as_ref().map(|checkout| {
        let environment = checkout.environment(environment);
        (environment, checkout.common(common))
    });
    let (environment, common) = match &there {
        Some((environment, common)) => (environment, common),
        None => (environment, common),
    };
    let mut looked = Subjects::gather(arguments, common, environment, &BTreeMap::new())?;
    timings.lap("walked the build contexts");
    if modes.is_judging() {
        let judgment = judgment::judge(&mut looked);
        timings.lap("judged them");
        let view = View {
            arguments,
            common,
            environment,
            looked: &looked,
        };
        return view.report(judgment, &timings);
    }
    let view = View {
        arguments,
        common,
        environment,
        looked: &looked,
    };
    if modes.list {
        view.list()?;
    } else if modes.tree {
        view.tree()?;
    } else if modes.why_big {
        view.why_big()?;
    } else if let Some(path) = &modes.explain {
        view.explain(path)?;
    } else if !modes.affected.is_empty() {
        view.affected(checkout.as_ref())?;
    } else {
        return view.write_minimal();
    }
    timings.lap("wrote the answer");
    let troubled = view.tell_troubles()?;
    Ok(if troubled { Exit::Usage } else { Exit::Clean })
}

/// What the linter is told.
fn lint_arguments(arguments: &Arguments) -> lint::Arguments {
    lint::Arguments {
        format: arguments.format,
        fail_on: arguments.fail_on,
        only: arguments.only.clone(),
        ignore: arguments.ignore.clone(),
        baseline: arguments.baseline.clone(),
        write_baseline: arguments.write_baseline.clone(),
        fix: arguments.modes.fix,
        diff: arguments.modes.diff,
        unsafe_fixes: arguments.unsafe_fixes,
        ..lint::Arguments::default()
    }
}

/// `--fix` and `--diff`.
fn mend(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let told = lint_arguments(arguments);
    let mut known = 0;
    let mended = mending::mend(arguments, common, environment, &mut |looked, judgment| {
        known = lint::compare(&told, &looked.settings, judgment, environment)?.count;
        Ok(())
    })?;
    let view = View {
        arguments,
        common,
        environment,
        looked: &mended.looked,
    };
    let troubled = view.tell_troubles()?;
    let changes = &mended.changes;
    let only_told = arguments.modes.diff || arguments.check;
    if only_told {
        tell_changes(changes, environment)?;
    } else {
        lint::write(changes, None, &mended.looked.root, environment)?;
        environment.print(&report::render(
            &mended.judgment.findings,
            arguments.format,
            common.color.stdout(environment),
        ))?;
    }
    let verb = if only_told {
        "would be mended"
    } else {
        "mended"
    };
    let (findings, files) = (
        number(mended.count, "finding"),
        number(changes.len(), "file"),
    );
    common.note(environment, &format!("{findings} {verb} in {files}"));
    common.note(environment, &judgment::summary(&mended.judgment, known));
    if troubled {
        return Ok(Exit::Usage);
    }
    if only_told {
        return Ok(if changes.is_empty() {
            Exit::Clean
        } else {
            Exit::Findings
        });
    }
    Ok(lint::exit(
        &mended.judgment,
        mended.looked.settings.configuration.fail_on,
    ))
}

fn tell_changes(changes: &[crate::lint::Change], environment: &Environment) -> Result<()> {
    for change in changes {
        environment.print(&lint::difference(change))?;
    }
    Ok(())
}
