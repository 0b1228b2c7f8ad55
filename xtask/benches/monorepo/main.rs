//! How every command that needs no engine grows with the repository: `cargo bench -p xtask --bench monorepo`.
//!
//! Monorepos are made below `target/`, with a Dockerfile for each service, a manifest, workflows, a compose file,
//! Kubernetes manifests, ignore files and a history; each command runs in each of them as a process of its own.
//! `--sizes 10:3000,100:30000,1000:300000` are services and files, `--runs N` how often each is run (3), `--only WORD`
//! the commands whose name holds it, `--program PATH` another build (`target/debug/xtask`), `--keep` leaves the trees,
//! `--no-peers` leaves out what other programs take for the like, `--format json` prints one JSON object.
//!
//! `--here` makes no monorepo and measures the commands in this repository itself: the median of `--runs` (9).
//!
//! The exponent of growth is `log(time₂ / time₁) / log(size₂ / size₁)` by CPU time, after what a start takes is taken
//! off: 1 is linear, 2 is quadratic.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bench is a program of its own: it starts others, looks at the clock and prints"
)]

mod here;
mod measure;
mod tree;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use measure::{Cost, Measured, least, run};
use serde_json::json;

/// More than this is more than linear.
const LINEAR: f64 = 1.15;

/// Shorter than this, in seconds, a command says nothing about growth: most of it is starting.
const TELLING: f64 = 0.02;

/// What is run: its name, and its arguments.
type Command = (&'static str, &'static [&'static str]);

/// What is run in every repository.
const EVERYWHERE: &[Command] = &[
    ("help", &["--help"]),
    ("check", &["docker-check"]),
    ("lint", &["docker-lint"]),
    ("ignore", &["docker-ignore"]),
    ("bake", &["docker-bake", "--check"]),
    ("ci", &["docker-ci"]),
    ("tags", &["docker-tags"]),
    ("deploy", &["docker-deploy"]),
    ("init", &["docker-init"]),
    ("new", &["docker-new", "another-service"]),
    ("hooks", &["docker-hooks", "status"]),
    ("doctor", &["docker-doctor"]),
];

/// What is run besides in one that was made: it has two commits.
const IN_MADE: &[Command] = &[("affected", &["docker-affected", "--base", "HEAD~1"])];

/// What is run in a monorepo that was made.
fn ours() -> impl Iterator<Item = &'static Command> {
    EVERYWHERE.iter().chain(IN_MADE)
}

/// One size with all that was measured in it.
struct Size {
    services: usize,
    files: usize,
    results: Vec<Measured>,
}

struct Options {
    /// Services and files; `None` for this repository itself.
    sizes: Option<Vec<(usize, usize)>>,
    runs: Option<usize>,
    only: Option<String>,
    program: PathBuf,
    keep: bool,
    peers: bool,
    json: bool,
}

impl Options {
    fn read() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let is_there = |name: &str| arguments.iter().any(|argument| argument == name);
        let value = |name: &str| {
            let at = arguments.iter().position(|argument| argument == name)?;
            arguments.get(at + 1).cloned()
        };
        let sizes = value("--sizes").unwrap_or_else(|| "10:3000,100:30000,1000:300000".to_owned());
        let size = |pair: &str| {
            let (services, files) = pair.split_once(':').unwrap();
            (services.parse().unwrap(), files.parse().unwrap())
        };
        Self {
            sizes: (!is_there("--here")).then(|| sizes.split(',').map(size).collect()),
            runs: value("--runs").map(|runs| runs.parse().unwrap()),
            only: value("--only"),
            program: value("--program").map_or_else(
                || PathBuf::from(env!("CARGO_BIN_EXE_xtask")),
                // Cargo starts a bench in the folder of its package.
                |path| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path),
            ),
            keep: is_there("--keep"),
            peers: !is_there("--no-peers"),
            json: value("--format").as_deref() == Some("json"),
        }
    }

    fn wants(&self, name: &str) -> bool {
        let only = self.only.as_ref();
        only.is_none_or(|only| name.contains(only))
    }
}

