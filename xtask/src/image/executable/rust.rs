//! What `cargo auditable` leaves in a program: the crates it was built from, as JSON, compressed, in the section
//! `.dep-v0` (<https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md>).
//!
//! Where the section is, the end of a file says. In one pass, everything is unpacked that starts as such data does, and
//! in the end that counts which a section starts with.

use flate2::{Decompress, FlushDecompress, Status};
use serde::{Deserialize, Serialize};

use super::Hit;
use super::elf::Section;

/// How zlib data starts: compression method 8, window of 32 KiB.
pub(super) const START: u8 = 0x78;
/// What follows, by how hard was compressed.
const LEVELS: [u8; 4] = [0x01, 0x5e, 0x9c, 0xda];
/// How the JSON starts.
const JSON_STARTS: [&[u8]; 2] = [b"{\"packages\":[", b"{\"format\":"];
const START_BYTES: usize = 13;
/// Most bytes of the JSON, as those who read it have it.
const MAX_JSON: usize = 8 << 20;
/// Most places that are unpacked at the same time.
const MAX_CANDIDATES: usize = 4;

/// A crate that a program was built from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Crate {
    pub name: String,
    pub version: String,
    /// Where it came from: `crates.io`, `git`, `local`, `registry`.
    pub source: String,
    /// The program itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub root: bool,
    /// `build` if it was only needed to build the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Audit {
    packages: Vec<Crate>,
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Search {
    /// To look at the beginning of what may be such data.
    probe: Option<Box<Decompress>>,
    candidates: Vec<Candidate>,
}

struct Candidate {
    start: u64,
    next: u64,
    inflate: Decompress,
    json: Vec<u8>,
    is_done: bool,
}

impl Search {
    /// More of the file.
    pub(super) fn feed(&mut self, at: u64, bytes: &[u8]) {
        for candidate in &mut self.candidates {
            candidate.feed(at, bytes);
        }
    }

    /// A byte that compressed data may start with.
    pub(super) fn start(&mut self, hit: &Hit<'_>) {
        let is_start = hit.bytes.get(1).is_some_and(|byte| LEVELS.contains(byte));
        if !is_start || self.candidates.len() >= MAX_CANDIDATES {
            return;
        }
        let probe = self
            .probe
            .get_or_insert_with(|| Box::new(Decompress::new(true)));
        probe.reset(true);
        let mut start = [0; START_BYTES];
        let input = &hit.bytes[..hit.bytes.len().min(512)];
        let unpacked = probe.decompress(input, &mut start, FlushDecompress::Sync);
        let length = usize::try_from(probe.total_out()).unwrap_or_default();
        if unpacked.is_err()
            || !JSON_STARTS
                .iter()
                .any(|json| start[..length].starts_with(json))
        {
            return;
        }
        let mut candidate = Candidate {
            start: hit.offset,
            next: hit.offset,
            inflate: Decompress::new(true),
            json: Vec::new(),
            is_done: false,
        };
        candidate.feed(hit.offset, hit.bytes);
        self.candidates.push(candidate);
    }

    /// The crates; `None` if the program does not say.
    pub(super) fn finish(self, sections: &[Section]) -> Option<Vec<Crate>> {
        let is_section = |start: u64| sections.iter().any(|section| section.offset == start);
        let of_sections = self
            .candidates
            .iter()
            .filter(|candidate| candidate.is_done && is_section(candidate.start));
        of_sections
            .filter_map(|candidate| serde_json::from_slice::<Audit>(&candidate.json).ok())
            .map(|audit| audit.packages)
            .next()
    }
}

impl Candidate {
    fn feed(&mut self, at: u64, bytes: &[u8]) {
        let skipped = self
            .next
            .checked_sub(at)
            .and_then(|n| usize::try_from(n).ok());
        let Some(mut input) = skipped.and_then(|skipped| bytes.get(skipped..)) else {
            return;
        };
        while !self.is_done && !input.is_empty() && self.json.len() < MAX_JSON {
            self.json.reserve(16 << 10);
            let before = self.inflate.total_in();
            let length = self.json.len();
            let status = self
                .inflate
                .decompress_vec(input, &mut self.json, FlushDecompress::None);
            let used = self.inflate.total_in() - before;
            input = &input[usize::try_from(used).unwrap_or_default().min(input.len())..];
            self.next += used;
            match status {
                Ok(Status::StreamEnd) => self.is_done = true,
                Ok(_) if used > 0 || self.json.len() > length => {}
                // Broken, or it does not go on: it is no such data.
                _ => {
                    self.next = u64::MAX;
                    self.json = Vec::new();
                    return;
                }
            }
        }
    }
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search")
            .field("candidates", &self.candidates.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::elf::tests::file;
    use super::super::tests::looked;

    fn packed(json: &[u8], level: u32) -> Vec<u8> {
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
        out.write_all(json).unwrap();
        out.finish().unwrap()
    }

    const JSON: &str = r#"{"packages":[{"name":"adler","version":"1.0.2","source":"crates.io","kind":"build"},{"name":"app","version":"0.1.0","source":"local","dependencies":[0],"root":true}]}"#;

    fn crates(bytes: &[u8], piece: usize) -> Option<Vec<String>> {
        let crates = looked("app", bytes, piece).unwrap().rust?;
        Some(
            crates
                .iter()
                .map(|one| format!("{} {} {} {:?}", one.name, one.version, one.root, one.kind))
                .collect(),
        )
    }

    #[test]
    fn a_program_lists_its_crates() {
        for level in [0, 1, 6, 9] {
            let section = packed(JSON.as_bytes(), level);
            let noise = packed(b"{\"packages\":[1", 6);
            let data = [&noise[..], b"x", &section, b"xx\x01x\x9cx\xda"].concat();
            let offset = 0x2000 + noise.len() as u64 + 1;
            let bytes = file(b"x\x9c", &data, &[(1, 1), (offset, section.len() as u64)]);
            for piece in [1, 17, 4_096, 1 << 20] {
                assert_eq!(
                    crates(&bytes, piece).unwrap(),
                    ["adler 1.0.2 false Some(\"build\")", "app 0.1.0 true None"],
                    "{level} {piece}"
                );
            }
            // Data that no section starts with is something that the program carries.
            let bytes = file(b"", &data, &[(1, 1)]);
            assert_eq!(crates(&bytes, 4_096), None);
            // Cut off, and damaged.
            let bytes = file(b"", &section[..section.len() - 5], &[(0x2000, 9)]);
            assert_eq!(crates(&bytes, 4_096), None);
        }
    }

    #[test]
    fn a_bomb_is_let_go() {
        let mut json = b"{\"packages\":[".to_vec();
        json.resize(20 << 20, b' ');
        let section = packed(&json, 9);
        let bytes = file(b"", &section, &[(0x2000, section.len() as u64)]);
        assert_eq!(crates(&bytes, 1 << 16), None);
    }
}
