//! A layer's entries as bytes, to be kept between runs.
//!
//! Numbers are LEB128, texts have their length before them, and the fingerprint of all of it stands at the end: what
//! was cut off or changed is not read.

use twox_hash::XxHash3_128;

use super::{Change, Entry, Fingerprint, LayerContents, Remarks};

mod inspected;

/// Raised when the form changes, and when inventories, programs or secrets are read in another way: what an older version
/// wrote is read anew from the image.
const VERSION: u8 = 5;

/// Permissions, with setuid, setgid and sticky; the bit behind them says that there are capabilities.
const MODE_BITS: u32 = 12;

const CHANGES: [Change; 7] = [
    Change::File,
    Change::HardLink,
    Change::Symlink,
    Change::Directory,
    Change::Special,
    Change::Whiteout,
    Change::Opaque,
];

impl LayerContents {
    /// As bytes that [`LayerContents::decode`] reads.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer(vec![VERSION]);
        for number in [
            self.remarks.unlisted,
            self.remarks.escaping,
            self.remarks.unknown_kinds,
            self.remarks.untold_secrets,
        ] {
            out.number(number);
        }
        for texts in [&self.folders, &self.links] {
            out.number(texts.len() as u64);
            for text in texts {
                out.text(text);
            }
        }
        out.text(&self.names);
        out.number(self.entries.len() as u64);
        for entry in &self.entries {
            let change = CHANGES.iter().position(|change| *change == entry.change);
            out.0.push(
                change
                    .and_then(|at| u8::try_from(at).ok())
                    .unwrap_or(u8::MAX),
            );
            for number in [entry.folder, entry.name_start, u32::from(entry.name_length)] {
                out.number(u64::from(number));
            }
            let mode = u32::from(entry.mode) | u32::from(entry.has_capabilities) << MODE_BITS;
            for number in [mode, entry.uid, entry.gid] {
                out.number(u64::from(number));
            }
            out.number(u64::from(entry.link));
            if entry.change == Change::File {
                out.number(entry.size);
                out.0.extend(entry.fingerprint.0);
            }
        }
        out.number(self.captured.len() as u64);
        for (at, text) in &self.captured {
            out.number(u64::from(*at));
            out.text(text);
        }
        out.0.push(u8::from(self.is_inspected));
        if self.is_inspected {
            inspected::write(&mut out, self);
        }
        let sum = XxHash3_128::oneshot(&out.0).to_le_bytes();
        out.0.extend(sum);
        out.0
    }

    /// What [`LayerContents::encode`] wrote; `None` if it is anything else.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (bytes, sum) = bytes.split_last_chunk::<16>()?;
        if XxHash3_128::oneshot(bytes).to_le_bytes() != *sum {
            return None;
        }
        let mut input = Reader(bytes);
        if input.byte()? != VERSION {
            return None;
        }
        let remarks = Remarks {
            unlisted: input.number()?,
            escaping: input.number()?,
            unknown_kinds: input.number()?,
            untold_secrets: input.number()?,
        };
        let folders = input.texts()?;
        let links = input.texts()?;
        let names = input.text()?.to_vec();
        let count = input.count()?;
        let mut entries = Vec::with_capacity(count);
        for _ in 0..count {
            entries.push(input.entry()?);
        }
        let count = input.count()?;
        let mut captured = Vec::with_capacity(count);
        for _ in 0..count {
            captured.push((input.small()?, input.text()?.into()));
        }
        let is_inspected = input.byte()? != 0;
        let (secrets, executables) = if is_inspected {
            inspected::read(&mut input)?
        } else {
            Default::default()
        };
        input.0.is_empty().then_some(Self {
            folders,
            names,
            links,
            entries,
            captured,
            is_inspected,
            secrets,
            executables,
            remarks,
        })
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    fn text(&mut self, text: &[u8]) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text);
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn small<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    /// How many follow: each takes a byte at least.
    fn count(&mut self) -> Option<usize> {
        self.small().filter(|count| *count <= self.0.len())
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.count()?;
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(text)
    }

    fn texts(&mut self) -> Option<Vec<Box<[u8]>>> {
        let count = self.count()?;
        (0..count).map(|_| self.text().map(Into::into)).collect()
    }

    fn entry(&mut self) -> Option<Entry> {
        let change = *CHANGES.get(usize::from(self.byte()?))?;
        let (folder, name_start, name_length) = (self.small()?, self.small()?, self.small()?);
        let mode: u16 = self.small()?;
        let mut entry = Entry {
            change,
            folder,
            name_start,
            name_length,
            mode: mode & ((1 << MODE_BITS) - 1),
            has_capabilities: mode >> MODE_BITS == 1,
            uid: self.small()?,
            gid: self.small()?,
            link: self.small()?,
            size: 0,
            fingerprint: Fingerprint::default(),
        };
        if change == Change::File {
            entry.size = self.number()?;
            let (sum, rest) = self.0.split_first_chunk::<16>()?;
            entry.fingerprint = Fingerprint(*sum);
            self.0 = rest;
        }
        Some(entry)
    }
}
