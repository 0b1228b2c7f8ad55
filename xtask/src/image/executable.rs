//! What an executable file says about itself, found while its bytes go by once: who loads it, what Go or Rust built it
//! from, and which well-known program it is.
//!
//! A program may have hundreds of megabytes, and what identifies it may stand anywhere in it. So a window slides over it,
//! in which texts are looked for that such places start with; what follows them is kept, and what the headers say in the
//! end decides which of it counts. Memory does not depend on the file.

use memchr::memmem::Finder;

mod capture;
mod elf;
mod go;
mod programs;
mod rust;

use capture::Capture;
use elf::Header;
pub(crate) use rust::Crate;

/// How much of the start of a file is needed for its headers.
const HEAD_BYTES: usize = 4_096;
/// How much is seen before and behind a text that was looked for.
const BEFORE: usize = 128;
const BEHIND: usize = 1_024;
/// Bytes are taken up in pieces that fit the processor's caches.
const PIECE: usize = 64 << 10;
/// Most bytes of a list of sections: what is longer is made up.
const MAX_SECTIONS_BYTES: usize = 1 << 20;

/// What a file in the format ELF says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Executable {
    /// The program that loads it, such as `/lib/ld-musl-x86_64.so.1`. Libraries and static programs name none.
    pub interpreter: Option<String>,
    /// If Go built it.
    pub(crate) go: Option<Build>,
    /// The crates it was built from, if it says so.
    pub(crate) rust: Option<Vec<Crate>>,
    /// Which well-known programs it is, or has in it.
    pub(crate) programs: Vec<Program>,
}

impl Executable {
    /// Whether it says nothing that anybody asks for.
    pub(super) fn is_silent(&self) -> bool {
        *self == Self::default()
    }

    /// About how many bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let of_go = |build: &Build| build.version.len() + build.modules.len();
        let of_rust = |one: &Crate| one.name.len() + one.version.len() + one.source.len() + 128;
        let of_program = |program: &Program| program.name.len() + program.version.len() + 48;
        size_of::<Self>()
            + self.interpreter.as_ref().map_or(0, String::len)
            + self.go.as_ref().map_or(0, of_go)
            + self.rust.iter().flatten().map(of_rust).sum::<usize>()
            + self.programs.iter().map(of_program).sum::<usize>()
    }
}

/// How Go built a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Build {
    /// Of Go, such as `go1.22.1`.
    pub version: String,
    /// A line for each module, as `go version -m` prints them.
    pub modules: String,
}

/// A well-known program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub name: String,
    pub version: String,
}

/// Looks at a file as its bytes go by.
#[derive(Debug)]
pub struct Observer {
    /// The start of the file, until there is enough of it.
    head: Vec<u8>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Not enough was seen.
    Unknown,
    /// It is something else.
    Other,
    Looking(Box<Looking>),
}

/// A text that was looked for, and what stands around it.
struct Hit<'a> {
    /// Where it is in the file.
    offset: u64,
    /// From it on.
    bytes: &'a [u8],
    /// Up to it.
    before: &'a [u8],
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
enum Wanted {
    GoHeader,
    GoModules,
    GoVersion,
    Python,
    Program(usize),
}

#[derive(Debug)]
struct Looking {
    header: Header,
    finders: Vec<(Wanted, Finder<'static>)>,
    buffer: Vec<u8>,
    /// Where the buffer starts in the file.
    base: u64,
    /// Up to where in the buffer was looked.
    judged: usize,
    sections: Capture,
    go: go::Search,
    rust: rust::Search,
    programs: Vec<Program>,
}

impl Observer {
    /// Of a file with this path.
    #[must_use]
    pub fn new() -> Self {
        Self {
            head: Vec::new(),
            state: State::Unknown,
        }
    }

    /// The next bytes of the file, whose last component of the path is `name`.
    pub fn feed(&mut self, name: &[u8], bytes: &[u8]) {
        match &mut self.state {
            State::Other => {}
            State::Looking(looking) => looking.feed(bytes),
            State::Unknown => {
                let taken = bytes.len().min(HEAD_BYTES - self.head.len());
                self.head.extend_from_slice(&bytes[..taken]);
                let known = self.head.len().min(elf::MAGIC.len());
                if self.head[..known] != elf::MAGIC[..known] {
                    self.state = State::Other;
                } else if self.head.len() == HEAD_BYTES {
                    self.start(name);
                    self.feed(name, &bytes[taken..]);
                }
            }
        }
    }

    /// What the file said; `None` if it is not in the format ELF.
    #[must_use]
    pub fn finish(mut self, name: &[u8]) -> Option<Executable> {
        if matches!(self.state, State::Unknown) {
            self.start(name);
        }
        match self.state {
            State::Looking(looking) => Some(looking.finish()),
            State::Unknown | State::Other => None,
        }
    }

