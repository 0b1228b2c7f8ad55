//! `[retention]`: what of the images in the registry is kept.

use crate::project::manifest::kind::Presence::{Default, Optional, Required};
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const RETENTION: &[Key] = &[
    key(
        "api",
        Kind::Choice(&["github", "registry"]),
        Optional,
        "How images are listed and removed. `github`: GitHub's packages API. `registry`: the registry itself, by the OCI \
         distribution specification. Unset, `github` for ghcr.io and `registry` for any other.",
    ),
    key(
        "protected",
        Kind::List(&Kind::TagPattern),
        Default("[]"),
        "Tags that are never removed, whatever a rule says: `*` and `?` are wildcards, and a pattern between slashes is a \
         regular expression. It must match the whole tag.",
    ),
    key(
        "digests",
        Kind::List(&Kind::Digest),
        Default("[]"),
        "Images that are never removed, by digest: those that something outside of the repository names.",
    ),
    key(
        "untagged",
        Kind::Period,
        Optional,
        "After what time an image is removed that no tag leads to, and a signature whose image is gone. Unset, never.",
    ),
    key(
        "grace",
        Kind::Period,
        Default("\"1 hour\""),
        "Nothing younger than this is removed: a push that is under way has images without a tag.",
    ),
    key(
        "rules",
        Kind::Tables(RULE),
        Optional,
        "Which tags are removed, and when. The first rule that names a tag decides; a tag that no rule names is kept.",
    ),
];

const RULE: &[Key] = &[
    key(
        "tags",
        Kind::List(&Kind::TagPattern),
        Required,
        "The tags it is about, written as in `protected`.",
    ),
    key(
        "exclude",
        Kind::List(&Kind::TagPattern),
        Default("[]"),
        "Of those, the ones it is not about.",
    ),
    key(
        "images",
        Kind::List(&Kind::Name),
        Default("[]"),
        "The services and bases it is about. Empty, all.",
    ),
    key(
        "keep",
        Kind::CountFromZero,
        Optional,
        "How many of the newest images are kept, for each package. Two tags of one image count once.",
    ),
    key(
        "keep_for",
        Kind::Period,
        Optional,
        "For how long an image is kept, counted from when it came to the registry or got its last tag. What `keep` or \
         `keep_for` keeps is kept.",
    ),
];
