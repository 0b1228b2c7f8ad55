//! `docker-build` next to plain `docker buildx bake` on the file it wrote.

use std::process::Command;

use serde_json::{Value, json};

use crate::Options;
use crate::engine::{Engine, said};
use crate::sample::{Sample, median, milliseconds, saved_percent};
use crate::workspaces::{Edit, Workspaces};

/// Warm, and after an edit of one service.
pub(crate) fn measure(options: &Options, engine: &Engine, workspaces: &Workspaces) -> Value {
    // Writes the files that bake reads, and makes what is warm below.
    workspaces.build_ours(engine);
    let mut bake = plain(engine, workspaces);
    said(&mut bake);
    eprintln!("                      bake                  docker-build");
    let mut found = serde_json::Map::new();
    let mut turn = 1_000;
    for (name, edit) in [("warm", None), ("one_edit", Some(Edit::OneService))] {
        let (mut plain, mut ours) = (Vec::new(), Vec::new());
        let mut changed = || {
            turn += 1;
            if let Some(edit) = edit {
                workspaces.edit(edit, turn);
            }
        };
        for run in 0..options.overhead_runs {
            for ours_is_next in [run % 2 == 0, run % 2 == 1] {
                changed();
                if ours_is_next {
                    ours.push(Sample::of(engine, || workspaces.build_ours(engine)));
                } else {
                    plain.push(Sample::of(engine, || drop(said(&mut bake))));
                }
            }
        }
        let (plain, ours) = (median(&plain), median(&ours));
        let percent = -saved_percent(plain.wall, ours.wall);
        let cpu_percent = -saved_percent(plain.cpu, ours.cpu);
        eprintln!(
            "{name:16} {:7.3} s ({:6.2} CPU)  {:7.3} s ({:6.2} CPU)  {percent:+.1} %",
            plain.wall.as_secs_f64(),
            plain.cpu.as_secs_f64(),
            ours.wall.as_secs_f64(),
            ours.cpu.as_secs_f64(),
        );
        let entry = json!({
            "bake_ms": milliseconds(plain.wall),
            "docker_build_ms": milliseconds(ours.wall),
            "overhead_ms": ours.wall.as_secs_f64().mul_add(1_000.0, -(plain.wall.as_secs_f64() * 1_000.0)).round(),
            "overhead_percent": percent,
            "bake_cpu_ms": milliseconds(plain.cpu),
            "docker_build_cpu_ms": milliseconds(ours.cpu),
            "overhead_cpu_percent": cpu_percent,
        });
        found.insert(name.to_owned(), entry);
    }
    Value::Object(found)
}

/// The call of bake that `docker-build` makes, without what is for `docker-build` alone.
fn plain(engine: &Engine, workspaces: &Workspaces) -> Command {
    let mut dry = engine.command(env!("CARGO_BIN_EXE_xtask"));
    dry.args(["docker-build", "--offline", "--dry-run", "--format", "json"]);
    let told: Value = serde_json::from_str(&said(dry.current_dir(workspaces.ours()))).unwrap();
    let words: Vec<&str> = told["command"]
        .as_array()
        .unwrap()
        .iter()
        .map(word)
        .collect();
    let mut bake = engine.command("docker");
    bake.current_dir(workspaces.ours());
    let mut words = words.into_iter().skip(1);
    while let Some(word) = words.next() {
        match word {
            "--progress=rawjson" => {}
            "--metadata-file" => drop(words.next()),
            _ => drop(bake.arg(word)),
        }
    }
    bake.args(["--file", "target/docker-build/stand-in.hcl"]);
    for (name, value) in told["variables"].as_object().unwrap() {
        bake.env(name, word(value));
    }
    bake
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap()
}
