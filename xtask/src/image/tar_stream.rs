//! Tar archives as a stream of members, for layers that nobody vouches for.
//!
//! Reads what writers of layers write: ustar, GNU (long names, sparse files, base-256 numbers) and pax (paths, sizes,
//! sparse files), one member at a time, in memory that does not depend on the archive. What the formats leave open is
//! decided as Go's `archive/tar` does, with which engines read layers: an extension may have 1 MiB, a checksum may be
//! of signed or unsigned bytes, the end is two blocks of zeros or the end of the stream.

use std::io::{self, Read};

mod extension;
mod header;

pub use header::Kind;
use header::{BLOCK_BYTES, Header};

use extension::Extensions;

/// The largest extension that is read, in bytes; engines read no larger one either.
pub const MAX_EXTENSION_BYTES: u64 = 1 << 20;

const BUFFER_BYTES: usize = 256 * 1024;

/// A file, folder or link of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// As written, with whatever slashes and dots the writer put there.
    pub path: Vec<u8>,
    /// What a link points to.
    pub link: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// Bytes of content once unpacked; of a sparse file its whole length.
    pub size: u64,
    /// Bytes of content in the archive.
    pub stored: u64,
    /// Permissions, with setuid, setgid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Whether it has file capabilities (`capabilities(7)`).
    pub has_capabilities: bool,
}

/// Reads an archive member by member.
#[derive(Debug)]
pub struct TarStream<R> {
    inner: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes handed out so far, from the beginning of the archive.
    position: u64,
    /// Content of the current member that was not handed out.
    content: u64,
    /// What follows the content to the next block.
    padding: u64,
    global: Extensions,
    is_at_end: bool,
    is_terminated: bool,
}

/// The content of a member.
#[derive(Debug)]
pub struct Content<'a, R> {
    stream: &'a mut TarStream<R>,
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.peek()?.min(buffer.len());
        let start = self.stream.start;
        buffer[..count].copy_from_slice(&self.stream.buffer[start..start + count]);
        self.stream.consume(count);
        Ok(count)
    }
}

