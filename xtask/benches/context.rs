//! How fast a build context is walked and judged: `cargo bench -p xtask --bench context`.
//!
//! Next to it in the same run, in turns: a bare parallel walk of the same tree that does nothing but list folders, the
//! same asking each file's size too, and, with `--engine`, `BuildKit` sending the same context (`docker build`;
//! `docker-engine env` says where). `--files N` (300,000), `--services N` (30), `--runs N` (5).

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench is a program of its own: it starts others, looks at the clock and prints"
)]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use camino::Utf8Path;
use xtask::context::{DiskFolders, View, Walk};
use xtask::dockerignore::Patterns;
use xtask::source::Source;

/// As long as ignore files are, and nothing that leaves a whole folder out: every entry has to be decided on.
const IGNORE_NOTHING: &str = "\
**/.git\n**/.env\n**/.env.*\n!**/.env.example\n**/*.pem\n**/*.key\n**/*.log\n**/coverage\n**/.nx\n**/.cache
**/*.tsbuildinfo\n**/.DS_Store\n**/.idea\n**/.vscode\n**/__pycache__\n**/.venv\n**/*.swp\n**/id_rsa\n**/.npmrc
**/Dockerfile*\ndocker-compose*.yml\n*.md\n!README.md\n/tmp\nlogs/**\n**/[Tt]humbs.db\n**/.terraform\n**/*.tfstate
**/test-results\n**/playwright-report\n";

type Contender<'a> = (&'static str, Box<dyn Fn() -> usize + 'a>);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.map_or(default, |at| arguments[at + 1].parse().unwrap())
    };
    let (files, services) = (number("--files", 300_000), number("--services", 30));
    let runs = number("--runs", 5);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for share in [3, 1] {
        let root = folder.path().join(format!("tree-{share}"));
        let count = grow(&root, files / share, services);
        println!("\n{count} files in {services} services, {runs} runs in turns");
        compare(&root, runs);
    }
    peak(&folder.path().join("tree-1"));
    if arguments.iter().any(|argument| argument == "--engine") {
        engine(&folder.path().join("tree-1"));
    }
}

/// Services with sources three folders deep and packages below `node_modules`.
fn grow(root: &Path, files: usize, services: usize) -> usize {
    let each = files / services;
    for service in 0..services {
        for index in 0..each {
            let (part, group, folder) = (index % 3, index / 900, index / 30 % 10);
            let below = if part == 0 {
                format!("src/group-{group}/part-{folder}")
            } else {
                format!("node_modules/package-{group}/dist-{folder}")
            };
            let folder = root.join(format!("apps/service-{service}/{below}"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("module-{index}.js")), "export {};\n").unwrap();
        }
    }
    std::fs::write(root.join("Dockerfile"), "FROM scratch\nCOPY . /\n").unwrap();
    each * services + 1
}

fn compare(root: &Path, runs: usize) {
    let threads = std::thread::available_parallelism().unwrap();
    let patterns = |text: &str| Patterns::parse(&Source::new(".dockerignore", text)).0;
    let (nothing, pruning) = (patterns(IGNORE_NOTHING), patterns("**/node_modules\n"));
    let ours = |patterns, measure| walk(root, patterns, measure, threads);
    let contenders: [Contender<'_>; 5] = [
        ("bare walk", Box::new(|| bare(root, false, threads))),
        ("docker-ignore, names", Box::new(|| ours(&nothing, false))),
        (
            "bare walk with sizes",
            Box::new(|| bare(root, true, threads)),
        ),
        ("docker-ignore, sizes", Box::new(|| ours(&nothing, true))),
        ("docker-ignore, pruned", Box::new(|| ours(&pruning, true))),
    ];
    let mut times = vec![Vec::new(); contenders.len()];
    let mut found = vec![0; contenders.len()];
    for _ in 0..runs {
        for (index, (_, run)) in contenders.iter().enumerate() {
            let begin = Instant::now();
            found[index] = run();
            times[index].push(begin.elapsed());
        }
    }
    println!("{:24} {:>10} {:>10} {:>10}", "", "entries", "min", "median");
    for (((name, _), times), found) in contenders.iter().zip(&mut times).zip(&found) {
        times.sort();
        let (least, median) = (seconds(times[0]), seconds(times[times.len() / 2]));
        println!("{name:24} {found:>10} {least:>10} {median:>10}");
    }
    for (ours, bare) in [(1, 0), (3, 2)] {
        let factor = times[ours][0].as_secs_f64() / times[bare][0].as_secs_f64();
        println!(
            "{} / {}: {factor:.2}",
            contenders[ours].0, contenders[bare].0
        );
    }
}

fn walk(root: &Path, patterns: &Patterns, measure: bool, threads: NonZeroUsize) -> usize {
    let views = [View {
        root: Utf8Path::new(""),
        patterns: Some(patterns),
    }];
    let tree = Walk {
        folders: &DiskFolders::new(Utf8Path::from_path(root).unwrap()),
        views: &views,
        measure,
        threads,
    }
    .carry_out();
    assert!(tree.problems().is_empty());
    tree.len() - 1
}

/// Lists every folder, and does nothing with it but, if asked, look at each file's size.
fn bare(root: &Path, sizes: bool, threads: NonZeroUsize) -> usize {
    let queue: Mutex<(Vec<PathBuf>, usize)> = Mutex::new((vec![root.to_owned()], 0));
    let more = Condvar::new();
    let count = AtomicUsize::new(0);
    let work = || {
        let mut locked = queue.lock().unwrap();
        loop {
            let Some(folder) = locked.0.pop() else {
                if locked.1 == 0 {
                    return;
                }
                locked = more.wait(locked).unwrap();
                continue;
            };
            locked.1 += 1;
            drop(locked);
            let mut folders = Vec::new();
            let mut entries = 0;
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                entries += 1;
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else if sizes {
                    std::hint::black_box(entry.metadata().unwrap().len());
                }
            }
            count.fetch_add(entries, Ordering::Relaxed);
            locked = queue.lock().unwrap();
            locked.0.append(&mut folders);
            locked.1 -= 1;
            more.notify_all();
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.get() {
            scope.spawn(work);
        }
    });
    count.into_inner()
}

/// The memory of the whole command.
fn peak(root: &Path) {
    let clock = "/usr/bin/time";
    if !Path::new(clock).exists() {
        println!("peak memory: skipped: {clock} is not installed");
        return;
    }
    let output = Command::new(clock)
        .args(["-f", "%e s, %M kB", env!("CARGO_BIN_EXE_xtask")])
        .args(["docker-ignore", "--list", "--format", "json", "--context"])
        .arg(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    println!("docker-ignore --list, a process: {}", told.trim());
}

/// `BuildKit` sends everything once, then looks for changes.
fn engine(root: &Path) {
    for round in ["first", "again"] {
        let begin = Instant::now();
        let status = Command::new("docker")
            .args(["buildx", "build", "--quiet", "--output", "type=cacheonly"])
            .arg(root)
            .env("BUILDX_NO_DEFAULT_ATTESTATIONS", "1")
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
        println!(
            "BuildKit sends the context, {round}: {}",
            seconds(begin.elapsed())
        );
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.3} s", duration.as_secs_f64())
}
