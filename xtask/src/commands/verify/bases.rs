//! Images from elsewhere that ours stand on.

use std::collections::BTreeSet;

use super::Arguments;
use crate::bake::{Plan, PlanOptions, TargetKind};
use crate::commands::trust::Session;
use crate::cosign::Subject;
use crate::error::{Error, Result};
use crate::trust::{Policy, Problem, ProblemKind, Verdict};

/// Each with whether it is signed as the policy says, or why that cannot be told.
///
/// # Errors
/// The project cannot be planned.
pub(super) fn verify(
    session: &Session<'_>,
    policy: &Policy,
    arguments: &Arguments,
) -> Result<Vec<Result<Verdict, (String, Error)>>> {
    let plan = Plan::new(session.project, &PlanOptions::default())?;
    let chosen = plan.targets.iter().filter(|target| {
        let is_named = arguments.images.is_empty() || arguments.images.contains(&target.image);
        target.kind == TargetKind::Production && is_named
    });
    let needed = plan.closure(chosen.map(|target| target.name.as_str()));
    let references: BTreeSet<&String> = needed
        .iter()
        .flat_map(|target| &target.external_images)
        .collect();
    let policy = policy.signature_only();
    let mut found = Vec::new();
    for reference in references {
        session.means.interrupt.check()?;
        let subject = Subject {
            name: reference.clone(),
            reference: reference.clone(),
            built: None,
        };
        let verdict = session.verifier().verify(&subject, &policy);
        found.push(match verdict {
            Ok(mut verdict) => {
                for problem in &mut verdict.problems {
                    *problem =
                        Problem::new(ProblemKind::BaseImage, std::mem::take(&mut problem.message));
                }
                Ok(verdict)
            }
            Err(error) => Err((reference.clone(), error)),
        });
    }
    Ok(found)
}
