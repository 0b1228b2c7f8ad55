//! `docker-audit` as people and scripts use it, and the record under writers that are killed at any moment.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and tell what was skipped"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use support::chance::Chance;
use support::{run, xtask};
use xtask::audit::{Action, Actor, Draft, Filter, ProblemKind};
use xtask::process::{Command, Output};
use xtask::timestamp::Timestamp;
use xtask::trail::Trail;

struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.dir.path()).unwrap()
    }

    fn file(&self) -> Utf8PathBuf {
        self.path().join("trail.jsonl")
    }

    /// `docker-audit` on a file of this folder.
    fn audit(&self, arguments: &[&str]) -> Output {
        let command = xtask(self.path(), &["docker-audit", "--file", "trail.jsonl"]);
        run(&command.args(arguments))
    }

    fn record(&self, arguments: &[&str]) -> String {
        let output = self.audit(&[&["record"], arguments].concat());
        assert_eq!(output.code, Some(0), "{}", output.error_text());
        output.text()
    }
}

fn draft(writer: usize, number: usize) -> Draft {
    Draft {
        time: Timestamp::from_unix_seconds(1_796_000_000),
        action: Action::Build,
        actor: Actor::default(),
        tool: "test".to_owned(),
        source: None,
        image: None,
        verdicts: Vec::new(),
        details: BTreeMap::from([
            ("id".to_owned(), format!("{writer}-{number}")),
            ("filling".to_owned(), "x".repeat(number * 37 % 900)),
        ]),
    }
}

