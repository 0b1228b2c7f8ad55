//! A real registry, where the engine of a test finds it.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::engine::debian::{PrivateApt, Release, unpack};
use xtask::engine::private::PrivateEngine;
use xtask::engine::{Engine, EngineKind};
use xtask::error::Error;
use xtask::process::{Command, Output, System};

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
    /// Debian's, unpacked beside the engine's programs and kept for the next run.
    fn program() -> Result<Utf8PathBuf, Error> {
        let runner = System::default();
        let folder = checkout().join("target/docker-registry");
        std::fs::create_dir_all(&folder).unwrap();
        let folder = folder.canonicalize_utf8().unwrap();
        let release = Release::of_machine()?.codename;
        let apt = PrivateApt::prepare(&runner, &folder.join("apt"), &[&release], None)?;
        let wanted = [("docker-registry", release.as_str())];
        let debs = apt.download(&runner, &wanted, &folder.join("debs"))?;
        let root = folder.join("root");
        unpack(&runner, &debs[0].file, &root)?;
        Ok(root.join("usr/bin/docker-registry"))
    }

    /// `None`, with the reason printed, where it cannot be had and a skipped test is acceptable.
    pub(crate) fn start(machine: &Machine, folder: &Utf8Path) -> Option<Self> {
        let program = match Self::program() {
            Ok(program) => program,
            Err(error) => {
                assert!(!in_ci(), "cannot run in CI: {error}");
                println!("skipped: {error}");
                return None;
            }
        };
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let host = free.local_addr().unwrap().to_string();
        drop(free);
        let data = folder.join("registry");
        std::fs::create_dir_all(&data).unwrap();
        let configuration = folder.join("registry.yml");
        let text = format!(
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {data}}}, delete: {{enabled: true}}}}\nhttp: {{addr: \"{host}\"}}\n"
        );
        std::fs::write(&configuration, text).unwrap();
        let command = Command::new(&program).args(["serve", configuration.as_str()]);
        let command = where_builds_run(&machine.engine, command);
        let registry = Self {
            program: spawn(&command),
            host,
            data,
            configuration,
            binary: program,
        };
        let ask = docker(&machine.engine, &["buildx", "imagetools", "inspect"])
            .arg(format!("{}/none:1", registry.host));
        let ask = where_builds_run(&machine.engine, ask);
        // A name it does not have is an answer, too.
        let answers = || run(&ask).error_text().contains(": not found").then_some(());
        within(Duration::from_mins(1), "the registry answers", answers);
        Some(registry)
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
fn spawn(command: &Command) -> std::process::Child {
    std::process::Command::new(command.program())
        .args(command.arguments())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
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
