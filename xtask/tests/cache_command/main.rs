//! `cargo xtask docker-cache` as a user runs it: what is foretold of each edit is what the engine does, step by step, in a
//! repository that is made of odd shapes.
//!
//! The builds need a Docker engine. Without one that test says so and passes, except where `CI` is set.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends by panicking and says why it was skipped"
)]

#[path = "../support/mod.rs"]
mod support;

use camino::Utf8Path;
use serde_json::Value;
use support::scratch::Scratch;
use xtask::process::{Output, Runner, System};

const MANIFEST: &str = "\
schema_version = 1
[project]
name = \"NAME\"
[base]
dockerfile = \"docker/base/Dockerfile\"
[build.args]
MODE = \"slow\"
[build.contexts]
shared = \"elsewhere\"
[cache]
goal = 50
";

/// Two stages of the same names as those of services.
const BASE: &str = "\
FROM scratch AS build
COPY tool /tool
COPY docker/base/conf /conf
RUN [\"/tool\"]

FROM scratch AS production
COPY --from=build /tool /tool
COPY --from=build /out /conf
WORKDIR /app
ONBUILD COPY onbuild.sh /on/
";

/// Installs, bundles in a stage of its own, and takes only what that made.
const BUNDLED: &str = "\
FROM NAME-base AS build
COPY package.json package-lock.json /app/
RUN [\"/tool\", \"install\"]
COPY libs /app/libs
COPY apps/bundled/src /app/src
RUN [\"/tool\", \"build\"]

FROM scratch AS production
COPY --from=build /out /app
LABEL a=b
";

/// Bind mounts, a step that sees the commit, one that sees an argument.
const MOUNTED: &str = "\
FROM NAME-base AS production
ARG MODE=none
RUN --mount=type=bind,source=apps/mounted,target=/app/src [\"/tool\", \"x\"]
ARG VCS_REF=unknown
RUN [\"/tool\", \"stamp\"]
";

/// Wildcards, `ADD`, here-documents, a context that has a name, `COPY --link`; the only stage has a name.
const ODD: &str = "\
FROM scratch AS production
COPY libs/*.txt /libs/
ADD --chmod=0644 apps/odd/data.json /data.json
COPY <<E /etc/motd
hello
E
COPY --from=shared conf /conf
COPY --link last.json /last.json
COPY --from=NAME-base /conf/ /of-base/
";

/// Takes what lies in some folders without the comments, and writes it where it is looked for.
const TOOL: &str = r#"
fn main() {
    let mut out = String::from("NAME");
    for folder in ["/app/src", "/conf", "/app"] {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let Ok(text) = std::fs::read_to_string(path) else { continue };
            out.extend(text.lines().filter(|line| !line.starts_with("//")));
        }
    }
    std::fs::create_dir_all("/out").unwrap();
    std::fs::write("/out/bundle", out).unwrap();
}
"#;

struct Repository {
    scratch: Scratch,
}

impl Repository {
    fn new() -> Self {
        let repository = Self {
            scratch: Scratch::new(),
        };
        let name = repository.scratch.name(0);
        let name = format!(
            "x{}",
            name.replace(|c: char| !c.is_ascii_alphanumeric(), "")
        );
        for (path, text) in [
            ("docker/docker.toml", MANIFEST),
            ("docker/base/Dockerfile", BASE),
            ("apps/bundled/Dockerfile", BUNDLED),
            ("apps/mounted/Dockerfile", MOUNTED),
            ("apps/odd/Dockerfile", ODD),
            (".dockerignore", ".git\ntarget\n**/*.md\n"),
            (".gitignore", "target\ntool\ntool.rs\n"),
            ("package.json", "{\"name\": \"NAME\"}"),
            ("package-lock.json", "{\"name\": \"NAME\"}"),
            ("libs/a.txt", "NAME"),
            ("libs/code.ts", "NAME"),
            ("apps/bundled/src/main.ts", "NAME"),
            ("apps/bundled/src/data.json", "\"NAME\""),
            ("apps/bundled/src/main.test.ts", "NAME"),
            ("apps/bundled/src/notes.md", "NAME"),
            ("apps/mounted/file.py", "NAME"),
            ("apps/odd/data.json", "\"NAME\""),
            ("docker/base/conf/c.conf", "NAME"),
            ("elsewhere/conf/x.toml", "name = \"NAME\""),
            ("onbuild.sh", "NAME"),
            ("last.json", "\"NAME\""),
            ("docs/page.md", "NAME"),
        ] {
            repository.write(path, &text.replace("NAME", &name));
        }
        let tool = TOOL.replace("NAME", &name);
        support::static_program::static_program(repository.root(), "tool", &tool);
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit("first");
        repository.write("docs/page.md", "other");
        repository.commit("a page");
        repository.write("apps/bundled/src/main.ts", &format!("other {name}"));
        repository.commit("a source");
        repository
    }

    fn root(&self) -> &Utf8Path {
        &self.scratch.path
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        support::git(self.root(), arguments)
    }

    fn commit(&self, subject: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", subject]);
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let command = support::xtask(self.root(), &[&["docker-cache"], arguments].concat());
        System::default().run(&command).unwrap()
    }
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", output.error_text()))
}

#[test]
fn what_is_foretold_of_each_edit_is_what_the_engine_does() {
    let Some(engine) = support::Shared::find() else {
        return;
    };
    let repository = Repository::new();
    support::Machine::lend_to(repository.root());
    let before = repository.git(&["status", "--porcelain"]);
    let output = repository.run(&["--quiet", "--run", engine.choice(), "--format", "json"]);
    let document = document(&output);
    println!("{document:#}");
    assert_eq!(
        document["measured"]["differing_steps"],
        0,
        "{}",
        output.error_text()
    );
    assert_eq!(output.code, Some(0), "{}", output.error_text());
    let edits = document["edits"].as_array().unwrap();
    for edit in edits {
        let name = edit["name"].as_str().unwrap();
        let (foretold, measured) = (&edit["foretold"], &edit["measured"]);
        if edit["class"] == "argument" {
            assert!(measured.is_null(), "{name}");
            continue;
        }
        // No step is lost or told twice.
        assert_eq!(foretold["steps"], measured["steps"], "{name}");
        let cached = measured["cached"].as_u64().unwrap();
        assert!(
            foretold["cached_at_least"].as_u64().unwrap() <= cached,
            "{name}"
        );
        assert!(
            cached <= foretold["cached_at_most"].as_u64().unwrap(),
            "{name}"
        );
        for rerun in edit["reruns"].as_array().unwrap() {
            assert!(rerun["measured"].is_string(), "{name}: {rerun}");
        }
    }
    let of = |class: &str| {
        // One build takes its own Dockerfile, comments and labels included.
        let edits = edits.iter().filter(|edit| {
            let name = edit["name"].as_str().unwrap();
            edit["class"] == class && !name.contains("apps/mounted/Dockerfile")
        });
        edits.map(|edit| &edit["measured"]).collect::<Vec<_>>()
    };
    for class in ["nothing", "docs", "comment", "label", "ignore", "manifest"] {
        assert!(!of(class).is_empty(), "{class}");
        for measured in of(class) {
            assert_eq!(measured["cached"], measured["steps"], "{class}");
        }
    }
    for class in [
        "commit",
        "source",
        "shared",
        "lockfile",
        "dependencies",
        "instruction",
        "test",
    ] {
        assert!(!of(class).is_empty(), "{class}");
        for measured in of(class) {
            assert_ne!(measured["cached"], measured["steps"], "{class}");
        }
    }
    // Both ends of what is uncertain come up: comments that do not arrive, and white space that does.
    let sum = |key: &str| -> u64 {
        let edits = edits
            .iter()
            .filter_map(|edit| edit["measured"][key].as_u64());
        edits.sum()
    };
    assert!(sum("uncertain_run") > 0 && sum("uncertain_cached") > 0);
    assert_eq!(document["history"]["commits"], 2);
    // Nothing is left behind.
    assert_eq!(repository.git(&["status", "--porcelain"]), before);
    let left = repository.root().join("target/docker-cache-run");
    assert_eq!(left.read_dir_utf8().unwrap().count(), 0);
}

#[test]
fn an_image_alone_is_looked_at_alone() {
    let repository = Repository::new();
    let output = repository.run(&[
        "odd", "--format", "json", "--edit", "shared", "--edit", "source",
    ]);
    let document = document(&output);
    let images = &document["edits"][0]["images"];
    let names: Vec<&str> = images
        .as_array()
        .unwrap()
        .iter()
        .map(|image| image["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["base", "odd"]);
    let output = repository.run(&["od"]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.error_text().contains("did you mean `odd`?"),
        "{}",
        output.error_text()
    );
}

#[test]
fn findings_are_written_in_every_format() {
    let repository = Repository::new();
    let goal = ["--goal", "100"];
    for (format, expected) in [
        ("terminal", "DC1001"),
        ("markdown", "### The history"),
        ("github", "::error "),
        ("sarif", "\"DC1001\""),
        ("junit", "DC1001"),
    ] {
        let output = repository.run(&[goal.as_slice(), &["--format", format]].concat());
        assert_eq!(output.code, Some(1), "{format}: {}", output.error_text());
        assert!(
            output.text().contains(expected),
            "{format}: {}",
            output.text()
        );
    }
    let output = repository.run(&["--goal", "10", "--quiet"]);
    assert_eq!((output.code, output.text().as_str()), (Some(0), ""));
    let output = repository.run(&["--goal", "0"]);
    assert_eq!(output.code, Some(2));
}
