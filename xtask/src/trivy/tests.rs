use super::*;
use crate::error::Exit;
use crate::process::{Reply, Scripted};

struct Place {
    _dir: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        Self { _dir: dir, root }
    }

    /// A file that looks like a program which was linked with that version.
    fn program(&self, version: &str) -> Utf8PathBuf {
        let path = self.root.join("trivy");
        let mut bytes = vec![b'='; 100_000];
        bytes.extend_from_slice(b"-X github.com/aquasecurity/trivy/pkg/version/app.ver=");
        bytes.extend_from_slice(version.as_bytes());
        bytes.extend_from_slice(b"\"\n\0 more = text");
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn at<'a>(
    place: &Place,
    runner: &Scripted,
    path: &Utf8Path,
    settings: &'a Settings,
) -> Result<Trivy<'a>> {
    Trivy::at(runner, path, settings, None, &place.root.join("work"))
}

const REPORT: &str = r#"{"SchemaVersion": 2, "ArtifactName": "x", "Results": []}"#;
const VERSION: &str = r#"{"Version": "0.59.1", "VulnerabilityDB": {"Version": 2, "NextUpdate": "2026-08-26T00:00:00Z",
    "UpdatedAt": "2026-08-25T00:00:00.5Z", "DownloadedAt": "0001-01-01T00:00:00Z"}}"#;

fn scanned(reply: Reply, offline: bool) -> (Result<Scan>, Vec<Command>) {
    let place = Place::new();
    let path = place.program("0.59.1");
    let runner = Scripted::default()
        .on(" version ", Reply::ok(VERSION))
        .on(" image ", reply);
    let settings = Settings {
        database: Some("mirror.example.com/db:2".to_owned()),
        ..Settings::default()
    };
    let trivy = at(&place, &runner, &path, &settings).unwrap();
    assert_eq!(trivy.version(), "0.59.1");
    let scan = trivy.scan(
        &runner,
        Subject::Path(Utf8Path::new("/x.tar")),
        &[],
        offline,
    );
    (scan, runner.asked())
}

#[test]
fn the_version_is_read_without_starting_the_program() {
    let place = Place::new();
    for version in ["0.59.1", "v0.70.0", "0.72.0-rc.1"] {
        let runner = Scripted::default();
        let settings = Settings::default();
        let trivy = at(&place, &runner, &place.program(version), &settings).unwrap();
        assert_eq!(trivy.version(), version.trim_start_matches('v'));
        assert_eq!(runner.asked(), []);
    }
}

#[test]
fn a_compromised_version_is_never_started_even_if_it_is_pinned() {
    let place = Place::new();
    for version in COMPROMISED {
        let runner = Scripted::default();
        let settings = Settings {
            version: Some(version.to_owned()),
            ..Settings::default()
        };
        let error = at(&place, &runner, &place.program(version), &settings).unwrap_err();
        assert_eq!(error.exit(), Exit::Missing);
        assert!(
            error.message().contains("published by attackers"),
            "{error}"
        );
        assert_eq!(runner.asked(), []);
    }
}

#[test]
fn a_program_that_does_not_show_its_version_is_asked() {
    let place = Place::new();
    let path = place.root.join("trivy");
    std::fs::write(&path, "#!/bin/sh\nexec /opt/trivy \"$@\"\n").unwrap();
    let settings = Settings::default();
    let runner = Scripted::default().on("--version", Reply::ok("Version: 0.69.5\n"));
    let error = at(&place, &runner, &path, &settings).unwrap_err();
    assert!(
        error.message().contains("published by attackers"),
        "{error}"
    );
    let runner = Scripted::default().on("--version", Reply::ok("hello\n"));
    let error = at(&place, &runner, &path, &settings).unwrap_err();
    assert!(error.message().contains("is no Trivy"), "{error}");
}

#[test]
fn pins_are_held() {
    let place = Place::new();
    let path = place.program("0.59.1");
    let sum = look_at_sum(&path);
    let settings = |version: Option<&str>, sha256: Option<&str>| Settings {
        version: version.map(str::to_owned),
        sha256: sha256.map(str::to_owned),
        ..Settings::default()
    };
    for (pins, wrong) in [
        (settings(Some("0.59.1"), None), None),
        (settings(Some("v0.59.1"), Some(&sum.to_uppercase())), None),
        (
            settings(Some("0.60.0"), None),
            Some("is 0.59.1, and 0.60.0 is pinned"),
        ),
        (
            settings(None, Some(&"0".repeat(64))),
            Some("is not the Trivy that is pinned"),
        ),
    ] {
        let result = at(&place, &Scripted::default(), &path, &pins);
        match wrong {
            None => assert!(result.is_ok(), "{pins:?}: {result:?}"),
            Some(part) => {
                let error = result.unwrap_err();
                assert_eq!(error.exit(), Exit::Missing);
                assert!(error.message().contains(part), "{error}");
            }
        }
    }
}

fn look_at_sum(path: &Utf8Path) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(std::fs::read(path).unwrap());
    let bytes: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.concat()
}

#[test]
fn one_scan_asks_for_everything_and_tells_how_old_the_data_is() {
    let (scan, asked) = scanned(Reply::ok(REPORT), false);
    let database = scan.unwrap().database.unwrap();
    assert_eq!(database.updated.to_string(), "2026-08-25T00:00:00Z");
    assert_eq!(database.downloaded, None);
    let line = asked[0].display();
    for part in [
        "image --quiet",
        "--severity=UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL",
        "--ignore-unfixed=false",
        "--ignorefile=/dev/null",
        "--db-repository=mirror.example.com/db:2",
        "--input=/x.tar",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(!line.contains("--skip-db-update"), "{line}");
    let server = asked[0]
        .variables()
        .iter()
        .find(|(name, _)| name == "TRIVY_SERVER");
    assert_eq!(server.map(|(_, value)| value.to_str().unwrap()), Some(""));
    let (_, asked) = scanned(Reply::ok(REPORT), true);
    assert!(
        asked[0]
            .display()
            .contains("--offline-scan --skip-db-update --input=/x.tar")
    );
}

#[test]
fn what_goes_wrong_is_never_a_clean_image() {
    for (reply, exit, message) in [
        (
            Reply::failure(
                1,
                "2026-12-01T05:00:06Z\tFATAL\tFatal error\tinit error: DB error: database error: --skip-update cannot be specified on the first run\n",
            ),
            Exit::Missing,
            "Trivy has no vulnerability database yet, and may not fetch one",
        ),
        (
            Reply::failure(
                1,
                "FATAL\tFatal error\tinit error: DB error: failed to download vulnerability DB: database download error: OCI artifact error\n",
            ),
            Exit::Missing,
            "Trivy cannot use or fetch its vulnerability database",
        ),
        (
            Reply::failure(
                1,
                "FATAL\tFatal error\trun error: image scan error: unable to find the specified image \"x\" in [\"docker\"]\n",
            ),
            Exit::Missing,
            "Trivy does not find the image",
        ),
        (
            Reply::failure(2, "panic: runtime error\n"),
            Exit::Failed,
            "Trivy failed",
        ),
        (Reply::ok(""), Exit::Failed, "Trivy printed nothing"),
        (
            Reply::ok(&REPORT[..40]),
            Exit::Failed,
            "Trivy's report is cut off at line 1",
        ),
        (
            Reply::ok(REPORT.replace('2', "3")),
            Exit::Failed,
            "Trivy's report has schema 3, and only 2 is understood",
        ),
    ] {
        let (result, _) = scanned(reply, false);
        let error = result.unwrap_err();
        assert_eq!((error.exit(), error.message()), (exit, message), "{error}");
    }
}
