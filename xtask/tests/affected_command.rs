//! `cargo xtask docker-affected` as a user runs it, and its promise against real builds: an image that it does not name has
//! the same layers after the change.
//!
//! The builds need a Docker engine. Without one that test says so and passes, except where `CI` is set.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends by panicking and says why it was skipped"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use support::chance::Chance;
use support::scratch::Scratch;
use xtask::process::{Output, Runner, System};

const BASE: &str = "\
FROM scratch AS production
COPY tool /tool
COPY docker/base/conf /conf
";

/// Bundles in a stage of its own, and takes only what that made.
const BUNDLED: &str = "\
FROM scratch AS build
COPY tool /tool
COPY package.json package-lock.json /app/
RUN [\"/tool\"]
COPY libs /app/libs
COPY apps/bundled/src /app/src
RUN [\"/tool\", \"build\"]

FROM scratch AS production
COPY --from=build /app/src /app
LABEL a=b
";

/// Stands on the base.
const BASED: &str = "\
FROM NAME-base AS production
COPY apps/based /app
ARG MODE=none
RUN [\"/tool\", \"x\"]
";

/// A step sees the commit.
const STAMPED: &str = "\
FROM NAME-base AS production
ARG VCS_REF=unknown
RUN [\"/tool\", \"stamp\"]
";

/// Takes all that the ignore file lets in of two folders.
const PLAIN: &str = "\
FROM scratch AS production
COPY apps/plain /app
COPY libs/*.txt /libs/
ARG BUILD_DATE
LABEL built=${BUILD_DATE}
";

struct Repository {
    scratch: Scratch,
    name: String,
}

impl Repository {
    fn new() -> Self {
        let scratch = Scratch::new();
        let name = format!(
            "x{}",
            scratch
                .name(0)
                .replace(|c: char| !c.is_ascii_alphanumeric(), "")
        );
        let repository = Self { scratch, name };
        for (path, text) in [
            (
                "docker/docker.toml",
                "schema_version = 1\n[project]\nname = \"NAME\"\n[base]\ndockerfile = \"docker/base/Dockerfile\"\n[platforms]\nrelease = [\"linux/amd64\", \"linux/arm64\"]\n[budget]\n[build.args]\nMODE = \"slow\"\n",
            ),
            ("docker/base/Dockerfile", BASE),
            ("apps/bundled/Dockerfile", BUNDLED),
            ("apps/based/Dockerfile", BASED),
            ("apps/stamped/Dockerfile", STAMPED),
            ("apps/plain/Dockerfile", PLAIN),
            (".dockerignore", ".git\ntarget\n**/*.md\n"),
            (".gitignore", "target\ntool\ntool.rs\n"),
        ] {
            repository.write(path, &text.replace("NAME", &repository.name));
        }
        for path in [
            "package.json",
            "package-lock.json",
            "libs/a.txt",
            "libs/code.ts",
            "apps/bundled/src/main.ts",
            "apps/based/file",
            "apps/plain/file",
            "apps/plain/notes.md",
            "docker/base/conf/c",
            "docs/page",
        ] {
            repository.fill(path, "1");
        }
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit();
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

    /// Writes what no other run of the test has: `BuildKit` keeps the layers of runs before.
    fn fill(&self, path: &str, text: &str) {
        self.write(path, &format!("{text} {}", self.root()));
    }

    fn replace(&self, path: &str, from: &str, to: &str) {
        let full = self.root().join(path);
        let text = std::fs::read_to_string(&full).unwrap();
        std::fs::write(full, text.replace(from, to)).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        support::git(self.root(), arguments);
    }

    /// With the bake file up to date, as CI sees to it.
    fn commit(&self) {
        assert!(self.run("docker-bake", &["--write"], &[]).success());
        self.commit_as_it_is();
    }

    fn commit_as_it_is(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "c", "--allow-empty"]);
    }

    fn run(&self, verb: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        run_in(self.root(), verb, arguments, variables)
    }

    fn affected(&self, arguments: &[&str]) -> Output {
        self.run("docker-affected", arguments, &[])
    }

    fn document(&self, arguments: &[&str]) -> Value {
        let output = self.affected(&[arguments, &["--format", "json"]].concat());
        assert!(output.success(), "{}", output.error_text());
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The images that are affected since the last commit, with the reason of each.
    fn named(&self, arguments: &[&str]) -> BTreeMap<String, String> {
        let document = self.document(&[&["--base", "HEAD"], arguments].concat());
        let images = document["images"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        images
            .map(|image| (text(&image["name"]), text(&image["reason"])))
            .collect()
    }

    fn names(&self) -> Vec<String> {
        self.named(&[]).into_keys().collect()
    }

    /// Builds everything; the layers of each image.
    fn layers(&self, engine: &str) -> BTreeMap<String, String> {
        let build = || self.run("docker-build", &[engine, "--quiet"], &[]);
        let mut output = build();
        // containerd may collect a layer between two builds that share it; the next build makes it again.
        if output.error_text().contains("parent snapshot") {
            output = build();
        }
        assert!(output.success(), "{}", output.error_text());
        ["base", "bundled", "based", "stamped", "plain"]
            .into_iter()
            .map(|image| {
                let reference = format!("{}-{image}:dev", self.name);
                let arguments = [
                    "image",
                    "inspect",
                    "--format",
                    "{{json .RootFS.Layers}}",
                    &reference,
                ];
                (image.to_owned(), support::ask(&arguments).unwrap())
            })
            .collect()
    }
}

fn run_in(root: &Utf8Path, verb: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = support::xtask(root, &[&[verb], arguments].concat());
    // The workflow that runs the tests is not the one that they are about.
    for name in ["EVENT_NAME", "EVENT_PATH", "BASE_REF", "OUTPUT"] {
        command = command.env(format!("GITHUB_{name}"), "");
    }
    for (name, value) in variables {
        command = command.env(*name, value);
    }
    System::default().run(&command).unwrap()
}

/// What changes, how, and which images it affects.
type Case<'r> = (&'static str, &'r dyn Fn(), &'static [&'static str]);

#[test]
fn each_change_has_its_images() {
    let repository = Repository::new();
    let r = &repository;
    assert_eq!(r.names(), [""; 0], "nothing changed");
    // Every commit changes what sees the commit.
    let cases: [Case<'_>; 12] = [
        (
            "a source",
            &|| r.fill("apps/bundled/src/main.ts", "2"),
            &["bundled", "stamped"],
        ),
        (
            "the lockfile",
            &|| r.fill("package-lock.json", "2"),
            &["bundled", "stamped"],
        ),
        (
            "a library",
            &|| r.fill("libs/a.txt", "2"),
            &["bundled", "plain", "stamped"],
        ),
        (
            "a file of the base",
            &|| r.fill("docker/base/conf/c", "2"),
            &["base", "based", "stamped"],
        ),
        (
            "what is left out",
            &|| r.fill("apps/plain/notes.md", "2"),
            &["stamped"],
        ),
        (
            "what nothing takes",
            &|| r.fill("docs/page", "2"),
            &["stamped"],
        ),
        (
            "a new file that git does not know",
            &|| r.fill("apps/plain/new", "2"),
            &["plain", "stamped"],
        ),
        (
            "a file that is gone",
            &|| std::fs::remove_file(r.root().join("apps/based/file")).unwrap(),
            &["based", "stamped"],
        ),
        (
            "an argument of one image",
            &|| r.replace("docker/docker.toml", "slow", "fast"),
            &["based", "stamped"],
        ),
        (
            "a label of all",
            &|| {
                r.replace(
                    "docker/docker.toml",
                    "[budget]",
                    "[labels]\nvendor = \"V\"\n[budget]",
                );
            },
            &["base", "based", "bundled", "plain", "stamped"],
        ),
        (
            "a budget",
            &|| {
                r.replace(
                    "docker/docker.toml",
                    "[budget]",
                    "[budget]\nunpacked = \"1 GB\"",
                );
            },
            &["stamped"],
        ),
        (
            "an instruction",
            &|| r.replace("apps/bundled/Dockerfile", "a=b", "a=c"),
            &["bundled", "stamped"],
        ),
    ];
    for (what, change, expected) in cases {
        change();
        assert_eq!(r.names(), expected, "{what}");
        r.commit();
        assert_eq!(r.names(), [""; 0], "{what}");
    }
}

#[test]
fn what_files_do_not_tell_is_told_too() {
    let repository = Repository::new();
    let r = &repository;
    r.fill("docs/page", "3");
    let reason = r.named(&[])["stamped"].clone();
    assert_eq!(
        reason,
        "apps/stamped/Dockerfile:3:1: this step sees VCS_REF, which every commit changes"
    );
    // The bake file says what the tool makes of it all.
    r.replace(
        "docker/docker-bake.hcl",
        "= \"production\"\n",
        "= \"other\"\n",
    );
    r.commit_as_it_is();
    r.fill("docs/page", "4");
    let named = r.named(&["plain"]);
    assert_eq!(
        named["plain"],
        "the target plain of docker/docker-bake.hcl says something else"
    );
}

#[test]
fn the_base_is_where_the_branch_left() {
    let repository = Repository::new();
    let r = &repository;
    let error = r.affected(&[]);
    assert_eq!(error.code, Some(2));
    assert!(
        error
            .error_text()
            .contains("name a commit or a branch with `--base REF`"),
        "{}",
        error.error_text()
    );
    r.git(&["checkout", "-q", "-b", "side"]);
    r.fill("apps/plain/file", "2");
    r.commit();
    r.git(&["checkout", "-q", "main"]);
    r.fill("apps/based/file", "2");
    r.commit();
    r.git(&["checkout", "-q", "side"]);
    let names = |arguments: &[&str]| -> Vec<String> {
        let document = r.document(arguments);
        document["images"]
            .as_array()
            .unwrap()
            .iter()
            .map(|image| image["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(&["--base", "main"]),
        ["plain", "stamped"],
        "what main did since does not count"
    );
    r.fill("apps/bundled/src/main.ts", "2");
    assert_eq!(names(&["--base", "main"]), ["bundled", "plain", "stamped"]);
    assert_eq!(
        names(&["--base", "main", "--head", "side"]),
        ["plain", "stamped"],
        "commits alone"
    );
    assert_eq!(names(&["--base", "main", "plain"]), ["plain"]);
    // A clone knows the default branch, and a workflow its event.
    let clone = Scratch::new();
    let of_clone = clone.path.join("clone");
    r.git(&[
        "clone",
        "-q",
        &format!("file://{}", r.root()),
        of_clone.as_str(),
    ]);
    let ran = run_in(
        &of_clone,
        "docker-affected",
        &["--base", "origin/main", "--quiet"],
        &[],
    );
    assert!(
        ran.text().contains("plain"),
        "{}{}",
        ran.text(),
        ran.error_text()
    );
    let ran = run_in(
        &of_clone,
        "docker-affected",
        &[],
        &[("GITHUB_BASE_REF", "main")],
    );
    assert!(
        ran.text().contains("2 of 5 images are built again"),
        "{}{}",
        ran.text(),
        ran.error_text()
    );
    let event = clone.path.join("event.json");
    std::fs::write(&event, format!("{{\"before\": \"{}\"}}", "f".repeat(40))).unwrap();
    let pushed = [
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_EVENT_PATH", event.as_str()),
    ];
    let ran = run_in(&of_clone, "docker-affected", &[], &pushed);
    assert!(
        ran.error_text().contains("git knows no commit `ffff"),
        "{}",
        ran.error_text()
    );
}

#[test]
fn a_shallow_clone_has_nothing_to_compare_with() {
    let repository = Repository::new();
    let r = &repository;
    r.commit();
    let clone = Scratch::new();
    let shallow = clone.path.join("shallow");
    r.git(&[
        "clone",
        "-q",
        "--depth",
        "1",
        &format!("file://{}", r.root()),
        shallow.as_str(),
    ]);
    let ran = run_in(&shallow, "docker-affected", &["--base", "HEAD~1"], &[]);
    insta::assert_snapshot!(ran.error_text(), @r#"
    error: git knows no commit `HEAD~1`
     |
     = note: this clone is shallow: most commits are not here
     = help: `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout, brings them
    "#);
    assert_eq!(ran.code, Some(2));
}

#[test]
fn a_workflow_gets_a_matrix() {
    let repository = Repository::new();
    let r = &repository;
    r.fill("apps/plain/file", "2");
    let matrix = |arguments: &[&str]| {
        let output = r.affected(
            &[
                &["--base", "HEAD", "--format", "github-matrix", "plain"],
                arguments,
            ]
            .concat(),
        );
        output.text()
    };
    insta::assert_snapshot!(matrix(&[]), @r#"{"include":[{"image":"plain","target":"plain","dockerfile":"apps/plain/Dockerfile","platforms":"linux/amd64,linux/arm64","runner":"ubuntu-latest","reason":"takes apps/plain/file"}]}"#);
    insta::assert_snapshot!(matrix(&["--per-platform", "--runner", "linux/amd64=big"]), @r#"{"include":[{"image":"plain","target":"plain","dockerfile":"apps/plain/Dockerfile","platforms":"linux/amd64","runner":"big","reason":"takes apps/plain/file"},{"image":"plain","target":"plain","dockerfile":"apps/plain/Dockerfile","platforms":"linux/arm64","runner":"ubuntu-24.04-arm","reason":"takes apps/plain/file"}]}"#);
    let file = r.root().join("target/output");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let handed = |arguments: &[&str]| {
        let variables = [("GITHUB_OUTPUT", file.as_str())];
        let output = r.run(
            "docker-affected",
            &[&["--base", "HEAD", "--github"], arguments].concat(),
            &variables,
        );
        assert!(output.success(), "{}", output.error_text());
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        text
    };
    let text = handed(&["plain"]);
    assert!(
        text.contains("\n[\"plain\"]\n") && text.contains("\ntrue\n"),
        "{text}"
    );
    let text = handed(&["bundled"]);
    assert!(
        text.contains("{\"include\":[]}") && text.contains("\nfalse\n"),
        "{text}"
    );
    let refused = r.affected(&["--base", "HEAD", "--github"]);
    assert_eq!(refused.code, Some(2));
    // A build of what is affected, when nothing is.
    r.git(&["checkout", "-q", "."]);
    let output = r.run("docker-build", &["--affected=HEAD"], &[]);
    assert_eq!(output.code, Some(0), "{}", output.error_text());
    insta::assert_snapshot!(output.error_text(), @"
    0 of 5 images are affected by 0 changed files (since HEAD)
    nothing to build: no image that was asked for is affected
    ");
    r.fill("apps/plain/file", "2");
    let output = r.run(
        "docker-build",
        &["--affected=HEAD", "--dry-run", "--format", "json"],
        &[],
    );
    let planned: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(planned["targets"], serde_json::json!(["plain", "stamped"]));
}

/// Two services that bundle, each of which imports another package, and the lockfile that has them.
fn with_packages(repository: &Repository) {
    let r = repository;
    for (service, text) in [
        ("one", "import { Pool } from 'pg';\n"),
        ("two", "import { z } from \"zod/v4\";\n"),
    ] {
        let dockerfile = BUNDLED.replace("apps/bundled", &format!("apps/{service}"));
        r.write(&format!("apps/{service}/Dockerfile"), &dockerfile);
        r.write(&format!("apps/{service}/src/main.ts"), text);
    }
    r.write(
        "package.json",
        "{\"dependencies\": {\"pg\": \"^8\", \"zod\": \"^4\", \"esbuild\": \"1\"}}",
    );
    r.write(
        "package-lock.json",
        r#"{"lockfileVersion": 3, "packages": {
            "": {"dependencies": {"pg": "^8", "zod": "^4", "esbuild": "1"}},
            "node_modules/pg": {"version": "8.0.0", "dependencies": {"pg-pool": "^3"}},
            "node_modules/pg-pool": {"version": "3.0.0"},
            "node_modules/zod": {"version": "4.0.0"},
            "node_modules/esbuild": {"version": "1.0.0"}
        }}"#,
    );
    r.replace(
        "docker/docker.toml",
        "[budget]",
        "[affected]\nlockfile = \"imports\"\n[budget]",
    );
    r.commit();
}

#[test]
fn a_package_affects_those_that_import_it() {
    let repository = Repository::new();
    with_packages(&repository);
    let r = &repository;
    let lock =
        |from: &'static str, to: &'static str| move || r.replace("package-lock.json", from, to);
    let cases: [Case<'_>; 9] = [
        (
            "what comes along with pg",
            &lock("3.0.0", "3.0.1"),
            &["one", "stamped"],
        ),
        ("zod", &lock("4.0.0", "4.1.0"), &["stamped", "two"]),
        (
            "a tool",
            &lock("1.0.0", "1.0.1"),
            &["bundled", "one", "stamped", "two"],
        ),
        (
            "a package that nobody asks for",
            &lock(
                "\"node_modules/zod\"",
                "\"node_modules/extra\": {\"version\": \"1\"}, \"node_modules/zod\"",
            ),
            &["stamped"],
        ),
        (
            "a package that is asked for anew",
            &|| {
                r.replace("package.json", "^8", "^8.1");
                r.replace("package-lock.json", "\"pg\": \"^8\"", "\"pg\": \"^8.1\"");
            },
            &["one", "stamped"],
        ),
        (
            "a script",
            &|| r.replace("package.json", "{\"dep", "{\"type\": \"module\", \"dep"),
            &["bundled", "one", "stamped", "two"],
        ),
        (
            "no lockfile",
            &lock("\"packages\"", "\"other\""),
            &["bundled", "one", "stamped", "two"],
        ),
        (
            "a source, too",
            &|| {
                r.replace("package-lock.json", "\"other\"", "\"packages\"");
                r.fill("apps/two/src/more.ts", "");
            },
            &["bundled", "one", "stamped", "two"],
        ),
        (
            "what is loaded by a name that nobody knows",
            &|| r.fill("apps/two/src/more.ts", "await import(name)"),
            &["stamped", "two"],
        ),
    ];
    for (what, change, expected) in cases {
        change();
        assert_eq!(r.names(), expected, "{what}");
        r.commit();
    }
    lock("3.0.1", "3.0.2")();
    assert_eq!(r.names(), ["one", "stamped", "two"], "two loads anything");
    r.replace(
        "apps/bundled/Dockerfile",
        "/app/src /app",
        "/app/node_modules /app",
    );
    r.commit();
    lock("3.0.2", "3.0.3")();
    assert_eq!(
        r.names(),
        ["bundled", "one", "stamped", "two"],
        "bundled takes what is installed"
    );
    r.replace(
        "apps/bundled/Dockerfile",
        "/app/node_modules /app",
        "/app /app",
    );
    r.commit();
    lock("3.0.3", "3.0.4")();
    assert_eq!(
        r.names(),
        ["bundled", "one", "stamped", "two"],
        "and the folder around it"
    );
    r.replace("docker/docker.toml", "\"imports\"", "\"any\"");
    r.replace("apps/bundled/Dockerfile", "/app /app", "/app/src /app");
    r.write("apps/two/src/more.ts", "");
    r.commit();
    lock("3.0.4", "3.0.5")();
    assert_eq!(
        r.names(),
        ["bundled", "one", "stamped", "two"],
        "unless the manifest says so"
    );
}

/// One change by chance.
fn edit(repository: &Repository, chance: &mut Chance, round: usize) -> String {
    let r = repository;
    let files = [
        "package.json",
        "package-lock.json",
        "libs/a.txt",
        "libs/code.ts",
        "apps/bundled/src/main.ts",
        "apps/based/file",
        "apps/plain/file",
        "apps/plain/notes.md",
        "docker/base/conf/c",
        "docs/page",
    ];
    let text = format!("{round}");
    let new = Utf8PathBuf::from(chance.pick(&[
        "libs",
        "apps/bundled/src",
        "apps/based",
        "apps/plain",
        "docs",
        "docker/base/conf",
    ]));
    match chance.below(10) {
        0..=4 => {
            let path = chance.pick(&files);
            r.fill(path, &text);
            format!("edit {path}")
        }
        5 => {
            let path = new.join(format!("new{round}.txt"));
            r.fill(path.as_str(), &text);
            format!("add {path}")
        }
        6 => {
            let path = chance.pick(&[
                "libs/a.txt",
                "libs/code.ts",
                "apps/plain/file",
                "apps/based/file",
            ]);
            let to = format!("{path}.{round}.txt");
            if std::fs::rename(r.root().join(path), r.root().join(&to)).is_err() {
                r.fill(path, &text);
            }
            // A pattern must match something, and a source must be there.
            r.fill("libs/keep.txt", "k");
            format!("move {path}")
        }
        7 => {
            let path = chance.pick(&["libs/code.ts", "apps/plain/file", "docs", "apps/based/file"]);
            r.replace(".dockerignore", "**/*.md", &format!("**/*.md\n{path}"));
            format!("ignore {path}")
        }
        8 => {
            let path = chance.pick(&[
                "apps/bundled/Dockerfile",
                "apps/plain/Dockerfile",
                "apps/based/Dockerfile",
            ]);
            let (from, to) = if chance.percent(50) {
                ("AS production\n", format!("AS production\nENV R={round}\n"))
            } else {
                (
                    "AS production\n",
                    format!("AS production\n# {round}\nWORKDIR /w{round}\n"),
                )
            };
            r.replace(path, from, &to);
            format!("instruction of {path}")
        }
        _ => {
            r.replace(
                "docker/docker.toml",
                "MODE = \"",
                &format!("MODE = \"{round}"),
            );
            "argument".to_owned()
        }
    }
}

#[test]
fn what_is_not_affected_has_the_same_layers() {
    let Some(machine) = support::Shared::find() else {
        return;
    };
    let repository = Repository::new();
    support::Machine::lend_to(repository.root());
    let program = format!("fn main() {{ println!(\"{}\") }}", repository.root());
    support::static_program::static_program(repository.root(), "tool", &program);
    let engine = machine.choice();
    let mut before = repository.layers(engine);
    // Whatever time it is: the same edits in each run.
    let mut chance = Chance::new(7);
    let (mut same, mut other, mut spared) = (0, 0, BTreeSet::new());
    for round in 0..14 {
        let mut edits = vec![edit(&repository, &mut chance, round)];
        if chance.percent(30) {
            edits.push(edit(&repository, &mut chance, round + 100));
        }
        let named = repository.named(&[]);
        repository.commit();
        let after = repository.layers(engine);
        for (image, layers) in &after {
            let differs = before[image] != *layers;
            if differs {
                other += 1;
                assert!(
                    named.contains_key(image),
                    "{edits:?}: {image} is another, and only {named:?} was named"
                );
            } else if !named.contains_key(image) {
                same += 1;
                spared.insert(image.clone());
            }
        }
        before = after;
    }
    println!("{same} images were rightly not named, {other} were others");
    assert!(same > 10 && other > 10, "{same} {other}");
    assert!(spared.len() > 2, "{spared:?}");
}
