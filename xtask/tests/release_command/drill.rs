//! `docker-test --suite release`, and a registry that was tampered with.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use xtask::engine::containers::Reach;
use xtask::engine::local_registry::{Api, stored};
use xtask::engine::private::PrivateEngine;
use xtask::trial::Outcome;
use xtask::trial::release::blobs;

use crate::support::registry::{Registry, docker, ok};
use crate::support::scratch::Scratch;
use crate::support::static_program::static_program;
use crate::support::{Machine, Shared, checkout, run, xtask};

/// A service that is healthy as long as it runs.
const SERVICE: &str = r#"
fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("healthy") => {}
        _ => loop { std::thread::sleep(std::time::Duration::from_secs(60)) },
    }
}
"#;

/// Writes the Dockerfile of the service `api`, and the program beside it.
pub(crate) fn service(folder: &Utf8Path, more: &str) {
    std::fs::create_dir_all(folder).unwrap();
    static_program(folder, "service", SERVICE);
    let file = format!(
        "FROM scratch AS production\nCOPY services/api/service /service\nUSER 7:8\n\
         HEALTHCHECK --interval=1s --timeout=2s --start-period=5s CMD [\"/service\", \"healthy\"]\n{more}\
         STOPSIGNAL SIGKILL\nCMD [\"/service\"]\n"
    );
    std::fs::write(folder.join("Dockerfile"), file).unwrap();
}

fn project(root: &Utf8Path, name: &str) {
    std::fs::create_dir_all(root.join("docker")).unwrap();
    let manifest = format!(
        "schema_version = 1\n[project]\nname = \"{name}\"\n[services]\ndockerfiles = [\"services/*/Dockerfile\"]\n\
         [platforms]\nrelease = [\"linux/amd64\", \"linux/arm64\"]\n"
    );
    std::fs::write(root.join("docker/docker.toml"), manifest).unwrap();
    Machine::lend_to(root);
    let ours = checkout().join("target/docker-registry");
    std::fs::create_dir_all(&ours).unwrap();
    let ours = ours.canonicalize_utf8().unwrap();
    std::os::unix::fs::symlink(ours, root.join("target/docker-registry")).unwrap();
}

#[test]
fn a_release_goes_to_the_registry_and_back_and_gives_way_to_the_version_before() {
    let Some(machine) = Shared::find() else {
        return;
    };
    let scratch = Scratch::new();
    let root = scratch.path.join("project");
    project(&root, "drilled");
    let unique = format!("ENV UNIQUE={}\n", scratch.name(1));
    service(&root.join("services/api"), &unique);
    let platform = format!("--platform={}", machine.engine.platform);
    let build = ["docker-build", machine.choice(), &platform];
    ok(&xtask(&root, &build));
    let test = |format: &str| {
        let format = format!("--format={format}");
        run(&xtask(
            &root,
            &["docker-test", "--suite=release", machine.choice(), &format],
        ))
    };
    let output = test("json");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}\n{}", output.text(), output.error_text()));
    assert_eq!(output.code, Some(0), "{report:#}\n{}", output.error_text());
    let verdicts = report["subjects"][0]["verdicts"].as_array().unwrap();
    let told: Vec<(&str, &str)> = verdicts
        .iter()
        .map(|one| {
            (
                one["code"].as_str().unwrap(),
                one["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("DT4001", "passed"),
        ("DT4002", "passed"),
        ("DT4003", "passed"),
        // It was built for one platform only, which is told and no pass.
        ("DT4004", "skipped"),
        ("DT4005", "skipped"),
        ("DT4006", "passed"),
        ("DT4007", "passed"),
        ("DT4008", "passed"),
        ("DT4009", "passed"),
    ];
    assert_eq!(told, expected, "{report:#}");
    let measured = report["subjects"][0]["measurements"].as_array().unwrap();
    let back = measured
        .iter()
        .find(|one| one["name"] == "rollback-time")
        .unwrap();
    assert!(back["value"].as_f64().unwrap() < 120_000.0, "{back}");
    // Nothing is left: no name in the engine, no container, no registry.
    let names = ok(&docker(
        &machine.engine,
        &["images", "--format", "{{.Repository}}"],
    ));
    assert!(!names.text().contains("/drill/"), "{}", names.text());
    let label = format!("label={}", xtask::engine::containers::LABEL);
    let left = ok(&docker(
        &machine.engine,
        &["ps", "--all", "--quiet", "--filter", &label],
    ));
    assert_eq!(left.text(), "");
    let folder = root.join("target/docker-test/release");
    assert!(!folder.join("data").exists() && !folder.join("pid").exists());

    // A service that never becomes healthy is no release.
    let bad = unique
        + "ENV BAD=1\nHEALTHCHECK --interval=1s --retries=1 --start-period=0s CMD [\"/nothing\"]\n";
    service(&root.join("services/api"), &bad);
    ok(&xtask(&root, &build));
    let output = test("terminal");
    assert_eq!(output.code, Some(4), "{}", output.text());
    for expected in ["release-not-healthy", "rollback-failed"] {
        assert!(output.text().contains(expected), "{}", output.text());
    }
}

#[test]
fn an_index_has_an_image_for_every_platform() {
    let Some(machine) = Shared::find() else {
        return;
    };
    let scratch = Scratch::new();
    let root = scratch.path.join("project");
    project(&root, "indexed");
    let folder = root.join("services/api");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("data"), scratch.name(2)).unwrap();
    std::fs::write(
        folder.join("Dockerfile"),
        "FROM scratch AS production\nCOPY data /data\n",
    )
    .unwrap();
    let build = [
        "buildx",
        "build",
        "--load",
        "--quiet",
        "--platform=linux/amd64,linux/arm64",
    ];
    ok(&docker(&machine.engine, &build).args(["--tag=indexed-api:dev", folder.as_str()]));
    let output = run(&xtask(
        &root,
        &[
            "docker-test",
            "--suite=release",
            machine.choice(),
            "--format=json",
        ],
    ));
    ok(&docker(
        &machine.engine,
        &["image", "rm", "--force", "indexed-api:dev"],
    ));
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}\n{}", output.text(), output.error_text()));
    let verdicts = report["subjects"][0]["verdicts"].as_array().unwrap();
    let of = |code: &str| verdicts.iter().find(|one| one["code"] == code).unwrap();
    assert_eq!(of("DT4002")["outcome"], "passed", "{report:#}");
    assert_eq!(of("DT4004")["outcome"], "passed", "{report:#}");
    let detail = of("DT4004")["detail"].as_str().unwrap();
    assert!(detail.contains("linux/arm64"), "{detail}");
}

