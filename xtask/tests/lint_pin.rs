//! `docker-lint --pin` against a real registry: digests are written, the mended Dockerfile builds what was pinned, and a
//! tag that moves is told.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something it needs fails"
)]
#![expect(
    clippy::print_stdout,
    reason = "what was skipped, and why, is part of a test's report"
)]

mod support;

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use support::{Machine, checkout, run, within};
use xtask::engine::debian::{PrivateApt, Release, unpack};
use xtask::engine::private::PrivateEngine;
use xtask::engine::{Engine, EngineKind};
use xtask::error::Error;
use xtask::process::{Command, Output, System};

/// A registry where the engine's builds and clients find it, gone with the value.
struct Registry {
    host: String,
    data: Utf8PathBuf,
    program: std::process::Child,
}

impl Registry {
    /// Debian's, unpacked beside the engine's programs and kept for the next run.
    fn program() -> Result<Utf8PathBuf, Error> {
        let runner = System::default();
        let folder = checkout().join("target/docker-registry");
        std::fs::create_dir_all(&folder).expect("target can be written");
        let folder = folder.canonicalize_utf8().expect("it is UTF-8");
        let release = Release::of_machine()?.codename;
        let apt = PrivateApt::prepare(&runner, &folder.join("apt"), &[&release], None)?;
        let wanted = [("docker-registry", release.as_str())];
        let debs = apt.download(&runner, &wanted, &folder.join("debs"))?;
        let root = folder.join("root");
        unpack(&runner, &debs[0].file, &root)?;
        Ok(root.join("usr/bin/docker-registry"))
    }

    /// `None`, with the reason printed, where it cannot be had and a skipped test is acceptable.
    fn start(machine: &Machine, folder: &Utf8Path) -> Option<Self> {
        let program = match Self::program() {
            Ok(program) => program,
            Err(error) => {
                assert!(!support::in_ci(), "cannot run in CI: {error}");
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
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {data}}}}}\nhttp: {{addr: \"{host}\"}}\n"
        );
        std::fs::write(&configuration, text).unwrap();
        let command = Command::new(program).args(["serve", configuration.as_str()]);
        let command = where_builds_run(&machine.engine, command);
        let registry = Self {
            program: spawn(&command),
            host,
            data,
        };
        let ask = docker(&machine.engine, &["buildx", "imagetools", "inspect"])
            .arg(format!("{}/none:1", registry.host));
        let ask = where_builds_run(&machine.engine, ask);
        // A name it does not have is an answer, too.
        let answers = || run(&ask).error_text().contains(": not found").then_some(());
        within(Duration::from_mins(1), "the registry answers", answers);
        Some(registry)
    }

    fn image(&self, name: &str) -> String {
        format!("{}/{name}", self.host)
    }

    fn stop(&mut self) {
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
fn where_builds_run(engine: &Engine, command: Command) -> Command {
    match engine.kind {
        EngineKind::Private => PrivateEngine::new(checkout().join("target/docker-engine"))
            .in_network(command)
            .unwrap(),
        EngineKind::System => command,
    }
}

fn docker(engine: &Engine, arguments: &[&str]) -> Command {
    engine.command().args(arguments)
}

fn ok(command: &Command) -> Output {
    let output = run(command);
    let (said, told) = (output.text(), output.error_text());
    assert!(output.success(), "{}: {said}\n{told}", command.display());
    output
}

/// Pushes an image for two platforms with one file in it; its digest, as the engine tells it.
fn push(engine: &Engine, folder: &Utf8Path, image: &str, text: &str) -> String {
    let context = folder.join("context");
    std::fs::create_dir_all(&context).unwrap();
    std::fs::write(context.join("file"), text).unwrap();
    std::fs::write(
        context.join("Dockerfile"),
        "FROM scratch\nCOPY file /file\n",
    )
    .unwrap();
    let metadata = folder.join("metadata.json");
    let build = docker(engine, &["buildx", "build", "--push", "--quiet"])
        .args(["--platform=linux/amd64,linux/arm64", "--tag", image])
        .args(["--metadata-file", metadata.as_str(), context.as_str()]);
    ok(&build);
    let metadata: serde_json::Value =
        serde_json::from_slice(&std::fs::read(metadata).unwrap()).unwrap();
    let digest = metadata["containerimage.digest"].as_str().unwrap();
    digest.to_owned()
}

/// The repository whose Dockerfile is pinned.
struct Scratch<'m> {
    machine: &'m Machine,
    folder: Utf8PathBuf,
}

impl Scratch<'_> {
    fn lint(&self, arguments: &[&str]) -> Output {
        let command = support::xtask(&self.folder, &["docker-lint", "--shellcheck=off"])
            .arg(self.machine.choice())
            .args(arguments);
        run(&command)
    }

    fn write(&self, text: &str) {
        std::fs::write(self.folder.join("Dockerfile"), text).unwrap();
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.folder.join("Dockerfile")).unwrap()
    }

    /// What the built image has in `/file`.
    fn built(&self) -> String {
        let out = self.folder.join("out");
        let build = docker(&self.machine.engine, &["buildx", "build", "--no-cache"])
            .arg(format!("--output=type=local,dest={out}"))
            .arg(&self.folder);
        ok(&build);
        std::fs::read_to_string(out.join("file")).unwrap()
    }
}

