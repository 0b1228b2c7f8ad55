//! What the headers of an ELF file say, as far as it is asked for here: System V ABI, chapters 4 and 5
//! (<https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html>).
//!
//! Nothing is believed: every place is looked up within the bytes that are there, and numbers add up or are none.

/// How every ELF file starts.
pub(super) const MAGIC: &[u8] = b"\x7fELF";

const PT_LOAD: u32 = 1;
const PT_INTERP: u32 = 3;
const PF_X: u32 = 1;
const PF_W: u32 = 2;
/// Most segments that are looked at; real files have a dozen.
const MAX_SEGMENTS: usize = 1_000;
/// The longest path of an interpreter, in bytes, as Linux has it.
const MAX_PATH: usize = 4_096;

/// The beginning of an ELF file, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    layout: Layout,
    /// Where its sections are listed; 0 if they are not.
    pub sections_at: u64,
    /// Bytes of that list.
    pub sections_bytes: usize,
    section_bytes: usize,
    segments: Vec<Segment>,
    /// What loads it, such as `/lib/ld-musl-x86_64.so.1`; a static one has none.
    pub interpreter: Option<Vec<u8>>,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    is_64_bit: bool,
    is_big_endian: bool,
}

/// A part of the file that is loaded to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    flags: u32,
    offset: u64,
    address: u64,
    bytes: u64,
}

/// A section: where it starts and how many bytes it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub offset: u64,
    pub bytes: u64,
}

impl Layout {
    fn number(self, bytes: &[u8], at: usize, length: usize) -> Option<u64> {
        let bytes = bytes.get(at..at.checked_add(length)?)?;
        let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.is_big_endian {
            bytes.iter().fold(0, fold)
        } else {
            bytes.iter().rev().fold(0, fold)
        })
    }

    fn half(self, bytes: &[u8], at: usize) -> Option<usize> {
        usize::try_from(self.number(bytes, at, 2)?).ok()
    }

    fn word(self, bytes: &[u8], at: usize) -> Option<u32> {
        u32::try_from(self.number(bytes, at, 4)?).ok()
    }

    /// A number as wide as an address, where files of 32 and of 64 bits have it.
    fn wide(self, bytes: &[u8], [at_32, at_64]: [usize; 2]) -> Option<u64> {
        if self.is_64_bit {
            self.number(bytes, at_64, 8)
        } else {
            self.number(bytes, at_32, 4)
        }
    }

    fn of(self, of_32_bit: usize, of_64_bit: usize) -> usize {
        if self.is_64_bit { of_64_bit } else { of_32_bit }
    }
}

impl Header {
    /// From the first bytes of a file; `None` if it is no ELF file.
    pub(super) fn read(head: &[u8]) -> Option<Self> {
        let (class, order) = (*head.get(4)?, *head.get(5)?);
        if !head.starts_with(MAGIC) || !matches!(class, 1 | 2) || !matches!(order, 1 | 2) {
            return None;
        }
        let layout = Layout {
            is_64_bit: class == 2,
            is_big_endian: order == 2,
        };
        let section_bytes = layout.half(head, layout.of(46, 58))?;
        let sections = layout.half(head, layout.of(48, 60))?;
        let mut header = Self {
            layout,
            sections_at: layout.wide(head, [32, 40])?,
            sections_bytes: section_bytes * sections,
            section_bytes,
            segments: Vec::new(),
            interpreter: None,
        };
        header.read_segments(head);
        Some(header)
    }

    /// The list of segments stands at the beginning of nearly all files; of others nothing is known.
    fn read_segments(&mut self, head: &[u8]) -> Option<()> {
        let layout = self.layout;
        let start = usize::try_from(layout.wide(head, [28, 32])?).ok()?;
        let each = layout.half(head, layout.of(42, 54))?;
        let count = layout.half(head, layout.of(44, 56))?.min(MAX_SEGMENTS);
        for index in 0..count {
            let segment = head.get(start.checked_add(index * each)?..)?;
            let kind = layout.word(segment, 0)?;
            let flags = layout.word(segment, layout.of(24, 4))?;
            let offset = layout.wide(segment, [4, 8])?;
            let bytes = layout.wide(segment, [16, 32])?;
            match kind {
                PT_LOAD => self.segments.push(Segment {
                    flags,
                    offset,
                    address: layout.wide(segment, [8, 16])?,
                    bytes,
                }),
                PT_INTERP => {
                    let (start, length) = (usize::try_from(offset).ok()?, bytes);
                    let length = usize::try_from(length).ok().filter(|n| *n <= MAX_PATH)?;
                    let path = head.get(start..start.checked_add(length)?)?;
                    let path = path.split(|byte| *byte == 0).next().unwrap_or_default();
                    self.interpreter = (!path.is_empty()).then(|| path.to_vec());
                }
                _ => {}
            }
        }
        Some(())
    }

