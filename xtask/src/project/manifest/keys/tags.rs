//! `[tags]`: what images are called.

use crate::project::manifest::kind::Presence::{Default, Optional};
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const TAGS: &[Key] = &[
    key(
        "rules",
        Kind::List(&Kind::Text),
        Default("[]"),
        "What makes a tag, such as `\"type=semver,pattern={{version}}\"`: the lines of the input `tags` of \
         `docker/metadata-action`. Empty, its defaults: `type=schedule` and `type=ref` for branches, tags and pull \
         requests.",
    ),
    key(
        "flavor",
        Kind::List(&Kind::Text),
        Default("[]"),
        "What holds for all tags, such as `\"latest=false\"` or `\"suffix=-alpine,onlatest=true\"`: the lines of the \
         input `flavor`.",
    ),
    key(
        "labels",
        Kind::List(&Kind::Text),
        Default("[]"),
        "Labels of every image with expressions in them, such as `\"com.acme.branch={{branch}}\"`: the lines of the \
         input `labels`. They win over `[labels]`.",
    ),
    key(
        "annotations",
        Kind::List(&Kind::Text),
        Default("[]"),
        "The same for annotations: the lines of the input `annotations`.",
    ),
    key(
        "default_branch",
        Kind::Text,
        Optional,
        "The branch of `type=edge` and `{{is_default_branch}}`. Unset, what GitHub's event says, or the branch that \
         git knows as `origin/HEAD`.",
    ),
];
