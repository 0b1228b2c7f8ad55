//! `[budget]`: how large images may be.

use crate::project::manifest::kind::Presence::{Optional, Required};
use crate::project::manifest::kind::{Key, Kind, key};

const LIMITS: [Key; 5] = [
    key(
        "unpacked",
        Kind::Size,
        Optional,
        "Most bytes of all layers together, unpacked.",
    ),
    key(
        "compressed",
        Kind::Size,
        Optional,
        "Most bytes of all layers together, gzip-compressed as they travel.",
    ),
    key(
        "waste",
        Kind::SizeOrShare,
        Optional,
        "Most bytes that no container sees, since a later layer removes or replaces them. A percentage is one of the \
         image's unpacked bytes.",
    ),
    key(
        "layer",
        Kind::Size,
        Optional,
        "Most bytes of a single layer, unpacked.",
    ),
    key(
        "growth",
        Kind::SizeOrShare,
        Optional,
        "Most unpacked bytes more than at the commit that is compared with. A percentage is one of what the image \
         was then.",
    ),
];

pub(super) const BUDGET: &[Key] = &[
    LIMITS[0],
    LIMITS[1],
    LIMITS[2],
    LIMITS[3],
    LIMITS[4],
    SOFT,
    key(
        "images",
        Kind::Map("<image>", &Kind::Name, &Kind::Table(IMAGE_LIMITS)),
        Optional,
        "Other limits for one image, for good.",
    ),
    key(
        "exceptions",
        Kind::Tables(EXCEPTION),
        Optional,
        "Limits that are relaxed for a time, with a reason. Once its day has passed, or once the image meets the \
         ordinary limit without it, an exception is an error: it is removed, or given a new day and a reason that \
         still holds.",
    ),
];

const IMAGE_LIMITS: &[Key] = &[LIMITS[0], LIMITS[1], LIMITS[2], LIMITS[3], LIMITS[4], SOFT];

const SOFT: Key = key(
    "soft",
    Kind::Table(&LIMITS),
    Optional,
    "Limits beyond which an image is warned about, before it is too late. They change no exit code, and say nothing \
     while an exception holds.",
);

const EXCEPTION: &[Key] = &[
    key("image", Kind::Name, Required, "The image."),
    key(
        "measure",
        Kind::Choice(&["unpacked", "compressed", "waste", "layer", "growth"]),
        Required,
        "Which limit.",
    ),
    key(
        "limit",
        Kind::SizeOrShare,
        Required,
        "The limit that holds instead. A percentage is for `waste` and `growth`.",
    ),
    key("reason", Kind::Text, Required, "Why it must be so."),
    key("owner", Kind::Text, Optional, "Who answers for it."),
    key(
        "expires",
        Kind::Date,
        Required,
        "The last day it holds. From the next day on the ordinary limit holds again.",
    ),
];
