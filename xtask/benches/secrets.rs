//! How fast content is looked through for secrets: `cargo bench -p xtask --bench secrets -- FOLDER`.
//!
//! The first 16 MiB of the folder's files of one kind, in memory, by the MiB, each the best of many runs: so what else
//! the machine does counts least.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench is a program of its own: it prints"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use xtask::secrets::content::{Format, scan};

const MOST_BYTES: usize = 16 * 1024 * 1024;
const PIECE: usize = 1024 * 1024;
const RUNS: usize = 40;

fn main() {
    let folder = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let Some(folder) = folder else {
        println!("skipped: name a folder of source text");
        return;
    };
    let mut files = Vec::new();
    gather(Path::new(&folder), &mut files);
    files.sort();
    for ending in ["rs", "ts", "js", "py", "json", "md", "h"] {
        let mut text = Vec::new();
        for file in &files {
            if text.len() < MOST_BYTES && file.extension().is_some_and(|e| e == ending) {
                text.extend(std::fs::read(file).unwrap());
            }
        }
        if text.is_empty() {
            continue;
        }
        let mut took = Duration::ZERO;
        let mut matches = 0;
        for piece in text.chunks(PIECE) {
            let mut best = Duration::MAX;
            let mut found = 0;
            for _ in 0..RUNS {
                let start = Instant::now();
                found = scan(Format::Text, piece).matches.len();
                best = best.min(start.elapsed());
            }
            took += best;
            matches += found;
        }
        let speed = text.len() as f64 / took.as_secs_f64() / 1e6;
        println!(
            "{ending}: {speed:.0} MB/s ({} bytes, {matches} matches)",
            text.len()
        );
    }
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            gather(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}
