//! From the project to one `docker buildx bake`: a plan as plain data, and the bake file that says the same.

mod file;
mod inputs;
mod overlay;
mod overrides;
mod plan;
mod targets;
#[cfg(test)]
mod tests;

pub use inputs::{CacheUse, Inputs};
pub use overrides::check_override;
pub use plan::{
    Argument, Group, PLAN_VERSION, Plan, PlanOptions, Platforms, SecretPlace, Target, TargetKind,
    Variable,
};