/// The files with the content of blobs, the largest first.
fn blob_files(data: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![data.join("registry/docker/registry/v2/blobs")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.into_path());
            } else {
                files.push(entry.into_path());
            }
        }
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.metadata().unwrap().len()));
    files
}

#[test]
fn a_registry_that_alters_or_loses_a_layer_is_caught() {
    let Some(machine) = Shared::find() else {
        return;
    };
    let scratch = Scratch::new();
    let Some(registry) = Registry::start(&machine, &scratch.path) else {
        return;
    };
    let folder = scratch.path.join("image");
    std::fs::create_dir_all(&folder).unwrap();
    let lines: Vec<String> = (0..2000)
        .map(|number| format!("{number} {}", scratch.name(number)))
        .collect();
    std::fs::write(folder.join("data"), lines.join("\n")).unwrap();
    std::fs::write(folder.join("Dockerfile"), "FROM scratch\nCOPY data /data\n").unwrap();
    let digest =
        crate::support::registry::push(&machine.engine, &folder, &registry.image("tampered/api:1"));
    let private = PrivateEngine::new(checkout().join("target/docker-engine"));
    let reach = Reach::to(&machine.engine, &private).unwrap();
    let judged = || {
        let api = Api::new(&reach, &registry.host);
        blobs(&stored(&api, "tampered/api", &digest).unwrap())
    };
    let verdict = judged();
    assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:?}");

    let largest = blob_files(&scratch.path).into_iter().next().unwrap();
    let good = std::fs::read(&largest).unwrap();
    let mut altered = good.clone();
    *altered.last_mut().unwrap() ^= 1;
    std::fs::write(&largest, &altered).unwrap();
    let verdict = judged();
    assert_eq!(verdict.outcome, Outcome::Failed, "{verdict:?}");
    assert!(
        verdict.detail.starts_with("layer 0 sha256:"),
        "{}",
        verdict.detail
    );
    assert!(verdict.detail.contains("was altered"), "{}", verdict.detail);

    std::fs::write(&largest, &good[..good.len() - 1]).unwrap();
    let verdict = judged();
    assert_eq!(verdict.outcome, Outcome::Failed, "{verdict:?}");

    std::fs::remove_file(&largest).unwrap();
    let verdict = judged();
    assert_eq!(verdict.outcome, Outcome::Failed, "{verdict:?}");
    assert!(verdict.detail.contains("is lost"), "{}", verdict.detail);
}
