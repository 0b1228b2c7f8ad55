//! One file per verb: gather, analyze or plan, execute, report.

pub mod affected;
pub mod audit;
pub mod bake;
pub mod build;
pub mod ci;
pub mod deploy;
pub mod doctor;
pub mod engine;
mod github;
pub mod ignore;
mod images;
mod json;
pub mod lint;
pub mod push;
mod recorded;
pub mod rollback;
pub mod scan;
pub mod sign;
pub mod size;
pub mod tags;
pub mod test;
mod timings;
mod trust;
pub mod verify;
