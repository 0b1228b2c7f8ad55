//! `[test]`: what started images must show.

use super::fleet::FLEET;
use super::structure::STRUCTURE;
use crate::project::manifest::kind::Presence::{Default, Optional, Required};
use crate::project::manifest::kind::{Key, Kind, key};

const TMPFS: Key = key(
    "tmpfs",
    Kind::List(&Kind::Text),
    Default("[\"/tmp\"]"),
    "Folders of a container that it may write to. They are in memory; all else is read-only.",
);
const MEMORY: Key = key(
    "memory",
    Kind::Size,
    Default("\"256 MB\""),
    "The memory a container gets. One that takes more is killed.",
);
const PIDS: Key = key(
    "pids",
    Kind::Count,
    Default("100"),
    "How many processes and threads a container may have.",
);
const HEALTHY_WITHIN: Key = key(
    "healthy_within",
    Kind::Period,
    Default("\"30 seconds\""),
    "How long it may take from the start until its `HEALTHCHECK` says healthy.",
);
const ANSWERS_WITHIN: Key = key(
    "answers_within",
    Kind::Period,
    Default("\"1 second\""),
    "How long 99 of 100 answers of the health endpoint may take.",
);
const STOPS_WITHIN: Key = key(
    "stops_within",
    Kind::Period,
    Default("\"10 seconds\""),
    "How long it may take from the stop signal to the end.",
);
const REQUESTS: Key = key(
    "requests",
    Kind::Count,
    Default("600"),
    "How many requests the load has under which memory is measured.",
);
const MEMORY_AT_REST: Key = key(
    "memory_at_rest",
    Kind::Size,
    Optional,
    "Most resident memory of all processes of a container that is healthy and has nothing to do.",
);
const MEMORY_UNDER_LOAD: Key = key(
    "memory_under_load",
    Kind::Size,
    Optional,
    "Most resident memory of all processes of a container at any time of the load.",
);
const GROWTH: Key = key(
    "growth",
    Kind::Size,
    Default("\"16 MB\""),
    "By how much its own memory may grow for each 1000 requests, once it is warm.",
);
const LOG_FIELDS: Key = key(
    "log_fields",
    Kind::List(&Kind::Text),
    Default("[\"level\", \"time\", \"msg\"]"),
    "What every entry of a log has at its top. An empty list asks for JSON objects only.",
);
const METRICS: Key = key(
    "metrics",
    Kind::UrlPath,
    Optional,
    "The path of the metrics. Unset, `/metrics` is judged where it answers with success.",
);

pub(super) const TEST: &[Key] = &[
    TMPFS,
    MEMORY,
    PIDS,
    HEALTHY_WITHIN,
    ANSWERS_WITHIN,
    STOPS_WITHIN,
    REQUESTS,
    MEMORY_AT_REST,
    MEMORY_UNDER_LOAD,
    GROWTH,
    LOG_FIELDS,
    METRICS,
    key(
        "structure",
        Kind::Table(STRUCTURE),
        Optional,
        "Files of container-structure-test: `docker-test --suite structure`.",
    ),
    key(
        "images",
        Kind::Map("<image>", &Kind::Name, &Kind::Table(IMAGE)),
        Optional,
        "What is different for one image.",
    ),
    key(
        "configuration",
        Kind::Tables(CONFIGURATION),
        Optional,
        "Wrong configurations, and how services must end with them. A service whose image sets `PORT` is also tried with \
         `PORT=not-a-number`, unless an entry here sets it.",
    ),
    key(
        "fleet",
        Kind::Table(FLEET),
        Optional,
        "All services together: `docker-test --suite fleet`.",
    ),
    key(
        "exceptions",
        Kind::Tables(EXCEPTION),
        Optional,
        "Properties that an image may lack for a time. Once its day has passed, or once the image has the property, an \
         exception is a failure.",
    ),
];

/// Limits have no default here: what `[test]` says holds.
const IMAGE: &[Key] = &[
    inherited(TMPFS),
    inherited(MEMORY),
    inherited(PIDS),
    inherited(HEALTHY_WITHIN),
    inherited(ANSWERS_WITHIN),
    inherited(STOPS_WITHIN),
    inherited(REQUESTS),
    MEMORY_AT_REST,
    MEMORY_UNDER_LOAD,
    inherited(GROWTH),
    inherited(LOG_FIELDS),
    METRICS,
    key(
        "env",
        Kind::Map("<variable>", &Kind::Variable, &Kind::Scalar),
        Optional,
        "Variables it is started with. No secrets: they stand in the repository.",
    ),
    key(
        "checks",
        Kind::List(&Kind::Text),
        Default("[]"),
        "The checks that the answer of its health endpoint must name.",
    ),
    key(
        "load_path",
        Kind::UrlPath,
        Optional,
        "The path that is asked for again and again under load. Unset, that of its health.",
    ),
    key(
        "slow_path",
        Kind::UrlPath,
        Optional,
        "A path that takes a while to answer, for requests that are in flight when it is stopped. Unset, requests whose \
         body is not complete yet are held open.",
    ),
    key(
        "exit_code",
        Kind::ExitCode,
        Default("0"),
        "The exit code it ends with when it is stopped.",
    ),
    key(
        "without_network",
        Kind::Switch,
        Default("false"),
        "Whether it must be healthy without any network, degraded or not.",
    ),
];

const fn inherited(of: Key) -> Key {
    key(of.name, of.kind, Optional, of.doc)
}

const CONFIGURATION: &[Key] = &[
    key(
        "images",
        Kind::List(&Kind::Name),
        Default("[]"),
        "For which services. Empty, all.",
    ),
    key(
        "env",
        Kind::Map("<variable>", &Kind::Variable, &Kind::Scalar),
        Optional,
        "Variables that are wrong.",
    ),
    key(
        "without",
        Kind::List(&Kind::Variable),
        Default("[]"),
        "Variables of `test.images.<image>.env` that are left out.",
    ),
    key(
        "exit_code",
        Kind::ExitCode,
        Optional,
        "The exit code. Unset, any but 0.",
    ),
    key(
        "names",
        Kind::List(&Kind::Variable),
        Default("[]"),
        "The variables that its one line of log must name. Empty, all that are wrong or left out.",
    ),
];

const EXCEPTION: &[Key] = &[
    key("image", Kind::Name, Required, "The image."),
    key(
        "property",
        Kind::Text,
        Required,
        "The property, by its code or name: `cargo xtask docker-test --list`.",
    ),
    key("reason", Kind::Text, Required, "Why it is accepted."),
    key("owner", Kind::Text, Required, "Who answers for it."),
    key("expires", Kind::Date, Required, "The last day it holds."),
];
