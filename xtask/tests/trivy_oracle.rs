//! The embedded matcher against the real Trivy: both get the same image and the same facts, each in its own form, and
//! must find the same. And Trivy run as we run it: what it says is read, and what goes wrong is told.
//!
//! Which Trivy: `TRIVY`, else pip is asked for it; the tests say so and pass where there is none.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    reason = "helpers of tests fail by panicking and tell what they did"
)]

#[path = "support/bolt.rs"]
mod bolt;
#[path = "support/chance.rs"]
#[allow(dead_code, reason = "every test binary takes its part of it")]
mod chance;
#[path = "support/peers.rs"]
#[allow(dead_code, reason = "every test binary takes its part of it")]
mod peers;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use bolt::Bucket;
use camino::{Utf8Path, Utf8PathBuf};
use chance::Chance;
use sha2::{Digest as _, Sha256};
use xtask::error::Exit;
use xtask::image::filesystem::Filesystem;
use xtask::image::inventory::{Package, packages};
use xtask::image::layer::{Detail, LayerContents};
use xtask::process::System;
use xtask::project::manifest::Trivy as Settings;
use xtask::scan::database::Database;
use xtask::scan::index::{Index, Writer};
use xtask::scan::merging::{Looked, of_both};
use xtask::scan::osv;
use xtask::scan::vulnerability::{Finder, Level, Vulnerability};
use xtask::trivy::{Subject, Trivy};

/// Somebody's vulnerability, as both databases will have it.
struct Fact {
    id: String,
    kind: Kind,
    package: String,
    fixed: String,
    level: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Alpine,
    Debian,
    Npm,
    Python,
}

impl Kind {
    /// As OSV calls it.
    const fn ecosystem(self) -> &'static str {
        match self {
            Self::Alpine => "Alpine:v3.20",
            Self::Debian => "Debian:12",
            Self::Npm => "npm",
            Self::Python => "PyPI",
        }
    }

    /// As Trivy's database calls it.
    const fn bucket(self) -> &'static str {
        match self {
            Self::Alpine => "alpine 3.20",
            Self::Debian => "debian 12",
            Self::Npm => "npm::GitHub Security Advisory Npm",
            Self::Python => "pip::GitHub Security Advisory Pip",
        }
    }

    const fn is_distribution(self) -> bool {
        matches!(self, Self::Alpine | Self::Debian)
    }
}

/// Packages with the name that advisories have, by which they are installed, and versions.
const ALPINE: &[(&str, &[&str], &str)] = &[
    ("openssl", &["libssl3", "libcrypto3", "openssl"], "3.3.1-r3"),
    ("busybox", &["busybox", "ssl_client"], "1.36.1-r29"),
    ("zlib", &["zlib"], "1.3.1-r1"),
    ("git", &["git"], "2.45.2_p1-r0"),
    ("tzdata", &["tzdata"], "2024b-r0"),
];
const DEBIAN: &[(&str, &[&str], &str)] = &[
    ("openssl", &["libssl3", "openssl"], "3.0.15-1~deb12u1"),
    ("glibc", &["libc6", "libc-bin"], "2.36-9+deb12u8"),
    ("shadow", &["passwd", "login"], "1:4.13+dfsg1-1"),
    ("bash", &["bash"], "5.2.15-2"),
];
const NPM: &[(&str, &str)] = &[
    ("lodash", "4.17.20"),
    ("minimist", "1.2.5"),
    ("@scope/left-pad", "2.0.0"),
    ("ws", "8.17.0"),
];
const PYTHON: &[(&str, &str)] = &[
    ("requests", "2.30.0"),
    ("zope.interface", "5.5.2"),
    ("pyyaml", "6.0.1rc1"),
    ("pytz", "2024.1"),
];

