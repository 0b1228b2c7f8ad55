//! A stream that one thread fills and another one empties, so that both can work at the same time.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

const CHUNK_BYTES: usize = 256 * 1024;
/// How far the one may be ahead of the other.
const CHUNKS: usize = 4;

/// What the other thread filled.
#[derive(Debug)]
pub(super) struct Chunks {
    filled: Receiver<io::Result<Chunk>>,
    empty: SyncSender<Vec<u8>>,
    current: Chunk,
    at: usize,
}

#[derive(Debug, Default)]
struct Chunk {
    bytes: Vec<u8>,
    length: usize,
}

/// Hands what `source` gives to `consume`, which runs on a thread of its own. An error of the source is one of what
/// `consume` reads. If `consume` ends before the source does, what is left of the source is not read.
pub(super) fn piped<T: Send>(
    source: &mut dyn Read,
    consume: impl FnOnce(&mut Chunks) -> T + Send,
) -> T {
    let (filled, to_empty) = sync_channel(CHUNKS);
    let (empty, to_fill) = sync_channel(CHUNKS + 1);
    std::thread::scope(|scope| {
        let consumer = scope.spawn(move || {
            consume(&mut Chunks {
                filled: to_empty,
                empty,
                current: Chunk::default(),
                at: 0,
            })
        });
        loop {
            let mut bytes = to_fill.try_recv().unwrap_or_else(|_| vec![0; CHUNK_BYTES]);
            let chunk = match source.read(&mut bytes) {
                Ok(0) => break,
                Ok(length) => Ok(Chunk { bytes, length }),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let is_last = chunk.is_err();
            // Nobody reads any more: it has seen enough.
            if filled.send(chunk).is_err() || is_last {
                break;
            }
        }
        drop(filled);
        match consumer.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.current.length {
            let used = std::mem::take(&mut self.current);
            if !used.bytes.is_empty() {
                // A buffer that is not taken back is made anew.
                let _ = self.empty.try_send(used.bytes);
            }
            self.at = 0;
            match self.filled.recv() {
                Ok(chunk) => self.current = chunk?,
                Err(_) => return Ok(0),
            }
        }
        let count = buffer.len().min(self.current.length - self.at);
        buffer[..count].copy_from_slice(&self.current.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives `left` bytes in odd pieces, then an error if there is one.
    struct Source {
        left: usize,
        error: bool,
    }

    impl Read for Source {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.left == 0 && self.error {
                return Err(io::Error::other("broken"));
            }
            let count = self.left.min(buffer.len()).min(100_003);
            for (at, byte) in buffer[..count].iter_mut().enumerate() {
                *byte = (self.left - at).to_le_bytes()[0];
            }
            self.left -= count;
            Ok(count)
        }
    }

    #[test]
    fn all_bytes_arrive_in_order() {
        for left in [0, 1, CHUNK_BYTES, 3_000_001] {
            let mut source = Source { left, error: false };
            let read = piped(&mut source, |chunks| {
                let mut bytes = Vec::new();
                chunks.read_to_end(&mut bytes).map(|_| bytes)
            });
            let expected: Vec<u8> = (1..=left).rev().map(|n| n.to_le_bytes()[0]).collect();
            assert!(read.unwrap() == expected, "{left}");
        }
    }

    #[test]
    fn errors_arrive_and_who_has_enough_may_stop() {
        let mut source = Source {
            left: 900_000,
            error: true,
        };
        let error = piped(&mut source, |chunks| io::copy(chunks, &mut io::sink()));
        assert_eq!(error.unwrap_err().to_string(), "broken");
        let mut source = Source {
            left: 90_000_000,
            error: false,
        };
        let read = piped(&mut source, |chunks| chunks.read(&mut [0; 10]).unwrap());
        assert!(read == 10 && source.left > 0);
    }
}
