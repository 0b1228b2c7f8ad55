//! `[affected]`: what `docker-affected` may take for granted.

use crate::project::manifest::kind::Presence::Default;
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const AFFECTED: &[Key] = &[key(
    "lockfile",
    Kind::Choice(&["any", "imports"]),
    Default("\"any\""),
    "What a changed `package-lock.json` affects. `any`: every image that is built with it. `imports`: of these, an image \
     that gets no `node_modules` is affected only if its sources, or the tools of the build, use a package that changed. \
     Say so only if builds put nothing into an image but what its sources import (bundles): see docs/affected.md.",
)];
