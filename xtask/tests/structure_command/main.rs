//! Files of container-structure-test, run by `docker-test` on an image that was really built, and held against what the real
//! container-structure-test says of the same files.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and tell what was skipped"
)]

#[path = "../support/peers.rs"]
#[allow(dead_code, reason = "every test binary takes its part of it")]
mod peers;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use support::registry::{docker, ok};
use support::static_program::static_program;
use support::{Machine, Shared, checkout, in_ci, run, xtask};
use xtask::process::{Command, Output};

/// What a shell would be needed for, in an image that has none.
const TOOL: &str = r#"
use std::{env, fs, process};
fn main() {
    let a: Vec<String> = env::args().skip(1).collect();
    let a: Vec<&str> = a.iter().map(String::as_str).collect();
    match a.as_slice() {
        ["echo", rest @ ..] => println!("{}", rest.join(" ")),
        ["complain", rest @ ..] => { eprintln!("{}", rest.join(" ")); process::exit(3) }
        ["exit", code] => process::exit(code.parse().unwrap()),
        ["write", file, text] => fs::write(file, text).unwrap(),
        ["copy", from, to] => { fs::copy(from, to).unwrap(); }
        ["read", file] => print!("{}", fs::read_to_string(file).unwrap()),
        ["remove", file] => fs::remove_file(file).unwrap(),
        ["link", to, file] => std::os::unix::fs::symlink(to, file).unwrap(),
        ["folder", path] => {
            use std::os::unix::fs::PermissionsExt;
            fs::create_dir_all(path).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o1777)).unwrap();
        }
        ["env"] => env::vars().for_each(|(name, value)| println!("{name}={value}")),
        _ => process::exit(64),
    }
}
"#;

/// Tests that hold, and fail there: variables of a single test are not set for its command, against its documentation.
const DIFFERENT: [&str; 1] = ["Command Test: variables"];

const DOCKERFILE: &str = r#"FROM scratch AS production
COPY tool /bin/tool
COPY data /app/removed
COPY --chown=7:8 --chmod=0640 data /app/data
COPY doc /usr/share/doc
RUN ["/bin/tool", "folder", "/tmp"]
RUN ["/bin/tool", "write", "/app/made", "made"]
RUN ["/bin/tool", "remove", "/app/removed"]
RUN ["/bin/tool", "link", "data", "/app/link"]
ENV NAME=world WHERE=app PATH=/bin
LABEL com.example.vendor=ACME com.example.date=2026-12-01
EXPOSE 8080 53/udp
VOLUME /data
WORKDIR /app
USER 7:8
ENTRYPOINT ["/bin/tool"]
CMD ["echo", "hi"]
"#;

/// A project whose one image has something of everything that can be tested.
struct Stage {
    machine: Shared,
    scratch: support::scratch::Scratch,
    image: String,
}

impl Stage {
    fn new() -> Option<Self> {
        let machine = Shared::find()?;
        let scratch = support::scratch::Scratch::new();
        let image = format!("structure-test/{}:1", scratch.name(0));
        let stage = Self {
            machine,
            scratch,
            image,
        };
        let root = stage.root();
        let folder = root.join("services/api");
        for part in ["doc/good", "doc/bad"] {
            std::fs::create_dir_all(folder.join(part)).unwrap();
        }
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        write("Dockerfile", DOCKERFILE);
        write("data", "first\nsecond\n");
        write("doc/good/copyright", "MIT");
        write("doc/bad/copyright", "GNU Affero (agpl)");
        static_program(&folder, "tool", TOOL);
        std::fs::create_dir_all(root.join("docker")).unwrap();
        stage.manifest("");
        Machine::lend_to(&root);
        let build = ["buildx", "build", "--load", "--quiet", "--provenance=false"];
        ok(&docker(&stage.machine.engine, &build).args(["--tag", &stage.image, folder.as_str()]));
        Some(stage)
    }

    fn root(&self) -> Utf8PathBuf {
        self.scratch.path.join("project")
    }

    fn manifest(&self, more: &str) {
        let text = format!(
            "schema_version = 1\n[project]\nname = \"shop\"\n[services]\ndockerfiles = [\"services/*/Dockerfile\"]\n{more}"
        );
        std::fs::write(self.root().join("docker/docker.toml"), text).unwrap();
    }

    fn test(&self, arguments: &[&str]) -> Output {
        let all = [
            &["docker-test", self.machine.choice(), "--color=never"],
            arguments,
        ]
        .concat();
        run(&xtask(&self.root(), &all))
    }

