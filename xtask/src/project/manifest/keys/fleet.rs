//! `[test.fleet]`: all services together.

use crate::project::manifest::kind::Presence::{Default, Optional, Required};
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const FLEET: &[Key] = &[
    key(
        "compose",
        Kind::List(&Kind::Path),
        Default("[]"),
        "The compose files, later ones laid over earlier ones. Empty, there is no fleet to try.",
    ),
    key(
        "variables",
        Kind::Map("<variable>", &Kind::Variable, &Kind::Scalar),
        Optional,
        "Variables that the compose files are filled in with. Images of this project need none: those that were built \
         last are taken.",
    ),
    key(
        "entry",
        Kind::Text,
        Optional,
        "The service that requests from outside go to. Unset, the one that no other depends on.",
    ),
    key(
        "kill",
        Kind::List(&Kind::Text),
        Optional,
        "The services that are killed, one after the other. Unset, all whose image is of this project.",
    ),
    key(
        "restart",
        Kind::List(&Kind::Text),
        Optional,
        "The services that are replaced under load, one after the other. Unset, all whose image is of this project. An \
         empty list is none.",
    ),
    key(
        "budgets",
        Kind::Table(BUDGETS),
        Optional,
        "How long things may take.",
    ),
    key(
        "receivers",
        Kind::Tables(RECEIVER),
        Optional,
        "Places in the fleet's network where the trial itself takes requests, such as those of webhooks.",
    ),
    key(
        "scenarios",
        Kind::Tables(SCENARIO),
        Optional,
        "What must work from one end to the other: requests and what must come of them.",
    ),
    key(
        "load",
        Kind::Table(LOAD),
        Optional,
        "The load under which services are replaced. Unset, the health endpoint of `entry` is asked.",
    ),
    key(
        "bursts",
        Kind::Tables(BURST),
        Optional,
        "More requests at once than a pool has room for: all must be answered, and the service must stay well.",
    ),
    key(
        "outages",
        Kind::Tables(OUTAGE),
        Optional,
        "Services that are killed while requests come in, such as a database: others must go on by themselves once it \
         is back, and nothing that was acknowledged may be lost.",
    ),
    key(
        "stand_ins",
        Kind::Tables(STAND_IN),
        Optional,
        "How images of others are made from packages of the distribution where no registry has them.",
    ),
];

const BUDGETS: &[Key] = &[
    key(
        "healthy",
        Kind::Period,
        Default("\"60 seconds\""),
        "From the start of the first service until all are healthy.",
    ),
    key(
        "notice",
        Kind::Period,
        Default("\"5 seconds\""),
        "From the end of a service until those that ask for its health say that it is missing.",
    ),
    key(
        "recovery",
        Kind::Period,
        Default("\"30 seconds\""),
        "From the start of a service that was killed until all are as they were before.",
    ),
    key(
        "p99_milliseconds",
        Kind::Count,
        Default("1000"),
        "What 99 of 100 requests of the load are answered within, while services are replaced.",
    ),
];

const RECEIVER: &[Key] = &[
    key(
        "name",
        Kind::Name,
        Required,
        "Its name in the fleet's network.",
    ),
    key("port", Kind::Port, Required, "The port it listens at."),
];

const SCENARIO: &[Key] = &[
    key(
        "name",
        Kind::Text,
        Required,
        "What it shows, in a few words.",
    ),
    key(
        "steps",
        Kind::Tables(STEP),
        Required,
        "Carried out one after the other.",
    ),
];

const LOAD: &[Key] = &[
    key(
        "rate",
        Kind::Count,
        Default("25"),
        "Requests per second; all of `requests` in turn.",
    ),
    key(
        "requests",
        Kind::Tables(STEP),
        Required,
        "What is asked. `{n}` is the number of the request.",
    ),
];

const BURST: &[Key] = &[
    key(
        "name",
        Kind::Text,
        Required,
        "What it shows, in a few words.",
    ),
    key(
        "at_once",
        Kind::Count,
        Required,
        "How many requests are under way at any time.",
    ),
    key(
        "requests",
        Kind::Count,
        Required,
        "How many there are in all.",
    ),
    key(
        "answers",
        Kind::List(&Kind::Count),
        Required,
        "The statuses that are good answers, such as `[201, 503]`. The first must be among those that came.",
    ),
    key(
        "send",
        Kind::Table(STEP),
        Required,
        "The request. `{n}` is its number.",
    ),
];

const OUTAGE: &[Key] = &[
    key("service", Kind::Text, Required, "The one that is killed."),
    key(
        "lasts",
        Kind::Period,
        Default("\"2 seconds\""),
        "How long it is away.",
    ),
    key(
        "excused",
        Kind::List(&Kind::Text),
        Default("[]"),
        "Services that may be unhealthy meanwhile. None may end.",
    ),
    key(
        "send",
        Kind::Table(STEP),
        Optional,
        "The request that comes in all the time. Its `status` is what acknowledges; other answers count as refused. \
         `{n}` is its number.",
    ),
    key(
        "confirm",
        Kind::Table(STEP),
        Optional,
        "Asked afterwards for each request that was acknowledged, with what `send` captured.",
    ),
];

const STAND_IN: &[Key] = &[
    key(
        "service",
        Kind::Text,
        Required,
        "The service whose image it stands in for.",
    ),
    key(
        "packages",
        Kind::List(&Kind::Text),
        Required,
        "Packages of Debian, in the release of the machine; all that are needed, the C library too.",
    ),
    key(
        "entrypoint",
        Kind::Path,
        Required,
        "The script that starts it, as an executable file: `#!` names a shell of one of the packages.",
    ),
];

/// One request, or the wait for one that comes in.
const STEP: &[Key] = &[
    key(
        "service",
        Kind::Text,
        Optional,
        "The service that is asked.",
    ),
    key(
        "port",
        Kind::Port,
        Optional,
        "Its port. Unset, the one that its Dockerfile or the compose file declares.",
    ),
    key(
        "method",
        Kind::Choice(&["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
        Default("\"GET\""),
        "The method.",
    ),
    key(
        "path",
        Kind::UrlPath,
        Optional,
        "Path and query. Here, in `headers`, `json` and `expect`, `{run}` is a text that no other run has, `{name}` \
         what an earlier step captured as `name`.",
    ),
    key(
        "headers",
        Kind::Map("<header>", &Kind::Text, &Kind::Text),
        Optional,
        "Headers beyond those that every request has.",
    ),
    key(
        "json",
        Kind::Json,
        Optional,
        "The body, a table or list of TOML that is sent as JSON.",
    ),
    key(
        "receiver",
        Kind::Name,
        Optional,
        "Instead of `service`: the receiver that a request must have come to. `expect` and `capture` are about its \
         body.",
    ),
    key(
        "status",
        Kind::Count,
        Optional,
        "The status it must be answered with. Unset, 200 to 299.",
    ),
    key(
        "expect",
        Kind::Map("<pointer>", &Kind::Pointer, &Kind::Json),
        Optional,
        "What the JSON of the answer must have, by JSON pointer (RFC 6901).",
    ),
    key(
        "capture",
        Kind::Map("<name>", &Kind::Name, &Kind::Pointer),
        Optional,
        "What later steps take from the answer, by JSON pointer.",
    ),
    key(
        "within",
        Kind::Period,
        Optional,
        "How long it is tried again until all of this holds. Unset, once; `receiver` waits 5 seconds.",
    ),
];
