//! `[test.structure]`.

use crate::project::manifest::kind::Presence::Default;
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const STRUCTURE: &[Key] = &[key(
    "files",
    Kind::List(&Kind::Glob),
    Default("[]"),
    "Where the files lie (YAML or JSON, schema 2.0.0). A file is for the image whose Dockerfile lies in its folder or in the \
     nearest folder above.",
)];
