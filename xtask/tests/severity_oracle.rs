//! Our base scores against the Python package `cvss`, for every vector there is. pip gets it below `target/`; the test
//! says so and passes where there is none.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "helpers of tests fail by panicking, and start the real programs"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use xtask::scan::osv::score_of_vector;

const PACKAGE: &str = "cvss==3.6";

const PYTHON: &str = r"
import sys
from cvss import CVSS3
for line in sys.stdin:
    print(CVSS3(line.strip()).base_score)
";

/// Every combination of base metrics, in both versions.
fn vectors() -> Vec<String> {
    let metrics: [(&str, &[&str]); 8] = [
        ("AV", &["N", "A", "L", "P"]),
        ("AC", &["L", "H"]),
        ("PR", &["N", "L", "H"]),
        ("UI", &["N", "R"]),
        ("S", &["U", "C"]),
        ("C", &["H", "L", "N"]),
        ("I", &["H", "L", "N"]),
        ("A", &["H", "L", "N"]),
    ];
    let mut all = vec!["CVSS:3.0".to_owned(), "CVSS:3.1".to_owned()];
    for (metric, values) in metrics {
        all = all
            .iter()
            .flat_map(|front| {
                values
                    .iter()
                    .map(move |value| format!("{front}/{metric}:{value}"))
            })
            .collect();
    }
    all
}

fn peer(vectors: &[String]) -> Result<Vec<String>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers/cvss");
    if !folder.is_dir() {
        let pip = Command::new("python3")
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--retries=0",
                "--timeout=20",
            ])
            .arg("--target")
            .arg(&folder)
            .arg(PACKAGE)
            .output()
            .map_err(|error| error.to_string())?;
        if !pip.status.success() {
            return Err(format!("pip cannot get {PACKAGE}"));
        }
    }
    let mut child = Command::new("python3")
        .args(["-c", PYTHON])
        .env("PYTHONPATH", &folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let text = vectors.join("\n");
    let mut stdin = child.stdin.take().unwrap();
    let feeding = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err("the Python package cvss does not work".to_owned());
    }
    feeding.join().unwrap().map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect())
}

#[test]
fn every_vector_has_the_score_of_the_peer() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 2 * 2592);
    let theirs = match peer(&vectors) {
        Ok(theirs) => theirs,
        Err(why) => {
            println!("skipped: {why}");
            return;
        }
    };
    assert_eq!(theirs.len(), vectors.len());
    for (vector, theirs) in vectors.iter().zip(theirs) {
        let ours = score_of_vector(vector).unwrap();
        assert_eq!(format!("{}.{}", ours / 10, ours % 10), theirs, "{vector}");
    }
    println!("{} vectors have the same score", vectors.len());
}
