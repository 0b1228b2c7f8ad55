//! The release drill: images go to a real registry and come back, one version gives way to another, and back.

mod deploying;
mod platforms;
mod publishing;

use std::collections::BTreeMap;
use std::time::Instant;

use self::deploying::Stage;
use self::publishing::{Published, Publisher};
use super::Trial;
use crate::commands::engine::private_engine;
use crate::commands::rollback::{BUDGET, Exchange, Health, exchange};
use crate::engine::images::Inspected;
use crate::engine::local_registry::{self, LocalRegistry};
use crate::error::Result;
use crate::project::{ImageDefinition, Role};
use crate::trial::release::{DEPLOY, GOES_BACK, ROLLBACK, SPEED};
use crate::trial::{Measurement, Subject, Suite, Unit, Verdict};

pub(super) fn run(trial: &Trial<'_>) -> Result<Vec<Subject>> {
    let images = trial.images();
    let references: Vec<String> = images.iter().map(|image| trial.reference(image)).collect();
    let inspected = trial.inspect(&references)?;
    let root = &trial.project.root;
    let program = local_registry::fetch(trial.means, &root.join("target/docker-registry"))?;
    let private = private_engine(root, trial.environment);
    let folder = trial.folder.join("release");
    let registry = LocalRegistry::start(trial.means, trial.engine, &private, &program, &folder)?;
    let session = trial.session()?;
    let mut subjects = Vec::new();
    for ((image, reference), about) in images.iter().zip(references).zip(inspected) {
        trial.means.interrupt.check()?;
        let task = trial.progress.begin(&image.name);
        let mut subject = Subject::new(&image.name, Suite::Release);
        subject.image = Some(reference.clone());
        subject.digest = Some(about.id.clone());
        subject.path = Some(image.path().to_string());
        let drill = Drill {
            trial,
            image,
            about: &about,
            publisher: Publisher {
                trial,
                registry: &registry,
                image: &image.name,
            },
        };
        task.step("pushing it and reading it back");
        if let Some(published) = drill.publish(&reference, &mut subject)? {
            platforms::judge(&drill, &session, &published, &mut subject)?;
            if image.role == Role::Service {
                task.step("replacing it and going back");
                let stage = Stage::new(trial, &session, image);
                drill.deploy(&stage, &published, &mut subject)?;
            }
        }
        task.end(&subject);
        subjects.push(subject);
    }
    Ok(subjects)
}

/// The drill of one image.
struct Drill<'t> {
    trial: &'t Trial<'t>,
    image: &'t ImageDefinition,
    about: &'t Inspected,
    publisher: Publisher<'t>,
}

