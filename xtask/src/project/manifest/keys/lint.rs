//! `[lint]`: what the linter reports.

use crate::project::manifest::kind::Presence::{Default, Optional, Required};
use crate::project::manifest::kind::{Key, Kind, key};

const LEVELS: Kind = Kind::Choice(&["off", "style", "note", "warning", "error"]);

pub(super) const LINT: &[Key] = &[
    key(
        "preset",
        Kind::Choice(&["recommended", "strict", "hadolint", "buildkit", "all"]),
        Optional,
        "Which rules are on before anything else is said. Unset, `recommended`. `strict` is `recommended` with nothing less than a warning; \
         `hadolint` and `buildkit` report what those tools would; `all` is every rule.",
    ),
    key(
        "fail-on",
        Kind::Choice(&["error", "warning", "note", "style"]),
        Optional,
        "From which severity on a finding makes the run fail. Unset, what hadolint's configuration says, else \
         `warning`.",
    ),
    key(
        "rules",
        Kind::Map("<rule>", &Kind::Text, &LEVELS),
        Optional,
        "Single rules, by code, name or alias: off, or how bad.",
    ),
    key(
        "overrides",
        Kind::Tables(LINT_OVERRIDE),
        Optional,
        "Where other levels hold. The last one that fits counts.",
    ),
    key(
        "trusted-registries",
        Kind::List(&Kind::Text),
        Default("[]"),
        "The registries images may come from, such as `\"docker.io\"` or `\"*.example.com\"`. Empty, any.",
    ),
    key(
        "label-schema",
        Kind::Map(
            "<label>",
            &Kind::Text,
            &Kind::Choice(&["text", "rfc3339", "semver", "url", "hash", "spdx", "email"]),
        ),
        Optional,
        "The labels every image must have, and what they hold.",
    ),
    key(
        "strict-labels",
        Kind::Switch,
        Default("false"),
        "Whether labels that are not in the schema are reported.",
    ),
    key(
        "unused-context-limit",
        Kind::Size,
        Optional,
        "How many bytes an ignore file may let through that no step takes, before `oversized-context` reports it. \
         Unset, 100 MB.",
    ),
    key(
        "baseline",
        Kind::Path,
        Optional,
        "The file of known findings that `docker-lint --write-baseline` wrote; only new ones are reported.",
    ),
    key(
        "exclude",
        Kind::List(&Kind::Glob),
        Default("[]"),
        "Dockerfiles that are passed over when they are looked for. Those named on the command line are not.",
    ),
];

const LINT_OVERRIDE: &[Key] = &[
    key(
        "paths",
        Kind::List(&Kind::Glob),
        Default("[]"),
        "Files, as patterns. Without `paths` and `services`, every file.",
    ),
    key(
        "services",
        Kind::List(&Kind::Name),
        Default("[]"),
        "Files, by the name of their service or base.",
    ),
    key(
        "stages",
        Kind::List(&Kind::Text),
        Default("[]"),
        "Stages, by name (`*` and `?` match) or by index from 0. Empty, the whole file.",
    ),
    key(
        "rules",
        Kind::Map("<rule>", &Kind::Text, &LEVELS),
        Required,
        "As in `lint.rules`.",
    ),
];
