//! `--pin`: registries are asked what the tags of images point to, each once.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashSet;

use super::settings::Settings;
use crate::bake::{Plan, PlanOptions};
use crate::cli::Common;
use crate::commands::engine::private_engine;
use crate::engine::Means;
use crate::engine::registry::{Client, LIMIT, Manifest};
use crate::engine::select::EngineChoice;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::lint::{Outside, Published, PublishedImage, Surroundings};
use crate::parallel;
use crate::project::{ImageName, Project};
use crate::source::Source;

/// How many are asked at once: registries slow down who asks for much.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(6).unwrap();

/// What was asked so far; fixes are judged round after round, and nobody is asked twice.
pub(super) struct Pins<'a> {
    choice: EngineChoice,
    settings: &'a Settings,
    common: &'a Common,
    environment: &'a Environment,
    limit: Duration,
    known: RefCell<BTreeMap<String, Result<Manifest>>>,
    client: RefCell<Option<Result<Client>>>,
}

/// What came of it for some Dockerfiles.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) published: Published,
    /// One for each image that nobody told about, at the first place that names it.
    pub(super) errors: Vec<Error>,
}

/// An image in a Dockerfile.
struct Question<'s> {
    source: &'s Source,
    outside: Outside,
}

impl<'a> Pins<'a> {
    pub(super) const fn new(
        choice: EngineChoice,
        settings: &'a Settings,
        common: &'a Common,
        environment: &'a Environment,
    ) -> Self {
        Self {
            choice,
            settings,
            common,
            environment,
            limit: LIMIT,
            known: RefCell::new(BTreeMap::new()),
            client: RefCell::new(None),
        }
    }

    /// Asks about the images of these Dockerfiles, as far as nobody did so before. `prefix` is what reports put before
    /// the names of files.
    ///
    /// # Errors
    /// Someone asked us to stop. What cannot be told is no error here.
    pub(super) fn ask(
        &self,
        surroundings: &Surroundings,
        project: Option<&Project>,
        dockerfiles: &HashSet<String>,
        prefix: Option<&Utf8Path>,
    ) -> Result<Answers> {
        let replaced = project.map(named_contexts).unwrap_or_default();
        let nothing = BTreeSet::new();
        let models = surroundings
            .dockerfiles
            .iter()
            .filter(|(path, _)| dockerfiles.contains(path.as_str()));
        let questions: Vec<Question<'_>> = models
            .flat_map(|(path, model)| {
                let replaced = replaced.get(path).unwrap_or(&nothing);
                let outside = model.outside(surroundings, replaced);
                outside.into_iter().map(|outside| Question {
                    source: &model.file.source,
                    outside,
                })
            })
            .collect();
        if questions.is_empty() {
            return Ok(Answers::default());
        }
        if let Err(error) = self.learn(&questions)? {
            let error = error.help("or leave out `--pin`");
            return Ok(Answers {
                errors: vec![error],
                ..Answers::default()
            });
        }
        Ok(self.answers(&questions, prefix))
    }

    /// Asks what is not known yet. The inner error: there is nobody who could ask.
    fn learn(&self, questions: &[Question<'_>]) -> Result<Result<()>> {
        let mut known = self.known.borrow_mut();
        let open: BTreeMap<String, &ImageName> = questions
            .iter()
            .map(|question| (question.outside.name.tagged(), &question.outside.name))
            .filter(|(asked, _)| !known.contains_key(asked))
            .collect();
        if open.is_empty() {
            return Ok(Ok(()));
        }
        let client = match self.client()? {
            Ok(client) => client,
            Err(error) => return Ok(Err(error)),
        };
        let (runner, limit) = (self.environment.runner.as_ref(), self.limit);
        let answers = parallel::map(AT_ONCE, open.into_iter().collect(), |(asked, name)| {
            let answer = client.ask(runner, &name.domain, &asked, limit);
            (asked, answer)
        });
        for (asked, answer) in answers {
            known.insert(asked, uninterrupted(answer)?);
        }
        Ok(Ok(()))
    }

    fn client(&self) -> Result<Result<Client>> {
        let mut client = self.client.borrow_mut();
        if let Some(found) = &*client {
            return Ok(found.clone());
        }
        let note = |line: &str| self.common.note(self.environment, line);
        let means = Means {
            runner: self.environment.runner.as_ref(),
            interrupt: &self.environment.interrupt,
            note: &note,
        };
        let private = private_engine(&self.settings.root, self.environment);
        let found = uninterrupted(Client::find(means, self.choice, &private))?;
        Ok(client.insert(found).clone())
    }

    fn answers(&self, questions: &[Question<'_>], prefix: Option<&Utf8Path>) -> Answers {
        let known = self.known.borrow();
        let mut told = BTreeSet::new();
        let mut answers = Answers::default();
        for Question { source, outside } in questions {
            let asked = outside.name.tagged();
            match known.get(&asked) {
                Some(Ok(manifest)) => answers.published.insert(
                    source.path(),
                    &outside.name,
                    PublishedImage {
                        digest: manifest.digest.clone(),
                        members: manifest.members.clone(),
                    },
                ),
                Some(Err(error)) if told.insert(asked) => {
                    let location = match prefix {
                        Some(prefix) => Source::new(prefix.join(source.path()), source.text())
                            .location(outside.span),
                        None => source.location(outside.span),
                    };
                    answers.errors.push(error.clone().at(location));
                }
                _ => {}
            }
        }
        answers
    }
}

/// Being asked to stop ends the run; what else goes wrong is told at its place.
fn uninterrupted<T>(result: Result<T>) -> Result<Result<T>> {
    match result {
        Err(error) if error.exit() == Exit::Interrupted => Err(error),
        other => Ok(other),
    }
}

/// What the plan builds in place of images, by Dockerfile. A project that cannot be planned replaces nothing.
fn named_contexts(project: &Project) -> BTreeMap<Utf8PathBuf, BTreeSet<String>> {
    let mut contexts: BTreeMap<Utf8PathBuf, BTreeSet<String>> = BTreeMap::new();
    let plan = Plan::new(project, &PlanOptions::default()).ok();
    for target in plan.into_iter().flat_map(|plan| plan.targets) {
        let of_file = contexts.entry(target.dockerfile.into()).or_default();
        of_file.extend(target.contexts.into_keys());
    }
    contexts
}

#[cfg(test)]
mod tests;
