//! Our base scores against the Python package `cvss`, for every vector of version 3 and many of version 4. pip gets it below `target/`; the test
//! says so and passes where there is none.
#![expect(
    clippy::unwrap_used,
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
from cvss import CVSS3, CVSS4
for line in sys.stdin:
    line = line.strip()
    of = CVSS4 if line.startswith('CVSS:4') else CVSS3
    print(float(of(line).base_score))
";

type Metrics<'a> = &'a [(&'a str, &'a [&'a str])];

const VERSION_3: Metrics<'_> = &[
    ("AV", &["N", "A", "L", "P"]),
    ("AC", &["L", "H"]),
    ("PR", &["N", "L", "H"]),
    ("UI", &["N", "R"]),
    ("S", &["U", "C"]),
    ("C", &["H", "L", "N"]),
    ("I", &["H", "L", "N"]),
    ("A", &["H", "L", "N"]),
];
const VERSION_4: Metrics<'_> = &[
    ("AV", &["N", "A", "L", "P"]),
    ("AC", &["L", "H"]),
    ("AT", &["N", "P"]),
    ("PR", &["N", "L", "H"]),
    ("UI", &["N", "P", "A"]),
    ("VC", &["H", "L", "N"]),
    ("VI", &["H", "L", "N"]),
    ("VA", &["H", "L", "N"]),
    ("SC", &["H", "L", "N"]),
    ("SI", &["H", "L", "N"]),
    ("SA", &["H", "L", "N"]),
];

/// Every combination of base metrics.
fn vectors(version: &str, metrics: Metrics<'_>) -> Vec<String> {
    let mut all = vec![format!("CVSS:{version}")];
    for (metric, values) in metrics {
        let longer = |front: &String| {
            let longer = values
                .iter()
                .map(|value| format!("{front}/{metric}:{value}"));
            longer.collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
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
    let mut vectors = [vectors("3.0", VERSION_3), vectors("3.1", VERSION_3)].concat();
    assert_eq!(vectors.len(), 2 * 2592);
    // Of the 104,976 of version 4 every seventh: all of them would keep the peer busy for minutes.
    vectors.extend(self::vectors("4.0", VERSION_4).into_iter().step_by(7));
    assert_eq!(vectors.len(), 2 * 2592 + 14_997);
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
