//! What `docker-ignore --affected` foretells against what the real BuildKit then carries out: edits, one after the
//! other, each built.
//!
//! Needs a Docker engine. Without one the test says so and passes, except where `CI` is set.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends by panicking and says why it was skipped"
)]

mod support;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::engine::events::{BuildEvent, Stream, Vertex};
use xtask::process::{Command, Runner, System};

const DOCKERFILE: &str = "\
FROM scratch AS deps
COPY tool /tool
COPY package.json /app/
RUN [\"/tool\"]

FROM deps AS build
WORKDIR /app
COPY src src
ARG MODE=fast
RUN [\"/tool\", \"build\"]

FROM scratch AS other
COPY other /other
COPY more*.txt /more/
COPY unused /unused

FROM scratch
COPY --from=build /app/src /app
COPY --from=other /other /other
COPY --from=other /more /more
COPY --link conf /conf
LABEL a=b
COPY last /last
";

struct Repository {
    _guard: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Repository {
    /// Files, git, and a static program for `RUN`.
    fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(guard.path().canonicalize().unwrap()).unwrap();
        let repository = Self {
            _guard: guard,
            root,
        };
        for (path, text) in [
            ("Dockerfile", DOCKERFILE),
            (".dockerignore", "**/*.md\n"),
            (".gitignore", "tool\ntool.rs\n"),
        ] {
            repository.write(path, text);
        }
        for (path, text) in [
            ("package.json", "{}"),
            ("src/a", "a"),
            ("src/b", "b"),
            ("src/notes.md", "n"),
            ("other/x", "x"),
            ("more1.txt", "1"),
            ("unused/u", "u"),
            ("conf/c", "c"),
            ("last", "l"),
            ("README", "r"),
        ] {
            repository.fill(path, text);
        }
        let program = format!("fn main() {{ println!(\"{}\") }}", repository.root);
        support::static_program::static_program(&repository.root, "tool", &program);
        repository.git(&["init", "-q"]);
        repository.commit();
        repository
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Writes what no other run of the test has: `BuildKit` knows layers by their content, and keeps those of runs before.
    fn fill(&self, path: &str, text: &str) {
        self.write(path, &format!("{text} {}", self.root));
    }

    fn git(&self, arguments: &[&str]) {
        support::git(&self.root, arguments);
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "c"]);
    }

    /// The steps that are foretold: those that surely run, and all.
    fn foretold(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let arguments = [
            "-q",
            "docker-ignore",
            "--affected",
            "HEAD",
            "--format",
            "json",
        ];
        let output = checked(&support::xtask(&self.root, &arguments));
        let document: serde_json::Value = serde_json::from_str(&output).unwrap();
        let (mut surely, mut all) = (BTreeSet::new(), BTreeSet::new());
        for image in document["images"].as_array().unwrap() {
            for step in image["steps"].as_array().unwrap() {
                if step["executed"] != true || step["step"] == 0 {
                    continue;
                }
                let text = step["text"].as_str().unwrap().to_owned();
                if step["certain"] == true {
                    surely.insert(text.clone());
                }
                all.insert(text);
            }
        }
        (surely, all)
    }

    /// The steps that a build carries out.
    fn built(&self) -> BTreeSet<String> {
        let command = support::docker()
            .args([
                "buildx",
                "build",
                "--progress=rawjson",
                "--output=type=cacheonly",
                ".",
            ])
            .dir(&self.root);
        let output = System::default().run(&command).unwrap();
        assert!(output.success(), "{}", output.error_text());
        let mut stream = Stream::new::<String>([]);
        let mut carried_out = BTreeSet::new();
        let mut cached = BTreeSet::new();
        let mut events: Vec<BuildEvent> = output
            .error_text()
            .lines()
            .flat_map(|line| stream.feed(line))
            .collect();
        events.extend(stream.finish());
        for event in events {
            match event {
                BuildEvent::Cached(vertex, _) => note(&vertex, &mut cached),
                BuildEvent::Completed { vertex, .. } => note(&vertex, &mut carried_out),
                _ => {}
            }
        }
        assert!(
            carried_out.len() + cached.len() > 5,
            "{}",
            output.error_text()
        );
        carried_out
    }
}

fn note(vertex: &Vertex, steps: &mut BTreeSet<String>) {
    // Putting the layer of a `COPY --link` upon the others copies nothing.
    if vertex.step().is_some() && !vertex.text.starts_with("LINK ") {
        steps.insert(vertex.text.clone());
    }
}

fn checked(command: &Command) -> String {
    let output = System::default().run(command).unwrap();
    output.checked(command).unwrap().text()
}

/// Changes something in a repository.
type Edit = fn(&Repository);

#[test]
fn what_is_foretold_is_what_the_engine_carries_out() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let repository = Repository::new();
    let cold = repository.built();
    assert!(cold.len() > 10, "{cold:?}");
    assert_eq!(repository.built(), BTreeSet::new());
    let arrived: BTreeSet<String> = DOCKERFILE
        .rsplit_once("FROM scratch\n")
        .unwrap()
        .1
        .lines()
        .map(str::to_owned)
        .collect();
    let edits: [(&str, Edit, usize); 15] = [
        ("a source", |r| r.fill("src/a", "other"), 4),
        ("a manifest", |r| r.fill("package.json", "{ }"), 5),
        ("a file of the last stage", |r| r.fill("conf/c", "other"), 2),
        ("the last file", |r| r.fill("last", "other"), 1),
        ("a new file", |r| r.fill("other/new", "n"), 3),
        (
            "a file that a pattern takes",
            |r| r.fill("more2.txt", "2"),
            2,
        ),
        (
            "a file that reaches no image",
            |r| r.fill("unused/u", "other"),
            1,
        ),
        (
            "a file that is gone",
            |r| std::fs::remove_file(r.root.join("src/b")).unwrap(),
            4,
        ),
        (
            "a file that nothing takes",
            |r| r.fill("README", "other"),
            0,
        ),
        (
            "a file that is left out",
            |r| r.fill("src/notes.md", "other"),
            0,
        ),
        (
            "permissions",
            |r| set_mode(&r.root.join("conf/c"), 0o755),
            2,
        ),
        (
            "a file that is let in no more",
            |r| r.write(".dockerignore", "**/*.md\nother/x\n"),
            3,
        ),
        (
            "a command",
            |r| r.write("Dockerfile", &DOCKERFILE.replace("\"build\"", "\"all\"")),
            1,
        ),
        (
            "a variable",
            |r| r.write("Dockerfile", &DOCKERFILE.replace("fast", "slow")),
            1,
        ),
        (
            "a label and a comment",
            |r| {
                r.write(
                    "Dockerfile",
                    &DOCKERFILE
                        .replace("fast\n", "slow\n# why\n")
                        .replace("a=b", "a=c"),
                );
            },
            0,
        ),
    ];
    for (what, edit, least) in edits {
        edit(&repository);
        let (surely, all) = repository.foretold();
        let built = repository.built();
        assert!(built.len() >= least, "{what}: built {built:?}");
        if all.is_empty() {
            // No image is another than before, whatever runs for nothing.
            assert!(built.is_disjoint(&arrived), "{what}: built {built:?}");
            assert_eq!(built.len(), least, "{what}: built {built:?}");
            repository.commit();
            continue;
        }
        assert!(
            built.is_subset(&all),
            "{what}: built {built:?}, foretold {all:?}"
        );
        assert!(
            surely.is_subset(&built),
            "{what}: built {built:?}, surely {surely:?}"
        );
        repository.commit();
    }
}

fn set_mode(path: &Utf8Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
