//! What was tagged, as text.

use serde::Serialize;

use super::Arguments;
use super::plan::Assembly;
use crate::cli::Common;
use crate::commands::build::short_digest;
use crate::commands::engine::Format;
use crate::commands::json::json;
use crate::environment::Environment;
use crate::error::Result;
use crate::report::table::{Alignment, Table};

/// The version of the JSON shape; raised when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// One image.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PushedImage {
    /// The service or base.
    pub(super) name: String,
    /// `host/path`.
    pub(super) repository: String,
    /// Of its index or manifest; `None` while that is not made.
    pub(super) digest: Option<String>,
    /// What it is there for.
    pub(super) platforms: Vec<String>,
    /// What it was, or would be, tagged as.
    pub(super) tags: Vec<String>,
    /// The names that were set.
    #[serde(skip)]
    pub(super) set: Vec<String>,
}

impl PushedImage {
    /// Nothing is set yet.
    pub(super) fn new(assembly: &Assembly, platforms: Vec<String>) -> Self {
        let whole = match assembly.digests.as_slice() {
            [digest] => Some(digest.clone()),
            _ => None,
        };
        Self {
            name: assembly.name.clone(),
            repository: assembly.repository.clone(),
            digest: whole,
            platforms,
            tags: assembly.tags.clone(),
            set: Vec::new(),
        }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    dry_run: bool,
    images: &'a [PushedImage],
}

pub(super) fn report(
    images: &[PushedImage],
    arguments: &Arguments,
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    match arguments.format {
        Format::Json => environment.print(&json(&Report {
            schema_version: SCHEMA_VERSION,
            dry_run: arguments.dry_run,
            images,
        })?),
        Format::Terminal if common.quiet => Ok(()),
        Format::Terminal => environment.print(&table(images)),
    }
}

fn table(images: &[PushedImage]) -> String {
    let mut table = Table::new(&[
        ("IMAGE", Alignment::Left),
        ("DIGEST", Alignment::Left),
        ("PLATFORMS", Alignment::Left),
        ("TAGS", Alignment::Left),
    ]);
    for image in images {
        table.row([
            image.repository.clone(),
            image
                .digest
                .as_deref()
                .map_or_else(|| "new".to_owned(), short_digest),
            image.platforms.join(", "),
            image.tags.join(", "),
        ]);
    }
    table.plain()
}
