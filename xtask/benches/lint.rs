//! How fast `docker-lint` is, next to hadolint and droast: `cargo bench -p xtask --bench lint -- --corpus DIR`.
//!
//! Everybody reads the same files in the same run and writes JSON to nowhere, each as a process of its own, in turns:
//! what else the machine does hits all of them. `--runs N` sets how often (5), `--program PATH`
//! another build of ours, `--kind NAME` which long files are made (all), `--only-long` that nothing else is measured.
//! Peers are found as the tests find them (`HADOLINT`, `DROAST`, `PATH`, pip for hadolint); one that is not there is left
//! out, and the table says so.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench is a program of its own: it starts others, looks at the clock and prints"
)]

#[path = "../tests/support/peers.rs"]
mod peers;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What takes part.
struct Contender {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
}

/// What one run took.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    /// Of the process alone; `None` where there is no `bash` to say it in milliseconds.
    cpu: Option<Duration>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let corpus = value("--corpus").or_else(|| std::env::var("DOCKERFILE_CORPUS").ok());
    let Some(corpus) = corpus else {
        println!(
            "skipped: --corpus DIR names no folder (xtask/testdata/corpus/gather.sh fills one)"
        );
        return;
    };
    let runs = value("--runs").map_or(5, |text| text.parse().unwrap());
    let corpus = std::fs::canonicalize(corpus).unwrap();
    let files = dockerfiles(&corpus);
    let (contenders, left_out) = contenders(value("--program"));
    for why in left_out {
        println!("left out: {why}");
    }
    let ours = &contenders[..2];
    if arguments.iter().any(|argument| argument == "--only-long") {
        long_files(&ours[1], value("--kind").as_deref());
        return;
    }
    throughput(&contenders, &corpus, &files, runs);
    latency(&contenders, &corpus, &files, runs);
    many_files(ours, &corpus, &files);
    long_files(&ours[1], value("--kind").as_deref());
}

