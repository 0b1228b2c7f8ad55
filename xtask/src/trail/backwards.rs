//! Lines of a file from its end, without reading what lies before them.

use std::fs::File;
use std::io::Result;
use std::os::unix::fs::FileExt;

const CHUNK: u64 = 1 << 16;

/// Gives the lines of the first `end` bytes of a file, the last one first, without their line breaks. What stands
/// behind the last line break is a line, too, if there is something.
#[derive(Debug)]
pub(super) struct Backwards<'a> {
    file: &'a File,
    /// What was read and not given yet: it begins at `start` of the file.
    held: Vec<u8>,
    start: u64,
    /// The longest line that is given; a longer one ends it.
    longest: usize,
    done: bool,
}

impl<'a> Backwards<'a> {
    pub(super) fn new(file: &'a File, end: u64, longest: usize) -> Self {
        Self {
            file,
            held: Vec::new(),
            start: end,
            longest,
            done: end == 0,
        }
    }

    /// The next line towards the beginning, with the offset of its first byte; `None` at the beginning.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Vec<u8>)>> {
        loop {
            if self.done {
                return Ok(None);
            }
            // The line break that ends the line itself does not count.
            let body = self.held.strip_suffix(b"\n").unwrap_or(&self.held);
            if let Some(at) = body.iter().rposition(|byte| *byte == b'\n') {
                let line = body[at + 1..].to_vec();
                self.held.truncate(at + 1);
                return Ok(Some((self.start + at as u64 + 1, line)));
            }
            if self.start == 0 {
                self.done = true;
                let line = body.to_vec();
                return Ok(Some((0, line)));
            }
            if self.held.len() > self.longest {
                self.done = true;
                return Err(std::io::Error::other("a line is too long"));
            }
            let size = CHUNK.min(self.start);
            let mut chunk = vec![0; usize::try_from(size).unwrap_or(0)];
            self.start -= size;
            self.file.read_exact_at(&mut chunk, self.start)?;
            chunk.append(&mut self.held);
            self.held = chunk;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    proptest::proptest! {
        #[test]
        fn lines_come_in_reverse(lines in proptest::collection::vec("[a-z]{0,5}", 1..20), long in 0usize..3, open: bool) {
            let mut lines = lines;
            lines[0] = "x".repeat(long * 50_000);
            let mut text = lines.join("\n");
            if !open || lines.last().is_some_and(String::is_empty) {
                text.push('\n');
            }
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let mut backwards = Backwards::new(&file, text.len() as u64, 1 << 20);
            let mut read = Vec::new();
            while let Some((at, line)) = backwards.next().unwrap() {
                proptest::prop_assert!(text.as_bytes()[usize::try_from(at).unwrap()..].starts_with(&line));
                read.push(String::from_utf8(line).unwrap());
            }
            read.reverse();
            proptest::prop_assert_eq!(read, lines);
        }
    }
}
