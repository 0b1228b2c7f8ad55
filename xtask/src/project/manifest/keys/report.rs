//! `[report]`.

use crate::project::manifest::kind::Presence::Optional;
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const REPORT: &[Key] = &[
    key(
        "scorecard",
        Kind::Path,
        Optional,
        "The file that names the goals, and how each is measured: docs/report.md explains its keys.",
    ),
    key(
        "history",
        Kind::Path,
        Optional,
        "The file that `docker-report --record` writes, one measurement a line. Unset, it lies beside `scorecard` and ends in \
         `.jsonl`.",
    ),
];