fn facts(chance: &mut Chance, distribution: Kind) -> Vec<Fact> {
    let system = if distribution == Kind::Alpine {
        ALPINE
    } else {
        DEBIAN
    };
    let mut facts = Vec::new();
    let mut number = 0;
    let mut add = |chance: &mut Chance, kind, package: &str, version: &str| {
        for _ in 0..4 + chance.below(4) {
            number += 1;
            facts.push(Fact {
                id: format!("CVE-2024-{number}"),
                kind,
                package: package.to_owned(),
                fixed: near(chance, kind, version),
                level: ["LOW", "MEDIUM", "HIGH", "CRITICAL"][chance.below(4)],
            });
        }
    };
    for (name, _, version) in system {
        add(chance, distribution, name, version);
    }
    for (name, version) in NPM {
        add(chance, Kind::Npm, name, version);
    }
    for (name, version) in PYTHON {
        add(chance, Kind::Python, name, version);
    }
    facts
}

/// A version that is the same, a little earlier or a little later.
fn near(chance: &mut Chance, kind: Kind, version: &str) -> String {
    if chance.percent(20) {
        return version.to_owned();
    }
    let digits: Vec<usize> = version
        .bytes()
        .enumerate()
        .filter(|(_, byte)| byte.is_ascii_digit())
        .map(|(at, _)| at)
        .collect();
    let at = digits[chance.below(digits.len())];
    let mut bytes = version.as_bytes().to_vec();
    bytes[at] = b'1' + u8::try_from(chance.below(9)).unwrap();
    let mut version = String::from_utf8(bytes).unwrap();
    if chance.percent(25) {
        version += match kind {
            Kind::Alpine => "1",
            Kind::Debian => chance.pick(&["+deb12u1", "~bpo1", ".1"]),
            Kind::Npm => chance.pick(&["-rc.2", ""]),
            Kind::Python => chance.pick(&[".post1", ""]),
        };
    }
    // What made no version of it is none for either database.
    if xtask::scan::ecosystem::Ecosystem::of(kind.ecosystem())
        .is_some_and(|it| xtask::version::is_valid(it.scheme(), &version))
    {
        version
    } else {
        near(chance, kind, "1.0.0")
    }
}

/// As OSV has it.
fn record(fact: &Fact) -> String {
    let name = format!(
        "{}-{}",
        if fact.kind.is_distribution() {
            "X"
        } else {
            "GHSA"
        },
        fact.id
    );
    format!(
        r#"{{"id": "{name}", "aliases": ["{}"], "affected": [{{"package": {{"ecosystem": "{}", "name": "{}"}}, "ranges":
        [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}, {{"fixed": "{}"}}]}}], "database_specific": {{"severity":
        "{}"}}}}]}}"#,
        fact.id,
        fact.kind.ecosystem(),
        fact.package,
        fact.fixed,
        fact.level
    )
}

