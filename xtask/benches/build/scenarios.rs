//! The seed's way next to `docker-build`.

use serde_json::{Map, Value, json};

use crate::Options;
use crate::engine::Engine;
use crate::sample::{Sample, median, milliseconds, saved_percent};
use crate::workspaces::{Edit, Workspaces};

/// Name, what is changed, and whether it starts from nothing.
const SCENARIOS: [(&str, Option<Edit>, bool); 5] = [
    ("cold", None, true),
    ("warm", None, false),
    ("one_service", Some(Edit::OneService), false),
    ("library", Some(Edit::Library), false),
    ("dependencies", Some(Edit::Dependencies), false),
];

/// By name of the scenario.
pub(crate) fn measure(options: &Options, engine: &Engine, workspaces: &Workspaces) -> Value {
    let wanted = SCENARIOS.iter().filter(|(name, ..)| options.wants(name));
    let wanted: Vec<_> = wanted.collect();
    if wanted.is_empty() {
        return Value::Null;
    }
    // What is measured warm needs a build before; a cold one is that.
    if !wanted.iter().any(|(.., cold)| *cold) {
        workspaces.build_seed(engine);
    }
    // Makes the stand-in, which stays.
    workspaces.build_ours(engine);
    eprintln!("                      seed's way            docker-build");
    let mut found = Map::new();
    let mut turn = 0;
    for (name, edit, cold) in wanted {
        let (mut seed, mut ours) = (Vec::new(), Vec::new());
        for run in 0..options.runs {
            turn += 1;
            if *cold {
                engine.forget();
            }
            if let Some(edit) = edit {
                workspaces.edit(*edit, turn);
            }
            // The two share nothing but the engine, so that one does not warm up the other.
            let build_seed = || Sample::of(engine, || workspaces.build_seed(engine));
            let build_ours = || Sample::of(engine, || workspaces.build_ours(engine));
            if run % 2 == 0 {
                seed.push(build_seed());
                ours.push(build_ours());
            } else {
                ours.push(build_ours());
                seed.push(build_seed());
            }
            let last = |samples: &[Sample]| samples[samples.len() - 1];
            tell(&format!("  {name} {}", run + 1), last(&seed), last(&ours));
        }
        let (seed, ours) = (median(&seed), median(&ours));
        tell(name, seed, ours);
        let entry = json!({
            "baseline_ms": milliseconds(seed.wall),
            "ours_ms": milliseconds(ours.wall),
            "saved_percent": saved_percent(seed.wall, ours.wall),
            "baseline_cpu_ms": milliseconds(seed.cpu),
            "ours_cpu_ms": milliseconds(ours.cpu),
            "saved_cpu_percent": saved_percent(seed.cpu, ours.cpu),
        });
        found.insert((*name).to_owned(), entry);
    }
    Value::Object(found)
}

fn tell(name: &str, seed: Sample, ours: Sample) {
    let of = |sample: Sample| {
        format!(
            "{:7.2} s ({:6.2} CPU)",
            sample.wall.as_secs_f64(),
            sample.cpu.as_secs_f64()
        )
    };
    eprintln!(
        "{name:16} {}  {}  {:5.1} % less",
        of(seed),
        of(ours),
        saved_percent(seed.wall, ours.wall)
    );
}
