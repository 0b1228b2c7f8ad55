//! One file per verb: gather, analyze or plan, execute, report.

pub mod bake;
pub mod build;
pub mod doctor;
pub mod engine;
pub mod ignore;
mod images;
mod json;
pub mod lint;
pub mod scan;
pub mod size;
mod timings;
