//! `cargo xtask docker-scan` as a user runs it, on images that are made here: planted vulnerabilities, secrets and
//! weaknesses are all found, and a clean image has none.

#![expect(
    clippy::disallowed_methods,
    reason = "the program is run as a user runs it"
)]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[path = "../size_command/archives.rs"]
#[allow(dead_code, reason = "a part of it is needed here")]
mod archives;
mod bad_input;
mod images;
mod policy;
mod reports;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What a run said.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("{}{}", self.stdout, self.stderr))
    }

    /// The codes of the findings of its JSON, sorted, each once.
    fn codes(&self) -> Vec<String> {
        let document = self.json();
        let findings = document["findings"].as_array().unwrap();
        let mut codes: Vec<String> = findings
            .iter()
            .map(|one| one["code"].as_str().unwrap().to_owned())
            .collect();
        codes.sort();
        codes.dedup();
        codes
    }
}

/// The program in a folder, without any Trivy of the machine.
fn run(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("docker-scan")
        .args(arguments)
        .args(["--trivy", "off"])
        .env("NO_COLOR", "1")
        .current_dir(folder)
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
