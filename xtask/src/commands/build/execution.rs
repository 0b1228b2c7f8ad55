//! Runs bake while showing its progress, and says why it failed.

use camino::{Utf8Path, Utf8PathBuf};

use crate::bake::Plan;
use crate::cli::Common;
use crate::engine::bake::Bake;
use crate::engine::events::{Collector, Failure, LogStore, Summary, Tally};
use crate::engine::{Engine, standin};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::progress::{self, Color, Style};
use crate::project::{ImageDefinition, Project};
use crate::report;

/// What a run of bake needs beside its command line.
pub(in crate::commands) struct Execution<'a> {
    pub(in crate::commands) common: &'a Common,
    pub(in crate::commands) environment: &'a Environment,
    pub(in crate::commands) project: &'a Project,
    pub(in crate::commands) engine: &'a Engine,
    pub(in crate::commands) plan: &'a Plan,
    pub(in crate::commands) offline: bool,
    /// Where logs of failed steps are kept.
    pub(in crate::commands) work: &'a Utf8Path,
}

/// What came of one run of bake.
struct Attempt {
    summary: Summary,
    tally: Tally,
    is_done: bool,
}

impl Execution<'_> {
    /// Runs it to the end.
    ///
    /// # Errors
    /// Why the build failed, with the line of the Dockerfile; or that it was interrupted.
    pub(super) fn run(&self, bake: &Bake) -> Result<Summary> {
        self.follow(bake).map(|(summary, _)| summary)
    }

    /// The same, with what became of each step.
    ///
    /// # Errors
    /// As [`Execution::run`].
    pub(in crate::commands) fn follow(&self, bake: &Bake) -> Result<(Summary, Tally)> {
        let mut attempt = self.attempt(bake)?;
        for _ in 1..ATTEMPTS {
            let failure = attempt.summary.failure.as_ref();
            if attempt.is_done
                || !failure.is_some_and(|failure| is_named_by_another(&failure.error))
            {
                break;
            }
            attempt = self.attempt(bake)?;
        }
        let Attempt {
            summary,
            tally,
            is_done,
        } = attempt;
        if is_done {
            return Ok((summary, tally));
        }
        Err(match &summary.failure {
            Some(failure) => self.explain(failure),
            None => Error::failed("the build failed").details(summary.messages.join("\n")),
        })
    }

    /// Runs it once.
    fn attempt(&self, bake: &Bake) -> Result<Attempt> {
        let logs = LogStore::spooled(&self.work.join("logs"))?;
        let names: Vec<String> = bake.targets.clone();
        let mut collector = Collector::new(names.clone(), logs);
        let out = Box::new(std::io::stderr());
        let mut display = progress::display(self.style(), self.color(), &names, out);
        let ran = bake.run(
            self.environment.runner.as_ref(),
            self.engine,
            &mut |event| {
                collector.apply(&event);
                display.event(&event, collector.tally());
            },
        );
        let tally = collector.tally().clone();
        let summary = collector.finish()?;
        display.finish(&summary);
        drop(display);
        Ok(Attempt {
            summary,
            tally,
            is_done: ran?,
        })
    }

    fn style(&self) -> Style {
        if self.common.quiet {
            Style::Quiet
        } else if self.environment.stderr_is_terminal {
            Style::Bars
        } else {
            Style::Plain
        }
    }

    fn color(&self) -> Color {
        match self.common.color.stderr(self.environment) {
            report::Color::Styled => Color::Ansi,
            report::Color::Plain => Color::None,
        }
    }

    fn explain(&self, failure: &Failure) -> Error {
        let error = failure.to_error(self.dockerfile(failure).as_deref());
        if is_unreachable_registry(&failure.error) && !self.offline {
            let error = if self.has_stand_ins() {
                error.help("if this machine reaches no container registry, try `cargo xtask docker-build --offline`")
            } else {
                error
            };
            return error
                .help("behind a mirror, configure it as \"registry-mirrors\" of the engine");
        }
        if failure.error.contains("no space left on device") {
            return error.help("free some space: `docker buildx prune`, or `cargo xtask docker-engine down --purge`");
        }
        error
    }

    /// Whether `--offline` could replace every image from outside.
    fn has_stand_ins(&self) -> bool {
        let mut images = self
            .plan
            .targets
            .iter()
            .flat_map(|target| &target.external_images);
        images.all(|image| standin::supports(image).is_some())
    }

    /// The Dockerfile of the target that failed; BuildKit knows its last component only.
    fn dockerfile(&self, failure: &Failure) -> Option<Utf8PathBuf> {
        let target = failure.target.as_deref()?;
        let target = self.plan.target(target)?;
        // A stage of the base fails under the name of a service that needs it.
        let excerpt = failure.excerpt.as_ref();
        let is_here = |path: &str| {
            let image = self
                .project
                .images
                .iter()
                .find(|image| image.path() == path);
            image.is_some_and(|image| {
                excerpt.is_none_or(|e| e.is_part_of(image.dockerfile.source.text()))
            })
        };
        let own = target.dockerfile.as_str();
        if is_here(own) {
            return Some(own.into());
        }
        self.project
            .bases()
            .map(ImageDefinition::path)
            .find(|path| is_here(path.as_str()))
            .map(Utf8Path::to_owned)
    }
}

/// How often a build is tried that another one got in the way of; what was built is in the cache by then.
const ATTEMPTS: u32 = 3;

/// Whether another build gave the image its name between the engine's look and its writing.
fn is_named_by_another(error: &str) -> bool {
    error.contains("image \"") && error.trim_end().ends_with("already exists")
}

/// What BuildKit says when it cannot fetch an image's manifest.
fn is_unreachable_registry(error: &str) -> bool {
    [
        "failed to resolve source metadata",
        "failed to do request",
        "dial tcp",
        "failed to authorize",
    ]
    .iter()
    .any(|sign| error.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_another_build_took_is_told_from_a_file_that_is_there() {
        let race = "image \"registry.invalid/acme/shop-web:dev\": already exists";
        assert!(is_named_by_another(race));
        assert!(!is_named_by_another(
            "mkdir: can't create directory 'a': File exists"
        ));
        assert!(!is_named_by_another("failed to solve: /x already exists"));
    }
}
