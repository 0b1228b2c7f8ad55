//! Images: what is in them and how large they are.

pub mod accounting;
pub mod accounts;
pub mod advice;
pub mod analysis;
pub mod attribution;
pub mod composition;
pub mod config;
pub mod difference;
pub mod distribution;
pub mod estimate;
pub mod executable;
pub mod filesystem;
pub mod history;
pub mod inventory;
pub mod layer;
pub mod leftovers;
pub mod page;
pub mod record;
#[cfg(test)]
pub(crate) mod samples;
pub mod tar_stream;
pub mod trend;
