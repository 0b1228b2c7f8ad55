//! From what commands left to what a row came to.

use serde_json::Value as Json;

use super::card::Outcome;
use super::definition::{CommandDefinition, Evidence, Kind, RowDefinition};
use super::run::{Ending, Judgment, Run, complaint, told};
use super::tests_of_cargo::Tests;

/// What the evidence of a row comes to, taken together: the worst counts. `run` gives what a command left, by its place
/// in the definition; `None` for one that was not run.
#[must_use]
pub fn judge<'a>(
    row: &RowDefinition,
    commands: &[CommandDefinition],
    run: impl Fn(usize) -> Option<&'a Run>,
) -> Judgment {
    let judgments: Vec<Judgment> = row
        .evidence
        .iter()
        .map(|evidence| one(evidence, commands, &run))
        .collect();
    combine(judgments)
}

/// The worst outcome, the value that goes with it, and all details, the worst first.
fn combine(mut judgments: Vec<Judgment>) -> Judgment {
    // Stable: what came out alike stays in the order of the file.
    judgments.sort_by_key(|judgment| std::cmp::Reverse(judgment.outcome));
    let outcome = judgments.first().map(|judgment| judgment.outcome);
    let mut details: Vec<&str> = Vec::new();
    for judgment in &judgments {
        // Several pieces that lack the same command need not say so several times.
        if !details.contains(&judgment.detail.as_str()) {
            details.push(&judgment.detail);
        }
    }
    let detail = details.join("; ");
    let shown = judgments.iter().find(|judgment| judgment.value.is_some());
    Judgment {
        outcome: outcome.unwrap_or(Outcome::NotMeasured),
        value: shown.and_then(|judgment| judgment.value),
        parts: shown
            .map(|judgment| judgment.parts.clone())
            .unwrap_or_default(),
        detail,
    }
}

fn one<'a>(
    evidence: &Evidence,
    commands: &[CommandDefinition],
    run: &impl Fn(usize) -> Option<&'a Run>,
) -> Judgment {
    let of = |index: usize| {
        let command = &commands[index];
        match run(index) {
            None => Err(Judgment::unknown(format!("`{}` was not run", command.line))),
            Some(run) => Ok((command, run)),
        }
    };
    match evidence {
        Evidence::NotMeasured { reason, needs } => Judgment::unknown(match needs {
            Some(needs) => format!("{reason}; needed: {needs}"),
            None => reason.clone(),
        }),
        Evidence::Document { path, says } => Judgment::unknown(format!(
            "written down in {path}, which nothing holds to the truth: {says}"
        )),
        Evidence::Exit { command, proves } => match of(*command) {
            Ok((command, run)) => by_exit(command, run, proves),
            Err(judgment) => judgment,
        },
        Evidence::Number {
            command,
            reading,
            proves,
        } => match of(*command) {
            Ok((command, run)) => by_json(command, run, |document| {
                let mut judgment = reading.judge(document);
                if let Some(proves) = proves {
                    judgment.detail = format!("{proves}: {}", judgment.detail);
                }
                judgment
            }),
            Err(judgment) => judgment,
        },
        Evidence::Verdicts {
            command,
            words,
            proves,
        } => match of(*command) {
            Ok((command, run)) => by_json(command, run, |document| {
                let mut judgment = words.judge(document);
                judgment.detail = format!("{proves}: {}", judgment.detail);
                judgment
            }),
            Err(judgment) => judgment,
        },
    }
}

/// The exit code, standard output and standard error of a command that came to its own end.
fn exited<'a>(
    command: &CommandDefinition,
    run: &'a Run,
) -> Result<(i32, &'a str, &'a str), Judgment> {
    match &run.ending {
        Ending::NotRun(why) => Err(Judgment::unknown(why.clone())),
        Ending::Killed { stderr } => Err(killed(command, stderr)),
        Ending::Exited {
            code,
            stdout,
            stderr,
        } => Ok((*code, stdout, stderr)),
    }
}

fn went_wrong(command: &CommandDefinition, told: &str) -> Judgment {
    Judgment::unknown(format!(
        "`{}` went wrong, which shows nothing: it {told}",
        command.line
    ))
}

fn killed(command: &CommandDefinition, stderr: &str) -> Judgment {
    let last =
        complaint(stderr).map_or_else(String::new, |line| format!("; the last it said: {line}"));
    Judgment::unknown(format!("`{}` was killed by a signal{last}", command.line))
}

fn by_exit(command: &CommandDefinition, run: &Run, proves: &str) -> Judgment {
    let (code, stdout, stderr) = match exited(command, run) {
        Ok(left) => left,
        Err(judgment) => return judgment,
    };
    let fails = command.fails_with.contains(&code);
    if code != 0 {
        let told = told(code, stderr);
        return if fails {
            Judgment::plain(
                Outcome::Fail,
                format!("{proves}: `{}` {told}", command.line),
            )
        } else if command.kind == Kind::Xtask && code == 3 {
            Judgment::unknown(format!(
                "{proves}: could not be told, as `{}` {told}",
                command.line
            ))
        } else {
            went_wrong(command, &told)
        };
    }
    if !command.is_cargo_test() {
        return Judgment::plain(Outcome::Pass, proves);
    }
    let tests = Tests::read(&format!("{stdout}\n{stderr}"));
    if !tests.skipped.is_empty() {
        return Judgment::unknown(format!(
            "{proves}: tests were skipped: {}",
            tests.skipped.join(", ")
        ));
    }
    if tests.passed == 0 {
        return Judgment::unknown(format!("`{}` ran no test", command.line));
    }
    let plural = if tests.passed == 1 { "" } else { "s" };
    Judgment::plain(
        Outcome::Pass,
        format!("{proves} ({} test{plural} passed)", tests.passed),
    )
}

fn by_json(
    command: &CommandDefinition,
    run: &Run,
    judge: impl FnOnce(&Json) -> Judgment,
) -> Judgment {
    let (code, stdout, stderr) = match exited(command, run) {
        Ok(left) => left,
        Err(judgment) => return judgment,
    };
    let document = match document(stdout) {
        Ok(document) => document,
        Err(why) => {
            let told = told(code, stderr);
            return Judgment::unknown(format!("`{}` printed {why}, and {told}", command.line));
        }
    };
    let answers = code == 0
        || command.fails_with.contains(&code)
        || (command.kind == Kind::Xtask && code == 3);
    if !answers {
        return went_wrong(command, &told(code, stderr));
    }
    judge(&document)
}

/// The one JSON text on standard output; what cargo or npm say before it is passed over.
fn document(stdout: &str) -> Result<Json, String> {
    let mut at = 0;
    for line in stdout.split_inclusive('\n') {
        if line.starts_with(['{', '[']) {
            return serde_json::from_str(&stdout[at..])
                .map_err(|error| format!("no JSON ({error})"));
        }
        at += line.len();
    }
    Err("no JSON".to_owned())
}