fn contenders(program: Option<String>) -> (Vec<Contender>, Vec<String>) {
    let own = PathBuf::from(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_xtask").to_owned()));
    let mut arguments = ["docker-lint", "--no-config", "--format", "json"]
        .map(String::from)
        .to_vec();
    let help = Command::new(&own)
        .args(["docker-lint", "--help"])
        .output()
        .unwrap();
    if String::from_utf8_lossy(&help.stdout).contains("--shellcheck") {
        arguments.extend(["--shellcheck".to_owned(), "off".to_owned()]);
    }
    let mut without_shell = arguments.clone();
    for rule in xtask::lint::all() {
        if rule.code.starts_with("SC") {
            without_shell.extend(["--ignore".to_owned(), rule.code.to_owned()]);
        }
    }
    let mut contenders = vec![
        Contender {
            name: "docker-lint, SC rules off",
            program: own.clone(),
            arguments: without_shell,
        },
        Contender {
            name: "docker-lint",
            program: own,
            arguments,
        },
    ];
    let mut left_out = Vec::new();
    let peer = |name, program, arguments: &[&str]| Contender {
        name,
        program,
        arguments: arguments.iter().map(ToString::to_string).collect(),
    };
    match peers::hadolint() {
        Ok(program) => contenders.push(peer(
            "hadolint",
            program,
            &["--no-fail", "--no-color", "--format", "json"],
        )),
        Err(why) => left_out.push(format!("hadolint: {why}")),
    }
    match peers::named("DROAST", "droast") {
        Some(program) => contenders.push(peer(
            "droast",
            program,
            &[
                "-f",
                "json",
                "--no-fail",
                "--no-roast",
                "--shellcheck",
                "off",
            ],
        )),
        None => left_out.push("droast: neither DROAST nor PATH has it".to_owned()),
    }
    (contenders, left_out)
}

fn dockerfiles(corpus: &Path) -> Vec<PathBuf> {
    let is_dockerfile = |path: &PathBuf| {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("");
        let name = name.to_lowercase();
        name.contains("dockerfile") || name.contains("containerfile")
    };
    peers::below(corpus)
        .into_iter()
        .filter(is_dockerfile)
        .collect()
}

/// Everything in one process each.
fn throughput(contenders: &[Contender], corpus: &Path, files: &[PathBuf], runs: usize) {
    let bytes: u64 = files
        .iter()
        .map(|file| std::fs::metadata(file).unwrap().len())
        .sum();
    println!(
        "\n{} files, {bytes} bytes, {runs} runs in turns",
        files.len()
    );
    println!(
        "{:26} {:>10} {:>10} {:>10} {:>9} {:>9} {:>12}",
        "", "wall min", "median", "CPU min", "peak MB", "files/s", "x hadolint"
    );
    let costs = interleaved(contenders, corpus, files, runs);
    let best = |costs: &[Cost]| costs.iter().map(|cost| work(*cost)).min().unwrap();
    let reference = contenders
        .iter()
        .zip(&costs)
        .find(|(contender, _)| contender.name == "hadolint")
        .map(|(_, costs)| best(costs));
    for (contender, costs) in contenders.iter().zip(&costs) {
        let mut walls: Vec<Duration> = costs.iter().map(|cost| cost.wall).collect();
        walls.sort();
        let cpu = costs.iter().filter_map(|cost| cost.cpu).min();
        let peak = peak_kilobytes(contender, files, corpus);
        let factor = reference.map(|it| it.as_secs_f64() / best(costs).as_secs_f64());
        println!(
            "{:26} {:>10} {:>10} {:>10} {:>9} {:>9.0} {:>12}",
            contender.name,
            seconds(walls[0]),
            seconds(walls[walls.len() / 2]),
            cpu.map_or_else(|| "?".to_owned(), seconds),
            peak.map_or_else(|| "?".to_owned(), |peak| (peak / 1024).to_string()),
            files.len() as f64 / walls[0].as_secs_f64(),
            factor.map_or_else(|| "?".to_owned(), |factor| format!("{factor:.0}")),
        );
    }
    println!("x hadolint: by CPU time where it is known (all cores together), else by wall time");
}

/// CPU time says what the work costs, whoever else is on the machine.
fn work(cost: Cost) -> Duration {
    cost.cpu.unwrap_or(cost.wall).max(Duration::from_millis(1))
}

/// One file of middle size.
fn latency(contenders: &[Contender], corpus: &Path, files: &[PathBuf], runs: usize) {
    let mut by_size: Vec<_> = files.to_vec();
    by_size.sort_by_key(|file| std::fs::metadata(file).unwrap().len());
    let typical = &by_size[by_size.len() / 2..][..1];
    println!(
        "\none file of {} bytes",
        std::fs::metadata(&typical[0]).unwrap().len()
    );
    println!("{:26} {:>10} {:>10}", "", "wall min", "median");
    let costs = interleaved(contenders, corpus, typical, runs.max(5) * 4);
    for (contender, costs) in contenders.iter().zip(&costs) {
        let mut walls: Vec<Duration> = costs.iter().map(|cost| cost.wall).collect();
        walls.sort();
        println!(
            "{:26} {:>10} {:>10}",
            contender.name,
            seconds(walls[0]),
            seconds(walls[walls.len() / 2])
        );
    }
}

/// How long the files of [`many_files`] are on average, in bytes.
const MANY_BYTES: u64 = 2250;

/// The longer files of the corpus again and again: cost and memory by the number of files.
fn many_files(contenders: &[Contender], corpus: &Path, files: &[PathBuf]) {
    let folder = tempfile::tempdir().unwrap();
    let files = longest(files, MANY_BYTES);
    println!(
        "\nfiles of {MANY_BYTES} bytes on average, made of {}",
        files.len()
    );
    let mut copies = Vec::new();
    while copies.len() < 3000 {
        let round = folder.path().join((copies.len() / files.len()).to_string());
        for file in files.iter().take(3000 - copies.len()) {
            let copy = round.join(file.strip_prefix(corpus).unwrap());
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::copy(file, &copy).unwrap();
            copies.push(copy);
        }
    }
    println!(
        "{:26} {:>8} {:>10} {:>10} {:>9}",
        "", "files", "wall min", "CPU min", "peak MB"
    );
    for contender in contenders {
        for count in [750, 1500, 3000] {
            print_row(contender, count, &copies[..count], folder.path());
        }
    }
}

/// Instructions that hold a name.
type Instruction = fn(&str) -> String;

/// What long files are made of: a name, what stands in front, and the instructions by their number. Short, as a file of
/// more than 1 MiB is not read, and with names of their own, as what is found twice is easily found fast.
const KINDS: &[(&str, &str, Instruction)] = &[
    ("ARG", "FROM a\n", |name| format!("ARG {name}=1\n")),
    ("ARG before FROM", "", |name| format!("ARG {name}=1\n")),
    ("CMD", "FROM a\n", |name| format!("CMD {name}\n")),
    ("COPY", "FROM a\n", |name| format!("COPY {name} b\n")),
    ("COPY .", "FROM a\n", |name| format!("COPY . {name}\n")),
    ("ENTRYPOINT", "FROM a\n", |name| {
        format!("ENTRYPOINT {name}\n")
    }),
    ("ENV", "FROM a\n", |name| format!("ENV {name}=1\n")),
    ("EXPOSE", "FROM a\n", |_| "EXPOSE 80\n".to_owned()),
    ("FROM", "", |name| format!("FROM {name}\n")),
    ("FROM with COPY --from", "FROM a AS x\n", |name| {
        format!("FROM a AS {name}\nCOPY --from=x a b\n")
    }),
    ("HEALTHCHECK", "FROM a\n", |name| {
        format!("HEALTHCHECK CMD {name}\n")
    }),
    ("LABEL", "FROM a\n", |name| format!("LABEL {name}=\n")),
    ("ONBUILD", "FROM a\n", |name| {
        format!("ONBUILD RUN {name}\n")
    }),
    ("RUN", "FROM a\n", |name| format!("RUN {name}\n")),
    ("RUN with a here-document", "FROM a\n", |name| {
        format!("RUN <<E\n{name}\nE\n")
    }),
    ("RUN apk add", "FROM alpine\n", |name| {
        format!("RUN apk add {name}\n")
    }),
    ("RUN useradd, USER", "FROM debian\n", |name| {
        format!("RUN useradd {name}\nUSER {name}\n")
    }),
    ("SHELL", "FROM a\n", |name| format!("SHELL [\"{name}\"]\n")),
    ("USER", "FROM debian\n", |name| format!("USER {name}\n")),
    ("VOLUME", "FROM a\n", |name| format!("VOLUME {name}\n")),
    ("WORKDIR", "FROM a\n", |name| format!("WORKDIR {name}\n")),
    ("of all kinds", "FROM debian\n", |name| {
        format!(
            "ARG {name}\nENV {name}=1\nRUN echo ${name}\nRUN apt-get install -y {name}\nUSER {name}\nCOPY {name} .\nWORKDIR /{name}\nLABEL {name}=1\nEXPOSE 80\nCMD {name}\n"
        )
    }),
];

/// The largest file that is read, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// One file of more and more instructions: cost by its length.
fn long_files(contender: &Contender, kinds: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    println!(
        "\n{:26} {:>8} {:>10} {:>10} {:>9}",
        "one file", "lines", "wall min", "CPU min", "peak MB"
    );
    for (name, start, instruction) in KINDS {
        if kinds.is_some_and(|wanted| !name.contains(wanted)) {
            continue;
        }
        for most in [10_000, 20_000, 40_000, 100_000] {
            let mut text = (*start).to_owned();
            let mut lines = text.lines().count();
            for index in 0.. {
                let next = instruction(&short_name(index));
                lines += next.lines().count();
                if lines > most || text.len() + next.len() > MAX_BYTES {
                    break;
                }
                text += &next;
            }
            let file = folder.path().join("Dockerfile");
            std::fs::write(&file, &text).unwrap();
            let row = Contender {
                name,
                program: contender.program.clone(),
                arguments: contender.arguments.clone(),
            };
            print_row(&row, text.lines().count(), &[file], folder.path());
        }
    }
}

/// `a`, `b` … `z`, `aa` …: as many names as there are numbers.
fn short_name(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b"abcdefghijklmnopqrstuvwxyz"[number % 26]));
        number /= 26;
        if number == 0 {
            return letters.into_iter().rev().collect();
        }
        number -= 1;
    }
}

