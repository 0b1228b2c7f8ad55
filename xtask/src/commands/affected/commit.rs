//! Images that every commit builds anew, because a step sees the commit or the time.

use crate::bake::{Plan, Target};
use crate::project::reading::{Arguments, stage};
use crate::project::volatile::{Heritage, VolatileStep, volatile_step};
use crate::project::{ImageDefinition, Project};

/// Why a target is another one after any commit; `None` if it is not.
pub(super) fn reason(project: &Project, plan: &Plan, target: &Target) -> Option<String> {
    let arguments = project.arguments(&Arguments::new());
    let linked = plan.closure([target.name.as_str()]);
    let mut heritage = Heritage::default();
    let mut steps: Vec<(&ImageDefinition, VolatileStep)> = Vec::new();
    // Twice: what a linked stage hands down is known once it was looked at.
    for _ in 0..2 {
        steps.clear();
        for one in &linked {
            let image = project.image(&one.image)?;
            let graph = image.dockerfile.graph(&arguments);
            let stage = stage(&image.dockerfile, &one.stage)?;
            for reached in graph.reachable(stage) {
                let lineage = graph.lineage(reached);
                let (found, handed) = volatile_step(&image.dockerfile, &lineage, heritage);
                // Its own variables are told by itself.
                if one.name != target.name {
                    heritage.argument = heritage.argument.or(handed.argument);
                }
                steps.extend(found.map(|step| (image, step)));
            }
        }
    }
    let (image, step) = steps.first()?;
    let place = image.location(step.span);
    Some(format!(
        "{place}: this step sees {}, which every commit changes",
        step.argument
    ))
}
