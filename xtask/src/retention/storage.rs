//! How much is stored: every blob once, however many images have it.

use std::collections::BTreeMap;

use super::digest::Digest;
use super::package::Version;
use crate::size::Bytes;

/// Bytes before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Storage {
    /// Of all that is there.
    pub before: Bytes,
    /// Of what is kept.
    pub after: Bytes,
}

impl Storage {
    /// What is given back, in percent of what was there; 0 where nothing was.
    #[must_use]
    pub fn saved_percent(&self) -> f64 {
        if self.before.0 == 0 {
            return 0.0;
        }
        100.0 * self.before.0.saturating_sub(self.after.0) as f64 / self.before.0 as f64
    }
}

/// Layers, configurations and the manifests themselves, by digest, with their sizes as the manifests say.
#[must_use]
pub fn blobs_of<'a>(
    versions: impl IntoIterator<Item = (&'a Digest, &'a Version)>,
) -> BTreeMap<&'a Digest, u64> {
    let mut blobs = BTreeMap::new();
    for (digest, version) in versions {
        blobs.insert(digest, version.manifest.size);
        let children = version.manifest.children.iter();
        // What an index lists besides manifests are blobs: the layers of a build cache.
        for child in children.filter(|child| !child.is_manifest) {
            blobs.entry(&child.digest).or_insert(child.size);
        }
        for blob in &version.manifest.blobs {
            blobs.entry(&blob.digest).or_insert(blob.size);
        }
    }
    blobs
}

/// All of them together.
pub(super) fn total(blobs: &BTreeMap<&Digest, u64>) -> Bytes {
    Bytes(
        blobs
            .values()
            .fold(0, |sum: u64, size| sum.saturating_add(*size)),
    )
}

impl Storage {
    /// Of several packages together: registries keep a blob once.
    #[must_use]
    pub fn of(before: &BTreeMap<&Digest, u64>, after: &BTreeMap<&Digest, u64>) -> Self {
        Self {
            before: total(before),
            after: total(after),
        }
    }
}