/// The longest files, as many as are at least so long on average, in their order.
fn longest(files: &[PathBuf], average: u64) -> Vec<PathBuf> {
    let mut sized: Vec<(u64, &PathBuf)> = files
        .iter()
        .map(|file| (std::fs::metadata(file).unwrap().len(), file))
        .collect();
    sized.sort_by(|a, b| b.cmp(a));
    let mut sum = 0;
    let fits = |(index, (length, _)): &(usize, &(u64, &PathBuf))| {
        sum += length;
        sum >= average * (*index as u64 + 1)
    };
    let count = sized.iter().enumerate().take_while(fits).count();
    let mut longest: Vec<PathBuf> = sized[..count]
        .iter()
        .map(|(_, file)| (*file).clone())
        .collect();
    longest.sort();
    longest
}

fn print_row(contender: &Contender, count: usize, files: &[PathBuf], folder: &Path) {
    let costs: Vec<Cost> = (0..3).map(|_| run(contender, files, folder)).collect();
    let wall = costs.iter().map(|cost| cost.wall).min().unwrap();
    let cpu = costs.iter().filter_map(|cost| cost.cpu).min();
    println!(
        "{:26} {count:>8} {:>10} {:>10} {:>9}",
        contender.name,
        seconds(wall),
        cpu.map_or_else(|| "?".to_owned(), seconds),
        peak_kilobytes(contender, files, folder)
            .map_or_else(|| "?".to_owned(), |peak| (peak / 1024).to_string()),
    );
}