fn main() -> ExitCode {
    let options = Options::read();
    let Some(wanted) = &options.sizes else {
        let is_wanted = |name: &str| options.wants(name);
        let runs = options.runs.unwrap_or(9);
        here::all(&options.program, runs, &is_wanted, options.json);
        return ExitCode::SUCCESS;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("monorepo");
    let mut sizes = Vec::new();
    for (services, files) in wanted {
        let root = folder.join(format!("{services}-{files}"));
        if !root.join(".complete").exists() {
            eprintln!("making {files} files in {services} services");
            tree::make(&root, *services, *files, &options.program);
        }
        eprintln!("measuring {files} files in {services} services");
        let results = measured(&root, &options);
        if !options.keep {
            std::fs::remove_dir_all(&root).unwrap();
        }
        sizes.push(Size {
            services: *services,
            files: *files,
            results,
        });
    }
    report(&sizes, &options);
    ExitCode::SUCCESS
}

fn measured(root: &Path, options: &Options) -> Vec<Measured> {
    let mut results = Vec::new();
    let runs = options.runs.unwrap_or(3);
    for (name, arguments) in ours().filter(|(name, _)| options.wants(name)) {
        results.push(run(name, &options.program, arguments, root, runs, least));
        tell(results.last().unwrap());
    }
    if options.peers {
        for (name, program, arguments) in tree::peers(root) {
            match program {
                Some(program) => {
                    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                    results.push(run(&name, &program, &arguments, root, runs, least));
                    tell(results.last().unwrap());
                }
                None => eprintln!("  {name:24} left out: not installed"),
            }
        }
    }
    results
}

fn tell(one: &Measured) {
    let Cost { wall, cpu, peak } = one.cost;
    let unusual = match one.exit {
        0 | 1 => String::new(),
        exit => format!("  (exit code {exit})"),
    };
    eprintln!(
        "  {:24} wall {wall:8.3} s  CPU {cpu:8.3} s  peak {:6.1} MB{unusual}",
        one.name,
        peak as f64 / 1e6
    );
}

/// How the time of a command grows from one size to the next; `None` where it is too short to tell.
fn exponent(name: &str, small: &Size, large: &Size) -> Option<f64> {
    let cpu = |size: &Size, name: &str| {
        let mut results = size.results.iter();
        results.find(|one| one.name == name).map(|one| one.cost.cpu)
    };
    let net = |size: &Size| Some(cpu(size, name)? - cpu(size, "help").unwrap_or(0.0));
    let (before, after) = (net(small)?, net(large)?);
    if name == "help" || before < TELLING || after < TELLING {
        return None;
    }
    Some((after / before).ln() / (large.files as f64 / small.files as f64).ln())
}

fn report(sizes: &[Size], options: &Options) {
    let names: Vec<&str> = sizes.first().map_or(Vec::new(), |size| {
        size.results.iter().map(|one| one.name.as_str()).collect()
    });
    eprintln!("\ngrowth from each size to the next (1 is linear)");
    let mut commands = serde_json::Map::new();
    let mut worst: Option<(f64, &str)> = None;
    for name in names {
        let exponents: Vec<Option<f64>> = sizes
            .windows(2)
            .map(|pair| exponent(name, &pair[0], &pair[1]))
            .collect();
        let text = |one: &Option<f64>| one.map_or("-".to_owned(), |it| format!("{it:.2}"));
        let texts: Vec<String> = exponents.iter().map(text).collect();
        let last = exponents.last().copied().flatten();
        let mark = if last.is_some_and(|last| last > LINEAR) {
            "  more than linear"
        } else {
            ""
        };
        eprintln!("  {name:24} {}{mark}", texts.join("  "));
        let is_ours = ours().any(|(own, _)| *own == name);
        if let Some(last) = last.filter(|_| is_ours)
            && worst.is_none_or(|(most, _)| last > most)
        {
            worst = Some((last, name));
        }
        let rows: serde_json::Map<String, serde_json::Value> = sizes
            .iter()
            .filter_map(|size| {
                let one = size.results.iter().find(|one| one.name == name)?;
                let row = json!({
                    "wall_ms": (one.cost.wall * 1e3).round() as u64,
                    "cpu_ms": (one.cost.cpu * 1e3).round() as u64,
                    "peak_bytes": one.cost.peak,
                    "exit": one.exit,
                });
                Some((size.services.to_string(), row))
            })
            .collect();
        let rounded = last.map(|last| (last * 100.0).round() / 100.0);
        commands.insert(
            name.to_owned(),
            json!({"by_services": rows, "exponent": rounded}),
        );
    }
    if options.json {
        let shape: Vec<_> = sizes
            .iter()
            .map(|size| json!({"services": size.services, "files": size.files}))
            .collect();
        let document = json!({
            "schema_version": 1,
            "bench": "monorepo",
            "sizes": shape,
            "commands": commands,
            "worst_exponent": worst.map(|(most, _)| (most * 100.0).round() / 100.0),
            "worst_command": worst.map(|(_, name)| name),
        });
        println!("{document}");
    }
}
