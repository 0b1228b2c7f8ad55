//! SHA-256 of bytes, of files, and of what passes through a writer.

use std::io::{Read, Write};

use camino::Utf8Path;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// In hexadecimal.
pub(in crate::engine) fn of_bytes(bytes: &[u8]) -> String {
    let mut sums = Summed::new(std::io::sink());
    // A sink takes everything.
    let _ = sums.write_all(bytes);
    sums.finish().1
}

/// # Errors
/// If the file cannot be read.
pub(super) fn of_file(path: &Utf8Path) -> Result<String> {
    let failed = |e: std::io::Error| Error::failed(format!("failed to read {path}")).because(e);
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut buffer = vec![0; 1 << 16];
    let mut hasher = Sha256::new();
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => return Ok(hexadecimal(hasher)),
            length => hasher.update(&buffer[..length]),
        }
    }
}

/// Passes bytes on and keeps their checksum and number.
pub(super) struct Summed<W> {
    inner: W,
    hasher: Sha256,
    length: u64,
}

impl<W: Write> Summed<W> {
    pub(super) fn new(inner: W) -> Self {
        Self {
            inner,
            hasher: Sha256::new(),
            length: 0,
        }
    }

    /// What was written to, the checksum in hexadecimal, and the number of bytes.
    pub(super) fn finish(self) -> (W, String, u64) {
        (self.inner, hexadecimal(self.hasher), self.length)
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

fn hexadecimal(hasher: Sha256) -> String {
    use std::fmt::Write as _;
    hasher
        .finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_checksum() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_bytes(b"abc"), expected);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        assert_eq!(
            of_file(Utf8Path::from_path(file.path()).unwrap()).unwrap(),
            expected
        );
    }
}
