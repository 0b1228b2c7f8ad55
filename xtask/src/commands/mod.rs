//! One file per verb: gather, analyze or plan, execute, report.

pub mod audit;
pub mod bake;
pub mod build;
pub mod check;
mod checkout;
pub mod doctor;
pub mod engine;
pub mod hooks;
pub mod ignore;
mod images;
pub mod init;
mod json;
pub mod lint;
pub mod new;
mod recorded;
pub mod rollback;
pub mod scan;
pub mod sign;
pub mod size;
mod temporary_folder;
pub mod test;
mod timings;
mod trust;
pub mod verify;
