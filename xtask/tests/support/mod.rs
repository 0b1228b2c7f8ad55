//! What the tests with the real program share: an engine to run it against, and the program itself.
#![allow(dead_code, reason = "every test binary takes its part of it")]

pub(crate) mod chance;
pub(crate) mod dockerfile_targets;
pub(crate) mod registry;
pub(crate) mod scratch;
pub(crate) mod signing;
pub(crate) mod static_program;

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::engine::private::{PrivateEngine, Up, preconditions};
use xtask::engine::{Engine, EngineKind, Means, probe};
use xtask::process::{Command, Interrupt, Output, Runner, System};

/// The repository under test.
pub(crate) fn checkout() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The program, standing in `directory`.
pub(crate) fn xtask(directory: &Utf8Path, arguments: &[&str]) -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .dir(directory)
        // What tests build is nothing to be remembered beside the real work.
        .env(
            "DOCKER_AUDIT_FILE",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/audit.jsonl"),
        )
}

/// Runs to the end.
pub(crate) fn run(command: &Command) -> Output {
    System::default().run(command).unwrap()
}

/// What git says in `directory`, whatever the user's own configuration asks for.
pub(crate) fn git(directory: &Utf8Path, arguments: &[&str]) -> String {
    let command = git_command(directory, arguments);
    run(&command).checked(&command).unwrap().text()
}

/// Git in `directory`, not started yet.
pub(crate) fn git_command(directory: &Utf8Path, arguments: &[&str]) -> Command {
    Command::new("git")
        .args([
            "-c",
            "user.name=n",
            "-c",
            "user.email=e@x",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .dir(directory)
}

/// Asks until the answer is there.
pub(crate) fn within<T>(limit: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begin = std::time::Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begin.elapsed() < limit, "{what}: not within {limit:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A working engine: this checkout's private one, or the machine's own where a private one cannot run.
pub(crate) struct Machine {
    pub(crate) engine: Engine,
    /// Ours to stop again.
    started: Option<PrivateEngine>,
}

impl Machine {
    /// `None`, with the reason printed, where there is none and a skipped test is acceptable.
    pub(crate) fn find() -> Option<Self> {
        match find() {
            Ok(machine) => Some(machine),
            Err(why) => {
                assert!(!in_ci(), "cannot run in CI: {why}");
                println!("skipped: {why}");
                None
            }
        }
    }

    /// `--engine` for the program to use this engine.
    pub(crate) fn choice(&self) -> &'static str {
        match self.engine.kind {
            EngineKind::Private => "--engine=private",
            EngineKind::System => "--engine=system",
        }
    }

    /// Lets a repository elsewhere use this engine and what was fetched for this checkout.
    pub(crate) fn lend_to(repository: &Utf8Path) {
        let target = repository.join("target");
        std::fs::create_dir_all(&target).unwrap();
        for part in ["docker-engine", "docker-stand-in"] {
            let ours = checkout().join("target").join(part);
            std::fs::create_dir_all(&ours).unwrap();
            let ours = ours.canonicalize_utf8().unwrap();
            std::os::unix::fs::symlink(ours, target.join(part)).unwrap();
        }
    }
}

static CURRENT: Mutex<Weak<Machine>> = Mutex::new(Weak::new());

fn current() -> std::sync::MutexGuard<'static, Weak<Machine>> {
    // A test that failed says so itself; the others can go on.
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The engine, for as long as one test of this program needs it; the last one that lets go stops it.
pub(crate) struct Shared(Option<Arc<Machine>>);

impl Shared {
    /// `None`, with the reason printed, where there is none and a skipped test is acceptable.
    pub(crate) fn find() -> Option<Self> {
        let mut current = current();
        if let Some(machine) = current.upgrade() {
            return Some(Self(Some(machine)));
        }
        let machine = Arc::new(Machine::find()?);
        *current = Arc::downgrade(&machine);
        Some(Self(Some(machine)))
    }
}

impl std::ops::Deref for Shared {
    type Target = Machine;

    fn deref(&self) -> &Machine {
        self.0.as_deref().unwrap()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Under the lock, so that nobody takes an engine that is about to stop.
        let _current = current();
        self.0.take();
    }
}

/// `docker` for the engine that a test of this program holds as [`Shared`].
pub(crate) fn docker() -> Command {
    current().upgrade().unwrap().engine.command()
}

/// What that engine answers, or why it does not.
pub(crate) fn ask(arguments: &[&str]) -> Result<String, String> {
    let command = docker().args(arguments);
    let output = System::default()
        .run(&command)
        .and_then(|output| output.checked(&command));
    output
        .map(|output| output.text())
        .map_err(|e| format!("{e}: {}", e.tool_output().unwrap_or_default()))
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(private) = &self.started {
            let (runner, interrupt) = (System::default(), Interrupt::default());
            if let Err(error) = private.down(means(&runner, &interrupt)) {
                println!("the private engine was not stopped: {error}");
            }
        }
    }
}

fn find() -> Result<Machine, String> {
    let Some(obstacle) = obstacle() else {
        let directory = checkout().join("target/docker-engine");
        let private = PrivateEngine::new(directory);
        let (runner, interrupt) = (System::default(), Interrupt::default());
        let up = private.up(means(&runner, &interrupt)).unwrap();
        return Ok(Machine {
            started: matches!(up, Up::Started(_)).then_some(private),
            engine: up.engine(),
        });
    };
    probe::probe(&System::default(), &Command::new("docker"))
        .and_then(|probe| probe.engine(EngineKind::System, "docker".into(), Vec::new()))
        .map(|engine| Machine {
            engine,
            started: None,
        })
        .map_err(|error| format!("a private engine {obstacle}, and {error}"))
}

/// Why a private engine cannot run here.
fn obstacle() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("needs root".to_owned());
    }
    if System::default()
        .run(&Command::new("apt-get").arg("--version"))
        .is_err()
    {
        return Some("needs apt-get".to_owned());
    }
    preconditions().into_iter().find_map(|one| one.problem)
}

fn means<'a>(runner: &'a System, interrupt: &'a Interrupt) -> Means<'a> {
    Means {
        runner,
        interrupt,
        note: &|line| println!("{line}"),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test has no environment handed down"
)]
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some()
}
