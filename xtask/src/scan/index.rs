//! Advisories by package in one file that is never read as a whole.
//!
//! ```text
//! magic │ advisories, one after the other │ places of advisories, in groups by hash of package │
//! size and checksum of each group │ what is told of the data (JSON) │ footer with checksum
//! ```
//!
//! A package is looked up by the hash of its ecosystem and name: one group is read, then the advisories themselves. All
//! that is read has a checksum; a file that was cut off has no footer.

mod codec;
mod reader;
mod summary;
mod writer;

pub use reader::{Damaged, Index};
pub use summary::{Release, Summary};
pub use writer::Writer;

use twox_hash::XxHash3_128;

/// First bytes of an index; the digit changes with the layout.
const MAGIC: [u8; 8] = *b"osvidx\0\x01";
/// The place of one advisory: hash of the package, offset, length, checksum.
const PLACE_BYTES: usize = 24;
/// Of a group: number of places, checksum.
const GROUP_BYTES: usize = 12;
/// How many places a group has on average.
const PLACES_PER_GROUP: usize = 128;
/// Fingerprint, places' offset, number of groups, length of the summary, checksum, magic.
const FOOTER_BYTES: usize = 16 + 8 + 4 + 4 + 8 + 8;

/// The hash by which a package is looked up.
fn hash_of_package(ecosystem: &str, package: &str) -> u64 {
    checksum(key_of_package(ecosystem, package).as_bytes())
}

/// A name has no zero byte that could be taken for the one between the two; if it had, the advisory would still say
/// which package it is for.
fn key_of_package(ecosystem: &str, package: &str) -> String {
    format!("{ecosystem}\0{package}")
}

fn checksum(bytes: &[u8]) -> u64 {
    u64_of(XxHash3_128::oneshot(bytes))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "half of the hash is enough"
)]
const fn u64_of(hash: u128) -> u64 {
    hash as u64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a quarter of the hash is enough"
)]
fn short_checksum(bytes: &[u8]) -> u32 {
    checksum(bytes) as u32
}

#[cfg(test)]
mod tests;
