//! `cargo xtask docker-size` as a user runs it: on archives and layouts without an engine, and on the real engine with
//! both of its image stores.

#![expect(
    clippy::disallowed_methods,
    reason = "the program is run as a user runs it"
)]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says by its panic what is wrong, and why it was skipped"
)]

#[path = "../support/mod.rs"]
mod support;

mod archives;
mod bad_input;
mod engine;
mod estimate;
mod files;
mod registry;

use std::path::Path;
use std::process::Command;

/// What a run said.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("{}{}", self.stdout, self.stderr))
    }

    /// The images of its JSON.
    fn images(&self) -> Vec<serde_json::Value> {
        let document = self.json();
        assert_eq!(document["schema_version"], 1);
        document["images"].as_array().unwrap().clone()
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("docker-size")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
