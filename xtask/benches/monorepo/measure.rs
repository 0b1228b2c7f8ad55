//! What a process takes: wall time, CPU time with that of its children, the peak of memory.

use std::path::Path;
use std::process::{Command, Stdio};

/// What a process takes, or several in the end.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// Seconds.
    pub(crate) wall: f64,
    /// Seconds, of all threads and children.
    pub(crate) cpu: f64,
    /// Bytes of the largest process; the most of all runs.
    pub(crate) peak: u64,
}

/// A command with what it took.
pub(crate) struct Measured {
    pub(crate) name: String,
    pub(crate) cost: Cost,
    pub(crate) exit: i32,
}

/// The shell's own `time` tells milliseconds; `/usr/bin/time`, which tells the memory, tells hundredths of a second.
const SCRIPT: &str = r#"TIMEFORMAT='%R %U %S'
time /usr/bin/time --quiet --format %M --output "$MEMORY" "$@" >/dev/null 2>&1"#;

/// Of the seconds of all runs, the least first: the least.
pub(crate) fn least(sorted: &[f64]) -> f64 {
    sorted[0]
}

/// As [`least`]: the median.
pub(crate) fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

/// Runs a command in a folder, and takes what `choose` does of all runs. What it prints goes nowhere.
pub(crate) fn run(
    name: &str,
    program: &Path,
    arguments: &[&str],
    folder: &Path,
    runs: usize,
    choose: fn(&[f64]) -> f64,
) -> Measured {
    let memory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("monorepo.memory");
    let (mut walls, mut cpus, mut peak, mut exit) = (Vec::new(), Vec::new(), 0, 0);
    for _ in 0..runs {
        let output = Command::new("bash")
            .args(["-c", SCRIPT, "bash"])
            .arg(program)
            .args(arguments)
            .env("MEMORY", &memory)
            .env("NO_COLOR", "1")
            .current_dir(folder)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        exit = output.status.code().unwrap_or(-1);
        let text = String::from_utf8_lossy(&output.stderr);
        let times: Vec<f64> = text
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let [wall, user, system] = times[..] else {
            panic!("bash and GNU time are needed, and said: {text}");
        };
        walls.push(wall);
        cpus.push(user + system);
        let kilobytes = std::fs::read_to_string(&memory).unwrap();
        let last = kilobytes.lines().last().unwrap_or_default();
        peak = peak.max(last.parse::<u64>().unwrap_or(0) * 1024);
    }
    let chosen = |mut seconds: Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        choose(&seconds)
    };
    let _ = std::fs::remove_file(&memory);
    Measured {
        name: name.to_owned(),
        cost: Cost {
            wall: chosen(walls),
            cpu: chosen(cpus),
            peak,
        },
        exit,
    }
}
