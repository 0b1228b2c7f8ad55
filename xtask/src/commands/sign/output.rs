//! What was signed, as text.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::commands::build::short_digest;
use crate::error::Result;
use crate::report::table::{Alignment, Table};

/// The version of the JSON shape; raised when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// One image that was signed and verified.
#[derive(Clone, Debug, Serialize)]
pub(in crate::commands) struct SignedImage {
    /// The service or base, or the last part of its name.
    pub(super) name: String,
    /// `host/path@sha256:…`.
    pub(super) reference: String,
    /// Of its index or manifest.
    pub(super) digest: String,
    /// The images of an index that were signed with it.
    pub(super) platforms: Vec<String>,
    /// The key, or the identity that signed.
    pub(super) signer: String,
    /// What was signed with it.
    pub(super) annotations: BTreeMap<String, String>,
    /// What was attested.
    pub(super) attested: Vec<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    images: &'a [SignedImage],
}

pub(super) fn json(images: &[SignedImage]) -> Result<String> {
    crate::commands::json::json(&Report {
        schema_version: SCHEMA_VERSION,
        images,
    })
}

pub(super) fn table(images: &[SignedImage]) -> String {
    let mut table = Table::new(&[
        ("IMAGE", Alignment::Left),
        ("DIGEST", Alignment::Left),
        ("PLATFORMS", Alignment::Left),
        ("SIGNED WITH", Alignment::Left),
        ("ATTESTED", Alignment::Left),
    ]);
    for image in images {
        table.row([
            image.name.clone(),
            short_digest(&image.digest),
            image.platforms.join(", "),
            image.signer.clone(),
            image.attested.join(", "),
        ]);
    }
    let count = images.len();
    let plural = if count == 1 { "image" } else { "images" };
    format!(
        "{}\n{count} {plural} signed, and verified in the registry\n",
        table.plain()
    )
}