    /// Each test with its outcome, as we tell it.
    fn ours(&self, file: &Utf8Path) -> (BTreeMap<String, bool>, Option<i32>) {
        let output = self.test(&[
            "--structure",
            file.as_str(),
            "--image",
            &self.image,
            "--format=json",
        ]);
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}\n{}", output.text(), output.error_text()));
        let verdicts = report["subjects"][0]["verdicts"].as_array().unwrap();
        let told = verdicts.iter().map(|verdict| {
            let name = verdict["detail"]
                .as_str()
                .unwrap()
                .split(": ")
                .next()
                .unwrap();
            let outcome = verdict["outcome"].as_str().unwrap();
            assert!(matches!(outcome, "passed" | "failed"), "{verdict}");
            let kind = match verdict["code"].as_str().unwrap() {
                "DT3001" => format!("Command Test: {name}"),
                "DT3002" => format!("File Existence Test: {name}"),
                "DT3003" => format!("File Content Test: {name}"),
                "DT3004" => "Metadata Test".to_owned(),
                _ => "License Test".to_owned(),
            };
            (kind, outcome == "passed")
        });
        (told.collect(), output.code)
    }

    /// The same, as container-structure-test tells it.
    fn peers(&self, program: &Utf8Path, file: &Utf8Path) -> BTreeMap<String, bool> {
        let engine = &self.machine.engine;
        let command = engine
            .variables
            .iter()
            .fold(Command::new(program), |command, (name, value)| {
                command.env(name, value)
            })
            .args(["test", "--output", "json", "--image", &self.image])
            .args(["--config", file.as_str()]);
        let output = run(&command);
        let text = output.text();
        let line = text.lines().find(|line| line.starts_with('{'));
        let line = line.unwrap_or_else(|| panic!("{text}\n{}", output.error_text()));
        let report: Value = serde_json::from_str(line).unwrap();
        let results = report["Results"].as_array().unwrap().iter();
        results
            .map(|result| {
                let name = result["Name"].as_str().unwrap().to_owned();
                (name, result["Pass"].as_bool().unwrap())
            })
            .collect()
    }
}

fn testdata(name: &str) -> Utf8PathBuf {
    let file = checkout().join("xtask/testdata/structure").join(name);
    file.canonicalize_utf8().unwrap()
}

#[test]
fn every_kind_of_test_comes_out_as_it_must_and_as_the_real_program_says() {
    let Some(stage) = Stage::new() else { return };
    let peer = match peers::structure_test() {
        Ok(program) => Some(Utf8PathBuf::from_path_buf(program).unwrap()),
        Err(why) => {
            assert!(!in_ci(), "cannot run in CI: {why}");
            println!("without the real program: {why}");
            None
        }
    };
    for (name, expected, code) in [("passing.yaml", true, 0), ("failing.yaml", false, 4)] {
        let file = testdata(name);
        let (ours, exit) = stage.ours(&file);
        for (test, passed) in &ours {
            assert_eq!(*passed, expected, "{name}: {test}");
        }
        assert_eq!(exit, Some(code), "{name}");
        assert!(ours.len() > 15, "{ours:?}");
        if let Some(peer) = &peer {
            let mut theirs = stage.peers(peer, &file);
            for test in DIFFERENT {
                if let Some(passed) = theirs.get_mut(test) {
                    assert!(!*passed, "{test} is no difference any more");
                    *passed = true;
                }
            }
            assert_eq!(ours, theirs, "{name}");
        }
    }
    // Nothing is left: no container, and no image of a setup.
    let label = format!("label={}", xtask::engine::containers::LABEL);
    let left = ok(&docker(
        &stage.machine.engine,
        &["ps", "--all", "--quiet", "--filter", &label],
    ));
    assert_eq!(left.text(), "");
    // An image of a container has its labels; the engine may hold nameless ones of others.
    let left = ["images", "--all", "--quiet", "--filter", &label];
    assert_eq!(ok(&docker(&stage.machine.engine, &left)).text(), "");
}

#[test]
fn files_of_the_manifest_are_about_the_image_of_their_folder() {
    let Some(stage) = Stage::new() else { return };
    let tag = ["tag", stage.image.as_str(), "shop-api:dev"];
    ok(&docker(&stage.machine.engine, &tag));
    stage.manifest("[test.structure]\nfiles = [\"services/*/checks/*.json\"]\n");
    let missing = stage.test(&["--suite=structure"]);
    assert_eq!(missing.code, Some(2), "{}", missing.error_text());
    assert!(
        missing.error_text().contains("matches no file"),
        "{}",
        missing.error_text()
    );

    let folder = stage.root().join("services/api/checks");
    std::fs::create_dir_all(&folder).unwrap();
    let json = r#"{"schemaVersion": "2.0.0", "fileExistenceTests": [{"name": "data", "path": "/app/data"}]}"#;
    std::fs::write(folder.join("image.json"), json).unwrap();
    let passed = stage.test(&["--suite=structure", "--format=json"]);
    assert_eq!(
        passed.code,
        Some(0),
        "{}\n{}",
        passed.text(),
        passed.error_text()
    );
    let report: Value = serde_json::from_slice(&passed.stdout).unwrap();
    let subject = &report["subjects"][0];
    assert_eq!(subject["name"], "api");
    assert_eq!(subject["path"], "services/api/checks/image.json");
    ok(&docker(
        &stage.machine.engine,
        &["image", "rm", "shop-api:dev"],
    ));

    let output = stage.test(&[
        "--structure",
        testdata("broken.yaml").as_str(),
        "--image",
        "x",
    ]);
    assert_eq!(output.code, Some(2));
    let told = output.error_text();
    for expected in [
        "broken.yaml:4:",
        "`(unclosed` is no pattern",
        "has no key `expectOutput`",
        "did you mean `expectedOutput`?",
        "has no `command`",
        "`0644` are no permissions",
        "has no key `env`",
    ] {
        assert!(told.contains(expected), "{expected} is not in\n{told}");
    }
    let output = stage.test(&["--structure", testdata("passing.yaml").as_str()]);
    assert_eq!(output.code, Some(2));
    assert!(
        output.error_text().contains("not known which image"),
        "{}",
        output.error_text()
    );
}
