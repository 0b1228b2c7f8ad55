//! Images that were read for a scan.

use crate::cli::Common;
use crate::commands::images::LookedAt;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::image::attribution;
use crate::scan::scanned::Scanned;

use super::arguments::Arguments;

/// Images that were scanned.
pub(super) struct Looked {
    pub(super) images: Vec<Scanned>,
    /// Images that could not be read.
    pub(super) errors: Vec<Error>,
}

impl Looked {
    /// Reads the images and lists what is in them.
    ///
    /// # Errors
    /// No engine answers, or somebody asked to stop.
    pub(super) fn gather(
        place: &LookedAt,
        arguments: &Arguments,
        common: &Common,
        environment: &Environment,
    ) -> Result<Self> {
        let (read, errors) = place.read(
            &arguments.images,
            arguments.platform.as_deref(),
            arguments.engine,
            common,
            environment,
        )?;
        let origins: Vec<_> = read
            .iter()
            .map(|one| attribution::origins(&one.image, &place.knowledge(one, &read)))
            .collect();
        let images = read
            .into_iter()
            .zip(origins)
            .map(|(one, origins)| {
                let (wanted, source, image) = (one.wanted, one.source, one.image);
                Scanned::of(wanted.name, source, wanted.own, image, origins)
            })
            .collect();
        Ok(Self { images, errors })
    }
}
