//! Where an image comes from, and when.

mod image_tag_latest;
mod labels_missing;
mod old_image;

use crate::scan::hardening::{Rule, Shared};

pub(super) const RULES: &[&Rule] = &[&labels_missing::RULE, &old_image::RULE];
pub(super) const SHARED: &[&Shared] = &[&image_tag_latest::SHARED];
