//! Striking a program at a chosen system call: it is killed right before it, or the call fails.

use camino::Utf8Path;
use xtask::process::{Command, Output};

use crate::repository::{Repository, unpanicked};
use crate::support::{in_ci, run};

/// The calls that change files.
const CALLS: &str = "openat,write,pwrite64,writev,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,\
                     symlink,symlinkat,ftruncate,fchmod,chmod,fsync,fdatasync,copy_file_range";

/// A call of the main thread: which one, and how many of its kind it is the last of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) call: String,
    pub(crate) number: usize,
    /// As strace shows it.
    pub(crate) shown: String,
}

/// What happens at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strike {
    /// The program is killed before the call does anything.
    Kill,
    /// The call fails: no space is left.
    Full,
}

/// Whether programs can be struck here; says so where not.
pub(crate) fn can_strike() -> bool {
    let tried = xtask::process::Runner::run(
        &xtask::process::System::default(),
        &Command::new("strace").args(["-o", "/dev/null", "true"]),
    );
    let can = tried.is_ok_and(|output| output.success());
    if !can {
        assert!(!in_ci(), "cannot run in CI: strace cannot trace");
        println!("skipped: there is no strace that can trace here");
    }
    can
}

/// Runs to the end; the steps at which files of the repository change.
pub(crate) fn steps(repository: &Repository, arguments: &[&str]) -> (Vec<Step>, Output) {
    let trace = tempfile::NamedTempFile::new().unwrap();
    let file = trace.path().to_str().unwrap();
    let options = ["-qq", "-y", "-s", "0", "-o", file, "-e"];
    let calls = format!("trace={CALLS}");
    let command = repository.command(arguments);
    let command = command.started_by("strace", options.into_iter().chain([calls.as_str()]));
    let output = unpanicked(run(&command));
    let text = String::from_utf8_lossy(&std::fs::read(trace.path()).unwrap()).into_owned();
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    let mut steps = Vec::new();
    for line in text.lines() {
        let Some((call, rest)) = line.split_once('(') else {
            continue;
        };
        let number = counts.entry(call.to_owned()).or_default();
        *number += 1;
        if changes_files(call, rest, &repository.root) {
            steps.push(Step {
                call: call.to_owned(),
                number: *number,
                shown: line.replace(repository.root.as_str(), ""),
            });
        }
    }
    (steps, output)
}

fn changes_files(call: &str, rest: &str, root: &Utf8Path) -> bool {
    match call {
        "openat" => rest.contains("O_CREAT") || rest.contains("O_TRUNC"),
        // What goes to the terminal changes nothing.
        "write" | "pwrite64" | "writev" | "ftruncate" | "fchmod" | "fsync" | "fdatasync"
        | "copy_file_range" => rest.contains(root.as_str()),
        _ => true,
    }
}

/// At most so many of them, the first and the last among them.
pub(crate) fn spread(steps: &[Step], most: usize) -> Vec<Step> {
    if steps.len() <= most {
        return steps.to_vec();
    }
    let last = steps.len() - 1;
    let chosen = (0..most).map(|index| steps[index * last / (most - 1)].clone());
    chosen.collect()
}

/// Runs with a strike at a step. Its exit code is `None` if it was killed.
pub(crate) fn struck(
    repository: &Repository,
    arguments: &[&str],
    step: &Step,
    strike: Strike,
) -> Output {
    let what = match strike {
        Strike::Kill => "signal=SIGKILL",
        Strike::Full => "error=ENOSPC",
    };
    let inject = format!("inject={}:{what}:when={}", step.call, step.number);
    let trace = format!("trace={}", step.call);
    let options = ["-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    let command = repository.command(arguments);
    unpanicked(run(&command.started_by("strace", options)))
}
