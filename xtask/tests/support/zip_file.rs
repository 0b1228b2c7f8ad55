//! Writing ZIP files for tests and benches, honest ones and others.
#![allow(dead_code, reason = "every test binary takes its part of it")]

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// A ZIP file that is being written, with ZIP64 records where they are needed.
pub(crate) struct ZipFile<W> {
    out: W,
    offset: u64,
    directory: Vec<u8>,
    entries: u64,
    /// Writes numbers in the large fields even where they are small.
    pub(crate) always_large: bool,
}

impl<W: Write> ZipFile<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            offset: 0,
            directory: Vec::new(),
            entries: 0,
            always_large: false,
        }
    }

    pub(crate) fn add(&mut self, name: &str, contents: &[u8]) -> io::Result<()> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(contents)?;
        self.add_packed(
            name,
            8,
            &encoder.finish()?,
            contents.len() as u64,
            sum(contents),
        )
    }

    /// The same entry many times.
    pub(crate) fn add_many(&mut self, times: usize, name: &str, contents: &[u8]) -> io::Result<()> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(contents)?;
        let packed = encoder.finish()?;
        let (size, sum) = (contents.len() as u64, sum(contents));
        (0..times).try_for_each(|_| self.add_packed(name, 8, &packed, size, sum))
    }

    pub(crate) fn add_stored(&mut self, name: &str, contents: &[u8]) -> io::Result<()> {
        self.add_packed(name, 0, contents, contents.len() as u64, sum(contents))
    }

    /// An entry that says whatever it likes of itself.
    pub(crate) fn add_packed(
        &mut self,
        name: &str,
        method: u16,
        packed: &[u8],
        size: u64,
        crc: u32,
    ) -> io::Result<()> {
        let short = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let name_length = u16::try_from(name.len()).unwrap_or(u16::MAX);
        let mut local = b"PK\x03\x04\x14\0\0\0".to_vec();
        local.extend_from_slice(&method.to_le_bytes());
        local.extend_from_slice(&[0; 4]);
        local.extend_from_slice(&crc.to_le_bytes());
        local.extend_from_slice(&short(packed.len() as u64).to_le_bytes());
        local.extend_from_slice(&short(size).to_le_bytes());
        local.extend_from_slice(&name_length.to_le_bytes());
        // What only the local header has must not disturb.
        local.extend_from_slice(&4_u16.to_le_bytes());
        local.extend_from_slice(name.as_bytes());
        local.extend_from_slice(&[0xfe, 0xca, 0, 0]);
        let large = if self.always_large {
            let mut field = vec![1, 0, 24, 0];
            for number in [size, packed.len() as u64, self.offset] {
                field.extend_from_slice(&number.to_le_bytes());
            }
            field
        } else {
            Vec::new()
        };
        let shown = |number: u64| {
            if self.always_large {
                u32::MAX
            } else {
                short(number)
            }
        };
        let entry = &mut self.directory;
        entry.extend_from_slice(b"PK\x01\x02\x14\0\x14\0\0\0");
        entry.extend_from_slice(&method.to_le_bytes());
        entry.extend_from_slice(&[0; 4]);
        entry.extend_from_slice(&crc.to_le_bytes());
        entry.extend_from_slice(&shown(packed.len() as u64).to_le_bytes());
        entry.extend_from_slice(&shown(size).to_le_bytes());
        entry.extend_from_slice(&name_length.to_le_bytes());
        entry.extend_from_slice(&u16::try_from(large.len()).unwrap_or(0).to_le_bytes());
        entry.extend_from_slice(&[0; 10]);
        entry.extend_from_slice(&shown(self.offset).to_le_bytes());
        entry.extend_from_slice(name.as_bytes());
        entry.extend_from_slice(&large);
        self.out.write_all(&local)?;
        self.out.write_all(packed)?;
        self.offset += (local.len() + packed.len()) as u64;
        self.entries += 1;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&self.directory)?;
        let size = self.directory.len() as u64;
        let is_large = self.always_large || self.entries >= 0xffff || self.offset >= 0xffff_ffff;
        if is_large {
            let end = self.offset + size;
            self.out.write_all(b"PK\x06\x06")?;
            self.out.write_all(&44_u64.to_le_bytes())?;
            self.out
                .write_all(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
            for number in [self.entries, self.entries, size, self.offset] {
                self.out.write_all(&number.to_le_bytes())?;
            }
            self.out.write_all(b"PK\x06\x07\0\0\0\0")?;
            self.out.write_all(&end.to_le_bytes())?;
            self.out.write_all(&1_u32.to_le_bytes())?;
        }
        let shown = |number: u64| {
            if is_large {
                u32::MAX
            } else {
                u32::try_from(number).unwrap_or(u32::MAX)
            }
        };
        let entries = if is_large {
            u16::MAX
        } else {
            u16::try_from(self.entries).unwrap_or(u16::MAX)
        };
        self.out.write_all(b"PK\x05\x06\0\0\0\0")?;
        self.out.write_all(&entries.to_le_bytes())?;
        self.out.write_all(&entries.to_le_bytes())?;
        self.out.write_all(&shown(size).to_le_bytes())?;
        self.out.write_all(&shown(self.offset).to_le_bytes())?;
        self.out.write_all(&[0; 2])?;
        self.out.flush()?;
        Ok(self.out)
    }
}

pub(crate) fn sum(contents: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(contents);
    crc.sum()
}
