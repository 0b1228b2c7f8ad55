//! The tests that need a container: commands.

use std::time::{Duration, Instant};

use super::cases::{Case, Variables};
use super::stops;
use crate::commands::test::Trial;
use crate::engine::containers::{Session, Snapshot};
use crate::error::{Error, Result};
use crate::image::accounting::SavedImage;
use crate::trial::Verdict;
use crate::trial::structure::{self, CommandTest, Failure, Ran};

/// How long one command may take.
const LIMIT: Duration = Duration::from_mins(2);

/// Runs every command test of a case; one verdict each.
pub(super) fn run(
    trial: &Trial<'_>,
    session: &Session<'_>,
    case: &Case,
    image: &SavedImage,
) -> Result<Vec<Verdict>> {
    let variables = case.variables(image);
    let options = options(trial, case)?;
    let mut verdicts = Vec::new();
    for test in &case.file.commands {
        trial.means.interrupt.check()?;
        let one = Command {
            session,
            case,
            test,
            of_file: &variables,
            variables: variables.with(&test.variables),
            options: &options,
        };
        let begin = Instant::now();
        let ran = match one.run() {
            Ok(ran) => ran,
            Err(error) if stops(&error) => return Err(error),
            Err(error) => Err(Failure::Unknown(error.to_string())),
        };
        verdicts.push(structure::command(
            &case.file,
            test,
            ran.as_ref(),
            begin.elapsed(),
        ));
    }
    Ok(verdicts)
}

/// What `containerRunOptions` asks for.
fn options(trial: &Trial<'_>, case: &Case) -> Result<Vec<String>> {
    let run = &case.file.run;
    let mut options = Vec::new();
    options.extend(run.user.iter().map(|user| format!("--user={user}")));
    if run.privileged {
        options.push("--privileged".to_owned());
    }
    if run.terminal {
        options.push("--tty".to_owned());
    }
    if let Some(file) = &run.variables_file {
        let beside = case.folder.join(&file.value);
        let from_root = trial.project.root.join(&file.value);
        let path = [beside, from_root]
            .into_iter()
            .find(|path| path.is_file())
            .ok_or_else(|| {
                Error::usage(format!("there is no file {}", file.value))
                    .because("neither in the folder of the tests nor from the root")
                    .at(case.file.source.location(file.span))
            })?;
        options.push(format!("--env-file={path}"));
    }
    for name in &run.variables {
        if trial.environment.variable(&name.value).is_none() {
            return Err(
                Error::usage(format!("the variable {} is not set", name.value))
                    .because("the tests hand it on to the container")
                    .at(case.file.source.location(name.span)),
            );
        }
        // Without its value: `docker` takes that from the environment, where nobody sees it.
        options.push(format!("--env={}", name.value));
    }
    options.extend(
        run.capabilities
            .iter()
            .map(|one| format!("--cap-add={one}")),
    );
    options.extend(run.mounts.iter().map(|one| format!("--volume={one}")));
    options.extend(run.network.iter().map(|one| format!("--network={one}")));
    Ok(options)
}

/// One test that is made.
struct Command<'a> {
    session: &'a Session<'a>,
    case: &'a Case,
    test: &'a CommandTest,
    /// Those that stand for their values in the command.
    of_file: &'a Variables,
    /// Those that are set.
    variables: Variables,
    options: &'a [String],
}

impl<'a> Command<'a> {
    fn run(&self) -> Result<Result<Ran, Failure>> {
        let mut remarks = Vec::new();
        let mut base: Option<Snapshot<'a>> = None;
        let image = |base: &Option<Snapshot<'_>>| match base {
            Some(snapshot) => snapshot.id().to_owned(),
            None => self.case.reference.clone(),
        };
        for step in &self.test.setup {
            let made = self.started(&image(&base), step)?;
            let container = match made {
                Ok(container) => container,
                Err(failure) => return Ok(Err(failure)),
            };
            let Some(state) = container.ended_within(LIMIT)? else {
                return Ok(Err(still_running("a step of its setup")));
            };
            if state.exit_code != 0 {
                let said = container.logs()?.error_text();
                let said = said.lines().last().unwrap_or_default().to_owned();
                let words = step.join(" ");
                remarks.push(format!(
                    "setup `{words}` ended with {}: {said}",
                    state.exit_code
                ));
            }
            // The one before is held until the next stands on it.
            base = Some(container.snapshot()?);
        }
        let words: Vec<String> = self
            .test
            .command
            .iter()
            .map(|word| self.of_file.expand(word))
            .collect();
        let container = match self.started(&image(&base), &words)? {
            Ok(container) => container,
            Err(failure) => return Ok(Err(failure)),
        };
        let Some(state) = container.ended_within(LIMIT)? else {
            return Ok(Err(still_running("it")));
        };
        let logs = container.logs()?;
        Ok(Ok(Ran {
            code: state.exit_code,
            output: String::from_utf8_lossy(&logs.stdout).into_owned(),
            error: String::from_utf8_lossy(&logs.stderr).into_owned(),
            remarks,
        }))
    }

    /// A container that runs these words and nothing of the image's own entrypoint.
    fn started(
        &self,
        image: &str,
        words: &[String],
    ) -> Result<Result<crate::engine::containers::Container<'a>, Failure>> {
        let mut options = self.options.to_vec();
        let all = self.case.file.variables.iter().chain(&self.test.variables);
        for name in all.map(|variable| &variable.key) {
            options.push(format!("--env={name}={}", self.variables.get(name)));
        }
        options.push("--entrypoint=".to_owned());
        match self.session.start(&options, image, words) {
            Ok(container) => Ok(Ok(container)),
            Err(error) => match error.tool_output() {
                Some(said) if said.contains("Error response from daemon") => {
                    let first = said.lines().find(|line| !line.trim().is_empty());
                    let why = first.unwrap_or(said);
                    let why = why.rsplit_once("unable to start container process: ");
                    let why = why.map_or(first.unwrap_or(said), |(_, why)| why);
                    Ok(Err(Failure::DidNotStart(why.to_owned())))
                }
                _ => Err(error),
            },
        }
    }
}

fn still_running(what: &str) -> Failure {
    Failure::DidNotStart(format!("{what} still ran after {} s", LIMIT.as_secs()))
}