impl<R: Read> TarStream<R> {
    /// Of an archive that begins where `inner` stands.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            buffer: vec![0; BUFFER_BYTES],
            start: 0,
            end: 0,
            position: 0,
            content: 0,
            padding: 0,
            global: Extensions::default(),
            is_at_end: false,
            is_terminated: false,
        }
    }

    /// The next member; what was not read of the one before is skipped. `None` at the end of the archive.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] with the byte where the archive is malformed,
    /// [`io::ErrorKind::UnexpectedEof`] where it is cut off, and those of the stream.
    pub fn next_member(&mut self) -> io::Result<Option<Member>> {
        self.skip_content()?;
        let mut extensions = self.global.clone();
        let mut has_extension = false;
        loop {
            let offset = self.position;
            let Some(header) = self.header()? else {
                if has_extension {
                    return Err(malformed(offset, "an extension is followed by no member"));
                }
                return Ok(None);
            };
            match header.kind {
                Kind::GnuLongName => extensions.path = Some(self.long_name(&header, offset)?),
                Kind::GnuLongLink => extensions.link = Some(self.long_name(&header, offset)?),
                Kind::Pax => extensions.read(&self.extension(&header, offset)?, offset)?,
                Kind::PaxGlobal => {
                    let text = self.extension(&header, offset)?;
                    self.global.read(&text, offset)?;
                    extensions = self.global.clone();
                }
                _ => {
                    return self.enter(header, extensions, offset).map(Some);
                }
            }
            has_extension = !matches!(header.kind, Kind::PaxGlobal) || has_extension;
        }
    }

    /// Whether the end was marked as the format wants it. One that is not may have been cut off between two members.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        self.is_terminated
    }

    /// More content of the current member, empty at its end.
    ///
    /// # Errors
    /// If the archive is cut off, and those of the stream.
    pub fn content(&mut self) -> io::Result<&[u8]> {
        let count = self.peek()?;
        self.consume(count);
        Ok(&self.buffer[self.start - count..self.start])
    }

    /// How many bytes of content lie in the buffer; 0 at its end.
    fn peek(&mut self) -> io::Result<usize> {
        let most = usize::try_from(self.content).unwrap_or(usize::MAX);
        let count = self.available(most)?;
        if count == 0 && self.content > 0 {
            return Err(self.cut_off());
        }
        Ok(count)
    }

    /// Goes on behind content that was looked at.
    fn consume(&mut self, count: usize) {
        self.content -= count as u64;
        self.position += count as u64;
        self.start += count;
    }

    /// The content of the current member, for those that read.
    pub fn reader(&mut self) -> Content<'_, R> {
        Content { stream: self }
    }

    /// Reads on to the end of the stream: layers may carry padding behind their end, and it is part of their digest.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn drain(&mut self) -> io::Result<()> {
        loop {
            let count = self.available(usize::MAX)?;
            if count == 0 {
                return Ok(());
            }
            self.position += count as u64;
            self.start += count;
        }
    }

    fn enter(&mut self, header: Header, extensions: Extensions, offset: u64) -> io::Result<Member> {
        let mut stored = extensions.size.unwrap_or(header.size);
        let mut size = stored;
        if header.kind == Kind::File && header.is_gnu_sparse {
            size = header.real_size;
            let mut is_extended = header.is_extended;
            while is_extended {
                let block = self.block()?.ok_or_else(|| self.cut_off())?;
                is_extended = block[header::SPARSE_IS_EXTENDED] != 0;
            }
        }
        if let Some(real) = extensions.real_size {
            size = real;
        }
        if !matches!(header.kind, Kind::File) {
            // Links and folders have no content, whatever their header says; Go skips none either.
            if !matches!(header.kind, Kind::Other(_)) {
                stored = 0;
            }
            size = 0;
        }
        let padding = stored.wrapping_neg() % BLOCK_BYTES as u64;
        if stored > i64::MAX as u64 || size > i64::MAX as u64 {
            return Err(malformed(offset, "the size of a member is too large"));
        }
        let mut path = header.path;
        if let Some(long) = extensions.path {
            path = long;
        }
        let kind = match header.kind {
            // The first tars had no type for folders.
            Kind::File if path.ends_with(b"/") && stored == 0 => Kind::Directory,
            kind => kind,
        };
        self.content = stored;
        self.padding = padding;
        Ok(Member {
            path,
            link: extensions.link.unwrap_or(header.link),
            kind,
            size,
            stored,
            mode: header.mode,
            uid: extensions.uid.unwrap_or(header.uid),
            gid: extensions.gid.unwrap_or(header.gid),
            has_capabilities: extensions.has_capabilities,
        })
    }

    fn skip_content(&mut self) -> io::Result<()> {
        while self.content > 0 {
            self.content()?;
        }
        while self.padding > 0 {
            let most = usize::try_from(self.padding).unwrap_or(usize::MAX);
            let count = self.available(most)?;
            if count == 0 {
                // Some writers leave the padding of the last member away, and engines do not mind.
                self.padding = 0;
                self.is_at_end = true;
                break;
            }
            self.padding -= count as u64;
            self.position += count as u64;
            self.start += count;
        }
        Ok(())
    }

    /// The next header; `None` at the end.
    fn header(&mut self) -> io::Result<Option<Header>> {
        if self.is_at_end {
            return Ok(None);
        }
        let offset = self.position;
        let Some(block) = self.block()? else {
            self.is_at_end = true;
            return Ok(None);
        };
        if block.iter().any(|byte| *byte != 0) {
            return Header::parse(&block)
                .map(Some)
                .map_err(|what| malformed(offset, what));
        }
        self.is_at_end = true;
        match self.block()? {
            Some(block) if block.iter().any(|byte| *byte != 0) => Err(malformed(
                offset,
                "a single block of zeros is followed by more",
            )),
            _ => {
                self.is_terminated = true;
                Ok(None)
            }
        }
    }

    fn long_name(&mut self, header: &Header, offset: u64) -> io::Result<Vec<u8>> {
        let mut name = self.extension(header, offset)?;
        if let Some(end) = name.iter().position(|byte| *byte == 0) {
            name.truncate(end);
        }
        Ok(name)
    }

    fn extension(&mut self, header: &Header, offset: u64) -> io::Result<Vec<u8>> {
        if header.size > MAX_EXTENSION_BYTES {
            return Err(malformed(
                offset,
                &format!(
                    "an extension of {} bytes is larger than any engine reads",
                    header.size
                ),
            ));
        }
        self.content = header.size;
        self.padding = header.size.wrapping_neg() % BLOCK_BYTES as u64;
        let mut text = Vec::new();
        loop {
            let more = self.content()?;
            if more.is_empty() {
                break;
            }
            text.extend_from_slice(more);
        }
        self.skip_content()?;
        Ok(text)
    }

    /// The next 512 bytes; `None` at the end of the stream.
    fn block(&mut self) -> io::Result<Option<[u8; BLOCK_BYTES]>> {
        let mut block = [0; BLOCK_BYTES];
        let mut filled = 0;
        while filled < BLOCK_BYTES {
            let count = self.available(BLOCK_BYTES - filled)?;
            if count == 0 {
                return if filled == 0 {
                    Ok(None)
                } else {
                    Err(self.cut_off())
                };
            }
            block[filled..filled + count]
                .copy_from_slice(&self.buffer[self.start..self.start + count]);
            filled += count;
            self.start += count;
            self.position += count as u64;
        }
        Ok(Some(block))
    }

    /// How many bytes, up to `most`, lie in the buffer; more are read if there are none. 0 at the end of the stream.
    fn available(&mut self, most: usize) -> io::Result<usize> {
        if self.start == self.end && most > 0 {
            self.start = 0;
            self.end = loop {
                match self.inner.read(&mut self.buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    result => break result?,
                }
            };
        }
        Ok((self.end - self.start).min(most))
    }

    fn cut_off(&self) -> io::Error {
        io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!("the archive is cut off at byte {}", self.position),
        )
    }
}

fn malformed(offset: u64, what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("it is no tar archive at byte {offset}: {what}"),
    )
}

#[cfg(test)]
mod tests;
