//! How large bytes would be if gzip at level 6 compressed them.
//!
//! Compressing is many times slower than reading, so of large layers only some chunks are compressed, evenly spread, and
//! the others are taken to be like them.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Compressed apart from each other, so that several threads can; costs a few thousandths of the size.
const CHUNK_BYTES: usize = 1 << 20;
/// The compression is most of the work; more threads would wait for the bytes to arrive.
const MAX_WORKERS: usize = 4;
/// Of a gzip file, beside the compressed data.
const HEADER_AND_TRAILER_BYTES: u64 = 18;

/// A layer up to this size is compressed as a whole.
const WHOLE_BYTES: u64 = 128 << 20;
/// Of a larger one, about so much is.
const SAMPLE_BYTES: u64 = 48 << 20;
/// In smaller pieces: files next to each other are alike, so more places say more.
const SAMPLE_CHUNK_BYTES: usize = 256 << 10;

/// Takes bytes and counts what would come out. Holds at most a few chunks at a time.
pub(super) struct Estimate {
    /// What is collected of a chunk that is to be compressed.
    chunk: Vec<u8>,
    workers: Option<Workers>,
    /// One of so many chunks is compressed.
    stride: u64,
    chunk_bytes: usize,
    /// Bytes so far, and those of them that were taken to be compressed.
    bytes: u64,
    taken: u64,
}

struct Workers {
    chunks: SyncSender<Vec<u8>>,
    handles: Vec<JoinHandle<u64>>,
}

impl Estimate {
    /// Of `size` bytes.
    pub(super) fn of(size: u64) -> Self {
        let (stride, chunk_bytes) = if size <= WHOLE_BYTES {
            (1, CHUNK_BYTES)
        } else {
            (size.div_ceil(SAMPLE_BYTES), SAMPLE_CHUNK_BYTES)
        };
        Self {
            chunk: Vec::new(),
            workers: None,
            stride,
            chunk_bytes,
            bytes: 0,
            taken: 0,
        }
    }

    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let chunk = self.chunk_bytes as u64;
            let (index, filled) = (self.bytes / chunk, self.bytes % chunk);
            // Less than a chunk is left of it.
            let room = usize::try_from(chunk - filled).unwrap_or(self.chunk_bytes);
            let (now, later) = bytes.split_at(bytes.len().min(room));
            bytes = later;
            self.bytes += now.len() as u64;
            if !index.is_multiple_of(self.stride) {
                continue;
            }
            self.taken += now.len() as u64;
            self.chunk.extend_from_slice(now);
            if self.chunk.len() == self.chunk_bytes {
                let next = Vec::with_capacity(self.chunk_bytes);
                let chunk = std::mem::replace(&mut self.chunk, next);
                // Small layers never come here and start no threads.
                let workers = self.workers.get_or_insert_with(Workers::start);
                // Workers live until the sender is gone.
                let _ = workers.chunks.send(chunk);
            }
        }
    }

    pub(super) fn finish(self) -> u64 {
        let last = if self.chunk.is_empty() && self.taken > 0 {
            0
        } else {
            compressed(&self.chunk)
        };
        let sent: u64 = self.workers.map_or(0, |workers| {
            drop(workers.chunks);
            workers
                .handles
                .into_iter()
                .map(|handle| handle.join().unwrap_or(0))
                .sum()
        });
        // What was not taken is like what was.
        let of_all = u128::from(last + sent) * u128::from(self.bytes.max(1));
        let all = of_all / u128::from(self.taken.max(1));
        HEADER_AND_TRAILER_BYTES + u64::try_from(all).unwrap_or(u64::MAX)
    }
}

impl Workers {
    fn start() -> Self {
        let count = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(MAX_WORKERS);
        let (chunks, receiver) = sync_channel(count);
        let receiver = Arc::new(Mutex::new(receiver));
        let handles = (0..count)
            .map(|_| {
                let receiver = Arc::clone(&receiver);
                std::thread::spawn(move || work(&receiver))
            })
            .collect();
        Self { chunks, handles }
    }
}

fn work(receiver: &Mutex<Receiver<Vec<u8>>>) -> u64 {
    let mut total = 0;
    loop {
        // The lock is held while waiting, not while compressing.
        let Some(chunk) = receiver.lock().ok().and_then(|chunks| chunks.recv().ok()) else {
            return total;
        };
        total += compressed(&chunk);
    }
}

fn compressed(chunk: &[u8]) -> u64 {
    let mut encoder = DeflateEncoder::new(Count(0), Compression::new(6));
    // Counting cannot fail.
    let _ = encoder.write_all(chunk);
    encoder.finish().map_or(0, |count| count.0)
}

/// Counts what is written to it.
struct Count(u64);

impl Write for Count {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.0 += buffer.len() as u64;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(bytes: &[u8]) -> u64 {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap().len() as u64
    }

    #[test]
    fn of_a_large_layer_some_chunks_stand_for_all() {
        let size = WHOLE_BYTES + 5 * CHUNK_BYTES as u64 + 17;
        let mut state = 1u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .take(CHUNK_BYTES)
        .collect();
        let mut estimate = Estimate::of(size);
        assert_eq!(estimate.stride, 3);
        let mut left = size;
        while left > 0 {
            let now = usize::try_from(left).unwrap().min(noise.len()).min(300_000);
            estimate.add(&noise[..now]);
            left -= now as u64;
        }
        assert!(estimate.taken < size / 2, "{}", estimate.taken);
        // Noise does not compress.
        let compressed = estimate.finish();
        assert!(
            compressed.abs_diff(size) * 1_000 < size,
            "{compressed} {size}"
        );
    }

    #[test]
    fn an_estimate_is_close_to_gzip_and_always_the_same() {
        // Words in an order without a pattern, as text has.
        let mut state = 1u32;
        let text: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            format!("word{} ", state >> 20)
        })
        .take(600_000)
        .flat_map(String::into_bytes)
        .collect();
        for (length, percent) in [
            (0, 20),
            (10, 20),
            (5_000, 1),
            (CHUNK_BYTES, 1),
            (text.len(), 1),
        ] {
            let estimates = [1_000, 300_000].map(|piece| {
                let mut estimate = Estimate::of(length as u64);
                text[..length]
                    .chunks(piece)
                    .for_each(|bytes| estimate.add(bytes));
                estimate.finish()
            });
            let exact = gzip(&text[..length]);
            assert!(
                estimates[0].abs_diff(exact) * 100 <= exact * percent,
                "{length}: {estimates:?} {exact}"
            );
            assert_eq!(estimates[0], estimates[1]);
        }
    }
}
