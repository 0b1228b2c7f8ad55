//! Writing an index, each advisory as it comes; only their places are kept in memory.

use std::io::{self, Write};

use super::summary::Summary;
use super::{
    GROUP_BYTES, MAGIC, PLACE_BYTES, PLACES_PER_GROUP, checksum, codec, hash_of_package,
    key_of_package, short_checksum,
};
use crate::scan::osv::Record;

/// An index that is being written. It keeps 40 bytes for each advisory and package.
pub struct Writer<W> {
    out: W,
    offset: u64,
    places: Vec<Place>,
    /// What is told of the data.
    pub summary: Summary,
}

#[derive(Clone, Copy)]
struct Place {
    package: u64,
    advisory: u64,
    modified: u64,
    offset: u64,
    /// Zero for what was taken back.
    length: u32,
    checksum: u32,
}

impl<W: Write> Writer<W> {
    /// Begins.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&MAGIC)?;
        Ok(Self {
            out,
            offset: MAGIC.len() as u64,
            places: Vec::new(),
            summary: Summary::default(),
        })
    }

    /// Adds a record; `fetched` is when its file came, in seconds since 1970.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&mut self, record: &Record, fetched: Option<u64>) -> io::Result<()> {
        if record.is_withdrawn {
            self.summary.withdrawn += 1;
        }
        let advisory = checksum(record.id.as_bytes());
        for entry in &record.entries {
            let mut place = Place {
                package: hash_of_package(&entry.ecosystem, &entry.package),
                advisory,
                modified: record.modified,
                offset: self.offset,
                length: 0,
                checksum: 0,
            };
            self.summary
                .count(&entry.ecosystem, record.modified, fetched);
            if !record.is_withdrawn {
                let key = key_of_package(&entry.ecosystem, &entry.package);
                let bytes = codec::encode(&key, &entry.advisory);
                place.length = u32::try_from(bytes.len())
                    .map_err(|_| io::Error::other("an advisory is larger than 4 GiB"))?;
                place.checksum = short_checksum(&bytes);
                self.out.write_all(&bytes)?;
                self.offset += u64::from(place.length);
            }
            self.places.push(place);
        }
        Ok(())
    }

    /// Ends the file. `fingerprint` tells which data it was made from.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self, fingerprint: u128) -> io::Result<W> {
        self.keep_the_newest();
        let groups = group_count(self.places.len());
        let mut directory = Vec::with_capacity(groups * GROUP_BYTES);
        let mut rest = self.places.as_slice();
        for group in 0..groups {
            let end = rest.partition_point(|place| group_of(place.package, groups) <= group);
            let (own, behind) = rest.split_at(end);
            rest = behind;
            let mut bytes = Vec::with_capacity(own.len() * PLACE_BYTES);
            for place in own {
                bytes.extend_from_slice(&place.package.to_le_bytes());
                bytes.extend_from_slice(&place.offset.to_le_bytes());
                bytes.extend_from_slice(&place.length.to_le_bytes());
                bytes.extend_from_slice(&place.checksum.to_le_bytes());
            }
            let count = u32::try_from(own.len())
                .map_err(|_| io::Error::other("too many advisories have one hash"))?;
            directory.extend_from_slice(&count.to_le_bytes());
            directory.extend_from_slice(&checksum(&bytes).to_le_bytes());
            self.out.write_all(&bytes)?;
        }
        let mut end = directory;
        let summary = serde_json::to_vec(&self.summary).map_err(io::Error::other)?;
        end.extend_from_slice(&summary);
        end.extend_from_slice(&fingerprint.to_le_bytes());
        end.extend_from_slice(&self.offset.to_le_bytes());
        end.extend_from_slice(&u32::try_from(groups).unwrap_or(u32::MAX).to_le_bytes());
        end.extend_from_slice(
            &u32::try_from(summary.len())
                .unwrap_or(u32::MAX)
                .to_le_bytes(),
        );
        let sum = checksum(&end);
        end.extend_from_slice(&sum.to_le_bytes());
        end.extend_from_slice(&MAGIC);
        self.out.write_all(&end)?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// A record that is there several times counts once, the newest; if that was taken back, not at all.
    fn keep_the_newest(&mut self) {
        self.places.sort_unstable_by_key(|place| {
            (
                place.package,
                place.advisory,
                std::cmp::Reverse(place.modified),
                place.offset,
            )
        });
        let before = self.places.len();
        self.places
            .dedup_by_key(|place| (place.package, place.advisory));
        self.summary.repeated = (before - self.places.len()) as u64;
        self.places.retain(|place| place.length > 0);
        // In the order in which they are read.
        self.places
            .sort_unstable_by_key(|place| (place.package, place.offset));
    }
}

/// A power of two.
fn group_count(places: usize) -> usize {
    places
        .div_ceil(PLACES_PER_GROUP)
        .next_power_of_two()
        .min(1 << 24)
}

/// The group of a hash: its first bits.
pub(super) fn group_of(hash: u64, groups: usize) -> usize {
    let bits = groups.trailing_zeros();
    if bits == 0 {
        return 0;
    }
    usize::try_from(hash >> (64 - bits)).unwrap_or(0)
}
