//! The TypeScript half of the repository: types, lint, format and tests, with the versions of the lock file.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[expect(
    clippy::disallowed_methods,
    reason = "a test runs npm as a developer would"
)]
fn npm(root: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    Command::new("npm")
        .args(arguments)
        .current_dir(root)
        .env("CI", "true")
        .env("NX_DAEMON", "false")
        .env("NX_TUI", "false")
        .output()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

#[test]
fn the_services_pass_their_checks() {
    let root = root();
    match npm(&root, &["--version"]) {
        Ok(output) if output.status.success() => {}
        #[expect(
            clippy::disallowed_methods,
            reason = "CI must not be a place where this is skipped"
        )]
        _ if std::env::var_os("CI").is_none() => {
            println!("skipped: npm is not installed");
            return;
        }
        _ => panic!("npm is not installed"),
    }
    let installed = root.join("node_modules/.package-lock.json");
    let newer = |a: &Path, b: &Path| {
        let time = |p: &Path| p.metadata().and_then(|m| m.modified()).ok();
        time(a).is_some_and(|a| time(b).is_some_and(|b| a >= b))
    };
    let mut steps: Vec<&[&str]> = vec![
        &["run", "typecheck"],
        &["run", "lint"],
        &["run", "format:check"],
        &["run", "build"],
        &["run", "test"],
    ];
    if !newer(&installed, &root.join("package-lock.json")) {
        steps.insert(0, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    }
    for step in steps {
        let started = std::time::Instant::now();
        let output = npm(&root, step).unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        println!(
            "npm {} ({:.1} s)\n{text}",
            step.join(" "),
            started.elapsed().as_secs_f64()
        );
        assert!(
            output.status.success(),
            "npm {}:\n{text}\n{}",
            step.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
