//! Reading bytes at a place, from a file or from memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// Bytes that can be read at any place, by several at once.
pub trait ReadAt {
    /// How many there are.
    ///
    /// # Errors
    /// If that cannot be found out.
    fn size(&self) -> io::Result<u64>;

    /// Fills `buffer` with the bytes at `offset`.
    ///
    /// # Errors
    /// If there are fewer, or they cannot be read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// `length` bytes at `offset`, if there are that many: nothing is set aside for what a damaged file promises.
    ///
    /// # Errors
    /// If there are fewer, or they cannot be read.
    fn bytes_at(&self, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let end = offset
            .checked_add(length)
            .filter(|end| self.size().is_ok_and(|size| *end <= size));
        let length = usize::try_from(length).ok().filter(|_| end.is_some());
        let Some(length) = length else {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "it ends too early",
            ));
        };
        let mut bytes = vec![0; length];
        self.read_at(offset, &mut bytes)?;
        Ok(bytes)
    }
}

impl ReadAt for File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.read_exact_at(buffer, offset)
    }
}

impl ReadAt for &[u8] {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..start.checked_add(buffer.len())?))
            .ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "it ends too early"))?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}
