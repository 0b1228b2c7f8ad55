//! Images: what is in them and how large they are.

pub mod accounting;
pub mod analysis;
pub mod attribution;
pub mod config;
pub mod filesystem;
pub mod history;
pub mod inventory;
pub mod layer;
pub mod leftovers;
pub mod page;
pub mod tar_stream;
