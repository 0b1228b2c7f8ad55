//! How fast packages are matched against advisories: `cargo bench -p xtask --bench scan`.
//!
//! Advisories made by chance in the shape of OSV's own (`all.zip` of each ecosystem), 300,000 of them; an inventory of
//! 500 packages, a tenth of which is affected by something. Timed: making the index, opening it, matching; with the most
//! memory each took. `--advisories N`, `--packages N`, `--runs N` (5).
//!
//! With `--image ARCHIVE`, what `docker save` wrote, instead: listing its packages, weaknesses and secrets in every layer,
//! next to Trivy doing the same (`--scanners secret --list-all-pkgs`, which needs no data), each a process of its own
//! that has seen nothing before, in turns. Trivy is found as the tests find it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench is a program of its own: it starts others, looks at the clock and prints"
)]

#[path = "../tests/support/chance.rs"]
#[allow(dead_code, reason = "every test binary takes its part of it")]
mod chance;
#[path = "../tests/support/peers.rs"]
#[allow(dead_code, reason = "every test binary takes its part of it")]
mod peers;
#[path = "../tests/support/zip_file.rs"]
mod zip_file;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use chance::Chance;
use xtask::advisories::Advisories;
use xtask::image::inventory::{Manager, Package, SourcePackage};
use zip_file::ZipFile;

/// How the advisories of OSV are spread, roughly.
const ECOSYSTEMS: [(&str, usize); 6] = [
    ("npm", 55),
    ("Debian", 20),
    ("PyPI", 10),
    ("Alpine", 6),
    ("Go", 6),
    ("crates.io", 3),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.map_or(default, |at| arguments[at + 1].parse().unwrap())
    };
    let image = arguments.iter().position(|argument| argument == "--image");
    if let Some(archive) = image.and_then(|at| arguments.get(at + 1)) {
        let archive = std::fs::canonicalize(archive).unwrap();
        return one_image(&archive, number("--runs", 5));
    }
    let advisories = number("--advisories", 300_000);
    let packages = inventory(number("--packages", 500));
    let runs = number("--runs", 5);
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let root = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
    let (data, cache) = (root.join("data"), root.join("cache"));
    let bytes = make(&data, advisories);
    println!(
        "{advisories} advisories in {} MB of zip files, {} packages",
        bytes / 1_000_000,
        packages.len()
    );

    let (built, _) = timed("making the index", || {
        Advisories::open(&data, &cache).unwrap()
    });
    assert!(built.was_built());
    drop(built);
    let files = cache.read_dir_utf8().unwrap();
    let bytes: u64 = files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    println!("the index has {} MB", bytes / 1_000_000);
    let mut opening = Vec::new();
    let mut matching = Vec::new();
    for _ in 0..runs {
        let (mut opened, time) = timed("opening it", || Advisories::open(&data, &cache).unwrap());
        assert!(!opened.was_built());
        opening.push(time);
        let (found, time) = timed("matching", || {
            let debian = opened
                .vulnerabilities(&packages, Some("Debian:12"))
                .unwrap();
            debian.vulnerabilities.len()
        });
        matching.push(time);
        println!("  {found} vulnerabilities");
    }
    opening.sort();
    matching.sort();
    println!(
        "middle of {runs}: opening {:?}, matching {:?}",
        opening[runs / 2],
        matching[runs / 2]
    );
}

fn one_image(archive: &Path, runs: usize) {
    let ours = [
        "docker-scan",
        "--offline",
        "--trivy=off",
        "--allow-unknown",
        "--format=json",
    ];
    let trivys = [
        "image",
        "--scanners=secret",
        "--list-all-pkgs",
        "--format=json",
        "--offline-scan",
        "--skip-db-update",
        "--quiet",
        "--input",
    ];
    let mut contenders = vec![(env!("CARGO_BIN_EXE_xtask").into(), &ours[..])];
    match peers::trivy() {
        Ok(program) => contenders.push((program, &trivys[..])),
        Err(why) => println!("left out: trivy: {why}"),
    }
    println!(
        "{} MB, {runs} runs in turns",
        archive.metadata().unwrap().len() / 1_000_000
    );
    let mut costs = vec![Vec::new(); contenders.len()];
    for _ in 0..runs {
        for ((program, arguments), costs) in contenders.iter().zip(&mut costs) {
            costs.push(alone(program, arguments, archive));
        }
    }
    for ((program, _), costs) in contenders.iter().zip(&costs) {
        let least = |of: fn(&(Duration, f64, f64)) -> f64| {
            costs.iter().map(of).fold(f64::INFINITY, f64::min)
        };
        println!(
            "{:40} wall {:.2} s, CPU {:.2} s, {:.0} MiB",
            program.display(),
            least(|cost| cost.0.as_secs_f64()),
            least(|cost| cost.1),
            least(|cost| cost.2) / 1024.0
        );
    }
}

