//! Images in a real engine, with both of its image stores.

use std::path::Path;

use camino::Utf8Path;
use xtask::engine::private::PrivateEngine;
use xtask::engine::{Engine, EngineKind, ImageStore, Means};
use xtask::process::{Command, Interrupt, Runner as _, System};

use super::run;
use crate::support;

/// A static program that does what shells are used for, so that no base image is needed.
const PROGRAM: &str = r#"
use std::os::unix::fs::PermissionsExt as _;
fn main() {
    let words: Vec<String> = std::env::args().collect();
    let path = words.get(2).map(String::as_str).unwrap_or_default();
    match words[1].as_str() {
        "remove" => std::fs::remove_dir_all(path).unwrap(),
        "chmod" => std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap(),
        "move" => std::fs::rename(path, &words[3]).unwrap(),
        other => panic!("{other}"),
    }
}
"#;

const DOCKERFILE: &str = "FROM scratch AS base
COPY program /
COPY data /data
FROM base
RUN [\"/program\", \"remove\", \"/data/cache\"]
RUN [\"/program\", \"chmod\", \"/data/binary\"]
RUN [\"/program\", \"move\", \"/data/big\", \"/big\"]
COPY again /data/replaced
";

const CACHE: u64 = 700_000;
const BINARY: u64 = 500_000;
const BIG: u64 = 400_000;
const REPLACED: u64 = 300_000;
const AGAIN: u64 = 150_000;

/// A file of bytes that do not compress, the same every time.
pub(super) fn random(path: &Path, length: u64) {
    let mut state = length;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
    .take(usize::try_from(length).unwrap())
    .collect();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

pub(super) fn context(root: &Path) -> u64 {
    random(&root.join("data/cache/sub/file"), CACHE);
    random(&root.join("data/binary"), BINARY);
    random(&root.join("data/big"), BIG);
    random(&root.join("data/replaced"), REPLACED);
    random(&root.join("again"), AGAIN);
    std::fs::write(root.join("Dockerfile"), DOCKERFILE).unwrap();
    std::fs::write(root.join("program.rs"), PROGRAM).unwrap();
    let rustc = Command::new("rustc")
        .args([
            "-C",
            "target-feature=+crt-static",
            "-C",
            "strip=symbols",
            "-o",
        ])
        .arg(root.join("program"))
        .arg(root.join("program.rs"));
    System::default()
        .run(&rustc)
        .and_then(|o| o.checked(&rustc))
        .unwrap();
    std::fs::metadata(root.join("program")).unwrap().len()
}

fn docker(engine: &Engine, arguments: &[&str]) -> String {
    let command = engine.command().args(arguments);
    System::default()
        .run(&command)
        .and_then(|o| o.checked(&command))
        .unwrap()
        .text()
}

/// Builds the image and holds our account of it against what is known and what the engine says.
fn account(engine: &Engine, choice: &str, root: &Path, project: &Path, program: u64) {
    let tag = format!("xtask-size-test-{}:1", std::process::id());
    docker(
        engine,
        &[
            "buildx",
            "build",
            "--quiet",
            "--tag",
            &tag,
            root.to_str().unwrap(),
        ],
    );
    let ran = run(project, &[choice, &tag, "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let image = &ran.images()[0];
    let sizes = &image["sizes"];
    let unpacked = program + CACHE + BINARY * 2 + BIG * 2 + REPLACED + AGAIN;
    let hidden = CACHE + BINARY + BIG + REPLACED;
    assert_eq!(sizes["unpacked_bytes"], unpacked);
    assert_eq!(sizes["hidden_bytes"], hidden);
    assert_eq!(sizes["visible_bytes"], unpacked - hidden);
    let waste: Vec<(u64, &str, u64, u64)> = image["waste"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            let number = |name: &str| group[name].as_u64().unwrap();
            (
                number("bytes"),
                group["cause"].as_str().unwrap(),
                number("added_by"),
                number("hidden_by"),
            )
        })
        .collect();
    assert_eq!(
        waste,
        [
            (CACHE, "removed", 1, 2),
            (BINARY, "metadata_only", 1, 3),
            (BIG, "moved", 1, 4),
            (REPLACED, "replaced", 1, 5),
        ]
    );
    let instructions: Vec<&str> = image["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| layer["origin"]["instruction"].as_str().unwrap())
        .collect();
    assert!(
        instructions[2].starts_with("RUN") && instructions[5].starts_with("COPY again"),
        "{instructions:?}"
    );

    match engine.store {
        // What overlay2 calls size is what we call unpacked.
        ImageStore::GraphDriver => {
            let size = docker(engine, &["image", "inspect", "--format", "{{.Size}}", &tag]);
            assert_eq!(size, unpacked.to_string());
            assert_eq!(sizes["compressed_is_estimate"], true);
        }
        // The containerd store keeps the layers as a registry would.
        ImageStore::Containerd => {
            assert_eq!(sizes["compressed_is_estimate"], false);
            let saved = project.join("saved.tar");
            docker(
                engine,
                &["image", "save", "--output", saved.to_str().unwrap(), &tag],
            );
            let from_file = run(project, &["./saved.tar", "--format", "json"]);
            assert_eq!(&from_file.images()[0]["sizes"], sizes);
            assert_eq!(from_file.images()[0]["folders"], image["folders"]);
        }
    }
    // What a container sees is what `visible` counts, file by file.
    let rootfs = project.join("rootfs.tar");
    let output = format!("type=tar,dest={}", rootfs.display());
    docker(
        engine,
        &[
            "buildx",
            "build",
            "--quiet",
            "--output",
            &output,
            root.to_str().unwrap(),
        ],
    );
    let mut archive = tar::Archive::new(std::fs::File::open(&rootfs).unwrap());
    let seen: u64 = archive
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.header().entry_type().is_file())
        .map(|entry| entry.size())
        .sum();
    assert_eq!(sizes["visible_bytes"], seen);

    // Once it was read, no image is read again: the answer is the same without the engine's archive.
    let again = run(project, &[choice, &tag, "--format", "json"]);
    assert_eq!(again.stdout, ran.stdout);
    docker(engine, &["image", "rm", "--force", &tag]);
    let gone = run(project, &[choice, &tag]);
    assert_eq!(gone.code, Some(2), "{gone:?}");
    assert!(gone.stderr.contains("there is no image"), "{}", gone.stderr);
}

#[test]
fn an_image_in_the_engine_is_accounted_for_to_the_byte() {
    let Some(machine) = support::Shared::find() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let project = tempfile::tempdir().unwrap();
    support::Machine::lend_to(Utf8Path::from_path(project.path()).unwrap());
    let program = context(folder.path());
    account(
        &machine.engine,
        machine.choice(),
        folder.path(),
        project.path(),
        program,
    );
}

/// A second private engine with the other store, which stops when the test ends. Its programs are kept for the next
/// time.
struct Other(PrivateEngine);

impl Drop for Other {
    fn drop(&mut self) {
        let (runner, interrupt) = (System::default(), Interrupt::default());
        if let Err(error) = self.0.down(means(&runner, &interrupt)) {
            println!("the engine with the other store was not stopped: {error}");
        }
    }
}

fn means<'a>(runner: &'a System, interrupt: &'a Interrupt) -> Means<'a> {
    Means {
        runner,
        interrupt,
        note: &|line| println!("{line}"),
    }
}

#[test]
fn the_graph_driver_store_has_the_same_account() {
    let Some(machine) = support::Shared::find() else {
        return;
    };
    if machine.engine.kind != EngineKind::Private {
        assert!(std::env::var_os("CI").is_none(), "CI has a private engine");
        println!("skipped: a second engine can be started where a private one runs, as root");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let project = tempfile::tempdir().unwrap();
    let target = support::checkout().join("target/docker-engine-graph-driver");
    std::fs::create_dir_all(&target).unwrap();
    // What was fetched for the first engine need not be fetched again.
    for part in ["debs", "apt"] {
        let (from, to) = (
            support::checkout().join("target/docker-engine").join(part),
            target.join(part),
        );
        if from.is_dir() && !to.exists() {
            let copy = Command::new("cp").args(["-al"]).arg(&from).arg(&to);
            System::default()
                .run(&copy)
                .and_then(|o| o.checked(&copy))
                .unwrap();
        }
    }
    let target = target.canonicalize_utf8().unwrap();
    std::fs::create_dir_all(project.path().join("target")).unwrap();
    std::os::unix::fs::symlink(&target, project.path().join("target/docker-engine")).unwrap();
    let other = Other(PrivateEngine::new(target).with_store(ImageStore::GraphDriver));
    let (runner, interrupt) = (System::default(), Interrupt::default());
    let engine = other.0.up(means(&runner, &interrupt)).unwrap().engine();
    assert_eq!(engine.store, ImageStore::GraphDriver);
    let program = context(folder.path());
    account(
        &engine,
        "--engine=private",
        folder.path(),
        project.path(),
        program,
    );
}

const MANIFEST: &str = "schema_version = 1
[project]
name = \"shop\"
[registry]
host = \"localhost:1\"
namespace = \"size-test\"
[services]
dockerfiles = [\"services/*/Dockerfile\"]
[budget]
unpacked = \"1 MB\"
waste = \"400 kB\"
soft.layer = \"10 kB\"
[[budget.exceptions]]
image = \"api\"
measure = \"compressed\"
limit = \"90 MB\"
reason = \"none\"
expires = 2999-01-01
";

const SERVICE: &str = "FROM scratch AS production
COPY program /
COPY data /data
RUN [\"/program\", \"remove\", \"/data/cache\"]
# lint: allow(DX1005) the test wants it so
RUN [\"/program\", \"chmod\", \"/data/binary\"]
CMD [\"/program\"]
";

#[test]
fn a_projects_images_are_judged_at_their_lines() {
    let Some(machine) = support::Shared::find() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    support::Machine::lend_to(Utf8Path::from_path(root).unwrap());
    context(root);
    std::fs::create_dir_all(root.join("docker")).unwrap();
    std::fs::create_dir_all(root.join("services/api")).unwrap();
    std::fs::write(root.join("docker/docker.toml"), MANIFEST).unwrap();
    std::fs::write(root.join("services/api/Dockerfile"), SERVICE).unwrap();
    let build = support::xtask(
        Utf8Path::from_path(root).unwrap(),
        &["docker-build", machine.choice(), "--quiet"],
    );
    let outcome = support::run(&build);
    // Too large, as it is to be.
    assert_eq!(outcome.code, Some(1), "{}", outcome.error_text());

    let ran = run(root, &[machine.choice(), "--format", "json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let document = ran.json();
    assert_eq!(document["within_budget"], false);
    let layers = document["images"][0]["layers"].as_array().unwrap();
    let lines: Vec<_> = layers
        .iter()
        .map(|layer| {
            let origin = &layer["origin"];
            assert_eq!(origin["evidence"], "provenance");
            assert_eq!(origin["dockerfile"], "services/api/Dockerfile");
            origin["line"].as_u64().unwrap()
        })
        .collect();
    assert_eq!(lines, [2, 3, 4, 6]);
    let findings: Vec<String> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let part = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}:{}", part("code"), part("file"), finding["line"])
        })
        .collect();
    // The copy for new permissions is kept back by the comment above it.
    let expected = [
        "DX2101 services/api/Dockerfile:4",
        "B001 services/api/Dockerfile:null",
        "B001 services/api/Dockerfile:null",
        "B004 services/api/Dockerfile:null",
        "B005 docker/docker.toml:13",
    ];
    assert_eq!(findings, expected);
    let saved = document["findings"][0]["bytes"].as_u64();
    assert_eq!(saved, Some(CACHE));

    let mistyped = run(root, &[machine.choice(), "apii"]);
    assert_eq!(mistyped.code, Some(2));
    assert!(
        mistyped.stderr.contains("the manifest has api"),
        "{}",
        mistyped.stderr
    );
    let nowhere = run(root, &[machine.choice(), "--against", "nowhere"]);
    assert_eq!(nowhere.code, Some(2));
    let said = "nowhere is neither a file nor a commit";
    assert!(nowhere.stderr.contains(said), "{}", nowhere.stderr);

    let sarif = run(root, &[machine.choice(), "--format", "sarif"]);
    let results = &sarif.json()["runs"][0]["results"];
    let at = results
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["ruleId"] == "DX2101")
        .unwrap();
    let place = &at["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "services/api/Dockerfile");
    assert_eq!(place["region"]["startLine"], 4);
    docker(
        &machine.engine,
        &[
            "image",
            "rm",
            "--force",
            "localhost:1/size-test/shop-api:dev",
        ],
    );
}
