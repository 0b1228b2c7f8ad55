//! `docker-doctor`.

use std::fmt::Write;

use clap::Args;
use serde::Serialize;

use super::engine::{Format, private_engine};
use super::json::json;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::project::root;

mod engines;
mod machine;
mod registry;
mod signing;

const EXAMPLES: &str = "\
Examples:
  cargo xtask docker-doctor
  cargo xtask docker-doctor --format json | jq '.checks[] | select(.state == \"problem\")'

Exits with 0 if all that is needed is there, with 3 if not.";

/// Options of `docker-doctor`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is there and new enough.
    Ok,
    /// It is missing, too old, or not as it should be.
    Problem,
    /// It cannot be told.
    Unknown,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// What it came to.
    pub state: State,
    /// Whether nothing can be built without it.
    pub needed: bool,
    /// The version found, where it has one.
    pub version: Option<String>,
    /// The oldest version that will do, where there is one.
    pub minimum: Option<String>,
    /// What was found, as a phrase.
    pub found: String,
    /// The command that puts it right.
    pub fix: Option<String>,
}

impl Check {
    fn new(name: &'static str, state: State, found: impl Into<String>) -> Self {
        Self {
            name,
            state,
            needed: false,
            version: None,
            minimum: None,
            found: found.into(),
            fix: None,
        }
    }

    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, State::Ok, found)
    }

    fn problem(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            fix: Some(fix.into()),
            ..Self::new(name, State::Problem, found)
        }
    }

    fn unknown(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, State::Unknown, found)
    }

    fn needed(mut self) -> Self {
        self.needed = true;
        self
    }

    fn version(mut self, version: Option<String>) -> Self {
        self.version = version;
        self
    }

    fn minimum(mut self, minimum: impl std::fmt::Display) -> Self {
        self.minimum = Some(format!("{minimum}"));
        self
    }

    fn is_missed(&self) -> bool {
        self.needed && self.state != State::Ok
    }
}

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    /// Whether all that is needed is there.
    ready: bool,
    checks: &'a [Check],
}

/// Carries it out.
///
/// # Errors
/// What stopped it. What is missing on the machine is no error but an exit code.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let root = root::folder(&environment.current_dir, common.manifest.as_deref())?;
    let private = private_engine(&root, environment);
    let runner = environment.runner.as_ref();
    // Nobody waits for one who waits for a program.
    let (engines, machine, signing) = std::thread::scope(|scope| {
        let machine = scope.spawn(|| machine::check(runner, &root));
        let signing = scope.spawn(|| signing::check(runner, &root));
        let engines = engines::check(runner, &private);
        let cut_short = |_| Error::failed("a check was cut short");
        (
            engines,
            machine.join().map_err(cut_short),
            signing.join().map_err(cut_short),
        )
    });
    let mut checks = engines?;
    checks.extend(machine??);
    checks.push(signing?);
    checks.extend(registry::check(common, environment));
    let ready = !checks.iter().any(Check::is_missed);
    environment.print(&match arguments.format {
        Format::Terminal => show(&checks),
        Format::Json => json(&Report {
            schema_version: 1,
            ready,
            checks: &checks,
        })?,
    })?;
    Ok(if ready { Exit::Clean } else { Exit::Missing })
}

fn show(checks: &[Check]) -> String {
    let width = checks
        .iter()
        .map(|check| check.name.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for check in checks {
        let state = match check.state {
            State::Ok => "ok",
            State::Problem => "problem",
            State::Unknown => "unknown",
        };
        let minimum = check
            .minimum
            .as_ref()
            .map_or_else(String::new, |minimum| format!(" (minimum {minimum})"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{state:<8} {:<width$}  {}{minimum}",
            check.name, check.found
        );
        if let Some(fix) = &check.fix {
            let _ = writeln!(text, "         {:<width$}  fix: {fix}", "");
        }
    }
    let missed: Vec<&str> = checks
        .iter()
        .filter(|check| check.is_missed())
        .map(|check| check.name)
        .collect();
    let verdict = if missed.is_empty() {
        "\nReady: `cargo xtask docker-build` has all it needs.\n".to_owned()
    } else {
        format!("\nNot ready: needed and missing: {}.\n", missed.join(", "))
    };
    text + &verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_come_with_their_fix_and_the_verdict_names_what_is_needed() {
        let mut checks = vec![
            Check::ok("git", "2.39.5").needed(),
            Check::problem("docker buildx", "0.13.1", "upgrade it").minimum("0.17.0"),
            Check::unknown("image store", "no engine answers"),
        ];
        insta::assert_snapshot!(show(&checks), @r"
        ok       git            2.39.5
        problem  docker buildx  0.13.1 (minimum 0.17.0)
                                fix: upgrade it
        unknown  image store    no engine answers

        Ready: `cargo xtask docker-build` has all it needs.
        ");
        checks.push(Check::problem("engine", "none", "get one").needed());
        assert!(show(&checks).ends_with("\nNot ready: needed and missing: engine.\n"));
    }

    #[test]
    fn json_is_versioned() {
        let checks = [Check::problem("engine", "none", "get one").needed()];
        let report = Report {
            schema_version: 1,
            ready: false,
            checks: &checks,
        };
        insta::assert_snapshot!(json(&report).unwrap(), @r#"
        {
          "schema_version": 1,
          "ready": false,
          "checks": [
            {
              "name": "engine",
              "state": "problem",
              "needed": true,
              "version": null,
              "minimum": null,
              "found": "none",
              "fix": "get one"
            }
          ]
        }
        "#);
    }
}
