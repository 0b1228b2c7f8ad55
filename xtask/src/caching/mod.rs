//! What an edit costs: which steps of which images are carried out again, how much of a build stays cached, and what
//! would have kept more of it.
//!
//! ```text
//! context::BuildContexts ─► Inventory ─► Edit (a realistic change, one for each effect)
//!                                          │
//! context::affected ──────────────────► Forecast (steps that run again, rate) ─► Advice (before, after)
//!                                          │                     │
//!                     commits of git ─► Distribution        Comparison ◄─ what the engine did
//! ```
//!
//! **How steps are counted.** A step is an instruction that is carried out (`RUN`, `COPY`, `ADD`, `WORKDIR`) of a stage
//! that an image needs. A stage of one Dockerfile counts once, however many images are made of it: this is how
//! `docker-build` counts when it says `36 of 38 steps cached`.

mod advice;
mod comparison;
mod distribution;
mod edit;
mod file_kind;
mod forecast;
mod inventory;
mod touch;

pub use advice::{Advice, Remedy, advise};
pub use comparison::{Comparison, Difference, Measured, StepOutcome, compare};
pub use distribution::{Distribution, Rate};
pub use edit::{Class, Edit, FileEdit};
pub use file_kind::{FileKind, file_kind};
pub use forecast::{Forecast, ImageRate, Rerun, World, forecast};
pub use inventory::{Inventory, Other};
pub use touch::{Manner, Touch, manner};
