//! What `docker-sign`, `docker-verify` and commands that push or deploy have in common: the programs, and which images
//! are meant.

mod session;
mod subjects;

pub(super) use session::{Session, folder};
pub(super) use subjects::{Built, built, image_name, metadata_file, of_project};
