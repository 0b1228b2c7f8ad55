//! What Go's linker leaves in each program: which Go built it, and from which modules.
//!
//! Go reads it back with `debug/buildinfo`. Since Go 1.18 both texts stand behind a header of 32 bytes; before, the
//! header has addresses of two strings that may lie anywhere. The module text is framed by sentinels in both, so that
//! one pass over the file finds all: <https://github.com/golang/go/blob/master/src/debug/buildinfo/buildinfo.go>,
//! <https://github.com/golang/go/blob/master/src/cmd/go/internal/modload/build.go>.

use memchr::memmem;

use super::capture::Capture;
use super::elf::{Header, Section};
use super::{Build, Hit};

pub(super) const MAGIC: &[u8] = b"\xff Go buildinf:";
/// Before and behind the text of modules.
pub(super) const MODULES_START: &[u8] =
    b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
const MODULES_END: &[u8] = b"\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";
/// How a version starts; where a program older than Go 1.18 has its version is known only later.
pub(super) const VERSION_START: &[u8] = b"go1.";

const ALIGNMENT: u64 = 16;
const HEADER_BYTES: usize = 32;
const IS_BIG_ENDIAN: u8 = 1;
const IS_INLINE: u8 = 2;
/// Most bytes of a version.
const MAX_VERSION: usize = 256;
/// Most bytes of what is said of modules. Kubernetes has 30 kB.
const MAX_MODULES: usize = 1 << 20;
/// Most places of each kind that are remembered.
const MAX_HEADERS: usize = 4;
const MAX_MODULE_TEXTS: usize = 4;
const MAX_VERSIONS: usize = 4_096;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Search {
    inline: Vec<Inline>,
    /// The string that the header of an older Go points to: address and length.
    pointed: Option<Pointed>,
    modules: Vec<Capture>,
    versions: Vec<(u64, Vec<u8>)>,
}

#[derive(Debug)]
struct Inline {
    at: u64,
    version: Vec<u8>,
    modules: Capture,
}

#[derive(Debug)]
struct Pointed {
    string: Capture,
    word: usize,
    is_big_endian: bool,
}

impl Search {
    /// More of the file.
    pub(super) fn feed(&mut self, at: u64, bytes: &[u8]) {
        let inline = self.inline.iter_mut().map(|inline| &mut inline.modules);
        let pointed = self.pointed.iter_mut().map(|pointed| &mut pointed.string);
        for capture in inline.chain(pointed).chain(&mut self.modules) {
            capture.feed(at, bytes);
        }
    }

    /// The magic of the header.
    pub(super) fn header(&mut self, hit: &Hit<'_>, header: &Header) {
        if !hit.offset.is_multiple_of(ALIGNMENT) || self.inline.len() >= MAX_HEADERS {
            return;
        }
        let _ = self.inline_header(hit).or_else(|| {
            self.pointing_header(hit, header);
            None
        });
    }

    fn inline_header(&mut self, hit: &Hit<'_>) -> Option<()> {
        let is_inline = hit.bytes.get(15)? & IS_INLINE != 0;
        let rest = is_inline.then(|| hit.bytes.get(HEADER_BYTES..))??;
        let (length, rest) = varint(rest)?;
        let version = rest.get(..length.min(MAX_VERSION))?;
        let (modules, rest) = varint(rest.get(length..)?)?;
        let start = hit.offset + (hit.bytes.len() - rest.len()) as u64;
        let mut capture = Capture::new(start, modules.min(MAX_MODULES));
        capture.feed(start, rest);
        self.inline.push(Inline {
            at: hit.offset,
            version: version.to_vec(),
            modules: capture,
        });
        Some(())
    }

    fn pointing_header(&mut self, hit: &Hit<'_>, header: &Header) -> Option<()> {
        let (word, flags) = (usize::from(*hit.bytes.get(14)?), *hit.bytes.get(15)?);
        if flags & IS_INLINE != 0 || !matches!(word, 4 | 8) || self.pointed.is_some() {
            return None;
        }
        let is_big_endian = flags & IS_BIG_ENDIAN != 0;
        let address = number(hit.bytes.get(16..16 + word)?, is_big_endian);
        let start = header.offset_of(address)?;
        let mut string = Capture::new(start, 2 * word);
        string.feed(hit.offset, hit.bytes);
        self.pointed = Some(Pointed {
            string,
            word,
            is_big_endian,
        });
        Some(())
    }

    /// The sentinel before the text of modules.
    pub(super) fn modules(&mut self, hit: &Hit<'_>) {
        if self.modules.len() < MAX_MODULE_TEXTS {
            let start = hit.offset + MODULES_START.len() as u64;
            let mut capture = Capture::new(start, MAX_MODULES);
            capture.feed(hit.offset, hit.bytes);
            self.modules.push(capture);
        }
    }

    /// What may be the version.
    pub(super) fn version(&mut self, hit: &Hit<'_>) {
        if self.versions.len() < MAX_VERSIONS {
            let text = &hit.bytes[..hit.bytes.len().min(64)];
            self.versions.push((hit.offset, text.to_vec()));
        }
    }

