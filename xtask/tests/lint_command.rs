//! `cargo xtask docker-lint` as a user runs it.

#![expect(
    clippy::disallowed_methods,
    reason = "the program is run as a user runs it"
)]
#![expect(clippy::unwrap_used, reason = "a test says by its panic what is wrong")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is judged in most of these tests: one rule that is easily broken, and the linter's own.
const ONLY: &str = "--only=DL3000,DX9001,DX9002,DX9003";

/// What breaks that rule.
const BAD: &str = "FROM alpine:3.20\nWORKDIR app\n";

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    /// The places and codes of a JSON report.
    fn found(&self) -> Vec<String> {
        let report: serde_json::Value = serde_json::from_str(&self.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|finding| {
                format!(
                    "{}:{} {} {}",
                    finding["path"].as_str().unwrap(),
                    finding["line"],
                    finding["code"].as_str().unwrap(),
                    finding["severity"].as_str().unwrap()
                )
            })
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

    fn lint(&self, arguments: &[&str]) -> Ran {
        run(self.0.path(), arguments, None, &[])
    }

    fn json(&self, arguments: &[&str]) -> Ran {
        self.lint(&[&[ONLY, "--format=json"], arguments].concat())
    }
}

fn run(folder: &Path, arguments: &[&str], input: Option<&str>, variables: &[(&str, &str)]) -> Ran {
    // What is installed here must make no difference.
    let asks = arguments
        .iter()
        .any(|argument| argument.starts_with("--shellcheck"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("docker-lint")
        .args((!asks).then_some("--shellcheck=off"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .env("HOME", folder.join("home"))
        .env_remove("XDG_CONFIG_HOME")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that does not read it may be over already.
    let _ = child
        .stdin
        .take()
        .unwrap()
        .write_all(input.unwrap_or_default().as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_finding_is_shown_with_its_place_and_what_to_do() {
    let folder = Folder::new(&[("Dockerfile", BAD)]);
    let ran = folder.lint(&[ONLY, "--quiet"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    let start: Vec<&str> = ran.stdout.lines().take(6).collect();
    insta::assert_snapshot!(start.join("\n"), @r"
    error[DL3000 workdir-not-absolute]: `app` is relative to the directory before
     --> Dockerfile:2:9
      |
    2 | WORKDIR app
      |         ^^^
      |
    ");
}

#[test]
fn the_exit_code_follows_the_threshold() {
    let folder = Folder::new(&[("Dockerfile", BAD)]);
    for (arguments, expected) in [
        (&["--info=DL3000"][..], 0),
        (&["--info=DL3000", "--fail-on=note"], 1),
        (&["--warning=DL3000"], 1),
        (&["--warning=DL3000", "-t", "error"], 0),
        (&["--failure-threshold=none", "--style=DL3000"], 1),
        (&["--no-fail"], 0),
        (&["--ignore=workdir-not-absolute"], 0),
        (&["--fail-on=bad"], 2),
        (&["--only=NONSENSE"], 2),
        (&["--ignore=DL99999"], 2),
        (&["--config=missing.yaml"], 2),
        (&["--require-label=a:b"], 2),
    ] {
        let only = if arguments[0].starts_with("--only") {
            &[][..]
        } else {
            &[ONLY]
        };
        let ran = folder.lint(&[only, arguments].concat());
        assert_eq!(ran.code, Some(expected), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn dockerfiles_are_found_by_their_names_without_what_git_passes_over() {
    let folder = Folder::new(&[
        (".gitignore", "dist/\n"),
        (".git/HEAD", ""),
        ("Dockerfile", BAD),
        ("apps/api/Dockerfile.dev", BAD),
        ("apps/api/api.Dockerfile", BAD),
        ("apps/api/Containerfile", BAD),
        ("apps/api/dist/Dockerfile", BAD),
        ("apps/api/Dockerfile.dockerignore", "x"),
        ("node_modules/x/Dockerfile", BAD),
    ]);
    let all = [
        "Dockerfile:2 DL3000 error",
        "apps/api/Containerfile:2 DL3000 error",
        "apps/api/Dockerfile.dev:2 DL3000 error",
        "apps/api/api.Dockerfile:2 DL3000 error",
    ];
    let ran = folder.json(&[]);
    assert_eq!(ran.found(), all);
    assert!(
        ran.stderr.contains("4 findings in 4 of 4 files"),
        "{}",
        ran.stderr
    );
    // From below the root only what is below, and by the same names.
    let below = run(&folder.path("apps"), &[ONLY, "--format=json"], None, &[]);
    assert_eq!(below.found(), all[1..]);
    // What is named is judged, whatever git says.
    let named = folder.json(&["apps/api/dist/Dockerfile", "apps"]);
    assert_eq!(named.found().len(), 4);
}

#[test]
fn files_of_another_repository_are_named_in_full() {
    let other = Folder::new(&[(".git/HEAD", ""), ("a/Dockerfile", BAD)]);
    let here = Folder::new(&[("Dockerfile", BAD)]);
    let path = other.path("a/Dockerfile");
    let ran = here.json(&[path.to_str().unwrap(), "Dockerfile"]);
    let found = ran.found();
    assert_eq!(found.len(), 2);
    assert!(found.contains(&format!("{}:2 DL3000 error", path.display())));
}

#[test]
fn what_cannot_be_read_is_told_once_and_the_others_are_judged() {
    let folder = Folder::new(&[("Dockerfile", BAD), ("empty/x", "")]);
    folder.write("binary/Dockerfile", b"FROM alpine\nRUN \xff\n");
    let large = std::fs::File::create(folder.path("large")).unwrap();
    large.set_len(100 * 1024 * 1024).unwrap();
    let fifo = Command::new("mkfifo").arg(folder.path("fifo")).status();
    assert!(fifo.unwrap().success());
    for (path, expected) in [
        ("missing", "there is no such file"),
        ("empty", "there is no Dockerfile in empty"),
        ("binary/Dockerfile", "binary/Dockerfile:2:5"),
        ("binary", "binary/Dockerfile:2:5"),
        ("large", "it is larger than 1 MiB"),
        ("fifo", "it is a pipe, socket or device"),
    ] {
        let ran = folder.json(&[path, "Dockerfile"]);
        assert_eq!(ran.code, Some(2), "{path}");
        assert_eq!(ran.found(), ["Dockerfile:2 DL3000 error"], "{path}");
        assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{path}: {}", ran.stderr);
    }
    let nothing = run(&folder.path("empty"), &[], None, &[]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(2), ""));
}

#[test]
fn standard_input_is_judged_under_its_name() {
    let folder = Folder::new(&[(".git/HEAD", "")]);
    let lint = |arguments: &[&str], text: &str| {
        let arguments = [&[ONLY, "--format=json"], arguments].concat();
        run(folder.0.path(), &arguments, Some(text), &[])
    };
    assert_eq!(lint(&["-"], BAD).found(), ["-:2 DL3000 error"]);
    assert_eq!(
        lint(&["-", "--stdin-path=apps/api/Dockerfile"], BAD).found(),
        ["apps/api/Dockerfile:2 DL3000 error"]
    );
    assert_eq!(lint(&["-"], "FROM alpine:3.20\n").code, Some(0));
    // What an editor holds counts, whatever the file says.
    folder.write("Dockerfile", "FROM alpine:3.20\n");
    for arguments in [["-", "Dockerfile"], ["Dockerfile", "-"]] {
        let arguments = [&arguments[..], &["--stdin-path=Dockerfile"]].concat();
        assert_eq!(lint(&arguments, BAD).found(), ["Dockerfile:2 DL3000 error"]);
    }
}

#[test]
fn a_file_that_is_named_is_mended_where_it_lies() {
    let text = "FROM alpine:3.20\nADD a /b\n";
    let folder = Folder::new(&[
        (".git/HEAD", ""),
        ("a/Dockerfile", text),
        ("b/Dockerfile", text),
    ]);
    let mend = |arguments: &[&str], input: Option<&str>| {
        let arguments = [&["--fix", "--only=DL3020"], arguments].concat();
        run(folder.0.path(), &arguments, input, &[])
    };
    let read = |path: &str| std::fs::read_to_string(folder.path(path)).unwrap();
    let ran = mend(&["a/Dockerfile"], None);
    assert!(!ran.stdout.contains("COPY a /b"), "{}", ran.stdout);
    assert_eq!(read("a/Dockerfile"), text.replace("ADD", "COPY"));
    // Beside standard input, which goes to standard output.
    let ran = mend(
        &["b/Dockerfile", "-", "--stdin-path=a/Dockerfile"],
        Some(text),
    );
    assert!(ran.stdout.contains("COPY a /b"), "{}", ran.stdout);
    assert_eq!(read("b/Dockerfile"), text.replace("ADD", "COPY"));
}

#[test]
fn a_file_that_cannot_be_read_is_told_of_once_and_the_others_are_judged() {
    let folder = Folder::new(&[(".git/HEAD", ""), ("a/Dockerfile", BAD)]);
    folder.write("b/Dockerfile", b"FROM a\n\xff\n");
    let ran = folder.json(&[".", "b/Dockerfile", "./b/Dockerfile", "none", "none"]);
    assert_eq!(ran.code, Some(2));
    assert_eq!(ran.found(), ["a/Dockerfile:2 DL3000 error"]);
    assert_eq!(ran.stderr.matches("not UTF-8").count(), 1, "{}", ran.stderr);
    assert_eq!(
        ran.stderr.matches("failed to read none").count(),
        1,
        "{}",
        ran.stderr
    );
}

#[test]
fn comments_suppress_and_are_told_when_they_do_not() {
    let folder = Folder::new(&[(
        "Dockerfile",
        "FROM alpine:3.20\n\
         # hadolint ignore=DL3000\n\
         WORKDIR a\n\
         # lint: allow(workdir-not-absolute) the base sets it\n\
         WORKDIR b\n\
         # hadolint ignore=DL3000\n\
         WORKDIR /c\n\
         # hadolint ignore=DL3000 why\n\
         WORKDIR d\n",
    )]);
    let ran = folder.json(&[]);
    assert_eq!(
        ran.found(),
        [
            "Dockerfile:6 DX9001 warning",
            "Dockerfile:8 DX9003 warning",
            "Dockerfile:9 DL3000 error"
        ]
    );
    assert!(ran.stderr.contains("2 suppressed"), "{}", ran.stderr);
    let ran = folder.json(&["--disable-ignore-pragma"]);
    assert_eq!(
        ran.found(),
        ["Dockerfile:3 DL3000 error", "Dockerfile:9 DL3000 error"]
    );
}

#[test]
fn hadolints_configuration_is_read_where_hadolint_reads_it() {
    let folder = Folder::new(&[
        ("Dockerfile", BAD),
        (".hadolint.yaml", "override:\n  info: [DL3000]\n"),
        ("other.yml", "ignored: [DL3000]\n"),
        ("home/.hadolint.yaml", "ignored: [DL3000]\n"),
    ]);
    let found = |arguments: &[&str], variables: &[(&str, &str)]| {
        let arguments = [&["--format=json"], arguments].concat();
        let mut found = run(folder.0.path(), &arguments, None, variables).found();
        found.retain(|line| line.contains("DL3000"));
        found.join(" ")
    };
    assert_eq!(found(&[], &[]), "Dockerfile:2 DL3000 note");
    assert_eq!(found(&["--no-config"], &[]), "Dockerfile:2 DL3000 error");
    assert_eq!(found(&["-c", "other.yml"], &[]), "");
    // What is said on the command line comes last.
    assert_eq!(found(&["--style=DL3000"], &[]), "Dockerfile:2 DL3000 style");
    assert_eq!(
        found(&["-c", "other.yml", "--only=DL3000"], &[]),
        "Dockerfile:2 DL3000 error"
    );
    let ignored = [("HADOLINT_IGNORE", "DL3000")];
    assert_eq!(found(&[], &ignored), "");
    assert_eq!(
        found(&["--no-config"], &ignored),
        "Dockerfile:2 DL3000 error"
    );
    std::fs::remove_file(folder.path(".hadolint.yaml")).unwrap();
    assert_eq!(found(&[], &[]), "", "that of the home counts");
}

#[test]
fn a_broken_configuration_stops_the_run() {
    let folder = Folder::new(&[
        ("Dockerfile", BAD),
        (".hadolint.yaml", "ingored:\n  - DL3000\n"),
    ]);
    let ran = folder.lint(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(ran.stderr, @r"
    error: unknown key `ingored`
     --> .hadolint.yaml:1:1
      |
    1 | ingored:
      | ^^^^^^^
      |
      = help: did you mean `ignored`?
    ");
    let folder = Folder::new(&[
        ("Dockerfile", BAD),
        (
            "docker/docker.toml",
            "schema_version = 1\n[project]\nname = \"shop\"\n[lint.rules]\nworkdir-not-absolut = \"off\"\n",
        ),
    ]);
    let ran = folder.lint(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(ran.stderr, @r#"
    error: there is no rule `workdir-not-absolut`
     --> docker/docker.toml:5:1
      |
    5 | workdir-not-absolut = "off"
      | ^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `workdir-not-absolute`?
    "#);
}

#[test]
fn the_manifest_decides_by_path_service_and_stage() {
    let two =
        "FROM alpine:3.20 AS build\nWORKDIR app\nFROM alpine:3.20 AS production\nWORKDIR app\n";
    let folder = Folder::new(&[
        (
            "docker/docker.toml",
            "schema_version = 1\n\
             [project]\nname = \"shop\"\n\
             [lint]\nfail-on = \"error\"\nexclude = [\"vendor/**\"]\n\
             [lint.rules]\nDL3000 = \"warning\"\n\
             [[lint.overrides]]\nservices = [\"api\"]\nstages = [\"build\"]\nrules = { DL3000 = \"off\" }\n\
             [[lint.overrides]]\npaths = [\"tools/**\"]\nrules = { DL3000 = \"note\" }\n",
        ),
        ("apps/api/Dockerfile", two),
        ("apps/cart/Dockerfile", two),
        ("tools/Dockerfile", BAD),
        ("vendor/Dockerfile", BAD),
    ]);
    let found = |arguments: &[&str]| {
        let ran = folder.lint(&[&["--format=json"], arguments].concat());
        let mut found = ran.found();
        found.retain(|line| line.contains("DL3000"));
        found
    };
    assert_eq!(
        found(&[]),
        [
            "apps/api/Dockerfile:4 DL3000 warning",
            "apps/cart/Dockerfile:2 DL3000 warning",
            "apps/cart/Dockerfile:4 DL3000 warning",
            "tools/Dockerfile:2 DL3000 note"
        ]
    );
    // What is named is judged, excluded or not.
    assert_eq!(
        found(&["vendor/Dockerfile"]),
        ["vendor/Dockerfile:2 DL3000 warning"]
    );
    assert_eq!(folder.lint(&[ONLY]).code, Some(0), "fail-on is error");
}

#[test]
fn only_new_findings_count_against_a_baseline() {
    let folder = Folder::new(&[("Dockerfile", BAD), ("a/Dockerfile", BAD)]);
    let ran = folder.lint(&[ONLY, "--write-baseline=known.json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""));
    assert!(
        ran.stderr
            .contains("known.json is written: 2 known findings")
    );

    let baseline = "--baseline=known.json";
    let ran = folder.json(&[baseline]);
    assert_eq!((ran.code, ran.found().len()), (Some(0), 0));
    assert!(
        ran.stderr.contains("no findings in 2 files, 2 known"),
        "{}",
        ran.stderr
    );

    // Moved by a line it is still known; one more is not; one that is gone is told.
    folder.write(
        "Dockerfile",
        "# moved\nFROM alpine:3.20\nWORKDIR   app\nWORKDIR other\n",
    );
    folder.write("a/Dockerfile", "FROM alpine:3.20\n");
    let ran = folder.json(&[baseline]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.found(), ["Dockerfile:4 DL3000 error"]);
    assert!(
        ran.stderr
            .contains("known.json: a/Dockerfile DL3000: is not found any more"),
        "{}",
        ran.stderr
    );
    // Files that were not judged are not said to be better.
    let ran = folder.json(&[baseline, "Dockerfile"]);
    assert!(!ran.stderr.contains("not found any more"), "{}", ran.stderr);

    folder.write("known.json", "{}");
    assert_eq!(folder.json(&[baseline]).code, Some(2));
    assert_eq!(folder.json(&["--baseline=gone.json"]).code, Some(2));
}

#[test]
fn rules_are_listed_and_explained() {
    let folder = Folder::new(&[]);
    let page = folder.lint(&["--explain", "WorkdirRelativePath"]);
    assert_eq!(page.code, Some(0));
    assert!(page.stdout.starts_with("# DL3000: workdir-not-absolute\n"));
    let list = folder.lint(&["--list-rules"]);
    assert!(list.stdout.contains("DL3000"));
    assert_eq!(list.stdout, folder.lint(&["--explain=all"]).stdout);
    let json = folder.lint(&["--list-rules", "--format=json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["schema_version"], 1);
    let unknown = folder.lint(&["--explain=dl3000"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("did you mean `DL3000`?"));
}

#[test]
fn shellcheck_is_asked_once_about_each_script() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new(&[
        ("target/x", ""),
        (
            "Dockerfile",
            "FROM alpine:3.20\nRUN true && \\\n  echo hello\n",
        ),
        (
            "bin/shellcheck",
            "#!/bin/sh\n\
             if [ \"$1\" = --version ]; then echo 'version: 9.9.9'; exit; fi\n\
             echo asked >> \"$ASKED\"\n\
             line=$(grep -n 'echo hello' 0.sh | cut -d: -f1)\n\
             echo '{\"comments\":[{\"file\":\"0.sh\",\"line\":'$line',\"endLine\":'$line',\"column\":11,\"endColumn\":15,'\n\
             echo '\"level\":\"info\",\"code\":9876,\"message\":\"Made up.\"}]}'\n\
             exit 1\n",
        ),
    ]);
    let program = folder.path("bin/shellcheck");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.path("bin").display());
    let asked = folder.path("asked");
    let lint = |arguments: &[&str], path: &str| {
        let arguments = [&["--format=json", "Dockerfile"], arguments].concat();
        let variables = [("PATH", path), ("ASKED", asked.to_str().unwrap())];
        run(folder.0.path(), &arguments, None, &variables)
    };
    let of_shellcheck = |ran: &Ran| {
        let mut found = ran.found();
        found.retain(|line| line.contains("SC9876"));
        found
    };
    for round in 1..=2 {
        let ran = lint(&["--shellcheck=required"], &path);
        assert_eq!(of_shellcheck(&ran).len(), 1, "{round}: {}", ran.stderr);
        assert!(of_shellcheck(&ran)[0].ends_with("SC9876 note"));
    }
    assert_eq!(std::fs::read_to_string(&asked).unwrap(), "asked\n");
    assert!(of_shellcheck(&lint(&["--shellcheck=off"], &path)).is_empty());
    let ignored = lint(&["--shellcheck=auto", "--ignore=SC9876"], &path);
    assert!(of_shellcheck(&ignored).is_empty());
    let missing = lint(&["--shellcheck=required"], "/nonexistent");
    assert_eq!(missing.code, Some(3));
    assert!(missing.stderr.contains("shellcheck is not installed"));
    assert_ne!(lint(&["--shellcheck=auto"], "/nonexistent").code, Some(3));
}
