//! Images: what is in them and how large they are.

pub mod accounting;
pub mod config;
