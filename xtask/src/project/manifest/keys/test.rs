//! `[test]`: what `docker-test` needs to know.

use super::fleet::FLEET;
use crate::project::manifest::kind::Presence::Optional;
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const TEST: &[Key] = &[key(
    "fleet",
    Kind::Table(FLEET),
    Optional,
    "All services together: `docker-test --suite fleet`.",
)];
