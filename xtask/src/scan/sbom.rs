//! Bills of materials: what an image is made of, for other programs.
//!
//! Everything in one is from the image and the moment that is handed in, so that the same image has the same bill.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::scanned::Scanned;
use crate::image::attribution::Origin;
use crate::image::inventory::{Manager, Package, purl};
use crate::timestamp::Timestamp;

mod cyclonedx;
mod license;
mod spdx;

/// The program that writes it.
const TOOL: &str = env!("CARGO_PKG_NAME");
const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

/// How a bill of materials is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// CycloneDX 1.6, JSON: <https://cyclonedx.org/docs/1.6/json/>.
    CycloneDx,
    /// SPDX 2.3, JSON: <https://spdx.github.io/spdx-spec/v2.3/>.
    Spdx,
}

impl Format {
    /// All, with the name that options use and the ending of files.
    pub const ALL: [(Self, &'static str, &'static str); 2] = [
        (Self::CycloneDx, "cyclonedx", "cdx.json"),
        (Self::Spdx, "spdx", "spdx.json"),
    ];
}

/// The bill of an image, said to be made at `created`.
#[must_use]
pub fn bill(format: Format, image: &Scanned, created: Timestamp) -> Value {
    let bill = Bill::of(image, created);
    match format {
        Format::CycloneDx => cyclonedx::document(&bill),
        Format::Spdx => spdx::document(&bill),
    }
}

/// What both formats say in their own words.
struct Bill<'a> {
    image: &'a Scanned,
    /// As RFC 3339, in UTC, to the second.
    created: String,
    components: Vec<Component<'a>>,
}

/// A package, wherever it is in the image.
struct Component<'a> {
    package: &'a Package,
    purl: String,
    places: Vec<Place<'a>>,
    /// Positions of those it was built from.
    needs: BTreeSet<usize>,
    /// Whether nothing in the image is known to need it.
    is_top: bool,
}

/// Where a package is recorded, and what brought it.
#[derive(PartialEq, Eq)]
struct Place<'a> {
    record: &'a str,
    /// Diff ID of the layer.
    layer: Option<&'a str>,
    origin: Option<&'a Origin>,
}

/// Of a program: its own component, and what it was built from.
type Parts = (Option<usize>, BTreeSet<usize>);

impl<'a> Bill<'a> {
    fn of(image: &'a Scanned, created: Timestamp) -> Self {
        let mut components: Vec<Component<'_>> = Vec::new();
        let mut by_purl: BTreeMap<String, usize> = BTreeMap::new();
        // Of each program: what it is, and what it was built from.
        let mut programs: BTreeMap<(Manager, &str), Parts> = BTreeMap::new();
        for package in &image.packages {
            let purl = purl(package, &image.distribution);
            let at = *by_purl.entry(purl.clone()).or_insert_with(|| {
                components.push(Component {
                    package,
                    purl,
                    places: Vec::new(),
                    needs: BTreeSet::new(),
                    is_top: true,
                });
                components.len() - 1
            });
            let place = place(image, package);
            if !components[at].places.contains(&place) {
                components[at].places.push(place);
            }
            if matches!(package.manager, Manager::Go | Manager::Rust) {
                let program = programs.entry((package.manager, &package.record));
                let (main, parts) = program.or_default();
                if package.files.is_empty() {
                    parts.insert(at);
                } else {
                    *main = Some(at);
                }
            }
        }
        for (main, parts) in programs.into_values() {
            let Some(main) = main else {
                continue;
            };
            for part in parts.into_iter().filter(|part| *part != main) {
                components[part].is_top = false;
                components[main].needs.insert(part);
            }
        }
        Self {
            image,
            created: created.to_string(),
            components,
        }
    }

    /// A UUID that is the same for the same image (RFC 9562, version 8).
    fn uuid(&self, format: &str) -> String {
        let mut bytes = Sha256::digest(format!("{format} {}", self.image.digest()));
        bytes[6] = bytes[6] & 0x0f | 0x80;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut text = String::new();
        for (index, byte) in bytes[..16].iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// The image's own package URL: `pkg:oci/shop@sha256:…?arch=amd64&repository_url=ghcr.io/acme/shop`.
    fn image_purl(&self) -> String {
        let saved = &self.image.image;
        let repository = saved.names.first().map(|name| {
            let name = name.split('@').next().unwrap_or_default();
            match name.rfind(':') {
                Some(at) if !name[at..].contains('/') => &name[..at],
                _ => name,
            }
        });
        let name = repository.unwrap_or(&self.image.name);
        let name = name.rsplit('/').next().unwrap_or_default().to_lowercase();
        let mut url = format!(
            "pkg:oci/{}@{}",
            encoded(&name),
            encoded(self.image.digest())
        );
        let architecture = &saved.config.architecture;
        if !architecture.is_empty() {
            let _ = write!(url, "?arch={}", encoded(architecture));
        }
        if let Some(repository) = repository.filter(|repository| repository.contains('/')) {
            let separator = if url.contains('?') { '&' } else { '?' };
            let _ = write!(
                url,
                "{separator}repository_url={}",
                encoded_path(repository)
            );
        }
        url
    }

    /// The hexadecimal digits of the image's digest.
    fn image_sha256(&self) -> Option<&str> {
        let hex = self.image.digest().strip_prefix("sha256:")?;
        let is_digest = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_digest.then_some(hex)
    }
}

fn place<'a>(image: &'a Scanned, package: &'a Package) -> Place<'a> {
    let layer = image.layer_of(package);
    Place {
        record: &package.record,
        layer: layer.and_then(|layer| Some(image.image.layers.get(layer)?.diff_id.as_str())),
        origin: layer.and_then(|layer| image.origins.get(layer)),
    }
}

impl Place<'_> {
    /// The line of the Dockerfile, or lines: `docker/base/Dockerfile:12` or `…:12-14`.
    fn lines(&self) -> Option<String> {
        let origin = self.origin?;
        let (file, first) = (origin.dockerfile.as_ref()?, origin.line?);
        Some(match origin.end_line {
            Some(last) if last > first => format!("{file}:{first}-{last}"),
            _ => format!("{file}:{first}"),
        })
    }
}

/// In the values of qualifiers, slashes stand for themselves.
fn encoded_path(text: &str) -> String {
    let parts: Vec<String> = text.split('/').map(encoded).collect();
    parts.join("/")
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests;