fn seconds(duration: Duration) -> String {
    format!("{:.3} s", duration.as_secs_f64())
}

fn interleaved(
    contenders: &[Contender],
    folder: &Path,
    files: &[PathBuf],
    runs: usize,
) -> Vec<Vec<Cost>> {
    let mut costs = vec![Vec::new(); contenders.len()];
    for _ in 0..runs {
        for (contender, costs) in contenders.iter().zip(&mut costs) {
            costs.push(run(contender, files, folder));
        }
    }
    costs
}

/// Starts it in `folder`, with the files named from there, and waits.
fn run(contender: &Contender, files: &[PathBuf], folder: &Path) -> Cost {
    let bash = Path::new("/bin/bash");
    let mut command = if bash.exists() {
        let mut command = Command::new(bash);
        command
            .args([
                "-c",
                "TIMEFORMAT='%3U %3S'; time \"$@\" 2>/dev/null",
                "bash",
            ])
            .arg(&contender.program);
        command
    } else {
        Command::new(&contender.program)
    };
    let begin = Instant::now();
    let output = started(&mut command, contender, files, folder);
    let wall = begin.elapsed();
    let text = String::from_utf8_lossy(&output.stderr);
    let mut numbers = text.split_whitespace();
    let mut next = || numbers.next()?.parse::<f64>().ok();
    let cpu = bash.exists().then(|| Some(next()? + next()?)).flatten();
    Cost {
        wall,
        cpu: cpu.map(Duration::from_secs_f64),
    }
}

/// How much memory it takes at most, in a run for that alone; `None` where `/usr/bin/time` is not there to say it.
fn peak_kilobytes(contender: &Contender, files: &[PathBuf], folder: &Path) -> Option<u64> {
    let clock = Path::new("/usr/bin/time");
    if !clock.exists() {
        return None;
    }
    let report = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new(clock);
    command
        .args(["--quiet", "-f", "%M", "-o"])
        .arg(report.path())
        .arg(&contender.program);
    started(&mut command, contender, files, folder);
    let text = std::fs::read_to_string(report.path()).unwrap();
    text.trim().parse().ok()
}

fn started(
    command: &mut Command,
    contender: &Contender,
    files: &[PathBuf],
    folder: &Path,
) -> Output {
    let output = command
        .args(&contender.arguments)
        .args(files.iter().map(|file| file.strip_prefix(folder).unwrap()))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .unwrap();
    // 0 and 1 are clean and not clean; anything else did not do its work.
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}: {}",
        contender.name,
        output.status
    );
    output
}
