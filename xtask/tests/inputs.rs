//! Whatever lies where a manifest or a Dockerfile should be: one message, exit code 2, soon.

#![expect(
    clippy::disallowed_methods,
    reason = "the program is run as a user runs it"
)]
#![expect(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

use std::fs::{self, File};
use std::io::{Read as _, Seek as _};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A user waits no longer for the news that a file is broken; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
const LARGE: u64 = 100_000_000;

/// A name for what is made, how to make it at a path, and what the message must say about it.
type Case = (&'static str, fn(&Path), &'static str);

/// What may lie in the place of a text file.
const BAD_FILES: [Case; 8] = [
    (
        "a folder",
        |path| fs::create_dir(path).unwrap(),
        "it is a directory",
    ),
    (
        "a circle of links",
        |path| symlink(path.file_name().unwrap(), path).unwrap(),
        "symbolic links go round",
    ),
    (
        "a broken link",
        |path| symlink("nowhere", path).unwrap(),
        "there is no such file",
    ),
    (
        "a device",
        |path| symlink("/dev/zero", path).unwrap(),
        "device",
    ),
    (
        "a pipe",
        |path| {
            let made = Command::new("mkfifo").arg(path).status().unwrap();
            assert!(made.success());
        },
        "it is a pipe",
    ),
    (
        "binary",
        |path| fs::write(path, b"ab\n\x7fELF\xff\xfe\0").unwrap(),
        ":2:5: the file is not UTF-8",
    ),
    (
        "UTF-16",
        |path| fs::write(path, b"\xff\xfeF\0R\0O\0M\0").unwrap(),
        ":1:1: the file is not UTF-8",
    ),
    (
        "100 MB of one line",
        |path| {
            let file = File::create(path).unwrap();
            let mut line = std::io::repeat(b'x').take(LARGE);
            std::io::copy(&mut line, &mut &file).unwrap();
        },
        "it is larger than 1 MiB",
    ),
];

const COMMANDS: [&[&str]; 3] = [
    &["docker-bake"],
    &["docker-bake", "--print"],
    &["docker-build", "--dry-run"],
];

const MANIFEST: &str = "schema_version = 1\n[project]\nname = \"shop\"\n";
const DOCKERFILE: &str = "FROM alpine AS production\nUSER 1000\n";

/// A repository with one service, all in order.
fn repository() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("docker")).unwrap();
    fs::create_dir_all(dir.path().join("apps/api")).unwrap();
    fs::write(dir.path().join("docker/docker.toml"), MANIFEST).unwrap();
    fs::write(dir.path().join("apps/api/Dockerfile"), DOCKERFILE).unwrap();
    dir
}

/// Exit code, standard output and standard error together; panics if it takes too long.
fn run(root: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut output = tempfile::tempfile().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output.try_clone().unwrap())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{arguments:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut text = String::new();
    output.rewind().unwrap();
    output.read_to_string(&mut text).unwrap();
    (status.code(), text)
}

/// One message with exit code 2 that says `expected` and is short enough to read.
fn assert_refused(root: &Path, arguments: &[&str], what: &str, expected: &str) {
    let (code, text) = run(root, arguments);
    let shown: String = text.chars().take(2_000).collect();
    assert_eq!(code, Some(2), "{what}, {arguments:?}:\n{shown}");
    assert!(
        text.contains(expected),
        "{what}, {arguments:?}: no \"{expected}\" in:\n{shown}"
    );
    assert!(
        text.starts_with("error: "),
        "{what}, {arguments:?}:\n{shown}"
    );
    let errors = text.matches("error: ").count();
    assert!(errors <= 4, "{what}, {arguments:?}:\n{shown}");
    assert!(
        text.len() < 2_000,
        "{what}, {arguments:?}: {} bytes:\n{shown}",
        text.len()
    );
}

#[test]
fn a_repository_in_order_is_accepted() {
    let dir = repository();
    assert_eq!(run(dir.path(), &["docker-bake", "--print"]).0, Some(0));
    assert_eq!(run(dir.path(), &["docker-build", "--dry-run"]).0, Some(0));
}

#[test]
fn whatever_lies_in_the_place_of_the_manifest_is_named() {
    for (what, make, expected) in BAD_FILES {
        let dir = repository();
        let manifest = dir.path().join("docker/docker.toml");
        fs::remove_file(&manifest).unwrap();
        make(&manifest);
        for command in COMMANDS {
            assert_refused(dir.path(), command, what, expected);
            assert_refused(dir.path(), command, what, "docker/docker.toml");
        }
        // These work without a manifest and must not fall over one.
        let (code, text) = run(dir.path(), &["docker-engine", "status"]);
        assert_eq!(code, Some(0), "{what}:\n{text}");
    }
}