/// Trivy's database below `cache`.
fn write_database(cache: &Utf8Path, facts: &[Fact]) {
    let mut root = Bucket::default();
    for fact in facts {
        let advisory = if fact.kind.is_distribution() {
            format!(r#"{{"FixedVersion": "{}"}}"#, fact.fixed)
        } else {
            format!(
                r#"{{"PatchedVersions": ["{0}"], "VulnerableVersions": ["< {0}"]}}"#,
                fact.fixed
            )
        };
        root.bucket(fact.kind.bucket())
            .bucket(&fact.package)
            .put(&fact.id, &advisory);
        let severity = ["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
            .iter()
            .position(|it| *it == fact.level)
            .unwrap();
        let details = format!(
            r#"{{"Title": "title of {}", "Severity": "{}", "VendorSeverity": {{"ghsa": {severity}, "nvd": {severity}}}}}"#,
            fact.id, fact.level
        );
        root.bucket("vulnerability").put(&fact.id, &details);
        let source = if fact.kind.is_distribution() {
            "alpine"
        } else {
            "ghsa"
        };
        let source =
            format!(r#"{{"ID": "{source}", "Name": "planted", "URL": "https://example.com"}}"#);
        root.bucket("data-source").put(fact.kind.bucket(), &source);
    }
    let folder = cache.join("db");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("trivy.db"), root.file()).unwrap();
    let metadata = r#"{"Version": 2, "NextUpdate": "2999-01-01T00:00:00Z", "UpdatedAt": "2026-08-25T06:00:00Z",
        "DownloadedAt": "2026-08-26T06:00:00Z"}"#;
    std::fs::write(folder.join("metadata.json"), metadata).unwrap();
}

/// One layer with the packages of all kinds.
fn layer(distribution: Kind) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut add = |path: &str, text: &str| {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, path, text.as_bytes()).unwrap();
    };
    let mut database = String::new();
    if distribution == Kind::Alpine {
        add("etc/os-release", "ID=alpine\nVERSION_ID=3.20.3\n");
        add("etc/alpine-release", "3.20.3\n");
        for (origin, names, version) in ALPINE {
            for name in *names {
                writeln!(database, "P:{name}\nV:{version}\nA:x86_64\no:{origin}\n").unwrap();
            }
        }
        add("lib/apk/db/installed", &database);
    } else {
        add("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
        add("etc/debian_version", "12.7\n");
        for (source, names, version) in DEBIAN {
            for name in *names {
                writeln!(
                    database,
                    "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nSource: {source}\nVersion: {version}\n"
                )
                .unwrap();
            }
        }
        add("var/lib/dpkg/status", &database);
    }
    for (name, version) in NPM {
        let text = format!(r#"{{"name": "{name}", "version": "{version}", "license": "MIT"}}"#);
        add(&format!("app/node_modules/{name}/package.json"), &text);
    }
    for (name, version) in PYTHON {
        let folder = format!(
            "usr/lib/python3.12/site-packages/{}-{version}.dist-info",
            name.replace('.', "_")
        );
        add(
            &format!("{folder}/METADATA"),
            &format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
        );
    }
    tar.into_inner().unwrap()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
}

/// As `docker save` writes it.
fn archive(layer: &[u8]) -> Vec<u8> {
    let config = format!(
        r#"{{"architecture": "amd64", "os": "linux", "config": {{}}, "rootfs": {{"type": "layers", "diff_ids":
        ["sha256:{}"]}}, "history": [{{"created_by": "COPY . /"}}]}}"#,
        digest(layer)
    );
    let name = format!("{}.json", digest(config.as_bytes()));
    let manifest =
        format!(r#"[{{"Config": "{name}", "RepoTags": ["planted:1"], "Layers": ["layer.tar"]}}]"#);
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in [
        ("manifest.json", manifest.as_bytes()),
        (&name, config.as_bytes()),
        ("layer.tar", layer),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, path, bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

fn inventory(layer: &[u8]) -> Vec<Package> {
    let (_, contents) = LayerContents::read(&mut &layer[..], Detail::Entries).unwrap();
    packages(&Filesystem::of(vec![Arc::new(contents.unwrap())]))
}

struct Place {
    _dir: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let root = Utf8PathBuf::from_path_buf(dir.path().canonicalize().unwrap()).unwrap();
        Self { _dir: dir, root }
    }
}

fn real_trivy() -> Option<Utf8PathBuf> {
    match peers::trivy() {
        Ok(path) => Some(Utf8PathBuf::from_path_buf(path.canonicalize().unwrap()).unwrap()),
        Err(why) => {
            println!("skipped: {why}");
            None
        }
    }
}

/// Package, version, name, fix and level.
fn essence(all: &[Vulnerability]) -> BTreeSet<(String, String, String, Option<String>, Level)> {
    let one = |one: &Vulnerability| {
        let package = &one.package;
        (
            package.name.clone(),
            package.version.clone(),
            one.id.clone(),
            one.fixed.clone(),
            one.level,
        )
    };
    all.iter().map(one).collect()
}

#[test]
fn trivy_and_the_embedded_matcher_find_the_same() {
    let Some(program) = real_trivy() else { return };
    for (seed, distribution) in [
        (1, Kind::Alpine),
        (2, Kind::Debian),
        (3, Kind::Alpine),
        (4, Kind::Debian),
    ] {
        let place = Place::new();
        let facts = facts(&mut Chance::new(seed), distribution);
        write_database(&place.root.join("cache"), &facts);
        let layer = layer(distribution);
        let file = place.root.join("image.tar");
        std::fs::write(&file, archive(&layer)).unwrap();
        let packages = inventory(&layer);

        let mut writer = Writer::new(Vec::new()).unwrap();
        for fact in &facts {
            writer
                .add(&osv::read(record(fact).as_bytes()).unwrap(), None)
                .unwrap();
        }
        let bytes = writer.finish(1).unwrap();
        let database = Database::new(Index::open(&bytes[..]).unwrap());
        let ours = database
            .vulnerabilities(&packages, Some(distribution.ecosystem()))
            .unwrap();
        assert_eq!(ours.unknown, []);

        let settings = Settings::default();
        let system = System::default();
        let (cache, work) = (place.root.join("cache"), place.root.join("work"));
        let trivy = Trivy::at(&system, &program, &settings, Some(&cache), &work).unwrap();
        let theirs = trivy
            .scan(&system, Subject::Path(&file), &packages, true)
            .unwrap();
        let age = theirs.database.unwrap();
        assert_eq!(age.updated.to_string(), "2026-08-25T06:00:00Z");
        assert_eq!(age.downloaded.unwrap().to_string(), "2026-08-26T06:00:00Z");
        assert_eq!(
            theirs.report.managers.len(),
            3,
            "{:?}",
            theirs.report.managers
        );

        assert_eq!(
            essence(&ours.vulnerabilities),
            essence(&theirs.report.vulnerabilities)
        );
        let found = ours.vulnerabilities.len();
        assert!(
            found > 20 && found < facts.len() * 2,
            "{found} of {}",
            facts.len()
        );
        println!(
            "{}: {found} vulnerabilities, the same in both",
            distribution.ecosystem()
        );

        let looked = Looked {
            by_both: theirs.report.managers.clone(),
        };
        let both = of_both(ours.vulnerabilities, theirs.report.vulnerabilities, &looked);
        assert_eq!(both.len(), found);
        for one in &both {
            assert_eq!(one.found_by, [Finder::Osv, Finder::Trivy].into(), "{one:?}");
            assert_eq!(one.disagreements, [""; 0], "{one:?}");
        }
    }
}

/// Trivy reads `< 2.8.0` as npm reads ranges, where `2.0.0-rc.1` is in none that does not name it; advisories mean the
/// order of versions. This is a difference that must be: what announces a vulnerable version is vulnerable.
#[test]
fn trivy_passes_over_what_announces_a_release() {
    let Some(program) = real_trivy() else { return };
    let place = Place::new();
    let fact = Fact {
        id: "CVE-2024-1".to_owned(),
        kind: Kind::Npm,
        package: "announced".to_owned(),
        fixed: "2.8.0".to_owned(),
        level: "HIGH",
    };
    write_database(&place.root.join("cache"), &[fact]);
    let mut tar = tar::Builder::new(Vec::new());
    for (folder, version) in [("a", "2.0.0-rc.1"), ("b", "2.0.0")] {
        let text = format!(r#"{{"name": "announced", "version": "{version}"}}"#);
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        let path = format!("{folder}/node_modules/announced/package.json");
        tar.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    let layer = tar.into_inner().unwrap();
    let file = place.root.join("image.tar");
    std::fs::write(&file, archive(&layer)).unwrap();
    let (settings, system) = (Settings::default(), System::default());
    let (cache, work) = (place.root.join("cache"), place.root.join("work"));
    let trivy = Trivy::at(&system, &program, &settings, Some(&cache), &work).unwrap();
    let scan = trivy
        .scan(&system, Subject::Path(&file), &inventory(&layer), true)
        .unwrap();
    let versions: Vec<&str> = scan
        .report
        .vulnerabilities
        .iter()
        .map(|one| one.package.version.as_str())
        .collect();
    assert_eq!(versions, ["2.0.0"]);
}

#[test]
fn the_real_trivy_without_data_is_no_clean_image() {
    let Some(program) = real_trivy() else { return };
    let place = Place::new();
    let file = place.root.join("image.tar");
    std::fs::write(&file, archive(&layer(Kind::Alpine))).unwrap();
    let (settings, system) = (Settings::default(), System::default());
    let (cache, work) = (place.root.join("cache"), place.root.join("work"));
    let trivy = Trivy::at(&system, &program, &settings, Some(&cache), &work).unwrap();
    let error = trivy
        .scan(&system, Subject::Path(&file), &[], true)
        .unwrap_err();
    assert_eq!(error.exit(), Exit::Missing);
    assert_eq!(
        error.message(),
        "Trivy has no vulnerability database yet, and may not fetch one"
    );
    assert_eq!(trivy.database(&system).unwrap(), None);

    write_database(&cache, &[]);
    let error = trivy
        .scan(
            &system,
            Subject::Path(&place.root.join("none.tar")),
            &[],
            true,
        )
        .unwrap_err();
    assert_eq!(
        (error.exit(), error.message()),
        (Exit::Missing, "Trivy does not find the image"),
        "{error}"
    );
    std::fs::write(&file, "no archive").unwrap();
    let error = trivy
        .scan(&system, Subject::Path(&file), &[], true)
        .unwrap_err();
    assert_ne!(error.exit(), Exit::Clean, "{error}");
}

/// What lies in the folder the user stands in must not hide anything.
#[test]
fn trivys_own_files_beside_the_image_change_nothing() {
    let Some(program) = real_trivy() else { return };
    let place = Place::new();
    let facts = facts(&mut Chance::new(1), Kind::Alpine);
    let cache = place.root.join("cache");
    write_database(&cache, &facts);
    let layer = layer(Kind::Alpine);
    let file = place.root.join("image.tar");
    std::fs::write(&file, archive(&layer)).unwrap();
    let ids: Vec<&str> = facts.iter().map(|fact| fact.id.as_str()).collect();
    std::fs::write(place.root.join(".trivyignore"), ids.join("\n")).unwrap();
    std::fs::write(place.root.join("trivy.yaml"), "severity: [CRITICAL]\n").unwrap();
    let (settings, system) = (Settings::default(), System::default());
    let trivy = Trivy::at(
        &system,
        &program,
        &settings,
        Some(&cache),
        &place.root.join("work"),
    )
    .unwrap();
    let scan = trivy
        .scan(&system, Subject::Path(&file), &inventory(&layer), true)
        .unwrap();
    assert!(scan.report.vulnerabilities.len() > 20);
}

/// A Trivy that dies while it prints, and one that prints half and says that all is well.
#[test]
fn a_trivy_that_is_killed_half_way_is_told() {
    let place = Place::new();
    let half = r#"{"SchemaVersion": 2, "ArtifactName": "x", "Results": [{"#;
    for (end, message) in [
        ("kill -9 $$", "Trivy was ended before it was done"),
        ("exit 0", "Trivy's report is cut off at line 1"),
        ("exit 3", "Trivy failed"),
    ] {
        let program = place.root.join("trivy");
        let text = format!(
            "#!/bin/sh\ncase \"$1\" in --version) echo 'Version: 0.60.0';; *) printf '%s' '{half}'; {end};; esac\n"
        );
        std::fs::write(&program, text).unwrap();
        make_executable(&program);
        let (settings, system) = (Settings::default(), System::default());
        let trivy =
            Trivy::at(&system, &program, &settings, None, &place.root.join("work")).unwrap();
        let error = trivy
            .scan(&system, Subject::Path(Utf8Path::new("/x.tar")), &[], true)
            .unwrap_err();
        assert_eq!((error.exit(), error.message()), (Exit::Failed, message));
    }
}

fn make_executable(file: &Utf8Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}
