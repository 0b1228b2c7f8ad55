//! How long building takes: `cargo bench -p xtask --profile dev --bench build -- --format json`.
//!
//! Two comparisons on the private engine, on the stand-in for Node's image, in turns:
//!
//! - The seed's way (`benches/baseline`) and `docker-build`, from nothing, again, after an edit of one service, after an
//!   edit of the shared library, and after a change of the lockfile.
//! - `docker-build` and plain `docker buildx bake` on the file that `docker-build` wrote.
//!
//! From nothing means: all images of the private engine but the stand-ins are removed, then all of the build cache, the
//! cache of npm's downloads included. `--runs N` (3), `--only NAME` (a scenario, or `overhead`; may be given again),
//! `--overhead-runs N` (9). For people everything is on standard error.
//!
//! CPU time is that of the daemon and all it ran, and of the clients.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a bench is a program of its own: it starts others, looks at the clock and prints"
)]

use std::path::Path;

use serde_json::{Value, json};

#[path = "../baseline/mod.rs"]
mod baseline;
mod engine;
mod overhead;
mod sample;
mod scenarios;
mod workspaces;

use engine::Engine;
use workspaces::Workspaces;

/// What the command line asks for.
struct Options {
    runs: u64,
    overhead_runs: u64,
    only: Vec<String>,
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let values = |name: &'static str| {
        let given = arguments.windows(2).filter(move |pair| pair[0] == name);
        given.map(|pair| pair[1].clone())
    };
    let number = |name, default| {
        let given = values(name).next_back();
        given.map_or(default, |text| text.parse().unwrap())
    };
    let options = Options {
        runs: number("--runs", 3),
        overhead_runs: number("--overhead-runs", 9),
        only: values("--only").collect(),
    };
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let engine = Engine::start(checkout);
    let workspaces = Workspaces::write(checkout, folder.path(), &engine);
    let scenarios = scenarios::measure(&options, &engine, &workspaces);
    let overhead = if options.wants("overhead") {
        overhead::measure(&options, &engine, &workspaces)
    } else {
        Value::Null
    };
    if values("--format").any(|format| format == "json") {
        let result = json!({
            "schema_version": 1,
            "bench": "build",
            "runs": options.runs,
            "scenarios": scenarios,
            "overhead": overhead,
        });
        println!("{result}");
    }
}
