//! What the commands take in this repository itself: the median of as many processes.

use std::path::Path;

use serde_json::json;

use crate::measure::{Cost, Measured, median, run};
use crate::{Command, EVERYWHERE};

/// No command should take longer, in seconds.
const GOAL: f64 = 0.05;

/// What is run besides.
const HERE: &[Command] = &[
    ("affected", &["docker-affected", "--base", "HEAD~3"]),
    ("audit", &["docker-audit", "list"]),
    ("report", &["docker-report"]),
];

/// Measures the commands that are wanted, and prints a table or one JSON object.
pub(crate) fn all(program: &Path, runs: usize, is_wanted: &dyn Fn(&str) -> bool, as_json: bool) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let commands = EVERYWHERE.iter().chain(HERE);
    let wanted = commands.filter(|(name, _)| is_wanted(name));
    let measured: Vec<(&[&str], Measured)> = wanted
        .map(|(name, arguments)| {
            (
                *arguments,
                run(name, program, arguments, root, runs, median),
            )
        })
        .collect();
    eprintln!(
        "median of {runs} processes; {:.0} ms is the goal",
        GOAL * 1e3
    );
    eprintln!("| command | wall | CPU | peak memory | |\n| --- | ---: | ---: | ---: | --- |");
    for (arguments, one) in &measured {
        let Cost { wall, cpu, peak } = one.cost;
        let unusual = match one.exit {
            0 | 1 if wall > GOAL => "more than the goal".to_owned(),
            0 | 1 => String::new(),
            exit => format!("exit code {exit}"),
        };
        eprintln!(
            "| `{}` | {:.0} ms | {:.0} ms | {:.0} MB | {unusual} |",
            arguments.join(" "),
            wall * 1e3,
            cpu * 1e3,
            peak as f64 / 1e6
        );
    }
    if !as_json {
        return;
    }
    let rounded = |seconds: f64| (seconds * 1e4).round() / 10.0;
    let commands: serde_json::Map<String, serde_json::Value> = measured
        .iter()
        .map(|(_, one)| {
            let row = json!({
                "wall_ms": rounded(one.cost.wall),
                "cpu_ms": rounded(one.cost.cpu),
                "peak_bytes": one.cost.peak,
                "exit": one.exit,
            });
            (one.name.clone(), row)
        })
        .collect();
    let document = json!({
        "schema_version": 1,
        "bench": "monorepo-here",
        "runs": runs,
        "goal_ms": rounded(GOAL),
        "commands": commands,
    });
    println!("{document}");
}
