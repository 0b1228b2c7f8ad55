//! The external `shellcheck`: asked once for every script, with what it answered kept.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::arguments::ShellCheck;
use super::settings::Settings;
use crate::atomic_file;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::lint::{Batch, Comment, Model, batches};
use crate::process::Command;
use crate::source::MAX_SOURCE_BYTES;

/// More answers than these are not kept: the file is read whole.
const MOST_ANSWERS: usize = 20_000;

/// What the program answered, by Dockerfile.
pub(super) type Answers = BTreeMap<Utf8PathBuf, Vec<Finding>>;

/// The program, and where its answers are kept.
pub(super) struct Program {
    version: String,
    folder: Utf8PathBuf,
}

impl Program {
    /// `None` if nobody is to be asked.
    ///
    /// # Errors
    /// The program is required and missing.
    pub(super) fn find(
        choice: ShellCheck,
        settings: &Settings,
        environment: &Environment,
    ) -> Result<Option<Self>> {
        let folder = folder(&settings.root, environment);
        let Some(folder) = folder.filter(|_| choice != ShellCheck::Off) else {
            return Ok(None);
        };
        match version(environment) {
            Ok(version) => Ok(Some(Self { version, folder })),
            Err(_) if choice == ShellCheck::Auto => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Asks about every script of these Dockerfiles.
    ///
    /// # Errors
    /// It does not answer as it should.
    pub(super) fn ask<'m>(
        &self,
        models: impl Iterator<Item = &'m Model>,
        environment: &Environment,
    ) -> Result<Answers> {
        let Self { version, folder } = self;
        let mut kept = Kept::read(&folder.join(format!("shellcheck-{version}.json")));
        let batches = batches(models);
        let open: Vec<Batch> = batches
            .iter()
            .map(|batch| kept.without_answer(batch))
            .filter(|batch| !batch.scripts.is_empty())
            .collect();
        if !open.is_empty() {
            let scripts = folder.join(format!("scripts-{}", std::process::id()));
            let answered = run(&open, &scripts, environment);
            // Scripts that stay behind cost room, and the next run has a folder of its own.
            let _ = std::fs::remove_dir_all(&scripts);
            for (batch, answers) in open.iter().zip(answered?) {
                for (script, comments) in batch.scripts.iter().zip(answers) {
                    kept.answers.insert(script.key.clone(), comments);
                }
            }
            kept.write();
        }
        let mut findings = Answers::new();
        for script in batches.iter().flat_map(|batch| &batch.scripts) {
            let comments = kept.answers.get(&script.key).map_or(&[][..], Vec::as_slice);
            for finding in script.findings(comments) {
                let path = finding.path().map(ToOwned::to_owned).unwrap_or_default();
                findings.entry(path).or_default().push(finding);
            }
        }
        Ok(findings)
    }
}

/// Where answers are kept: below `target/` where there is one, else in the user's cache; `None` without either.
fn folder(root: &Utf8Path, environment: &Environment) -> Option<Utf8PathBuf> {
    let target = root.join("target");
    if target.is_dir() {
        return Some(target.join("docker-lint"));
    }
    let cache = match environment.variable("XDG_CACHE_HOME") {
        Some(cache) => Utf8PathBuf::from(cache),
        None => Utf8PathBuf::from(environment.variable("HOME")?).join(".cache"),
    };
    Some(cache.join("docker-lint"))
}

fn version(environment: &Environment) -> Result<String> {
    let command = Command::new("shellcheck").arg("--version");
    let output = environment
        .runner
        .run(&command)
        .and_then(|output| output.checked(&command))
        .map_err(|error| {
            Error::missing("shellcheck is not installed")
                .because(error)
                .help("install it, or leave `--shellcheck=required` out")
        })?;
    let text = output.text();
    let version = text.lines().find_map(|line| line.strip_prefix("version: "));
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    Ok(version
        .unwrap_or("unknown")
        .chars()
        .filter(is_plain)
        .collect())
}

/// Asks about all batches at once: one process works on one core.
fn run(
    batches: &[Batch],
    folder: &Utf8Path,
    environment: &Environment,
) -> Result<Vec<Vec<Vec<Comment>>>> {
    let one = |index: usize, batch: &Batch| -> Result<Vec<Vec<Comment>>> {
        let folder = folder.join(index.to_string());
        let failed = |error| Error::usage(format!("failed to write {folder}")).because(error);
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let mut command = Command::new("shellcheck")
            .args(batch.arguments())
            .dir(&folder);
        for (index, script) in batch.scripts.iter().enumerate() {
            let name = Batch::file_name(index);
            std::fs::write(folder.join(&name), &script.content).map_err(failed)?;
            command = command.arg(name);
        }
        let output = environment.runner.run(&command)?;
        batch.comments(&output.text()).map_err(|error| {
            Error::failed("shellcheck gave no answer that can be read")
                .because(error)
                .details(output.error_text())
        })
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut answers = Vec::with_capacity(batches.len());
    for (round, some) in batches.chunks(threads).enumerate() {
        let one = &one;
        let results: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = some
                .iter()
                .enumerate()
                .map(|(at, batch)| scope.spawn(move || one(round * threads + at, batch)))
                .collect();
            running
                .into_iter()
                .map(std::thread::ScopedJoinHandle::join)
                .collect()
        });
        for result in results {
            answers.push(result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
    }
    Ok(answers)
}

/// What one version of the program answered so far.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Kept {
    #[serde(skip)]
    path: Utf8PathBuf,
    #[serde(flatten)]
    answers: HashMap<String, Vec<Comment>>,
}

impl Kept {
    /// A file that is missing or broken is an empty one: it holds nothing that cannot be asked again.
    fn read(path: &Utf8Path) -> Self {
        let text = path
            .metadata()
            .ok()
            .filter(|metadata| metadata.len() < 64 * MAX_SOURCE_BYTES)
            .and_then(|_| std::fs::read_to_string(path).ok())
            .unwrap_or_default();
        let kept: Self = serde_json::from_str(&text).unwrap_or_default();
        Self {
            path: path.to_owned(),
            ..kept
        }
    }

    fn without_answer(&self, batch: &Batch) -> Batch {
        let mut open = batch.clone();
        open.scripts
            .retain(|script| !self.answers.contains_key(&script.key));
        open
    }

    fn write(&self) {
        if self.answers.len() > MOST_ANSWERS {
            // The next run begins anew.
            let _ = std::fs::remove_file(&self.path);
            return;
        }
        let text = serde_json::to_string(self).unwrap_or_default();
        // Without it the next run asks again.
        let _ = atomic_file::write(&self.path, &text);
    }
}
