//! Text of an input file, byte spans in it, and the way from a byte offset to line and column.

use std::cmp::Ordering;
use std::fmt;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::error::{Error, Result};

mod lines;

pub use lines::{line_end, line_ending, line_start, touched_lines, whole_lines};

/// The largest configuration or Dockerfile that is read, in bytes. A larger one is surely a mistake.
pub const MAX_SOURCE_BYTES: u64 = 1024 * 1024;

/// The largest file that this tool generates itself, in bytes: a bake file has about 1,200 for each service.
pub const MAX_GENERATED_BYTES: u64 = 16 * 1024 * 1024;

/// A half-open range of byte offsets in a [`Source`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The text the span covers, empty if the span does not fit the text.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A value with the place it was written at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, written at `span`.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A 1-based line and column. Columns count characters (Unicode scalar values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// A text file that was read whole. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Source(Arc<SourceParts>);

#[derive(PartialEq, Eq)]
struct SourceParts {
    path: Utf8PathBuf,
    text: String,
    /// No text is as long as 4 GiB.
    line_starts: Vec<u32>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.0.path)
    }
}

impl Source {
    /// Text that did not come from a file, or was read already. `path` is what messages call it.
    pub fn new(path: impl Into<Utf8PathBuf>, text: impl Into<String>) -> Self {
        let text = text.into();
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let mut line_starts = Vec::with_capacity(breaks + 1);
        line_starts.push(0);
        let behind = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        line_starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(behind));
        Self(Arc::new(SourceParts {
            path: path.into(),
            text,
            line_starts,
        }))
    }

    /// Reads `root/path`; messages call it `path`.
    ///
    /// # Errors
    /// Missing, unreadable, a directory, larger than [`MAX_SOURCE_BYTES`], or not UTF-8 (with line and column).
    pub fn read(root: &Utf8Path, path: &Utf8Path) -> Result<Self> {
        Self::read_up_to(root, path, MAX_SOURCE_BYTES)
    }

    /// As [`Source::read`], with another limit than [`MAX_SOURCE_BYTES`].
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn read_up_to(root: &Utf8Path, path: &Utf8Path, most: u64) -> Result<Self> {
        let bytes = read_bytes_up_to(&root.join(path), path, most)?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(path, text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let valid = String::from_utf8_lossy(&error.as_bytes()[..at]).into_owned();
                let source = Self::new(path, valid);
                let LineColumn { line, column } = source.line_column(at);
                Err(Error::usage(format!(
                    "{path}:{line}:{column}: the file is not UTF-8 text (byte {at})"
                ))
                .help("save it as UTF-8, or remove it if it is a binary file"))
            }
        }
    }

    /// What messages call the file, as given.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.0.path
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether both are one reading of one file.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether both are texts of one file. To compare paths part by part is slow, and mostly they are one reading.
    #[must_use]
    pub fn is_of(&self, other: &Self) -> bool {
        self.is_same(other) || self.path() == other.path()
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let mut offset = offset.min(self.0.text.len());
        while !self.0.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = &self.0.line_starts;
        let line = starts.partition_point(|&start| start as usize <= offset);
        let start = starts[line - 1] as usize;
        LineColumn {
            line,
            column: self.0.text[start..offset].chars().count() + 1,
        }
    }

    /// The text of a line, from 1, without its line break; empty at the end for one that is not there.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let length = self.0.text.len();
        let starts = &self.0.line_starts;
        let start = line.checked_sub(1).and_then(|index| starts.get(index));
        let start = start.map_or(length, |&start| start as usize);
        let next = starts.get(line).map_or(length, |&next| next as usize);
        let text = &self.0.text[start..next.max(start)];
        Span {
            start,
            end: start + text.trim_end_matches(['\n', '\r']).len(),
        }
    }

    /// The byte at a 1-based line and a 1-based column that counts bytes, as `serde_json` has them; past the end it is
    /// the end.
    #[must_use]
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let (text, starts) = (&self.0.text, &self.0.line_starts);
        let start = starts.get(line.saturating_sub(1)).copied();
        let mut at = start.map_or(text.len(), |start| {
            (start as usize + column.saturating_sub(1)).min(text.len())
        });
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// The place of `span` in this file, for an error or a finding.
    #[must_use]
    pub fn location(&self, span: Span) -> Location {
        Location {
            source: self.clone(),
            span,
        }
    }
}

/// Reads the file `full`, which messages call `path`.
///
/// # Errors
/// Missing, unreadable, no regular file, or larger than [`MAX_SOURCE_BYTES`]. A pipe is never waited for.
pub fn read_bytes(full: &Utf8Path, path: &Utf8Path) -> Result<Vec<u8>> {
    read_bytes_up_to(full, path, MAX_SOURCE_BYTES)
}

/// As [`read_bytes`], with another limit than [`MAX_SOURCE_BYTES`].
///
/// # Errors
/// As [`read_bytes`].
pub fn read_bytes_up_to(full: &Utf8Path, path: &Utf8Path, most: u64) -> Result<Vec<u8>> {
    match read_if_file(full, path, most)? {
        Some(bytes) => Ok(bytes),
        None => {
            Err(Error::usage(format!("failed to read {path}"))
                .because("it is a directory, not a file"))
        }
    }
}

