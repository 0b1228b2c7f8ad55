//! `--sbom`: a bill of materials for each image.

use camino::Utf8Path;

use super::arguments::{Arguments, SbomKind};
use super::looked::Looked;
use crate::atomic_file;
use crate::cli::Common;
use crate::commands::images::exit_of_unread;
use crate::commands::json::json;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::scan::sbom::{Format, bill};
use crate::scan::scanned::Scanned;
use crate::timestamp::Timestamp;

/// Writes them. Nothing is judged.
///
/// # Errors
/// There are several, and no folder to write them to.
pub(super) fn write(
    kind: SbomKind,
    looked: &Looked,
    arguments: &Arguments,
    now: Timestamp,
    common: &Common,
    environment: &Environment,
) -> Result<Exit> {
    let format = match kind {
        SbomKind::Cyclonedx => Format::CycloneDx,
        SbomKind::Spdx => Format::Spdx,
    };
    let output = arguments.output.as_ref();
    let output = output.map(|path| environment.current_dir.join(path));
    let text = |image: &Scanned| json(&bill(format, image, now));
    match (&looked.images[..], output) {
        ([], _) => {}
        ([image], None) => environment.print(&text(image)?)?,
        (_, None) => {
            return Err(
                Error::usage("there are several images, and each has a bill of its own")
                    .help("name a folder for them with `--output DIR`, or one image"),
            );
        }
        ([image], Some(path)) if !path.is_dir() => {
            atomic_file::write(&path, text(image)?)?;
            common.note(environment, &format!("wrote {path}"));
        }
        (images, Some(folder)) => {
            std::fs::create_dir_all(&folder).map_err(|error| {
                Error::usage(format!("failed to make the folder {folder}")).because(error)
            })?;
            for (image, name) in images.iter().zip(names(images)) {
                let path = folder.join(format!("{name}.{}", ending(format)));
                atomic_file::write(&path, text(image)?)?;
                common.note(environment, &format!("wrote {path}"));
            }
        }
    }
    let is_unknown = looked.images.iter().any(|image| image.filesystem.is_none());
    Ok(exit_of_unread(&looked.errors).unwrap_or(if is_unknown {
        Exit::Missing
    } else {
        Exit::Clean
    }))
}

fn ending(format: Format) -> &'static str {
    let mut all = Format::ALL.iter();
    all.find(|(one, ..)| *one == format)
        .map_or("json", |(_, _, ending)| ending)
}

/// What the files are called: by image, with the platform where names are the same.
fn names(images: &[Scanned]) -> Vec<String> {
    let plain = |name: &str| -> String {
        let last = Utf8Path::new(name).file_name().unwrap_or(name);
        let keep = |c: char| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        };
        last.chars().map(keep).collect()
    };
    let mut names: Vec<String> = Vec::new();
    for image in images {
        let name = plain(&image.name);
        let with_platform = format!("{name}-{}", image.image.config.platform().replace('/', "-"));
        let mut free = [name, with_platform]
            .into_iter()
            .find(|name| !names.contains(name))
            .unwrap_or_else(|| image.image.config_digest.replace(':', "-"));
        while names.contains(&free) {
            free.push('-');
        }
        names.push(free);
    }
    names
}
