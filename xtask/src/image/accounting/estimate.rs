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

/// Of a layer up to this size, all is compressed; of a larger one about as much.
const WHOLE_BYTES: u64 = 128 << 20;

/// Takes bytes and counts what would come out. Holds at most a few chunks at a time.
pub(super) struct Estimate {
    chunk: Vec<u8>,
    workers: Option<Workers>,
    /// One of so many chunks is compressed.
    stride: u64,
    /// Full chunks so far.
    chunks: u64,
    /// Bytes so far, and those of them that were compressed.
    bytes: u64,
    compressed_bytes: u64,
}

struct Workers {
    chunks: SyncSender<Vec<u8>>,
    handles: Vec<JoinHandle<u64>>,
}

impl Estimate {
    /// Of `size` bytes.
    pub(super) fn of(size: u64) -> Self {
        Self {
            chunk: Vec::new(),
            workers: None,
            stride: size.div_ceil(WHOLE_BYTES).max(1),
            chunks: 0,
            bytes: 0,
            compressed_bytes: 0,
        }
    }

    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
            if self.chunk.len() < CHUNK_BYTES {
                continue;
            }
            if self.chunks.is_multiple_of(self.stride) {
                self.compressed_bytes += CHUNK_BYTES as u64;
                let chunk = std::mem::take(&mut self.chunk);
                // Small layers never come here and start no threads.
                let workers = self.workers.get_or_insert_with(Workers::start);
                // Workers live until the sender is gone.
                let _ = workers.chunks.send(chunk);
            }
            self.chunks += 1;
            self.chunk.clear();
        }
    }

    pub(super) fn finish(self) -> u64 {
        let rest = compressed(&self.chunk);
        let sent: u64 = self.workers.map_or(0, |workers| {
            drop(workers.chunks);
            workers
                .handles
                .into_iter()
                .map(|handle| handle.join().unwrap_or(0))
                .sum()
        });
        // The rest is compressed anyway; the full chunks are like those of them that were.
        let full = u128::from(self.bytes - self.chunk.len() as u64);
        let share = u128::from(self.compressed_bytes.max(1));
        let all = u64::try_from(u128::from(sent) * full / share).unwrap_or(u64::MAX);
        HEADER_AND_TRAILER_BYTES + rest + all
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
