//! `cargo xtask docker-ignore` as a user runs it.

#![expect(
    clippy::disallowed_methods,
    reason = "the program is run as a user runs it"
)]
#![expect(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("{}{}", self.stdout, self.stderr))
    }

    fn paths(&self) -> Vec<String> {
        let document = self.json();
        assert_eq!(document["schema_version"], 1);
        let paths = document["paths"].as_array().unwrap();
        paths
            .iter()
            .map(|path| path.as_str().unwrap().to_owned())
            .collect()
    }
}

/// A folder with some files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(self.0.path(), arguments)
    }

    fn list(&self, arguments: &[&str]) -> Vec<String> {
        let ran = self.run(&[&["--list", "--format", "json"], arguments].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.paths()
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("docker-ignore")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

const EVERYTHING: &str = "FROM scratch\nCOPY . /\n";

#[test]
fn what_is_sent_is_listed_without_a_manifest() {
    let folder = Folder::new(&[
        ("Dockerfile", EVERYTHING),
        (".dockerignore", "**/node_modules\n*.md\n!README.md\n"),
        ("README.md", ""),
        ("NOTES.md", ""),
        ("a/x.js", "x"),
        ("a/node_modules/y.js", "y"),
        ("a.b", ""),
    ]);
    std::fs::create_dir(folder.path("empty")).unwrap();
    let all = [
        ".dockerignore",
        "Dockerfile",
        "README.md",
        "a",
        "a.b",
        "a/x.js",
        "empty",
    ];
    assert_eq!(folder.list(&["--context", "."]), all);
    assert_eq!(
        folder.list(&["--context", ".", "--file", "Dockerfile"]),
        all
    );
    let plain = folder.run(&["--list", "--context", "."]);
    assert_eq!(plain.stdout, format!("{}\n", all.join("\n")));
    // From elsewhere it is the same.
    let elsewhere = tempfile::tempdir().unwrap();
    let context = folder.0.path().to_str().unwrap();
    let ran = run(
        elsewhere.path(),
        &["--list", "--format=json", "--context", context],
    );
    assert_eq!(ran.paths(), all);
}

#[test]
fn the_ignore_file_named_for_the_dockerfile_counts_even_if_it_is_empty() {
    let folder = Folder::new(&[
        ("docker/api.Dockerfile", EVERYTHING),
        ("docker/api.Dockerfile.dockerignore", "# nothing\n"),
        ("docker/web.Dockerfile", EVERYTHING),
        (".dockerignore", "docker\n"),
        ("x", ""),
    ]);
    let listed = |file: &str| folder.list(&["--context", ".", "--file", file]).join(" ");
    assert_eq!(
        listed("docker/api.Dockerfile"),
        ".dockerignore docker docker/api.Dockerfile docker/api.Dockerfile.dockerignore \
         docker/web.Dockerfile x"
    );
    assert_eq!(listed("docker/web.Dockerfile"), ".dockerignore x");
}

#[test]
fn a_dockerfile_may_lie_outside_of_the_context() {
    let folder = Folder::new(&[
        ("build/Dockerfile", EVERYTHING),
        ("context/x", ""),
        ("context/y", ""),
        ("build/Dockerfile.dockerignore", "y\n"),
    ]);
    let listed = folder.list(&["--context", "context", "-f", "build/Dockerfile"]);
    assert_eq!(listed, ["x"]);
}

#[test]
fn which_pattern_decides_is_told_with_its_line() {
    let folder = Folder::new(&[
        ("Dockerfile", "FROM scratch\nWORKDIR /app\nCOPY apps apps\n"),
        (".dockerignore", "# all\n*\n!apps\n**/.env\n"),
        ("apps/api/.env", ""),
        ("apps/api/main.ts", ""),
    ]);
    let ran = folder.run(&["--context", ".", "--explain", "apps/api/.env"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "apps/api/.env is left out\n  for Dockerfile\n  \
         .dockerignore:2  *        leaves out apps\n  \
         .dockerignore:3  !apps    takes back apps\n  \
         .dockerignore:4  **/.env  leaves out apps/api/.env  <- decides\n"
    );
    let ran = folder.run(&["--context", ".", "--explain", "apps/api/main.ts"]);
    assert_eq!(
        ran.stdout,
        "apps/api/main.ts enters the build\n  for Dockerfile\n  \
         .dockerignore:2  *      leaves out apps\n  \
         .dockerignore:3  !apps  takes back apps  <- decides\n  \
         taken by Dockerfile:3 in stage 0: COPY apps apps\n"
    );
    let json = folder
        .run(&["--context=.", "--explain=none/x", "--format=json"])
        .json();
    let told = &json["explanations"][0];
    assert_eq!(told["exists"], false);
    assert_eq!(told["ignored"], true);
    assert_eq!(told["patterns"][0]["matches"], "none");
}

#[test]
fn what_weighs_most_is_told_with_who_takes_it() {
    let big = "x".repeat(5000);
    let folder = Folder::new(&[
        ("Dockerfile", "FROM scratch\nCOPY a /a\n"),
        ("a/b/c/big.bin", &big),
        ("a/small", "1"),
    ]);
    let ran = folder.run(&["--context", ".", "--why-big"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "context .: 5.0 kB in 2 files, for Dockerfile");
    // The folder that holds the weight, not those above it.
    assert!(
        lines[3].contains("5.0 kB") && lines[3].contains("a/b/c"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains(" a/b "), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("`COPY a /a` at Dockerfile:2"),
        "{}",
        ran.stdout
    );
    let tree = folder.run(&["--context", ".", "--tree", "--depth", "2"]);
    assert_eq!(
        tree.stdout,
        "context ., no ignore file, for Dockerfile\n\
         5.0 kB  2 files  .\n\
         5.0 kB  2 files  └── a/\n\
         5.0 kB   1 file      ├── b/\n   \
             1 B               └── small\n"
    );
}

#[test]
fn what_cannot_be_looked_at_is_told_and_the_rest_is_listed() {
    let folder = Folder::new(&[("Dockerfile", EVERYTHING), ("x", "")]);
    std::os::unix::fs::symlink(".", folder.path("loop")).unwrap();
    let odd = std::ffi::OsStr::from_bytes(b"odd-\xff");
    std::fs::write(folder.0.path().join(odd), "").unwrap();
    let ran = folder.run(&["--list", "--format=json", "--context", "."]);
    assert_eq!(ran.code, Some(2));
    assert_eq!(ran.paths(), ["Dockerfile", "loop", "x"]);
    assert!(
        ran.stderr.contains("odd-\u{fffd} cannot be sent"),
        "{}",
        ran.stderr
    );
}

#[test]
fn bad_usage_is_told_in_one_message() {
    let folder = Folder::new(&[
        ("Dockerfile", EVERYTHING),
        ("x", ""),
        ("bad/Dockerfile", EVERYTHING),
        ("bad/.dockerignore", "x\n!\n"),
    ]);
    folder.write("binary/Dockerfile", EVERYTHING);
    folder.write("binary/.dockerignore", b"\xff\xfe");
    for (arguments, code, told) in [
        (
            &["--list", "--context", "none"][..],
            2,
            "there is no such folder",
        ),
        (&["--list", "--context", "x"], 2, "it is no folder"),
        (
            &["--list", "--context", ".", "-f", "none"],
            2,
            "there is no such file",
        ),
        (
            &["--list", "--context", ".", "--target", "none"],
            2,
            "has no stage `none`",
        ),
        (&["--list", "--context", "bad"], 2, ".dockerignore:2:1"),
        (&["--list", "--context", "binary"], 2, ".dockerignore"),
        (
            &["--list", "--context", ".", "--format", "sarif"],
            2,
            "cannot be written in that format",
        ),
        (&["--list", "--tree"], 2, "cannot be used with"),
        (
            &["--explain", "../x", "--context", "."],
            2,
            "is not in the build context",
        ),
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(told), "{arguments:?}: {}", ran.stderr);
    }
}

/// The ignore file of the specification: its patterns hold at the root only.
const ROOT_ANCHORED: &str = "\
node_modules\nnpm-debug.log*\n.vscode\n.idea\n*.swp\n.DS_Store\nThumbs.db\n.git\n.gitignore\n.github\nREADME.md\ndocs/\n*.md
**/*.test.ts\n**/*.spec.ts\ntest/\ncoverage/\ndist/\nbuild/\n.nx/\n.env*\n!.env.example\nlogs/\n*.log\n.npm\n.cache\n.eslintcache
tmp/\ntemp/\n";

#[test]
fn every_leak_of_an_ignore_file_that_is_anchored_at_the_root_is_named() {
    // Put together here, so that nobody takes this file for a leak itself.
    let token = format!(
        "//registry.example/:_auth{}=npm_{}\n",
        "Token",
        "a1B2".repeat(9)
    );
    let key = format!(
        "-----BEGIN {} KEY-----\n{}\n-----END {} KEY-----\n",
        "PRIVATE",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".repeat(4),
        "PRIVATE"
    );
    let folder = Folder::new(&[
        (
            "Dockerfile",
            "FROM node:20-alpine AS builder\nWORKDIR /app\nCOPY . .\nRUN npm ci\n\nFROM node:20-alpine\nWORKDIR /app\nCOPY . .\nUSER node\n",
        ),
        (".dockerignore", ROOT_ANCHORED),
        ("package.json", "{}"),
        (".env", "PASSWORD=kept-out-1x9"),
        ("apps/api/.env", "DATABASE_PASSWORD=hunter2-9fK3x\n"),
        ("apps/api/.env.production", "API_SECRET=Zk93hfKq02LmNv\n"),
        ("apps/api/.npmrc", &token),
        ("apps/api/node_modules/x/index.js", "x"),
        ("apps/api/dist/main.js", "x"),
        ("apps/api/coverage/lcov.info", "x"),
        ("apps/api/logs/api.log", "x"),
        ("apps/api/.DS_Store", "x"),
        ("deploy/id_rsa", &key),
    ]);
    let ran = folder.run(&["--context", ".", "--format", "json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let told = ran.stdout.clone();
    for leak in [
        "apps/api/.env",
        "apps/api/.env.production",
        "apps/api/.npmrc",
        "apps/api/node_modules",
        "apps/api/dist",
        "apps/api/coverage",
        "apps/api/logs",
        "apps/api/.DS_Store",
        "deploy/id_rsa",
    ] {
        assert!(told.contains(leak), "{leak} is not named: {told}");
    }
    // The way of a secret into the image.
    let findings = ran.json()["findings"].as_array().unwrap().clone();
    let messages: Vec<&str> = findings
        .iter()
        .filter_map(|found| found["message"].as_str())
        .collect();
    let secret = messages
        .iter()
        .find(|message| message.contains("apps/api/.env.production"));
    assert!(
        secret.is_some_and(|message| message.contains("Dockerfile:")),
        "{messages:#?}"
    );
    // No secret is told.
    for secret in ["hunter2-9fK3x", "Zk93hfKq02LmNv", "a1B2a1B2"] {
        assert!(!told.contains(secret), "{told}");
    }

    // Mended, nothing of it enters, and what a step needs is still there.
    let diff = folder.run(&["--context", ".", "--diff"]);
    assert_eq!(diff.code, Some(1), "{}{}", diff.stdout, diff.stderr);
    let fixed = folder.run(&["--context", ".", "--fix"]);
    assert!(fixed.stderr.contains("mended"), "{}", fixed.stderr);
    let listed = folder.list(&["--context", "."]);
    assert_eq!(
        listed,
        ["apps", "apps/api", "deploy", "package.json"],
        "{}",
        std::fs::read_to_string(folder.path(".dockerignore")).unwrap()
    );
    // Applied again it changes nothing.
    let before = std::fs::read_to_string(folder.path(".dockerignore")).unwrap();
    folder.run(&["--context", ".", "--fix"]);
    assert_eq!(
        std::fs::read_to_string(folder.path(".dockerignore")).unwrap(),
        before
    );
    let checked = folder.run(&["--context", ".", "--fix", "--check"]);
    assert_eq!(
        checked.code,
        Some(0),
        "{}{}",
        checked.stdout,
        checked.stderr
    );
}

#[test]
fn the_smallest_ignore_file_lets_in_what_is_copied() {
    let folder = Folder::new(&[
        ("Dockerfile", "FROM scratch\nCOPY package.json src /app/\n"),
        ("package.json", "{}"),
        ("src/main.js", "1"),
        ("notes.txt", ""),
        ("other/big", "123"),
    ]);
    let check = folder.run(&["--context", ".", "--write-minimal", "--check"]);
    assert_eq!(check.code, Some(1), "{}", check.stderr);
    assert!(!folder.path(".dockerignore").exists());
    let ran = folder.run(&["--context", ".", "--write-minimal"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let all = folder.list(&["--context", ".", "--all"]);
    assert_eq!(all, ["package.json", "src", "src/main.js"]);
    let again = folder.run(&["--context", ".", "--write-minimal", "--check"]);
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
}

#[test]
fn our_own_contexts_are_clean() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let ran = run(&root, &["--format", "json", "-t", "note"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let document = ran.json();
    for context in document["contexts"].as_array().unwrap() {
        assert_eq!(context["unused"]["files"], 0, "{context}");
        for category in context["categories"].as_array().unwrap() {
            let verdict = category["verdict"].as_str().unwrap();
            assert!(matches!(verdict, "covered" | "absent"), "{category}");
        }
    }
}