/// Not a test by itself: the process that `eight_writers_…` kills. Appends until it dies, and says what it was told is
/// on the disk.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test that is started by another one is told by variables"
)]
fn writer() {
    let Some(file) = std::env::var_os("AUDIT_TEST_FILE") else {
        return;
    };
    let writer: usize = std::env::var("AUDIT_TEST_WRITER").unwrap().parse().unwrap();
    let trail = Trail::new(Utf8PathBuf::from(file.to_str().unwrap()));
    for number in 0.. {
        let appended = trail.append(&[draft(writer, number)]).unwrap();
        let mut out = std::io::stderr().lock();
        writeln!(out, "recorded {writer}-{number} {}", appended.head.hash).unwrap();
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test keeps hold of what it kills"
)]
fn eight_writers_that_are_killed_at_any_moment_lose_nothing_they_were_told_is_recorded() {
    let folder = Folder::new();
    let mut chance = Chance::new(7);
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    let begin = Instant::now();
    let mut rounds = 0;
    while rounds < 12 && begin.elapsed() < Duration::from_mins(1) {
        rounds += 1;
        let children: Vec<_> = (0..8)
            .map(|writer| {
                std::process::Command::new(std::env::current_exe().unwrap())
                    .args(["--exact", "writer", "--nocapture", "--test-threads=1"])
                    .env("AUDIT_TEST_FILE", folder.file())
                    .env("AUDIT_TEST_WRITER", (rounds * 100 + writer).to_string())
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let mut readers = Vec::new();
        for mut child in children {
            let lines = BufReader::new(child.stderr.take().unwrap());
            let patience = Duration::from_micros(20_000 + chance.below(400_000) as u64);
            readers.push(std::thread::spawn(move || {
                std::thread::sleep(patience);
                child.kill().unwrap();
                child.wait().unwrap();
                lines.lines().map_while(Result::ok).collect::<Vec<_>>()
            }));
        }
        for reader in readers {
            for line in reader.join().unwrap() {
                let words: Vec<&str> = line.split(' ').collect();
                if let ["recorded", id, hash] = words.as_slice()
                    && hash.len() == 64
                {
                    told.insert((*id).to_owned(), (*hash).to_owned());
                }
            }
        }
    }
    let trail = Trail::new(folder.file());
    // One more writer finds whatever the last round left.
    trail.append(&[draft(9999, 0)]).unwrap();
    let summary = trail.verify(Vec::new()).unwrap();
    let bad: Vec<_> = summary
        .problems
        .iter()
        .filter(|problem| problem.kind != ProblemKind::Recovered)
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    let mut there: BTreeMap<String, String> = BTreeMap::new();
    let mut kept = BTreeSet::new();
    let mut each = |entry: &xtask::audit::Entry| {
        if let Some(id) = entry.details.get("id") {
            let before = there.insert(id.clone(), entry.hash.clone());
            assert_eq!(before, None, "{id} was recorded twice");
        }
        kept.extend(entry.details.get("kept_in").cloned());
        Ok(())
    };
    trail.each(&Filter::default(), &mut each).unwrap();
    for (id, hash) in &told {
        assert_eq!(there.get(id), Some(hash), "{id} was told to be recorded");
    }
    assert!(
        told.len() > 50,
        "only {} entries were told in {rounds} rounds",
        told.len()
    );
    // Every fragment that lies beside the record is told of in it.
    for entry in folder.path().read_dir_utf8().unwrap() {
        let name = entry.unwrap().file_name().to_owned();
        assert!(!name.contains(".torn-") || kept.contains(&name), "{name}");
    }
    println!(
        "{rounds} rounds, {} entries told, {} in the record, {} fragments kept",
        told.len(),
        there.len(),
        kept.len()
    );
}

#[test]
fn what_is_recorded_is_listed_checked_and_exported() {
    let folder = Folder::new();
    let digest = format!("sha256:{}", "ab".repeat(32));
    folder.record(&[
        "deploy",
        "--image",
        "api",
        "--digest",
        &digest,
        "--verdict",
        "health=pass",
    ]);
    folder.record(&["rollback", "--image", "web", "--detail", "reason=a, \"b\""]);
    let head = folder.record(&["deploy", "--image", "web", "--verdict", "health=unknown"]);

    let list = folder.audit(&["list"]);
    let lines: Vec<String> = list.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(
        lines[1].contains("deploy") && lines[1].contains("sha256:abababababab"),
        "{lines:?}"
    );
    assert!(lines[1].contains("health pass"), "{lines:?}");

    let some = folder.audit(&[
        "list", "--image", "web", "--action", "deploy", "--format", "json",
    ]);
    let some: serde_json::Value = serde_json::from_slice(&some.stdout).unwrap();
    assert_eq!(some["entries"].as_array().unwrap().len(), 1);
    assert_eq!(some["entries"][0]["sequence"], 2);
    let none = folder.audit(&["list", "--until", "2020-01-01"]).text();
    assert_eq!(none.lines().count(), 1, "{none}");
    let recent = folder
        .audit(&["list", "--since", "1 hour", "-n", "2"])
        .text();
    assert_eq!(recent.lines().count(), 3, "{recent}");

    assert_eq!(folder.audit(&["head"]).text(), head);
    let verified = folder.audit(&["verify", "--head", &head]);
    assert_eq!(verified.code, Some(0), "{}", verified.text());
    assert!(
        verified
            .text()
            .contains("3 entries, whole, and ends where it must"),
        "{}",
        verified.text()
    );

    let exported = folder.audit(&["export"]);
    assert_eq!(exported.stdout, std::fs::read(folder.file()).unwrap());
    let output = folder.audit(&["export", "--format", "csv", "--output", "x.csv"]);
    assert_eq!(output.code, Some(0), "{}", output.error_text());
    let csv = std::fs::read_to_string(folder.path().join("x.csv")).unwrap();
    assert!(csv.contains("\"reason=a, \"\"b\"\"\""), "{csv}");
    let all = folder.audit(&["export", "--format", "json"]);
    let all: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 3);
}

#[test]
fn tampering_is_found_and_named() {
    let folder = Folder::new();
    for image in ["a", "b", "c", "d"] {
        folder.record(&["deploy", "--image", image]);
    }
    let whole = std::fs::read_to_string(folder.file()).unwrap();
    let pinned = folder.audit(&["head"]).text();
    let check = |text: &str, arguments: &[&str]| {
        std::fs::write(folder.file(), text).unwrap();
        let output = folder.audit(&[&["verify", "--format", "json"], arguments].concat());
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let codes: Vec<String> = report["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|problem| problem["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(output.code, Some(i32::from(!codes.is_empty())), "{report}");
        codes.join(" ")
    };
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    assert_eq!(check(&whole, &[]), "");
    assert_eq!(
        check(&whole.replace("\"name\":\"b\"", "\"name\":\"x\""), &[]),
        "audit-entry-changed"
    );
    assert_eq!(
        check(&[lines[0], lines[2], lines[3]].concat(), &[]),
        "audit-chain-broken"
    );
    assert_eq!(check(&lines[..2].concat(), &[]), "audit-trail-truncated");
    assert_eq!(
        check(&whole[..whole.len() - 9], &[]),
        "audit-line-torn audit-trail-truncated"
    );
    // Whoever writes all of it anew, head file included, is found by what was kept elsewhere.
    std::fs::remove_file(folder.file()).unwrap();
    std::fs::remove_file(folder.path().join("trail.jsonl.head")).unwrap();
    for image in ["a", "x", "c", "d"] {
        folder.record(&["deploy", "--image", image]);
    }
    let anew = std::fs::read_to_string(folder.file()).unwrap();
    assert_eq!(check(&anew, &[]), "", "a file alone cannot tell");
    assert_eq!(
        check(&anew, &["--head", &pinned]),
        "audit-head-not-in-trail"
    );
}

#[test]
fn bad_input_is_one_message_and_an_exit_code() {
    let folder = Folder::new();
    let no_project = run(&xtask(folder.path(), &["docker-audit", "list"]));
    assert_eq!(no_project.code, Some(2), "{}", no_project.error_text());
    for (arguments, expected) in [
        (&["list"][..], "there is no audit trail"),
        (&["verify"], "there is no audit trail"),
        (&["export", "--output", "x"], "there is no audit trail"),
        (&["list", "--since", "soon"], "is no moment"),
        (&["verify", "--head", "x"], "expected HASH"),
        (
            &["record", "deploy", "--digest", "sha256:1"],
            "64 hexadecimal digits",
        ),
    ] {
        let output = folder.audit(arguments);
        assert_eq!(
            output.code,
            Some(2),
            "{arguments:?}: {}",
            output.error_text()
        );
        assert!(
            output.error_text().contains(expected),
            "{}",
            output.error_text()
        );
    }
    assert!(!folder.path().join("x").exists());
    std::fs::write(folder.file(), "\0\u{1}garbage\n").unwrap();
    let output = folder.audit(&["record", "deploy"]);
    assert_eq!(output.code, Some(4), "{}", output.error_text());
    assert_eq!(folder.audit(&["verify"]).code, Some(1));
    assert_eq!(folder.audit(&["list"]).code, Some(0));
}

#[test]
fn the_record_lies_in_gits_own_folder_whichever_work_tree_writes_it() {
    let folder = Folder::new();
    let repository = folder.path().join("r");
    std::fs::create_dir_all(repository.join("docker")).unwrap();
    std::fs::write(
        repository.join("docker/docker.toml"),
        "schema_version = 1\n[project]\nname = \"shop\"\n[services]\ndockerfiles = []\n",
    )
    .unwrap();
    let git = |directory: &Utf8Path, arguments: &[&str]| {
        let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        let output = run(&Command::new("git")
            .args(identity)
            .args(arguments)
            .dir(directory));
        assert!(output.success(), "{}", output.error_text());
    };
    git(&repository, &["init", "-q"]);
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "-qm", "c"]);
    git(&repository, &["worktree", "add", "-q", "../second"]);
    for place in [&repository, &folder.path().join("second")] {
        let command = xtask(place, &["docker-audit", "record", "deploy"])
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@example.org")
            .env("GITHUB_RUN_ID", "")
            .env("DOCKER_AUDIT_FILE", "");
        let output = run(&command);
        assert_eq!(output.code, Some(0), "{}", output.error_text());
    }
    let trail = Trail::new(repository.join(".git/docker-audit/shop.jsonl"));
    let entries = trail.newest(&Filter::default(), 9).unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(
        entries[0].actor.git.as_deref(),
        Some("Ada <ada@example.org>")
    );
    let source = entries[0].source.as_ref().unwrap();
    assert_eq!((source.commit.len(), source.dirty), (40, false));
}

/// A few lines of another language, as docs/trust.md shows them, come to the same hashes.
#[test]
fn another_language_checks_the_chain() {
    let folder = Folder::new();
    folder.record(&[
        "deploy",
        "--image",
        "api",
        "--detail",
        "note=é \u{1f600} \"q\" \\ \u{7f}",
    ]);
    folder.record(&["deploy", "--image", "api"]);
    let docs = support::checkout().join("docs/trust.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let (_, script) = docs.split_once("```python\n").unwrap();
    let (script, _) = script.split_once("```").unwrap();
    let check = |expected: bool| {
        let output = run(&Command::new("python3").args(["-c", script, folder.file().as_str()]));
        assert_eq!(
            output.success(),
            expected,
            "{}{}",
            output.text(),
            output.error_text()
        );
    };
    if run(&Command::new("python3").arg("--version")).success() {
        check(true);
        let text = std::fs::read_to_string(folder.file()).unwrap();
        std::fs::write(folder.file(), text.replacen("\"api\"", "\"web\"", 1)).unwrap();
        check(false);
    }
}
