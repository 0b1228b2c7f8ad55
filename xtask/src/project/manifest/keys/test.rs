//! `[test]`: what `docker-test` needs to know.

use super::structure::STRUCTURE;
use crate::project::manifest::kind::Presence::Optional;
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const TEST: &[Key] = &[key(
    "structure",
    Kind::Table(STRUCTURE),
    Optional,
    "Files of container-structure-test: `docker-test --suite structure`.",
)];
