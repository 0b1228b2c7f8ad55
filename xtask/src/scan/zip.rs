//! Reading ZIP files (APPNOTE.TXT 6.3.10, with ZIP64): one entry after the other, nothing written anywhere.
//!
//! What such a file promises is not believed: how many entries it has, how large they are and how well they compress is
//! limited, and each entry's checksum is compared.

use std::io::Read as _;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::random_access::ReadAt;

/// Most entries of one file.
const MAX_ENTRIES: u64 = 4_000_000;
/// Most bytes of one entry, packed or not. Records of the Linux kernel have about a megabyte.
pub const MAX_ENTRY_BYTES: u64 = 32 << 20;
/// Most bytes of all entries for each byte of the file; texts like these come to about 10.
const MAX_RATIO: u64 = 60;
/// As many bytes may always come out.
const FREE_BYTES: u64 = 64 << 20;
/// Largest table of contents.
const MAX_DIRECTORY_BYTES: u64 = 1 << 30;
/// How much of the table of contents is read at once.
const DIRECTORY_CHUNK: u64 = 1 << 18;

const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const END64_LOCATOR_SIGNATURE: [u8; 4] = *b"PK\x06\x07";
const END64_SIGNATURE: [u8; 4] = *b"PK\x06\x06";
const ENTRY_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
const END_BYTES: usize = 22;
const ENTRY_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;

/// A file of a ZIP file, not yet unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path, as written.
    pub name: String,
    /// How many bytes it has, as written.
    pub size: u64,
    packed: u64,
    method: u16,
    flags: u16,
    crc: u32,
    offset: u64,
}

/// A ZIP file.
pub struct Zip<R> {
    source: R,
    size: u64,
    entries: u64,
    directory: u64,
    directory_end: u64,
}

impl<R: ReadAt> Zip<R> {
    /// Finds the table of contents.
    ///
    /// # Errors
    /// In one sentence, why it is no ZIP file that can be read.
    pub fn open(source: R) -> Result<Self, String> {
        let size = source.size().map_err(|error| error.to_string())?;
        // A comment of up to 64 KiB may follow the end record.
        let tail_size = size.min(END_BYTES as u64 + 0xffff);
        let tail_start = size - tail_size;
        let tail = source
            .bytes_at(tail_start, tail_size)
            .map_err(|error| error.to_string())?;
        let end = (0..=tail.len().saturating_sub(END_BYTES))
            .rev()
            .find(|at| {
                let comment = u64::from(u16_at(&tail, at + 20).unwrap_or(u16::MAX));
                tail.get(*at..at + 4) == Some(&END_SIGNATURE)
                    && *at as u64 + END_BYTES as u64 + comment <= tail_size
            })
            .ok_or("it is no ZIP file, or its end is missing")?;
        let number = |at: usize| u32_at(&tail, end + at).map(u64::from);
        let broken = || "its end record is damaged".to_owned();
        let mut entries = u64::from(u16_at(&tail, end + 10).ok_or_else(broken)?);
        let mut directory_size = number(12).ok_or_else(broken)?;
        let mut directory = number(16).ok_or_else(broken)?;
        if entries == 0xffff || directory_size == 0xffff_ffff || directory == 0xffff_ffff {
            let locator_at = (tail_start + end as u64)
                .checked_sub(20)
                .ok_or_else(broken)?;
            let locator = source.bytes_at(locator_at, 20).map_err(|_| broken())?;
            if locator[..4] == END64_LOCATOR_SIGNATURE {
                let at = u64_at(&locator, 8).ok_or_else(broken)?;
                let end64 = source.bytes_at(at, 56).map_err(|_| broken())?;
                if end64[..4] != END64_SIGNATURE {
                    return Err(broken());
                }
                entries = u64_at(&end64, 32).ok_or_else(broken)?;
                directory_size = u64_at(&end64, 40).ok_or_else(broken)?;
                directory = u64_at(&end64, 48).ok_or_else(broken)?;
            }
        }
        if entries > MAX_ENTRIES {
            return Err(format!("it has {entries} entries, more than {MAX_ENTRIES}"));
        }
        let directory_end = directory
            .checked_add(directory_size)
            .filter(|end| *end <= size && directory_size <= MAX_DIRECTORY_BYTES)
            .ok_or("its table of contents lies outside of it")?;
        Ok(Self {
            source,
            size,
            entries,
            directory,
            directory_end,
        })
    }

    /// How many entries it says to have.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// Calls `visit` with every entry, in the order of the table of contents, and with what it holds: unpacked only if
    /// `wanted` says so (then `Some`), and why that failed. Ends early if `visit` fails.
    ///
    /// # Errors
    /// If the table of contents is damaged, more comes out than can be true, or `visit` fails.
    pub fn for_each<E: From<String>>(
        &self,
        wanted: impl Fn(&Entry) -> bool,
        mut visit: impl FnMut(Entry, Result<Vec<u8>, String>) -> Result<(), E>,
    ) -> Result<(), E> {
        let allowed = FREE_BYTES.saturating_add(self.size.saturating_mul(MAX_RATIO));
        let mut unpacked = 0_u64;
        let mut window = Window::default();
        let mut at = self.directory;
        for index in 0..self.entries {
            let (entry, length) = window
                .entry(&self.source, at, self.directory_end)
                .ok_or_else(|| {
                    format!("its table of contents is damaged at entry {}", index + 1)
                })?;
            at += length;
            if !wanted(&entry) {
                continue;
            }
            let contents = self.unpack(&entry);
            unpacked += contents.as_ref().map_or(0, |bytes| bytes.len() as u64);
            if unpacked > allowed {
                return Err(E::from(format!(
                    "{unpacked} bytes come out of {}: that is no honest file",
                    self.size
                )));
            }
            visit(entry, contents)?;
        }
        Ok(())
    }