/// As [`read_bytes_up_to`]; `None` for a directory: who does not know what a path leads to need not ask first.
///
/// # Errors
/// As [`read_bytes`], but for directories.
pub fn read_if_file(full: &Utf8Path, path: &Utf8Path, most: u64) -> Result<Option<Vec<u8>>> {
    let failed = |error: &std::io::Error| {
        Error::usage(format!("failed to read {path}")).because(read_failure(error))
    };
    let wrong = |why: String| Err(Error::usage(format!("failed to read {path}")).because(why));
    let is_socket =
        |error: &std::io::Error| error.raw_os_error() == Some(Errno::NXIO.raw_os_error());
    let special = || wrong("it is a pipe, socket or device, not a regular file".to_owned());
    // To open a pipe would wait for somebody to write into it.
    let opened = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed())
        .open(full);
    let mut file = match opened {
        Err(error) if is_socket(&error) => return special(),
        opened => opened.map_err(|e| failed(&e))?,
    };
    let metadata = file.metadata().map_err(|e| failed(&e))?;
    if metadata.is_dir() {
        return Ok(None);
    }
    if !metadata.is_file() {
        return special();
    }
    // One byte more than it says it holds: who gets no more of it has all, without asking again. One that has grown
    // meanwhile, or says nothing (`/proc`), is read on.
    let length = usize::try_from(metadata.len().min(most)).unwrap_or_default();
    let mut bytes = vec![0; length + 1];
    let read = match file.read(&mut bytes) {
        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => 0,
        read => read.map_err(|e| failed(&e))?,
    };
    bytes.truncate(read);
    if read != length || length == 0 {
        file.take((most + 1).saturating_sub(read as u64))
            .read_to_end(&mut bytes)
            .map_err(|e| failed(&e))?;
    }
    if bytes.len() as u64 > most {
        return wrong(format!("it is larger than {} MiB", most / 1024 / 1024));
    }
    Ok(Some(bytes))
}

/// The order of paths, part by part. It is [`Utf8Path`]'s own, without reading all parts that both have in common, which
/// in a long list of files are most.
#[must_use]
pub fn compare_paths(a: &Utf8Path, b: &Utf8Path) -> Ordering {
    let (left, right) = (a.as_str().as_bytes(), b.as_str().as_bytes());
    let same = common_start(left, right);
    let slash = memchr::memrchr(b'/', &left[..same]);
    let start = slash.map_or(0, |slash| slash + 1);
    // The first parts that differ.
    let part = |path: &[u8]| {
        let rest = &path[start..];
        let length = memchr::memchr(b'/', rest);
        start..start + length.unwrap_or(rest.len())
    };
    let (left, right) = (&left[part(left)], &right[part(right)]);
    let is_name = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
    if left != right && is_name(left) && is_name(right) {
        return left.cmp(right);
    }
    a.as_std_path().cmp(b.as_std_path())
}

/// How many bytes two texts have in common from their start.
fn common_start(left: &[u8], right: &[u8]) -> usize {
    const STEP: usize = 8;
    let steps = left.chunks_exact(STEP).zip(right.chunks_exact(STEP));
    let start = STEP * steps.take_while(|(a, b)| a == b).count();
    let rest = left[start..].iter().zip(&right[start..]);
    start + rest.take_while(|(a, b)| a == b).count()
}

/// A place in a file, with the text at hand so that a message can show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub source: Source,
    /// The bytes in question.
    pub span: Span,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.source.line_column(self.span.start);
        write!(f, "{}:{}:{}", self.source.path(), at.line, at.column)
    }
}

fn read_failure(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            "its symbolic links go round in a circle".to_owned()
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_ordered_as_they_order_themselves() {
        let paths = [
            "", "a", "a.b", "a.b/c", "a/b", "a/b/c", "a/b.c", "a//b", "a/./c", "/a", "b/é", "b/e",
            "a/", "a/b/", "a/bc", "a/../b", "..", ".", "./a", "a/.", "a/.b", "a/..b", "/", "//a",
        ];
        for a in paths.map(Utf8Path::new) {
            for b in paths.map(Utf8Path::new) {
                assert_eq!(compare_paths(a, b), a.cmp(b), "{a} {b}");
            }
        }
    }

    #[test]
    fn line_and_column_count_characters() {
        let source = Source::new("x", "aé\nb\r\n");
        assert_eq!(source.line_column(3), LineColumn { line: 1, column: 3 });
        assert_eq!(source.line_column(4), LineColumn { line: 2, column: 1 });
        assert_eq!(source.line_column(99), LineColumn { line: 3, column: 1 });
        // An offset inside a character is that character's column.
        assert_eq!(source.line_column(2), LineColumn { line: 1, column: 2 });
    }

    #[test]
    fn columns_of_bytes_lead_to_offsets() {
        let source = Source::new("x", "aé\nb\r\n");
        let places = [(1, 1), (1, 2), (1, 3), (2, 1), (0, 0), (2, 99), (9, 1)];
        let offsets = places.map(|(line, column)| source.offset(line, column));
        assert_eq!(offsets, [0, 1, 1, 4, 0, 7, 7]);
    }

    #[test]
    fn unreadable_files_are_named_with_the_reason() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        std::fs::write(root.join("bin"), b"ok\nx\xff").unwrap();
        std::fs::create_dir(root.join("dir")).unwrap();
        std::os::unix::fs::symlink("loop", root.join("loop")).unwrap();
        std::os::unix::fs::symlink("/dev/null", root.join("device")).unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
        let large = std::fs::File::create(root.join("large")).unwrap();
        large.set_len(MAX_SOURCE_BYTES + 1).unwrap();
        for (name, expected) in [
            ("bin", "bin:2:2: the file is not UTF-8 text"),
            ("dir", "it is a directory"),
            ("none", "there is no such file"),
            ("loop", "links go round"),
            ("device", "it is a pipe, socket or device"),
            ("socket", "it is a pipe, socket or device"),
            ("large", "it is larger than 1 MiB"),
        ] {
            let error = Source::read(root, Utf8Path::new(name)).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        let read = Source::read_up_to(root, Utf8Path::new("large"), MAX_SOURCE_BYTES + 1);
        assert_eq!(read.unwrap().text().len() as u64, MAX_SOURCE_BYTES + 1);
    }
}
