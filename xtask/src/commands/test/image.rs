//! Each image by itself: started as production starts it, watched, asked, loaded, frozen, stopped and started again.

mod base;
mod configuration;
mod ending;
pub(super) mod endpoint;
mod hardening;
mod inside;
mod probe;
mod service;
mod unhindered;

use std::num::NonZeroUsize;

use service::Service;

use super::Trial;
use super::progress::Task;
use crate::engine::containers::{Network, Session, WayOut};
use crate::engine::images::Inspected;
use crate::error::{Exit, Result};
use crate::parallel;
use crate::project::{ImageDefinition, Role};
use crate::trial::image::DOES_NOT_START;
use crate::trial::{Subject, Suite, Verdict};

/// More at the same time only wait for each other, and measure that.
const MOST_JOBS: NonZeroUsize = NonZeroUsize::new(3).unwrap();

pub(super) fn run(trial: &Trial<'_>) -> Result<Vec<Subject>> {
    let images = trial.images();
    let references: Vec<String> = images.iter().map(|image| trial.reference(image)).collect();
    let inspected = trial.inspect(&references)?;
    let session = trial.session()?;
    // Nothing of the outside is needed, so nothing of it is to be reached.
    let network = session.network("image", WayOut::None)?;
    let jobs = trial
        .arguments
        .jobs
        .unwrap_or_else(|| parallel::threads().min(MOST_JOBS));
    let all: Vec<_> = images.into_iter().zip(references).zip(inspected).collect();
    let tried = parallel::map(jobs, all, |((image, reference), inspected)| {
        let task = trial.progress.begin(&image.name);
        let one = One {
            trial,
            session: &session,
            network: &network,
            image,
            reference: &reference,
            inspected: &inspected,
            task: &task,
        };
        let subject = one.subject();
        if let Ok(subject) = &subject {
            task.end(subject);
        }
        subject
    });
    tried.into_iter().collect()
}

/// One image, and what it is tried with.
struct One<'t> {
    trial: &'t Trial<'t>,
    session: &'t Session<'t>,
    network: &'t Network,
    image: &'t ImageDefinition,
    reference: &'t str,
    inspected: &'t Inspected,
    task: &'t Task<'t>,
}

impl One<'_> {
    fn subject(&self) -> Result<Subject> {
        self.session.means().interrupt.check()?;
        let mut subject = Subject::new(&self.image.name, Suite::Image);
        subject.image = Some(self.reference.to_owned());
        subject.digest = Some(self.inspected.id.clone());
        subject.path = Some(self.image.path().to_string());
        let tried = match self.image.role {
            Role::Base => {
                base::judge(self, &mut subject);
                Ok(())
            }
            Role::Service => Service::new(self).judge(&mut subject),
        };
        match tried {
            Err(error) if error.exit() == Exit::Interrupted => return Err(error),
            // One that cannot be tried to its end does not keep the others from it.
            Err(error) => {
                let mut verdict =
                    Verdict::unknown(&DOES_NOT_START, format!("the trial ended: {error}"));
                verdict
                    .evidence
                    .extend(error.tool_output().map(str::to_owned));
                subject.verdicts.push(verdict);
            }
            Ok(()) => {}
        }
        subject
            .verdicts
            .sort_by_key(|verdict| verdict.property.code);
        Ok(subject)
    }
}
