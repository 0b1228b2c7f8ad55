//! `[rollback]`.

use crate::project::manifest::kind::Presence::{Default, Optional};
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const ROLLBACK: &[Key] = &[
    key(
        "target",
        Kind::Choice(&["compose", "file"]),
        Default("\"compose\""),
        "What an image is put to work by: `compose` starts the service anew with its digest and waits until it is healthy, \
         `file` writes the digest to `images`, which something else applies.",
    ),
    key(
        "compose",
        Kind::List(&Kind::Path),
        Default("[\"docker/compose.yaml\"]"),
        "The compose files, each over the ones before it.",
    ),
    key(
        "images",
        Kind::Path,
        Optional,
        "The file that `target = \"file\"` writes: a kustomization whose `images` have names and digests.",
    ),
    key(
        "patience",
        Kind::Period,
        Default("\"2 minutes\""),
        "How long a service may take to become healthy before the image that ran before is started again.",
    ),
    key(
        "require",
        Kind::List(&Kind::Choice(&["signature", "scan"])),
        Default("[\"signature\", \"scan\"]"),
        "What an earlier image must have to be put to work again: `signature` holds it to `[trust]`, `scan` asks for a scan in \
         the audit trail that passed.",
    ),
];
