//! The composite action `.github/actions/docker-lint`, carried out on small repositories.
#![expect(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]
#![expect(
    clippy::disallowed_methods,
    reason = "the runner starts programs and hands its environment on"
)]

mod expression;
mod runner;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use runner::{Action, Ran};

const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// One error.
const BAD: &str = "FROM alpine:3.20\nWORKDIR app\n";
/// Its place and rule, as an annotation has them.
const BAD_ANNOTATION: &str = "::error file=Dockerfile,line=2,col=9,endLine=2,endColumn=12,title=DL3000 workdir-not-absolute::";

/// A checkout of somebody, and a `cargo` that knows `xtask` alone.
struct Workspace {
    folder: tempfile::TempDir,
    programs: tempfile::TempDir,
}

impl Workspace {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let programs = tempfile::tempdir().unwrap();
        let cargo = programs.path().join("cargo");
        let program = env!("CARGO_BIN_EXE_xtask");
        let script =
            format!("#!/bin/sh\n[ \"$1\" = xtask ] || exit 99\nshift\nexec '{program}' \"$@\"\n");
        std::fs::write(&cargo, script).unwrap();
        std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder, programs }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn run(&self, with: &[(&str, &str)]) -> Ran {
        let action = Action::read(&Path::new(CHECKOUT).join(".github/actions/docker-lint"));
        action.run(self.folder.path(), self.programs.path(), with)
    }

    /// The rules that the report names, by file.
    fn report(&self, path: &str) -> Vec<String> {
        let report = std::fs::read_to_string(self.path(path)).unwrap();
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["version"], "2.1.0");
        let results = report["runs"][0]["results"].as_array().unwrap();
        let found = |result: &serde_json::Value| {
            let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            let (place, rule) = (place.as_str().unwrap(), result["ruleId"].as_str().unwrap());
            format!("{place} {rule}")
        };
        results.iter().map(found).collect()
    }
}

#[test]
fn a_bad_dockerfile_fails_the_job_and_is_annotated_and_reported() {
    let workspace = Workspace::new(&[("Dockerfile", BAD)]);
    let ran = workspace.run(&[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.starts_with(BAD_ANNOTATION), "{ran:?}");
    assert_eq!(ran.stdout.lines().count(), 1, "each finding once: {ran:?}");
    assert_eq!(ran.outputs["sarif"], "docker-lint.sarif");
    assert_eq!(workspace.report("docker-lint.sarif"), ["Dockerfile DL3000"]);
    assert_eq!(ran.summary, "");
}

#[test]
fn a_good_one_leaves_an_empty_report() {
    let workspace = Workspace::new(&[("Dockerfile", "FROM alpine:3.20\n")]);
    let ran = workspace.run(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran:?}");
    assert_eq!(workspace.report("docker-lint.sarif"), [""; 0]);
}

#[test]
fn inputs_choose_files_threshold_report_and_program() {
    let warned = "FROM alpine\n";
    let workspace = Workspace::new(&[
        ("Dockerfile", BAD),
        ("a/Dockerfile", warned),
        ("b/Dockerfile", warned),
    ]);
    for (with, code, annotations) in [
        (vec![("paths", "a b")], 1, 2),
        (vec![("paths", "a\nb\n")], 1, 2),
        (vec![("paths", "a"), ("fail-on", "error")], 0, 1),
        (vec![("fail-on", "error"), ("sarif", "")], 1, 3),
        (
            vec![
                ("paths", "b"),
                ("program", env!("CARGO_BIN_EXE_xtask")),
                ("sarif", "out/of/it.sarif"),
            ],
            1,
            1,
        ),
    ] {
        let ran = workspace.run(&with);
        assert_eq!(ran.code, code, "{with:?}: {ran:?}");
        assert_eq!(ran.stdout.lines().count(), annotations, "{with:?}: {ran:?}");
        let report = &ran.outputs["sarif"];
        if report.is_empty() {
            assert!(with.contains(&("sarif", "")));
        } else {
            assert_eq!(workspace.report(report).len(), annotations, "{with:?}");
            std::fs::remove_file(workspace.path(report)).unwrap();
        }
    }
    assert!(!workspace.path("docker-lint.sarif").exists());
}

#[test]
fn a_file_that_cannot_be_read_keeps_no_other_from_being_annotated() {
    let workspace = Workspace::new(&[("Dockerfile", BAD)]);
    let ran = workspace.run(&[("paths", "Dockerfile missing/Dockerfile")]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stdout.starts_with(BAD_ANNOTATION), "{ran:?}");
    assert!(ran.stderr.contains("missing/Dockerfile"), "{ran:?}");
    assert_eq!(workspace.report("docker-lint.sarif"), ["Dockerfile DL3000"]);
}

#[test]
fn inputs_are_data() {
    let workspace = Workspace::new(&[("Dockerfile", BAD)]);
    for hostile in [
        "$(touch pwned)",
        "`touch pwned`",
        "'; touch pwned; '",
        "* ? [a]",
    ] {
        let ran = workspace.run(&[("paths", hostile)]);
        assert_eq!(ran.code, 2, "{hostile}: {ran:?}");
        assert!(!workspace.path("pwned").exists(), "{hostile}");
    }
    // An option where a path is expected is a path.
    let ran = workspace.run(&[("paths", "--fix")]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(
        std::fs::read_to_string(workspace.path("Dockerfile")).unwrap(),
        BAD
    );
}

#[test]
fn this_repository_has_the_program_that_is_the_default() {
    let text = std::fs::read_to_string(Path::new(CHECKOUT).join(".cargo/config.toml")).unwrap();
    let configuration: toml::Table = text.parse().unwrap();
    let alias = configuration["alias"]["xtask"].as_str().unwrap();
    assert!(alias.contains("--package xtask"), "{alias}");
}
