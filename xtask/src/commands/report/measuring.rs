//! Running the commands that measure.

use std::time::{Duration, Instant};

use camino::Utf8Path;
use indicatif::{ProgressBar, ProgressStyle};

use crate::atomic_file;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::git;
use crate::process::{Channel, Command};
use crate::scorecard::definition::Kind;
use crate::scorecard::{
    CommandDefinition, Definition, Ending, Measured, Measurement, RowDefinition, Run, judge,
};

/// Where what commands print is kept, from the root.
const FOLDER: &str = "target/docker-report";
/// More than that is no answer, in bytes.
const MOST_OUTPUT: usize = 64 * 1024 * 1024;
/// How often the spinner and the clock move.
const TICK: Duration = Duration::from_millis(120);

/// What measuring needs.
pub(super) struct Bench<'a> {
    pub(super) definition: &'a Definition,
    pub(super) root: &'a Utf8Path,
    /// The history, from the root: that it changes is no change of what is measured.
    pub(super) record: &'a Utf8Path,
    pub(super) common: &'a Common,
    pub(super) environment: &'a Environment,
}

impl Bench<'_> {
    /// Runs what these rows need, each command once, and holds what it left to their goals.
    ///
    /// # Errors
    /// Somebody asked to stop, or what was printed cannot be kept. A command that goes wrong is no error: its rows are
    /// not measured.
    pub(super) fn measure(&self, rows: &[&RowDefinition]) -> Result<Vec<Measurement>> {
        let runner = self.environment.runner.as_ref();
        let at = crate::commands::audit::now(self.environment);
        let commit = git::commit_of(runner, self.root, "HEAD").ok();
        let changed = commit.as_ref().is_some_and(|commit| self.differs(commit));
        let commands = &self.definition.commands;
        let plan = self.definition.plan(rows.iter().copied());
        let mut runs: Vec<Option<Run>> = vec![None; commands.len()];
        for (number, index) in plan.iter().enumerate() {
            let place = format!("{} of {}", number + 1, plan.len());
            runs[*index] = Some(self.run(&commands[*index], &place)?);
        }
        let measured = rows.iter().filter(|row| !row.commands().is_empty());
        Ok(measured
            .map(|row| {
                let judgment = judge(row, commands, |index| runs[index].as_ref());
                let took = row
                    .commands()
                    .into_iter()
                    .filter_map(|index| runs[index].as_ref());
                let measured = Measured {
                    at,
                    commit: commit.clone(),
                    changed,
                    milliseconds: took.map(|run| run.milliseconds).sum(),
                };
                Measurement::new(&row.id, &row.fingerprint, measured, judgment)
            })
            .collect())
    }

    /// Whether files differ from the commit, the history aside. What git does not tell may differ.
    fn differs(&self, commit: &str) -> bool {
        let range = git::Range {
            before: commit.to_owned(),
            after: None,
        };
        let changes = git::changes(self.environment.runner.as_ref(), self.root, &range);
        changes.map_or(true, |changes| {
            changes.iter().any(|change| change.path != self.record)
        })
    }

    fn run(&self, command: &CommandDefinition, place: &str) -> Result<Run> {
        self.environment.interrupt.check()?;
        let progress = self.begin(command, place);
        let begin = Instant::now();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let ended = self
            .environment
            .runner
            .lines(&self.process(command)?, &mut |channel, line| {
                let kept = match channel {
                    Channel::Stdout => &mut stdout,
                    Channel::Stderr => {
                        self.show(progress.as_ref(), line);
                        &mut stderr
                    }
                };
                if kept.len() < MOST_OUTPUT {
                    kept.push_str(line);
                    kept.push('\n');
                }
            });
        let took = begin.elapsed();
        if let Some(line) = progress {
            line.finish_and_clear();
        }
        let folder = self.root.join(FOLDER);
        atomic_file::write(&folder.join(format!("{}.out", command.name)), &stdout)?;
        atomic_file::write(&folder.join(format!("{}.err", command.name)), &stderr)?;
        let limit = Duration::from_secs(command.limit.seconds());
        let (ending, word) = match ended {
            Err(error) if error.exit() == Exit::Interrupted => return Err(error),
            Err(_) if took >= limit => {
                let why = format!("`{}` did not end within {}", command.line, command.limit);
                (Ending::NotRun(why), "ended, as it took too long".to_owned())
            }
            Err(error) => (
                Ending::NotRun(sentence(&error)),
                "could not be run".to_owned(),
            ),
            Ok(_) if stdout.len() >= MOST_OUTPUT => {
                let why = format!("`{}` printed more than 64 MiB", command.line);
                (Ending::NotRun(why), "printed too much".to_owned())
            }
            Ok(output) => match output.code {
                Some(code) => {
                    let ending = Ending::Exited {
                        code,
                        stdout,
                        stderr,
                    };
                    (ending, format!("exit {code}"))
                }
                None => (Ending::Killed { stderr }, "killed by a signal".to_owned()),
            },
        };
        let seconds = took.as_secs_f64();
        self.common.note(
            self.environment,
            &format!("{place}: {} ({word}, {seconds:.1} s)", command.line),
        );
        Ok(Run {
            ending,
            milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        })
    }

    fn process(&self, command: &CommandDefinition) -> Result<Command> {
        let process = match command.kind {
            Kind::Xtask => {
                let process = Command::new(self.environment.program()?);
                match &self.common.manifest {
                    Some(manifest) => process
                        .arg("--manifest")
                        .arg(self.environment.current_dir.join(manifest)),
                    None => process,
                }
            }
            Kind::Cargo => Command::new(self.environment.variable("CARGO").unwrap_or("cargo")),
            Kind::Program => {
                let program = command.words.first();
                return Ok(self.prepared(
                    Command::new(program.map_or("", String::as_str))
                        .args(command.words.iter().skip(1)),
                    command,
                ));
            }
        };
        Ok(self.prepared(process.args(&command.words), command))
    }

    fn prepared(&self, process: Command, command: &CommandDefinition) -> Command {
        process
            .dir(self.root)
            // What is read back has no use for color.
            .env("NO_COLOR", "1")
            .env("CARGO_TERM_COLOR", "never")
            .within(Duration::from_secs(command.limit.seconds()))
    }

    /// Says what is run: on a terminal in a line that goes away again.
    fn begin(&self, command: &CommandDefinition, place: &str) -> Option<ProgressBar> {
        let common = self.common;
        if !self.environment.stderr_is_terminal || common.quiet || common.verbose {
            let line = format!("{place}: {} …", command.line);
            common.note(self.environment, &line);
            return None;
        }
        let style = ProgressStyle::with_template("{spinner} {prefix} {elapsed:>4} {wide_msg}");
        let line = ProgressBar::new_spinner();
        line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        line.set_prefix(format!("{place}: {}", command.line));
        line.enable_steady_tick(TICK);
        Some(line)
    }

    /// The last line that a command said: it is alive.
    fn show(&self, progress: Option<&ProgressBar>, line: &str) {
        if let Some(progress) = progress {
            let plain: String = line.chars().filter(|c| !c.is_control()).collect();
            progress.set_message(plain);
        } else if self.common.verbose {
            self.common.note(self.environment, &format!("    {line}"));
        }
    }
}

/// An error in one clause.
fn sentence(error: &Error) -> String {
    let mut text = error.message().to_owned();
    for cause in error.causes() {
        text = format!("{text}: {cause}");
    }
    text
}