impl Drill<'_> {
    /// Pushes the image, and reads all of it back; `None` where there is nothing to go on with.
    fn publish(&self, reference: &str, subject: &mut Subject) -> Result<Option<Published>> {
        let begin = Instant::now();
        let published = match self.publisher.push(reference, "current")? {
            Ok(published) => published,
            Err(verdict) => {
                subject.verdicts.push(verdict);
                return Ok(None);
            }
        };
        subject.measurements.push(measured("push-time", begin));
        let begin = Instant::now();
        subject
            .verdicts
            .extend(self.publisher.read_back(&published, self.about)?);
        subject.measurements.push(measured("read-back-time", begin));
        Ok(Some(published))
    }

    /// Version, next version, and back; then a broken one, which must give way.
    fn deploy(
        &self,
        stage: &Stage<'_>,
        published: &Published,
        subject: &mut Subject,
    ) -> Result<()> {
        if self.about.config.healthcheck.is_none() {
            let why = "the image has no health check, so nobody can tell whether a version works";
            for property in [&DEPLOY, &ROLLBACK, &SPEED, &GOES_BACK] {
                subject.verdicts.push(Verdict::skipped(property, why));
            }
            return Ok(());
        }
        let name = &self.image.name;
        let (next, broken) = (
            self.publisher.variant(published, "next")?,
            self.publisher.variant(published, "broken")?,
        );
        let first = exchange(stage, name, None, &published.pinned)?;
        let second = match first.health {
            Health::Healthy => Some(exchange(stage, name, None, &next.pinned)?),
            _ => None,
        };
        let deployed = second.as_ref().unwrap_or(&first);
        subject.verdicts.push(
            match (&deployed.health, &second) {
                (Health::Healthy, Some(second)) => {
                    subject
                        .measurements
                        .push(time("deploy-time", second.took.as_secs_f64()));
                    Verdict::passed(
                        &DEPLOY,
                        format!(
                            "healthy by digest after {:.1} s, its next version after {:.1} s",
                            first.took.as_secs_f64(),
                            second.took.as_secs_f64()
                        ),
                    )
                }
                (health, _) => Verdict::failed(&DEPLOY, told(health)),
            }
            .proven_by(stage.take_evidence()),
        );
        if second.is_none_or(|second| second.health != Health::Healthy) {
            subject.log_tail = stage.log_tail()?;
            for property in [&ROLLBACK, &SPEED, &GOES_BACK] {
                let why = "no version could be started to go back from";
                subject.verdicts.push(Verdict::unknown(property, why));
            }
            return Ok(());
        }
        let back = exchange(stage, name, None, &published.pinned)?;
        subject
            .verdicts
            .extend(self.went_back(&back, stage, published)?);
        subject.measurements.push(Measurement {
            budget: Some(BUDGET.as_secs_f64() * 1000.0),
            ..time("rollback-time", back.took.as_secs_f64())
        });
        let failed = exchange(stage, name, None, &broken.pinned)?;
        subject
            .verdicts
            .push(self.gave_way(&failed, stage, published)?);
        Ok(())
    }

    fn went_back(
        &self,
        back: &Exchange,
        stage: &Stage<'_>,
        published: &Published,
    ) -> Result<[Verdict; 2]> {
        let seconds = back.took.as_secs_f64();
        let runs = stage.current();
        let is_back = back.health == Health::Healthy && runs.as_deref() == Some(&published.pinned);
        let way = if is_back {
            Verdict::passed(&ROLLBACK, format!("{} is healthy again", published.digest))
        } else {
            Verdict::failed(&ROLLBACK, told(&back.health)).proven_by(stage.take_evidence())
        };
        let fast = if back.took <= BUDGET {
            Verdict::passed(&SPEED, format!("back after {seconds:.1} s"))
        } else {
            Verdict::failed(&SPEED, format!("back after {seconds:.0} s"))
        };
        Ok([way.took(back.took), fast])
    }

    fn gave_way(
        &self,
        failed: &Exchange,
        stage: &Stage<'_>,
        published: &Published,
    ) -> Result<Verdict> {
        let evidence = stage.take_evidence();
        let verdict = match (&failed.health, &failed.returned) {
            (Health::Unhealthy(why), Some((_, Health::Healthy)))
                if stage.current().as_deref() == Some(&published.pinned) =>
            {
                Verdict::passed(
                    &GOES_BACK,
                    format!(
                        "it gave way after {:.1} s: {why}",
                        failed.took.as_secs_f64()
                    ),
                )
            }
            (Health::Unhealthy(why), _) => Verdict::failed(
                &GOES_BACK,
                format!("it did not become healthy ({why}), and what ran before is not back"),
            )
            .proven_by(evidence),
            (health, _) => Verdict::failed(
                &GOES_BACK,
                format!(
                    "a version whose health check cannot pass was taken for one that works: {}",
                    told(health)
                ),
            ),
        };
        Ok(verdict.took(failed.took))
    }
}

fn told(health: &Health) -> String {
    match health {
        Health::Healthy => "it is healthy".to_owned(),
        Health::Unhealthy(why) | Health::Untold(why) => why.clone(),
    }
}

fn measured(name: &'static str, begin: Instant) -> Measurement {
    time(name, begin.elapsed().as_secs_f64())
}

fn time(name: &'static str, seconds: f64) -> Measurement {
    Measurement {
        name,
        value: (seconds * 1000.0).round(),
        unit: Unit::Milliseconds,
        budget: None,
    }
}

/// The variables that the manifest gives an image for trials, as options of `docker run`.
fn variables(trial: &Trial<'_>, image: &str) -> Vec<String> {
    let variables: BTreeMap<String, String> = trial.project.manifest.test.of(image).env;
    variables
        .into_iter()
        .map(|(name, value)| format!("--env={name}={value}"))
        .collect()
}