#[test]
fn whatever_lies_in_the_place_of_a_dockerfile_is_named() {
    for (what, make, expected) in BAD_FILES {
        let dir = repository();
        let dockerfile = dir.path().join("apps/api/Dockerfile");
        fs::remove_file(&dockerfile).unwrap();
        make(&dockerfile);
        for command in COMMANDS {
            assert_refused(dir.path(), command, what, expected);
            assert_refused(dir.path(), command, what, "apps/api/Dockerfile");
        }
    }
}

#[test]
fn long_lines_are_refused_soon_and_shown_in_part() {
    let long = "x".repeat(900_000);
    for (manifest, place) in [
        (format!("{MANIFEST}{long} = 1\n"), "docker/docker.toml:4:1"),
        (
            format!("{MANIFEST}[build]\ncontext = \"{long}\n"),
            "docker/docker.toml:5:",
        ),
        (
            format!("{MANIFEST}a = {}\n", "[".repeat(900_000)),
            "docker/docker.toml:4:",
        ),
    ] {
        let dir = repository();
        fs::write(dir.path().join("docker/docker.toml"), manifest).unwrap();
        assert_refused(dir.path(), &["docker-bake"], "a long line", place);
    }
    for (dockerfile, place) in [
        (format!("{DOCKERFILE}{long}\n"), "apps/api/Dockerfile:3:1"),
        (
            format!("{DOCKERFILE}ENV {long}\n"),
            "apps/api/Dockerfile:3:",
        ),
        (format!("FROM ${{{long}\n"), "apps/api/Dockerfile:1:1"),
        (
            format!("FROM {}a\n", "${A:-".repeat(100_000)),
            "apps/api/Dockerfile:1:1",
        ),
    ] {
        let dir = repository();
        fs::write(dir.path().join("apps/api/Dockerfile"), dockerfile).unwrap();
        assert_refused(dir.path(), &["docker-bake"], "a long line", place);
    }
}

#[test]
fn values_that_double_with_every_line_do_not_fill_the_memory() {
    let dir = repository();
    let doubled = "ENV A=$A$A\n".repeat(64);
    let text = format!("FROM alpine AS production\nENV A=12345678\n{doubled}EXPOSE $A\n");
    fs::write(dir.path().join("apps/api/Dockerfile"), text).unwrap();
    let (code, text) = run(dir.path(), &["docker-bake", "--print"]);
    assert!(code.is_some_and(|code| code < 3), "{code:?}");
    assert!(text.len() < 20_000, "{} bytes", text.len());
}

#[test]
fn a_generated_file_that_is_none_is_named() {
    for (what, make, _) in BAD_FILES.into_iter().take(5) {
        let dir = repository();
        make(&dir.path().join("docker/docker-bake.hcl"));
        if what == "a broken link" {
            // As good as missing.
            assert_eq!(run(dir.path(), &["docker-bake"]).0, Some(1));
            continue;
        }
        assert_refused(dir.path(), &["docker-bake"], what, "docker/docker-bake.hcl");
    }
}

#[test]
fn outside_a_repository_the_way_in_is_told() {
    let dir = tempfile::tempdir().unwrap();
    for command in [
        &["docker-bake"][..],
        &["docker-build", "--dry-run"],
        &["docker-doctor"],
        &["docker-engine", "status"],
    ] {
        let (code, text) = run(dir.path(), command);
        assert_eq!(code, Some(2), "{command:?}:\n{text}");
        assert!(text.contains("there is no docker/docker.toml in"), "{text}");
    }
    let _ = fs::create_dir(dir.path().join(".git"));
    let (code, text) = run(dir.path(), &["docker-engine", "status"]);
    assert_eq!(code, Some(0), "{text}");
}

/// Root reads what it likes, so this one is run as nobody.
#[test]
fn files_nobody_may_read_are_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let as_root = rustix::process::geteuid().is_root();
    for file in ["docker/docker.toml", "apps/api/Dockerfile"] {
        let dir = repository();
        let forbid = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        forbid(dir.path(), 0o755);
        forbid(&dir.path().join(file), 0o000);
        // A copy, since nobody may not look into the folder this was built in either.
        let program = dir.path().join("xtask");
        fs::copy(env!("CARGO_BIN_EXE_xtask"), &program).unwrap();
        let mut command = if as_root {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
                .arg(&program);
            command
        } else {
            Command::new(&program)
        };
        let output = command
            .arg("docker-bake")
            .current_dir(dir.path())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(&format!("failed to read {file}")), "{text}");
        assert!(text.contains("permission denied"), "{text}");
    }
}
