//! A real registry, where the engine of a test finds it.

use camino::{Utf8Path, Utf8PathBuf};
use xtask::engine::local_registry::{self, Deletion};
use xtask::engine::private::PrivateEngine;
use xtask::engine::{Engine, EngineKind, Means};
use xtask::process::{Command, Interrupt, Output, System};

use super::{Machine, checkout, in_ci, run, within};

/// A registry where the engine's builds and clients find it, gone with the value.
pub(crate) struct Registry {
    pub(crate) host: String,
    data: Utf8PathBuf,
    configuration: Utf8PathBuf,
    binary: Utf8PathBuf,
    program: std::process::Child,
}

impl Registry {
    /// `None`, with the reason printed, where it cannot be had and a skipped test is acceptable.
    pub(crate) fn start(machine: &Machine, folder: &Utf8Path) -> Option<Self> {
        Self::start_with(machine, folder, Deletion::Refused)
    }

    /// As [`Registry::start`], with or without its API's deletion.
    pub(crate) fn start_with(
        machine: &Machine,
        folder: &Utf8Path,
        deletion: Deletion,
    ) -> Option<Self> {
        let (runner, interrupt) = (System::default(), Interrupt::default());
        let means = Means {
            runner: &runner,
            interrupt: &interrupt,
            note: &|line| println!("{line}"),
        };
        let kept = checkout().join("target/docker-registry");
        let binary = match local_registry::fetch(means, &kept) {
            Ok(program) => program,
            Err(error) => {
                assert!(!in_ci(), "cannot run in CI: {error}");
                println!("skipped: {error}");
                return None;
            }
        };
        let data = folder.join("registry");
        std::fs::create_dir_all(&data).unwrap();
        let configuration = folder.join("registry.json");
        let text = local_registry::configuration(&data, deletion);
        std::fs::write(&configuration, text).unwrap();
        let command = local_registry::command(&binary, &configuration);
        let log = folder.join("registry.log");
        let mut program = spawn(&where_builds_run(&machine.engine, command), &log);
        // It chooses its port itself: nobody can take one that was found free before.
        let listening = || {
            let text = std::fs::read_to_string(&log).unwrap();
            let ended = program.try_wait().unwrap();
            assert!(ended.is_none(), "the registry ended, {ended:?}: {text}");
            local_registry::listening(&text)
        };
        let host = within(local_registry::PATIENCE, "the registry listens", listening);
        Some(Self {
            host,
            data,
            configuration,
            binary,
            program,
        })
    }

    pub(crate) fn image(&self, name: &str) -> String {
        format!("{}/{name}", self.host)
    }

    /// Where it keeps what it has.
    pub(crate) fn data(&self) -> &Utf8Path {
        &self.data
    }

    /// Removes the blobs that no manifest names any longer. Nobody may push meanwhile.
    pub(crate) fn collect_garbage(&self) {
        let collect = ["garbage-collect", self.configuration.as_str()];
        ok(&Command::new(&self.binary).args(collect));
    }

    /// Bytes of all blobs on the disk.
    pub(crate) fn stored_bytes(&self) -> u64 {
        fn below(folder: &Utf8Path) -> u64 {
            let entries = folder.read_dir_utf8().unwrap().map(Result::unwrap);
            let size = |entry: camino::Utf8DirEntry| match entry.metadata().unwrap() {
                found if found.is_dir() => below(entry.path()),
                found => found.len(),
            };
            entries.map(size).sum()
        }
        below(&self.data.join("docker/registry/v2/blobs"))
    }

    pub(crate) fn stop(&mut self) {
        // It has no child: nsenter became the program.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test keeps hold of what it starts"
)]
fn spawn(command: &Command, log: &Utf8Path) -> std::process::Child {
    std::process::Command::new(command.program())
        .args(command.arguments())
        .stdout(std::process::Stdio::null())
        .stderr(std::fs::File::create(log).unwrap())
        .spawn()
        .unwrap()
}

/// In the engine's network, where that is another one than ours.
pub(crate) fn where_builds_run(engine: &Engine, command: Command) -> Command {
    match engine.kind {
        EngineKind::Private => PrivateEngine::new(checkout().join("target/docker-engine"))
            .in_network(command)
            .unwrap(),
        EngineKind::System => command,
    }
}

pub(crate) fn docker(engine: &Engine, arguments: &[&str]) -> Command {
    engine.command().args(arguments)
}

pub(crate) fn ok(command: &Command) -> Output {
    let output = run(command);
    let (said, told) = (output.text(), output.error_text());
    assert!(output.success(), "{}: {said}\n{told}", command.display());
    output
}

/// Builds a folder for two platforms and pushes the image; the digest of its index, as the engine tells it.
pub(crate) fn push(engine: &Engine, context: &Utf8Path, image: &str) -> String {
    let metadata = context.with_extension("metadata.json");
    let build = docker(engine, &["buildx", "build", "--push", "--quiet"])
        .args(["--platform=linux/amd64,linux/arm64", "--tag", image])
        .args(["--metadata-file", metadata.as_str(), context.as_str()]);
    ok(&build);
    let metadata: serde_json::Value =
        serde_json::from_slice(&std::fs::read(metadata).unwrap()).unwrap();
    let digest = metadata["containerimage.digest"].as_str().unwrap();
    digest.to_owned()
}

/// What the registry has under a name, as the engine's client reads it.
pub(crate) fn stored(engine: &Engine, name: &str) -> serde_json::Value {
    let inspect = docker(engine, &["buildx", "imagetools", "inspect", "--raw", name]);
    let raw = ok(&where_builds_run(engine, inspect));
    serde_json::from_slice(&raw.stdout).unwrap()
}