    fn start(&mut self, name: &[u8]) {
        self.state = match Header::read(&self.head) {
            Some(header) => {
                let mut looking = Box::new(Looking::new(header, name));
                looking.feed(&self.head);
                State::Looking(looking)
            }
            None => State::Other,
        };
        self.head = Vec::new();
    }
}

impl Default for Observer {
    fn default() -> Self {
        Self::new()
    }
}

impl Looking {
    fn new(header: Header, name: &[u8]) -> Self {
        let mut finders = vec![
            (Wanted::GoHeader, Finder::new(go::MAGIC)),
            (Wanted::GoModules, Finder::new(go::MODULES_START)),
            (Wanted::GoVersion, Finder::new(go::VERSION_START)),
        ];
        if let Some(text) = programs::python(name) {
            finders.push((Wanted::Python, Finder::new(&text).into_owned()));
        }
        for (index, signature) in programs::SIGNATURES.iter().enumerate() {
            if signature.is_of(name) {
                finders.push((Wanted::Program(index), Finder::new(signature.text)));
            }
        }
        let sections_bytes = Some(header.sections_bytes).filter(|n| *n <= MAX_SECTIONS_BYTES);
        Self {
            finders,
            buffer: Vec::new(),
            base: 0,
            judged: 0,
            sections: Capture::new(header.sections_at, sections_bytes.unwrap_or_default()),
            header,
            go: go::Search::default(),
            rust: rust::Search::default(),
            programs: Vec::new(),
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(PIECE) {
            let at = self.base + self.buffer.len() as u64;
            self.sections.feed(at, piece);
            self.go.feed(at, piece);
            self.rust.feed(at, piece);
            self.buffer.extend_from_slice(piece);
            // The end of the buffer cannot be judged yet.
            if self.buffer.len() - self.judged >= 16 * BEHIND {
                self.judge(self.buffer.len() - BEHIND);
                let gone = self.judged.saturating_sub(BEFORE);
                self.buffer.drain(..gone);
                self.base += gone as u64;
                self.judged -= gone;
            }
        }
    }

    /// Looks at the buffer from where it stopped up to `to`.
    fn judge(&mut self, to: usize) {
        let buffer = std::mem::take(&mut self.buffer);
        let from = self.judged;
        let hit = |at: usize| Hit {
            offset: self.base + at as u64,
            bytes: &buffer[at..],
            before: &buffer[at.saturating_sub(BEFORE)..at],
        };
        for (wanted, finder) in &self.finders {
            let end = (to + finder.needle().len() - 1).min(buffer.len());
            for at in finder.find_iter(&buffer[from..end]) {
                let hit = hit(from + at);
                match wanted {
                    Wanted::GoHeader => self.go.header(&hit, &self.header),
                    Wanted::GoModules => self.go.modules(&hit),
                    Wanted::GoVersion => self.go.version(&hit),
                    Wanted::Python => {
                        note(&mut self.programs, "python", programs::python_version(&hit));
                    }
                    Wanted::Program(index) => {
                        let signature = &programs::SIGNATURES[*index];
                        note(&mut self.programs, signature.name, signature.version(&hit));
                    }
                }
            }
        }
        // Without sections, nothing of it could count.
        if self.header.sections_bytes > 0 {
            for at in memchr::memchr_iter(rust::START, &buffer[from..to]) {
                self.rust.start(&hit(from + at));
            }
        }
        self.buffer = buffer;
        self.judged = to;
    }

    fn finish(mut self) -> Executable {
        self.judge(self.buffer.len());
        let sections: Vec<_> = self.header.sections(self.sections.bytes()).collect();
        let interpreter = self.header.interpreter.as_deref();
        Executable {
            interpreter: interpreter.map(|path| String::from_utf8_lossy(path).into_owned()),
            go: self.go.finish(&self.header, &sections),
            rust: self.rust.finish(&sections),
            programs: self.programs,
        }
    }
}

/// Each program is told once: what it prints first counts.
fn note(programs: &mut Vec<Program>, name: &str, version: Option<String>) {
    if let Some(version) = version
        && !programs.iter().any(|program| program.name == name)
    {
        programs.push(Program {
            name: name.to_owned(),
            version,
        });
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(in crate::image) use super::elf::tests::file;

    /// What a file says that comes in pieces of some size.
    pub(in crate::image) fn looked(name: &str, bytes: &[u8], piece: usize) -> Option<Executable> {
        let mut observer = Observer::new();
        for piece in bytes.chunks(piece) {
            observer.feed(name.as_bytes(), piece);
        }
        observer.finish(name.as_bytes())
    }

    #[test]
    fn a_file_of_another_kind_says_nothing() {
        for bytes in [&b""[..], b"\x7f", b"\x7fELF", b"#!/bin/sh\n", &[0; 9_000]] {
            assert_eq!(looked("node", bytes, 3), None);
        }
        let bytes = file(b"", b"", &[]);
        let interpreter = looked("sh", &bytes, 5_000).unwrap().interpreter;
        assert_eq!(interpreter.as_deref(), Some("/lib/ld-musl-x86_64.so.1"));
    }

    proptest! {
        #[test]
        fn how_a_file_is_cut_makes_no_difference(
            noise in prop::collection::vec("go1\\.[0-9]|\\PC{0,9}|x\u{9c}|\x003\\.11\\.2\0|OpenSSL 3\\.0\\.1", 0..40),
            piece in 1usize..9_000,
        ) {
            let bytes = file(noise.concat().get(..1_000).unwrap_or_default().as_bytes(), noise.concat().as_bytes(), &[(0, 1)]);
            prop_assert_eq!(looked("python3.11", &bytes, piece), looked("python3.11", &bytes, usize::MAX));
        }
    }
}