/// Wall and CPU time, and the most memory in KiB, of a process in an empty folder, with nothing kept from before.
fn alone(program: &Path, arguments: &[&str], archive: &Path) -> (Duration, f64, f64) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let started = Instant::now();
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%U %S %M"])
        .arg(program)
        .args(arguments)
        .arg(archive)
        .current_dir(folder.path())
        .env("TRIVY_CACHE_DIR", folder.path())
        .output()
        .unwrap();
    let wall = started.elapsed();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
    let last = said.trim().lines().last().unwrap_or_default();
    let numbers: Vec<f64> = last
        .split_whitespace()
        .map(|number| number.parse().unwrap())
        .collect();
    (wall, numbers[0] + numbers[1], numbers[2])
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> (T, Duration) {
    // The most memory so far is forgotten (`proc(5)`, clear_refs).
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let started = Instant::now();
    let result = work();
    let time = started.elapsed();
    println!("{what}: {time:?}, {} MiB at most", peak_kib() / 1024);
    (result, time)
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Writes an `all.zip` for each ecosystem; how many bytes it were.
fn make(data: &Utf8Path, advisories: usize) -> u64 {
    let mut chance = Chance::new(1);
    let mut bytes = 0;
    for (ecosystem, percent) in ECOSYSTEMS {
        let folder = data.join(ecosystem);
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("all.zip");
        let mut zip = ZipFile::new(BufWriter::new(File::create(&file).unwrap()));
        for index in 0..advisories * percent / 100 {
            let id = format!("{}-2024-{index}", ecosystem.to_uppercase());
            zip.add(
                &format!("{id}.json"),
                record(&mut chance, ecosystem, &id, index).as_bytes(),
            )
            .unwrap();
        }
        zip.finish().unwrap();
        bytes += file.metadata().unwrap().len();
    }
    bytes
}

/// About 2 kB, as the records of GitHub and of distributions have on average.
fn record(chance: &mut Chance, ecosystem: &str, id: &str, index: usize) -> String {
    let name = format!("package-{}", chance.below(30_000));
    let fixed = version(ecosystem, chance.below(30), chance.below(10));
    let releases = match ecosystem {
        "Debian" => vec!["Debian:11", "Debian:12", "Debian:13"],
        "Alpine" => vec!["Alpine:v3.19", "Alpine:v3.20", "Alpine:v3.21"],
        other => vec![other],
    };
    let kind = if matches!(ecosystem, "npm" | "Go" | "crates.io") {
        "SEMVER"
    } else {
        "ECOSYSTEM"
    };
    let affected: Vec<String> = releases
        .iter()
        .map(|release| {
            let listed: Vec<String> =
                (0..chance.below(40)).map(|it| format!("\"{}\"", version(ecosystem, it / 10, it % 10))).collect();
            format!(
                r#"{{"package": {{"name": "{name}", "ecosystem": "{release}", "purl": "pkg:x/{name}"}}, "ranges": [{{"type":
                "{kind}", "events": [{{"introduced": "0"}}, {{"fixed": "{fixed}"}}]}}], "versions": [{}], "database_specific":
                {{"source": "https://example.com/{id}"}}}}"#,
                listed.join(", ")
            )
        })
        .collect();
    let details: String = (0..60 + chance.below(120))
        .map(|_| chance.pick(&["when ", "an ", "attacker ", "sends "]))
        .collect();
    format!(
        r#"{{"schema_version": "1.7.0", "id": "{id}", "modified": "2024-05-0{}T12:00:00Z", "published": "2024-04-01T00:00:00Z",
        "aliases": ["CVE-2024-{index}"], "summary": "Something in {name}", "details": "{details}", "severity": [{{"type":
        "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}], "affected": [{}], "references": [{{"type": "WEB",
        "url": "https://example.com/{id}"}}], "database_specific": {{"cwe_ids": ["CWE-79"], "severity": "HIGH"}}}}"#,
        1 + chance.below(9),
        affected.join(", ")
    )
}

fn version(ecosystem: &str, major: usize, minor: usize) -> String {
    match ecosystem {
        "Debian" => format!("{major}.{minor}-1+deb12u1"),
        "Alpine" => format!("{major}.{minor}-r1"),
        _ => format!("{major}.{minor}.0"),
    }
}

fn inventory(count: usize) -> Vec<Package> {
    let mut chance = Chance::new(2);
    let managers = [
        (Manager::Npm, "npm"),
        (Manager::Dpkg, "Debian"),
        (Manager::Python, "PyPI"),
    ];
    (0..count)
        .map(|index| {
            let (manager, ecosystem) = managers[index % 3];
            let name = format!("package-{}", chance.below(30_000));
            let version = version(ecosystem, 15 + chance.below(15), chance.below(10));
            let source = (manager == Manager::Dpkg).then(|| SourcePackage {
                name: name.clone(),
                version: version.clone(),
            });
            Package {
                manager,
                name,
                version,
                architecture: None,
                source,
                license: None,
                record: format!("record-{index}"),
                files: Vec::new(),
            }
        })
        .collect()
}
