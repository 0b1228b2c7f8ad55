//! How fast images are read: `cargo bench -p xtask --bench size`.
//!
//! An archive of one image with many files, next to the limit in the same run, in turns: reading the same archive from
//! the disk and hashing every byte once, as it is stored and, where it is compressed, as it unpacks; without looking
//! into it. `--files N` (100,000), `--megabytes N` (400), `--runs N` (5);
//! `--large` is 500,000 files and 2,000 MB. With `--engine`, `docker save` of the same image is timed, too
//! (`docker-engine env` says where).

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench is a program of its own: it starts others, looks at the clock and prints"
)]

use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.map_or(default, |at| arguments[at + 1].parse().unwrap())
    };
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let (files, megabytes) = if has("--large") {
        (500_000, 2_000)
    } else {
        (100_000, 400)
    };
    let (files, megabytes) = (number("--files", files), number("--megabytes", megabytes));
    let runs = number("--runs", 5);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for (name, compressed) in [("gzip", true), ("plain", false)] {
        let archive = folder.path().join(format!("{name}.tar"));
        make(&archive, files, megabytes * 1_000_000, compressed);
        let size = archive.metadata().unwrap().len();
        println!(
            "\n{files} files, {megabytes} MB in one layer, stored {name} ({} MB), {runs} runs in turns",
            size / 1_000_000
        );
        compare(&archive, runs);
        if has("--engine") {
            engine(&archive);
        }
    }
}

/// Files of text and noise, as packages are, in folders of 50.
fn make(archive: &Path, files: u64, bytes: u64, compressed: bool) {
    let plain = archive.with_extension("layer");
    let mut tar = tar::Builder::new(BufWriter::new(File::create(&plain).unwrap()));
    let mut state = 1u64;
    let mut text = Vec::new();
    for number in 0..files {
        text.clear();
        while (text.len() as u64) < bytes / files {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            writeln!(text, "export const name{} = {};", state >> 52, state >> 40).unwrap();
        }
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        let path = format!(
            "app/node_modules/package-{}/lib/file-{number}.js",
            number / 50
        );
        tar.append_data(&mut header, path, &text[..]).unwrap();
    }
    tar.into_inner().unwrap().flush().unwrap();
    let diff_id = digest(&plain).0;
    let layer = if compressed {
        let stored = archive.with_extension("gz");
        let mut encoder = flate2::write::GzEncoder::new(
            BufWriter::new(File::create(&stored).unwrap()),
            flate2::Compression::new(6),
        );
        std::io::copy(&mut File::open(&plain).unwrap(), &mut encoder).unwrap();
        encoder.finish().unwrap().flush().unwrap();
        stored
    } else {
        plain
    };
    let config = format!(
        r#"{{"os":"linux","architecture":"amd64","rootfs":{{"type":"layers","diff_ids":["{diff_id}"]}}}}"#
    );
    let manifest = r#"[{"Config":"config.json","RepoTags":["bench:1"],"Layers":["layer"]}]"#;
    let mut tar = tar::Builder::new(BufWriter::new(File::create(archive).unwrap()));
    for (path, text) in [
        ("config.json", config.as_bytes()),
        ("manifest.json", manifest.as_bytes()),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, path, text).unwrap();
    }
    tar.append_file("layer", &mut File::open(layer).unwrap())
        .unwrap();
    tar.into_inner().unwrap().flush().unwrap();
}

/// The limit: every byte is read and hashed once.
fn digest(file: &Path) -> (String, Duration) {
    let begin = Instant::now();
    let mut file = File::open(file).unwrap();
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 256 * 1024]);
    loop {
        let count = file.read(&mut buffer).unwrap();
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
    }
    let digest = hasher.finalize();
    let hex = digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    (format!("sha256:{hex}"), begin.elapsed())
}

/// Every byte of an archive, and of what its layer unpacks to.
fn hashed(archive: &Path) -> Duration {
    let begin = Instant::now();
    digest(archive);
    let compressed = archive.with_extension("gz");
    if compressed.is_file() {
        let file = std::io::BufReader::with_capacity(256 * 1024, File::open(compressed).unwrap());
        let mut unpacked = flate2::bufread::GzDecoder::new(file);
        let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 256 * 1024]);
        loop {
            let count = unpacked.read(&mut buffer).unwrap();
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
        }
        hasher.finalize();
    }
    begin.elapsed()
}

fn compare(archive: &Path, runs: u64) {
    let (mut limit, mut ours, mut peak) = (Vec::new(), Vec::new(), 0);
    for _ in 0..runs {
        limit.push(hashed(archive));
        let begin = Instant::now();
        peak = peak.max(read(archive));
        ours.push(begin.elapsed());
    }
    let (limit, ours) = (median(&mut limit), median(&mut ours));
    println!(
        "reading and hashing every byte   {:7.2} s",
        limit.as_secs_f64()
    );
    println!(
        "docker-size, the whole process   {:7.2} s, {:.2} times that; {} MB at most",
        ours.as_secs_f64(),
        ours.as_secs_f64() / limit.as_secs_f64(),
        peak * 1_024 / 1_000_000
    );
}

/// Kilobytes at most, as the operating system counted.
fn read(archive: &Path) -> u64 {
    let output = Command::new("/usr/bin/time")
        .args([
            "-f",
            "%M",
            env!("CARGO_BIN_EXE_xtask"),
            "docker-size",
            "--format",
            "json",
        ])
        .arg(archive)
        .current_dir(archive.parent().unwrap())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8_lossy(&output.stderr);
    said.trim().lines().last().unwrap().parse().unwrap()
}

fn engine(archive: &Path) {
    let docker = |arguments: &[&str]| {
        let output = Command::new("docker").args(arguments).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    docker(&["load", "--quiet", "--input", archive.to_str().unwrap()]);
    let begin = Instant::now();
    docker(&["save", "--output", "/dev/null", "bench:1"]);
    println!(
        "docker save to nowhere           {:7.2} s",
        begin.elapsed().as_secs_f64()
    );
    docker(&["image", "rm", "bench:1"]);
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
