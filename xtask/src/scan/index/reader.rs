//! Reading an index: what is looked for, and no more.

use super::summary::Summary;
use super::writer::group_of;
use super::{
    FOOTER_BYTES, GROUP_BYTES, MAGIC, PLACE_BYTES, checksum, codec, hash_of_package,
    key_of_package, short_checksum,
};
use crate::scan::osv::Advisory;
use crate::scan::random_access::ReadAt;

/// Most groups that are believed: 16 million with 128 places each.
const MAX_GROUPS: usize = 1 << 24;

/// An index is not what was written, or of another version: it must be made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

/// An open index. It keeps 20 bytes for each 128 advisories.
#[derive(Debug)]
pub struct Index<R> {
    source: R,
    fingerprint: u128,
    groups: Vec<Group>,
    summary: Summary,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    offset: u64,
    count: u32,
    checksum: u64,
}

impl<R: ReadAt> Index<R> {
    /// Reads the end of the file.
    ///
    /// # Errors
    /// If it is no index, or a damaged one.
    pub fn open(source: R) -> Result<Self, Damaged> {
        let open = || -> Option<(u128, Vec<Group>, Summary)> {
            let size = source.size().ok()?;
            let footer_at = size.checked_sub(FOOTER_BYTES as u64)?;
            let footer = source.bytes_at(footer_at, FOOTER_BYTES as u64).ok()?;
            let fingerprint = u128::from_le_bytes(footer[..16].try_into().ok()?);
            let places_at = u64::from_le_bytes(footer[16..24].try_into().ok()?);
            let count =
                usize::try_from(u32::from_le_bytes(footer[24..28].try_into().ok()?)).ok()?;
            let summary_size = u64::from(u32::from_le_bytes(footer[28..32].try_into().ok()?));
            if footer[40..] != MAGIC || count > MAX_GROUPS || !count.is_power_of_two() {
                return None;
            }
            let directory_size = (count * GROUP_BYTES) as u64;
            let directory_at = footer_at
                .checked_sub(summary_size)?
                .checked_sub(directory_size)?;
            let end = source
                .bytes_at(directory_at, size - directory_at - 16)
                .ok()?;
            if checksum(&end) != u64::from_le_bytes(footer[32..40].try_into().ok()?) {
                return None;
            }
            let (directory, rest) = end.split_at(count * GROUP_BYTES);
            let summary = rest.get(..usize::try_from(summary_size).ok()?)?;
            let summary = serde_json::from_slice(summary).ok()?;
            let mut offset = places_at;
            let mut groups = Vec::with_capacity(count);
            for group in directory.chunks_exact(GROUP_BYTES) {
                let count = u32::from_le_bytes(group[..4].try_into().ok()?);
                let checksum = u64::from_le_bytes(group[4..].try_into().ok()?);
                groups.push(Group {
                    offset,
                    count,
                    checksum,
                });
                offset = offset.checked_add(u64::from(count) * PLACE_BYTES as u64)?;
            }
            (offset == directory_at).then_some((fingerprint, groups, summary))
        };
        let (fingerprint, groups, summary) = open().ok_or(Damaged)?;
        Ok(Self {
            source,
            fingerprint,
            groups,
            summary,
        })
    }

    /// Which data it was made from.
    #[must_use]
    pub const fn fingerprint(&self) -> u128 {
        self.fingerprint
    }

    /// What is told of the data.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The advisories about a package of an ecosystem or release.
    ///
    /// # Errors
    /// If the file is not what was written.
    pub fn advisories(&self, ecosystem: &str, package: &str) -> Result<Vec<Advisory>, Damaged> {
        let hash = hash_of_package(ecosystem, package);
        let key = key_of_package(ecosystem, package);
        let group = self
            .groups
            .get(group_of(hash, self.groups.len()))
            .ok_or(Damaged)?;
        let length = u64::from(group.count) * PLACE_BYTES as u64;
        let bytes = self
            .source
            .bytes_at(group.offset, length)
            .map_err(|_| Damaged)?;
        if checksum(&bytes) != group.checksum {
            return Err(Damaged);
        }
        let wanted = hash.to_le_bytes();
        let places = bytes
            .chunks_exact(PLACE_BYTES)
            .filter(|place| place[..8] == wanted);
        let mut found = Vec::new();
        for place in places {
            let bytes = self.advisory_at(place).ok_or(Damaged)?;
            if codec::key(&bytes).ok_or(Damaged)? == key {
                found.push(codec::decode(&bytes).ok_or(Damaged)?.1);
            }
        }
        Ok(found)
    }

    fn advisory_at(&self, place: &[u8]) -> Option<Vec<u8>> {
        let offset = u64::from_le_bytes(place[8..16].try_into().ok()?);
        let length = u32::from_le_bytes(place[16..20].try_into().ok()?);
        let sum = u32::from_le_bytes(place[20..24].try_into().ok()?);
        let bytes = self.source.bytes_at(offset, length.into()).ok()?;
        (short_checksum(&bytes) == sum).then_some(bytes)
    }
}
