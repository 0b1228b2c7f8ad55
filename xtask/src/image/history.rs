//! Sizes of images over commits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is known of the images of a repository, commit by commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct History {
    /// By image; oldest first.
    pub images: BTreeMap<String, Vec<Point>>,
}

/// An image at a commit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Point {
    /// The commit, in full.
    pub commit: String,
    /// Its day, `YYYY-MM-DD`.
    pub date: String,
    /// Such as `linux/amd64`.
    pub platform: String,
    /// As in [`super::analysis::Sizes`].
    pub unpacked_bytes: u64,
    /// As in [`super::analysis::Sizes`].
    pub compressed_bytes: u64,
    /// As in [`super::analysis::Sizes`].
    pub visible_bytes: Option<u64>,
    /// As in [`super::analysis::Sizes`].
    pub hidden_bytes: Option<u64>,
}