#[test]
fn images_are_pinned_built_and_watched() {
    let Some(machine) = Machine::find() else {
        return;
    };
    let guard = tempfile::tempdir().unwrap();
    let folder = Utf8PathBuf::from_path_buf(guard.path().to_owned()).unwrap();
    let Some(mut registry) = Registry::start(&machine, &folder) else {
        return;
    };
    let engine = &machine.engine;
    let (base, tool) = (registry.image("base:1"), registry.image("tool"));
    let first = push(engine, &folder, &base, "first");
    let tools = push(engine, &folder, &tool, "tool");
    let scratch = Scratch {
        machine: &machine,
        folder: folder.join("repository"),
    };
    std::fs::create_dir_all(scratch.folder.join(".git")).unwrap();
    Machine::lend_to(&scratch.folder);

    scratch.write(&format!(
        "ARG BASE={base}\nFROM ${{BASE}} AS base\nMAINTAINER me\nFROM scratch\nCOPY --from=base /file /file\n\
         COPY --from={tool} /file /tool\nCOPY --from={base} /file /again\n"
    ));
    let fixed = scratch.lint(&["--fix", "--pin"]);
    assert!(
        matches!(fixed.code, Some(0 | 1)),
        "{}\n{}",
        fixed.text(),
        fixed.error_text()
    );
    let text = scratch.text();
    for expected in [
        format!("ARG BASE={base}@{first}\n"),
        format!("COPY --from={tool}:latest@{tools} "),
        format!("COPY --from={base}@{first} "),
    ] {
        assert!(text.contains(&expected), "{expected} is not in\n{text}");
    }
    assert_eq!(scratch.built(), "first");

    // The tag moves; what is pinned does not.
    let second = push(engine, &folder, &base, "second");
    assert_ne!(first, second);
    let told = scratch.lint(&["--pin", "--only=DX1504", "--format=json"]);
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let findings = told["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2, "{told:#}");
    assert_eq!(scratch.built(), "first");
    scratch.lint(&["--fix", "--pin"]);
    assert_eq!(scratch.text(), text, "to move on is no safe fix");
    scratch.lint(&["--fix", "--pin", "--unsafe", "--only=DX1504"]);
    assert_eq!(scratch.text(), text.replace(&first, &second));
    assert_eq!(scratch.built(), "second");

    // The digest of one platform is part of what the tag points to.
    let raw = where_builds_run(engine, docker(engine, &["buildx", "imagetools", "inspect"]));
    let raw = ok(&raw.args(["--raw", base.as_str()]));
    let index: serde_json::Value = serde_json::from_slice(&raw.stdout).unwrap();
    let one = index["manifests"][0]["digest"].as_str().unwrap();
    scratch.write(&format!("FROM {base}@{one}\n"));
    let told = scratch.lint(&["--pin", "--only=DX1503,DX1504"]);
    assert_eq!(told.code, Some(0), "{}", told.text());

    unknown_tags_and_no_registry(&scratch, &mut registry, &second);
}

/// What cannot be told keeps nothing else from being mended.
fn unknown_tags_and_no_registry(scratch: &Scratch<'_>, registry: &mut Registry, digest: &str) {
    let (base, none) = (registry.image("base:1"), registry.image("base:none"));
    let text = format!("FROM {none} AS a\nMAINTAINER me\nFROM {base}\nCOPY --from={none} /x /x\n");
    scratch.write(&text);
    let unknown = scratch.lint(&["--fix", "--pin"]);
    let said = unknown.error_text();
    assert_eq!(unknown.code, Some(2), "{said}");
    let message = format!("{} has no image {none}", registry.host);
    assert_eq!(said.matches(&message).count(), 1, "{said}");
    assert!(said.contains("Dockerfile:1:6"), "{said}");
    let after = scratch.text();
    assert!(
        after.contains(&format!("FROM {base}@{digest}\n")),
        "{after}"
    );
    assert!(after.starts_with(&format!("FROM {none} AS a\n")), "{after}");
    assert!(!after.contains("MAINTAINER"), "{after}");

    registry.stop();
    scratch.write(&text);
    let gone = scratch.lint(&["--fix", "--pin"]);
    let said = gone.error_text();
    assert_eq!(gone.code, Some(3), "{said}");
    let message = format!("{} cannot be asked about", registry.host);
    assert_eq!(said.matches(&message).count(), 2, "{said}");
    let after = scratch.text();
    assert!(after.contains(&format!("FROM {base}\n")), "{after}");
    assert!(!after.contains("MAINTAINER"), "{after}");
}
