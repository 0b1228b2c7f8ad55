//! A part of a file that is kept while the file goes by.

/// The bytes from a place on, at most so many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Capture {
    start: u64,
    limit: usize,
    bytes: Vec<u8>,
}

impl Capture {
    pub(super) const fn new(start: u64, limit: usize) -> Self {
        Self {
            start,
            limit,
            bytes: Vec::new(),
        }
    }

    /// Takes what it wants of bytes that stand at `at`. What went by before is lost.
    pub(super) fn feed(&mut self, at: u64, bytes: &[u8]) {
        let next = self.start + self.bytes.len() as u64;
        let Some(skipped) = next.checked_sub(at).and_then(|n| usize::try_from(n).ok()) else {
            return;
        };
        if let Some(more) = bytes.get(skipped..) {
            let room = self.limit - self.bytes.len();
            self.bytes.extend_from_slice(&more[..more.len().min(room)]);
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All that was wanted, if all of it was there.
    pub(super) fn whole(&self) -> Option<&[u8]> {
        (self.bytes.len() == self.limit).then_some(&self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_put_together_from_pieces() {
        let file: Vec<u8> = (0..100).collect();
        for piece in 1..60 {
            let mut capture = Capture::new(37, 20);
            let mut late = Capture::new(1, 5);
            for (index, bytes) in file.chunks(piece).enumerate() {
                capture.feed((index * piece) as u64, bytes);
                if index > 0 {
                    late.feed((index * piece) as u64 + 50, bytes);
                }
            }
            assert_eq!(capture.whole(), Some(&file[37..57]), "{piece}");
            assert_eq!(late.bytes(), b"");
        }
        let mut short = Capture::new(90, 20);
        short.feed(0, &file);
        assert_eq!((short.bytes(), short.whole()), (&file[90..], None));
    }
}