    /// What the program says; `None` if Go did not build it.
    pub(super) fn finish(self, header: &Header, sections: &[Section]) -> Option<Build> {
        let is_place = |offset: u64| {
            header.is_data(offset) || sections.iter().any(|section| section.offset == offset)
        };
        let is_version =
            |version: &[u8]| version.starts_with(b"go") || version.starts_with(b"devel");
        if let Some(inline) = self
            .inline
            .iter()
            .find(|inline| is_place(inline.at) && is_version(&inline.version))
        {
            return Some(Build {
                version: text(&inline.version),
                modules: text(unframed(inline.modules.bytes())),
            });
        }
        let pointed = self.pointed?;
        let string = pointed.string.whole()?;
        let (address, length) = string.split_at(pointed.word);
        let start = header.offset_of(number(address, pointed.is_big_endian))?;
        let length = usize::try_from(number(length, pointed.is_big_endian)).ok()?;
        let (_, version) = self.versions.iter().find(|(at, _)| *at == start)?;
        let modules = self.modules.iter().find_map(|capture| {
            let end = memmem::find(capture.bytes(), MODULES_END)?;
            Some(&capture.bytes()[..end])
        });
        Some(Build {
            version: text(version.get(..length)?),
            modules: modules.map(text).unwrap_or_default(),
        })
    }
}

/// The text between its sentinels, as Go takes it: of a text without a line's end before the last one there is none.
fn unframed(modules: &[u8]) -> &[u8] {
    let end = modules.len().saturating_sub(MODULES_END.len());
    match modules.get(MODULES_START.len()..end) {
        Some(text) if text.ends_with(b"\n") => text,
        _ => &[],
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn number(bytes: &[u8], is_big_endian: bool) -> u64 {
    let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    if is_big_endian {
        bytes.iter().fold(0, fold)
    } else {
        bytes.iter().rev().fold(0, fold)
    }
}

fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(number).ok()?, &bytes[index + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::elf::tests::file;
    use super::super::tests::looked;
    use super::*;

    const MODULES: &str =
        "path\texample.com/a\nmod\texample.com/a\t(devel)\t\ndep\texample.com/b\tv1.2.3\th1:x=\n";

    fn framed() -> Vec<u8> {
        [MODULES_START, MODULES.as_bytes(), MODULES_END].concat()
    }

    fn inline(version: &str, modules: &[u8]) -> Vec<u8> {
        let mut data = [MAGIC, &[8, 2], &[0; 16]].concat();
        data.push(u8::try_from(version.len()).unwrap());
        data.extend(version.as_bytes());
        let length = modules.len();
        let [low, high, ..] = (length << 1).to_le_bytes();
        data.extend([low >> 1 | 0x80, high]);
        data.extend(modules);
        data
    }

    #[test]
    fn a_program_says_what_it_was_built_from() {
        let bytes = file(b"go1.9 nonsense", &inline("go1.22.1", &framed()), &[]);
        for piece in [1, 7, 64, 5_000, 100_000] {
            let build = looked("app", &bytes, piece).unwrap().go.unwrap();
            assert_eq!((&*build.version, &*build.modules), ("go1.22.1", MODULES));
        }
        // No modules: `-buildvcs` and `GOFLAGS=-mod=…` of old tools.
        let bytes = file(b"", &inline("go1.20", b""), &[]);
        let build = looked("app", &bytes, 999).unwrap().go.unwrap();
        assert_eq!((&*build.version, &*build.modules), ("go1.20", ""));
    }

    #[test]
    fn an_older_program_points_to_it() {
        let mut rodata = b"padding!go1.17.6bufio".to_vec();
        rodata.extend(framed());
        let version = 0x40_0800u64 + 8;
        let mut data = [MAGIC, &[8, 0]].concat();
        data.extend((0x40_2000u64 + 64).to_le_bytes());
        data.extend((0x40_2000u64 + 80).to_le_bytes());
        data.resize(64, 0);
        data.extend(version.to_le_bytes());
        data.extend(8u64.to_le_bytes());
        let bytes = file(&rodata, &data, &[]);
        for piece in [1, 13, 4_096, 100_000] {
            let build = looked("app", &bytes, piece).unwrap().go.unwrap();
            assert_eq!((&*build.version, &*build.modules), ("go1.17.6", MODULES));
        }
    }

    #[test]
    fn who_only_knows_the_magic_was_not_built_so() {
        // In read-only data, not aligned, no version.
        let info = inline("go1.22.1", &framed());
        let beside = [&[0; 8][..], &info].concat();
        for bytes in [
            file(&info, b"", &[]),
            file(b"", &beside, &[]),
            file(b"", &inline("x", b""), &[]),
            file(b"", MAGIC, &[]),
            file(b"", &[MAGIC, &[8, 2], &[0xff; 40]].concat(), &[]),
            file(b"", &[MAGIC, &[8, 0], &[0xff; 40]].concat(), &[]),
        ] {
            assert_eq!(looked("app", &bytes, 4_000).unwrap().go, None);
        }
        // In a section of its own that is not written to.
        let bytes = file(&info, b"", &[(0x800, info.len() as u64)]);
        assert!(looked("app", &bytes, 4_000).unwrap().go.is_some());
    }
}