    fn unpack(&self, entry: &Entry) -> Result<Vec<u8>, String> {
        if entry.flags & 1 != 0 {
            return Err("it is encrypted".to_owned());
        }
        if entry.packed > MAX_ENTRY_BYTES || entry.size > MAX_ENTRY_BYTES {
            return Err(format!("it is larger than {MAX_ENTRY_BYTES} bytes"));
        }
        let outside = |_| "it lies outside of the file".to_owned();
        // The header in front of it has the name again, and maybe more than the table of contents has.
        let guess = LOCAL_BYTES as u64 + entry.name.len() as u64 + 64 + entry.packed;
        let read = guess.min(self.size.saturating_sub(entry.offset));
        let mut local = self.source.bytes_at(entry.offset, read).map_err(outside)?;
        if local.get(..4) != Some(&LOCAL_SIGNATURE) {
            return Err("there is no entry where the table of contents says".to_owned());
        }
        let lengths = u16_at(&local, 26).zip(u16_at(&local, 28));
        let (name, extra) = lengths.ok_or("it ends too early")?;
        let start = LOCAL_BYTES + usize::from(name) + usize::from(extra);
        let length = usize::try_from(entry.packed).map_err(|_| "it is too large")?;
        if local.len() < start + length {
            local = self
                .source
                .bytes_at(entry.offset, (start + length) as u64)
                .map_err(outside)?;
        }
        let packed = &local[start..start + length];
        let contents = match entry.method {
            0 => packed.to_vec(),
            8 => {
                let mut contents = Vec::new();
                DeflateDecoder::new(packed)
                    .take(entry.size + 1)
                    .read_to_end(&mut contents)
                    .map_err(|error| format!("it cannot be unpacked: {error}"))?;
                contents
            }
            method => return Err(format!("it is packed by method {method}, which is unknown")),
        };
        let mut crc = Crc::new();
        crc.update(&contents);
        if contents.len() as u64 != entry.size || crc.sum() != entry.crc {
            return Err("it is not what its checksum says".to_owned());
        }
        Ok(contents)
    }
}

/// A part of the table of contents.
#[derive(Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// The entry at `at`, and how many bytes of the table it takes.
    fn entry(&mut self, source: &impl ReadAt, at: u64, end: u64) -> Option<(Entry, u64)> {
        let fixed = self.bytes(source, at, end, ENTRY_BYTES)?;
        if fixed[..4] != ENTRY_SIGNATURE {
            return None;
        }
        let name_length = usize::from(u16_at(fixed, 28)?);
        let extra_length = usize::from(u16_at(fixed, 30)?);
        let comment_length = usize::from(u16_at(fixed, 32)?);
        let length = ENTRY_BYTES + name_length + extra_length + comment_length;
        let whole = self.bytes(source, at, end, length)?;
        let name = whole.get(ENTRY_BYTES..ENTRY_BYTES + name_length)?;
        let extra = whole.get(ENTRY_BYTES + name_length..length - comment_length)?;
        let mut entry = Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            flags: u16_at(whole, 8)?,
            method: u16_at(whole, 10)?,
            crc: u32_at(whole, 16)?,
            packed: u32_at(whole, 20)?.into(),
            size: u32_at(whole, 24)?.into(),
            offset: u32_at(whole, 42)?.into(),
        };
        entry.take_large_numbers(extra);
        Some((entry, length as u64))
    }

    fn bytes(&mut self, source: &impl ReadAt, at: u64, end: u64, length: usize) -> Option<&[u8]> {
        let last = at.checked_add(length as u64).filter(|last| *last <= end)?;
        if at < self.start || last > self.start + self.bytes.len() as u64 {
            let chunk = DIRECTORY_CHUNK.max(length as u64).min(end - at);
            self.bytes = source.bytes_at(at, chunk).ok()?;
            self.start = at;
        }
        let from = usize::try_from(at - self.start).ok()?;
        self.bytes.get(from..from + length)
    }
}

impl Entry {
    /// ZIP64: what has no room in 32 bits stands in a field of its own (4.5.3).
    fn take_large_numbers(&mut self, mut extra: &[u8]) {
        while let (Some(kind), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
            let Some(field) = extra.get(4..4 + usize::from(length)) else {
                return;
            };
            if kind == 1 {
                let mut at = 0;
                for number in [&mut self.size, &mut self.packed, &mut self.offset] {
                    if *number == 0xffff_ffff {
                        *number = u64_at(field, at).unwrap_or(u64::MAX);
                        at += 8;
                    }
                }
                return;
            }
            extra = &extra[4 + usize::from(length)..];
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

#[cfg(test)]
pub(crate) mod tests;
