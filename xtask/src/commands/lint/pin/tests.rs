use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use super::*;
use crate::commands::lint::{Arguments, run};
use crate::process::{Command, Interrupt, Output, Reply, Runner, Scripted};

const CLIENT: &str = r#"{"Client":{"Version":"28.5.2"},"Server":null}"#;
const PLUGINS: &str = r#"{"ClientInfo":{"Plugins":[{"Name":"buildx","Version":"v0.29.1"}]}}"#;
const MANIFEST: &str = r#"{"schemaVersion":2,"manifests":[]}"#;
/// The checksum of [`MANIFEST`].
const DIGEST: &str = "sha256:bc5857ac9458293d5111ab85c952172cd7f56bceb4e3014ddc4cafac8927b313";

/// Bytes that are looked at afterwards.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Lets the test look at the script after the environment took it.
struct Lent(Arc<Scripted>);

impl Runner for Lent {
    fn run(&self, command: &Command) -> Result<Output> {
        self.0.run(command)
    }

    fn lines(
        &self,
        command: &Command,
        on_line: &mut dyn FnMut(crate::process::Channel, &str),
    ) -> Result<Output> {
        self.0.lines(command, on_line)
    }

    fn stream(
        &self,
        command: &Command,
        consume: &mut dyn FnMut(&mut dyn std::io::Read) -> Result<()>,
    ) -> Result<Output> {
        self.0.stream(command, consume)
    }

    fn detach(&self, command: &Command, log: &Utf8Path) -> Result<u32> {
        self.0.detach(command, log)
    }
}

/// What a run of `docker-lint --fix` left.
struct Ran {
    exit: Exit,
    /// Standard error.
    said: String,
    /// The files afterwards.
    files: Vec<String>,
    /// The images that were asked about.
    asked: Vec<String>,
    /// All that was started.
    started: usize,
}

fn fixed(script: Scripted, files: &[(&str, &str)], pin: bool) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(directory.path()).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let script = Arc::new(script);
    let stderr = Shared::default();
    let environment = Environment {
        current_dir: root.to_owned(),
        variables: BTreeMap::new(),
        runner: Arc::new(Lent(Arc::clone(&script))),
        interrupt: Interrupt::default(),
        clock: || SystemTime::UNIX_EPOCH,
        stdout: Arc::new(Mutex::new(Box::new(Shared::default()))),
        stderr: Arc::new(Mutex::new(Box::new(stderr.clone()))),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
    };
    let arguments = Arguments {
        fix: true,
        pin,
        engine: EngineChoice::System,
        ..Arguments::default()
    };
    let exit = run(&arguments, &Common::default(), &environment).unwrap();
    let asked = script.asked();
    let image = |command: &Command| {
        let line = command.display();
        let image = line.split_once("imagetools inspect --raw -- ")?.1;
        Some(image.to_owned())
    };
    Ran {
        exit,
        said: stderr.text(),
        files: files
            .iter()
            .map(|(path, _)| std::fs::read_to_string(root.join(path)).unwrap())
            .collect(),
        asked: asked.iter().filter_map(image).collect(),
        started: asked.len(),
    }
}

fn with_client() -> Scripted {
    Scripted::default()
        .on("docker version", Reply::ok(CLIENT))
        .on("docker info", Reply::ok(PLUGINS))
}

/// Something else that can be mended.
const MENDABLE: &str = "MAINTAINER me\n";

#[test]
fn each_image_is_asked_about_once() {
    let script = with_client().on("imagetools", Reply::ok(MANIFEST));
    let one = "FROM node:20 AS a\nFROM node:20\nCOPY --from=node:20 / /\n";
    let ran = fixed(
        script,
        &[("a/Dockerfile", one), ("b/Dockerfile", "FROM node:20\n")],
        true,
    );
    assert_eq!(ran.asked, ["docker.io/library/node:20"]);
    let pinned = format!("node:20@{DIGEST}");
    assert_eq!(ran.files[0].matches(&pinned).count(), 3, "{}", ran.files[0]);
    assert_eq!(ran.files[1], format!("FROM {pinned}\n"));
    assert!(ran.exit <= Exit::Findings, "{}", ran.said);
}

#[test]
fn what_no_registry_tells_is_said_once_and_keeps_nothing_else_from_being_mended() {
    let text = format!("FROM node:20 AS a\n{MENDABLE}FROM node:20\nCOPY --from=redis:7 / /\n");
    let files = [("Dockerfile", text.as_str())];
    for (reply, exit, message) in [
        (
            "docker.io/library/node:20: not found",
            Exit::Usage,
            "docker.io has no image docker.io/library/node:20",
        ),
        (
            "dial tcp: connection refused",
            Exit::Missing,
            "docker.io cannot be asked about docker.io/library/node:20",
        ),
    ] {
        let script = with_client()
            .on(
                "library/node:20",
                Reply::failure(1, format!("ERROR: {reply}")),
            )
            .on("library/redis:7", Reply::ok(MANIFEST));
        let ran = fixed(script, &files, true);
        assert_eq!(ran.exit, exit);
        assert_eq!(ran.said.matches(message).count(), 1, "{}", ran.said);
        assert!(ran.said.contains("Dockerfile:1:6"), "{}", ran.said);
        assert_eq!(ran.asked.len(), 2);
        let after = &ran.files[0];
        assert!(after.contains("FROM node:20 AS a\n"), "{after}");
        assert!(!after.contains("MAINTAINER"), "{after}");
        assert!(
            after.contains(&format!("--from=redis:7@{DIGEST} ")),
            "{after}"
        );
    }
}

#[test]
fn without_a_client_there_is_one_message() {
    let text = format!("FROM node:20\n{MENDABLE}COPY --from=redis:7 / /\n");
    let script = Scripted::default()
        .on("docker version", Reply::ok(CLIENT))
        .on("docker info", Reply::ok("{}"));
    let ran = fixed(script, &[("Dockerfile", text.as_str())], true);
    assert_eq!(ran.exit, Exit::Missing);
    assert_eq!(ran.said.matches("error").count(), 1, "{}", ran.said);
    assert!(ran.said.contains("no registry can be asked"));
    assert!(!ran.files[0].contains("MAINTAINER"), "{}", ran.files[0]);
    assert!(ran.files[0].starts_with("FROM node:20\n"));
}

#[test]
fn without_the_option_nobody_is_asked() {
    let text = format!("FROM node:20\n{MENDABLE}");
    let ran = fixed(Scripted::default(), &[("Dockerfile", text.as_str())], false);
    assert_eq!(ran.started, 0);
    assert!(ran.files[0].starts_with("FROM node:20\n"));
}
