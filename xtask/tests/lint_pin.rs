//! `docker-lint --pin` against a real registry: digests are written, the mended Dockerfile builds what was pinned, and a
//! tag that moves is told.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs fails"
)]
#![expect(
    clippy::print_stdout,
    reason = "what was skipped, and why, is part of a test's report"
)]

mod support;

use camino::{Utf8Path, Utf8PathBuf};
use support::registry::{self, Registry, docker, ok};
use support::{Machine, run};
use xtask::engine::Engine;
use xtask::process::Output;

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
    registry::push(engine, &context, image)
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
    let index = registry::stored(engine, &base);
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