    /// Whether a place may be in the data of a program: in a segment that is written to and not executed. Where segments
    /// are not known, any may.
    pub(super) fn is_data(&self, offset: u64) -> bool {
        let holds = |segment: &Segment| {
            segment.flags & (PF_X | PF_W) == PF_W
                && offset >= segment.offset
                && offset - segment.offset < segment.bytes
        };
        self.segments.is_empty() || self.segments.iter().any(holds)
    }

    /// Where in the file an address of memory comes from.
    pub(super) fn offset_of(&self, address: u64) -> Option<u64> {
        self.segments.iter().find_map(|segment| {
            let inside = address.checked_sub(segment.address)?;
            (inside < segment.bytes).then(|| segment.offset.checked_add(inside))?
        })
    }

    /// Sections, from the bytes of their list.
    pub(super) fn sections<'a>(&self, list: &'a [u8]) -> impl Iterator<Item = Section> + 'a {
        let layout = self.layout;
        // An entry that is shorter than the format's has none of the numbers.
        list.chunks_exact(self.section_bytes.max(1))
            .filter_map(move |entry| {
                Some(Section {
                    offset: layout.wide(entry, [16, 24])?,
                    bytes: layout.wide(entry, [20, 32])?,
                })
            })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An ELF file of 64 bits, little endian: an interpreter, a read-only segment, one with data, sections with names
    /// that do not matter. Data starts at byte 8,192 of the file and at `0x40_2000` of memory.
    pub(in crate::image) fn file(rodata: &[u8], data: &[u8], sections: &[(u64, u64)]) -> Vec<u8> {
        let interpreter = b"/lib/ld-musl-x86_64.so.1\0";
        let mut bytes = vec![0; 0x2000];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        let segments: [[u64; 4]; 3] = [
            [3 | 4 << 32, 0x400, 0x40_0400, interpreter.len() as u64],
            [1 | 4 << 32, 0, 0x40_0000, 0x2000],
            [1 | 6 << 32, 0x2000, 0x40_2000, data.len() as u64],
        ];
        bytes[32..40].copy_from_slice(&64u64.to_le_bytes());
        bytes[54..56].copy_from_slice(&56u16.to_le_bytes());
        bytes[56..58].copy_from_slice(&3u16.to_le_bytes());
        for (index, [kind, offset, address, length]) in segments.into_iter().enumerate() {
            let at = 64 + index * 56;
            for (place, number) in [(0, kind), (8, offset), (16, address), (32, length)] {
                bytes[at + place..at + place + 8].copy_from_slice(&number.to_le_bytes());
            }
        }
        bytes[0x400..0x400 + interpreter.len()].copy_from_slice(interpreter);
        bytes[0x800..0x800 + rodata.len()].copy_from_slice(rodata);
        bytes.extend(data);
        let at = bytes.len() as u64;
        bytes[40..48].copy_from_slice(&at.to_le_bytes());
        bytes[58..60].copy_from_slice(&64u16.to_le_bytes());
        let count = u16::try_from(sections.len()).unwrap();
        bytes[60..62].copy_from_slice(&count.to_le_bytes());
        for (offset, length) in sections {
            let mut section = [0; 64];
            section[24..32].copy_from_slice(&offset.to_le_bytes());
            section[32..40].copy_from_slice(&length.to_le_bytes());
            bytes.extend(section);
        }
        bytes
    }

    #[test]
    fn headers_say_what_is_where() {
        let bytes = file(b"", &[7; 0x100], &[(0x2000, 16), (5, 6)]);
        let header = Header::read(&bytes[..4096]).unwrap();
        assert_eq!(
            header.interpreter.as_deref(),
            Some(&b"/lib/ld-musl-x86_64.so.1"[..])
        );
        assert!(header.is_data(0x2000) && header.is_data(0x20ff));
        assert!(!header.is_data(0x1fff) && !header.is_data(0x2100));
        assert_eq!(header.offset_of(0x40_2010), Some(0x2010));
        assert_eq!(header.offset_of(0x40_0010), Some(0x10));
        assert_eq!(header.offset_of(0x50_0000), None);
        let list = &bytes[usize::try_from(header.sections_at).unwrap()..];
        assert_eq!(list.len(), header.sections_bytes);
        let sections: Vec<_> = header.sections(list).map(|s| (s.offset, s.bytes)).collect();
        assert_eq!(sections, [(0x2000, 16), (5, 6)]);
    }

    #[test]
    fn what_is_cut_off_or_odd_is_not_believed() {
        let bytes = file(b"", &[7; 0x100], &[(0x2000, 16)]);
        for length in 0..0x500 {
            let header = Header::read(&bytes[..length]);
            assert_eq!(header.is_some(), length >= 62, "{length}");
        }
        for at in 0..256 {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = value;
                if let Some(header) = Header::read(&changed[..4096]) {
                    let _ = (header.is_data(0x2000), header.offset_of(u64::MAX));
                    let _ = header.sections(&changed).count();
                }
            }
        }
    }
}
