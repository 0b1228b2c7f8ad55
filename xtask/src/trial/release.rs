//! What a release must show: what was pushed is what is stored, and one version gives way to another and back.

mod properties;
mod storage;

pub use properties::{
    BLOBS, DEPLOY, GOES_BACK, INDEX, PLATFORM, PROPERTIES, PULL, PUSH, ROLLBACK, SPEED,
};
pub use storage::{Blob, Found, Role, blobs, same_image};
