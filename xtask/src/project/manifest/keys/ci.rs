//! `[ci]`: the workflow that `docker-ci` writes.

use crate::project::manifest::kind::Presence::{Default, Optional};
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const CI: &[Key] = &[
    key(
        "workflow",
        Kind::Path,
        Default("\".github/workflows/docker-build.yml\""),
        "The workflow that is written: all of it.",
    ),
    key(
        "action",
        Kind::Path,
        Default("\".github/actions/xtask\""),
        "The folder of the action that builds this tool once and keeps it; its `action.yml` is written, too.",
    ),
    key(
        "branches",
        Kind::List(&Kind::Text),
        Default("[\"main\"]"),
        "Branches whose pushes are published.",
    ),
    key(
        "pull_requests",
        Kind::List(&Kind::Text),
        Default("[\"main\"]"),
        "Branches whose pull requests are judged.",
    ),
    key(
        "builder",
        Kind::Name,
        Default("\"ci\""),
        "The builder of `[builders]` that builds there. It must be able to push by digest: every driver can, the engine's \
         own builder cannot.",
    ),
    key(
        "runners",
        Kind::Map("<platform>", &Kind::Platform, &Kind::Text),
        Optional,
        "On which runner a platform of `platforms.release` is built, by the runner's label. Unset, `linux/amd64` is built \
         on `ubuntu-24.04`, and `linux/arm64` on `ubuntu-24.04-arm`.",
    ),
    key(
        "tool",
        Kind::List(&Kind::Glob),
        Default(
            "[\"xtask/**\", \".cargo/**\", \"Cargo.toml\", \"Cargo.lock\", \"rust-toolchain.toml\"]",
        ),
        "What this tool is built from: it is built again when that changes, and the workflow runs.",
    ),
    key(
        "paths",
        Kind::List(&Kind::Text),
        Default("[]"),
        "What else starts the workflow when it changes, as GitHub's path filters have it. What the Dockerfiles copy, they \
         themselves, ignore files and the manifest are known.",
    ),
    key(
        "timeout",
        Kind::Period,
        Default("\"60 minutes\""),
        "How long the build for one platform may take.",
    ),
];
