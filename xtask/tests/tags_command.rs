//! `cargo xtask docker-tags` as a user runs it, and what the real bake makes of its file.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test says by its panic what is wrong, and why it was skipped"
)]

mod support;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use xtask::process::{Command, Output, Runner, System};

const TAGS: &str = r#"
[tags]
rules = ["type=semver,pattern={{version}}", "type=semver,pattern={{major}}.{{minor}}", "type=ref,event=branch", "type=sha"]
flavor = ["suffix=-x,onlatest=true"]
labels = ["com.acme.from={{branch}}{{tag}} ${HOME}"]
annotations = ["com.acme.image={{image}}"]
default_branch = "main"
"#;

/// A copy of a project, in git.
struct Repository {
    _guard: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Repository {
    fn new() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(guard.path().canonicalize().unwrap()).unwrap();
        copy(
            &Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/projects/shop"),
            &root,
        );
        let repository = Self {
            _guard: guard,
            root,
        };
        let manifest = repository.root.join("docker/docker.toml");
        let text = std::fs::read_to_string(&manifest).unwrap();
        std::fs::write(&manifest, text + TAGS).unwrap();
        std::fs::write(repository.root.join(".gitignore"), "target\n").unwrap();
        repository.git(&["init", "-q", "-b", "feature/a&b"]);
        repository.git(&["remote", "add", "origin", "git@example.com:acme/shop.git"]);
        assert!(repository.run("docker-bake", &["--write"], &[]).success());
        repository.git(&["add", "-A"]);
        repository.git(&["commit", "-qm", "c", "--date=2026-01-02T03:04:05Z"]);
        repository
    }

    fn git(&self, arguments: &[&str]) {
        // The same commit every time.
        let command = support::git_command(&self.root, arguments)
            .env("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z");
        System::default()
            .run(&command)
            .unwrap()
            .checked(&command)
            .unwrap();
    }

    fn run(&self, verb: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = support::xtask(&self.root, &[&[verb], arguments].concat());
        // The workflow that runs the tests is not the one that they are about.
        for name in ["EVENT_NAME", "EVENT_PATH", "REF", "SHA", "OUTPUT", "ENV"] {
            command = command.env(format!("GITHUB_{name}"), "");
        }
        for (name, value) in variables {
            command = command.env(*name, value);
        }
        System::default().run(&command).unwrap()
    }

    fn tags(&self, arguments: &[&str]) -> String {
        let output = self.run("docker-tags", arguments, &[]);
        assert!(output.success(), "{}", output.error_text());
        String::from_utf8(output.stdout).unwrap()
    }

    fn document(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.tags(&[arguments, &["--format", "json", "--quiet"]].concat()))
            .unwrap()
    }

    fn commit(&self) -> String {
        self.document(&[])["commit"].as_str().unwrap().to_owned()
    }
}

fn copy(from: &Utf8Path, to: &Utf8Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in from.read_dir_utf8().unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn git_alone_tells_branch_tag_and_changes() {
    let repository = Repository::new();
    let commit = repository.commit();
    let hidden = |text: String| {
        text.replace(&commit[..12], "<commit>")
            .replace(&commit[..7], "<short>")
    };
    insta::assert_snapshot!(hidden(repository.tags(&[])), @r#"
    push of refs/heads/feature/a&b at <commit>

    base, api, worker
    tag            by
    feature-a-b-x  type=ref,event=branch
    sha-<short>-x  type=sha
    "#);
    repository.git(&["tag", "v1.2.3"]);
    repository.git(&["checkout", "-q", "--detach"]);
    insta::assert_snapshot!(hidden(repository.tags(&["--format", "markdown"])), @r#"
    push of refs/tags/v1.2.3 at <commit>

    base, api, worker
    | tag | by |
    | --- | --- |
    | 1.2.3-x | type=semver,pattern={{version}} |
    | 1.2-x | type=semver,pattern={{major}}.{{minor}} |
    | sha-<short>-x | type=sha |
    | latest-x | flavor |
    "#);
    std::fs::write(repository.root.join("new"), "").unwrap();
    let document = repository.document(&["api", "--tags", "type=sha"]);
    assert_eq!(document["dirty"], true);
    let target = &document["targets"][0];
    assert_eq!(
        target["tags"][0]["name"],
        format!("sha-{}-dirty-x", &commit[..7])
    );
    assert_eq!(
        target["labels"]["org.opencontainers.image.revision"],
        format!("{commit}-dirty")
    );
    assert_eq!(
        target["labels"]["org.opencontainers.image.source"],
        "https://example.com/acme/shop"
    );
    assert_eq!(
        target["labels"]["org.opencontainers.image.title"],
        "Shop api"
    );
    assert_eq!(
        target["labels"]["org.opencontainers.image.created"],
        "2026-01-02T03:04:05Z"
    );
    let names = repository.document(&[
        "api",
        "--images",
        "name=User/App\ndocker.io/o/{name}",
        "--ref",
        "refs/heads/x",
    ]);
    let all = names["targets"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0]["references"][0], "user/app:x-x");
    assert!(
        all[0]["references"]
            .as_array()
            .unwrap()
            .contains(&"docker.io/o/shop-api:x-x".into())
    );
}

#[test]
fn a_workflow_gets_outputs_variables_and_bake_files() {
    let repository = Repository::new();
    let root = &repository.root;
    let event = root.join("event.json");
    std::fs::write(
        &event,
        r#"{"number": 2, "pull_request": {"head": {"sha": "abcdef0123456789", "ref": "f"}, "base": {"ref": "main"}},
            "repository": {"name": "shop", "description": "All of it", "default_branch": "main", "html_url": "https://example.com/s"}}"#,
    )
    .unwrap();
    let (output, variables) = (root.join("output"), root.join("variables"));
    let run = |arguments: &[&str], more: &[(&str, &str)]| {
        let base = [
            ("GITHUB_EVENT_NAME", "pull_request"),
            ("GITHUB_REF", "refs/pull/2/merge"),
            ("GITHUB_SHA", "860c1904a1ce19322e91ac35af1ab07466440c37"),
            ("GITHUB_EVENT_PATH", event.as_str()),
        ];
        repository.run("docker-tags", arguments, &[&base[..], more].concat())
    };
    let hand_over = [
        ("GITHUB_OUTPUT", output.as_str()),
        ("GITHUB_ENV", variables.as_str()),
        ("DOCKER_METADATA_PR_HEAD_SHA", "true"),
    ];
    let ran = run(
        &[
            "--github",
            "--tags",
            "type=ref,event=pr\ntype=sha",
            "--flavor",
            "",
        ],
        &hand_over,
    );
    assert!(ran.success(), "{}", ran.error_text());
    let written = std::fs::read_to_string(&output).unwrap();
    let value = |name: &str| {
        let (_, rest) = written.split_once(&format!("{name}<<")).unwrap();
        let (end, rest) = rest.split_once('\n').unwrap();
        rest.split_once(&format!("\n{end}\n")).unwrap().0.to_owned()
    };
    assert_eq!(value("version"), "pr-2");
    assert_eq!(value("tag-names"), "pr-2\nsha-abcdef0");
    assert!(
        value("tags").contains("ghcr.io/acme/shop-api:pr-2\nghcr.io/acme/shop-api:sha-abcdef0\n"),
        "{written}"
    );
    assert!(
        value("labels").contains("org.opencontainers.image.revision=abcdef0123456789"),
        "{written}"
    );
    assert!(
        !value("labels").contains("image.title"),
        "that of each is another"
    );
    assert!(serde_json::from_str::<Value>(&value("json")).unwrap()["targets"].is_array());
    assert!(
        serde_json::from_str::<Value>(&value("targets"))
            .unwrap()
            .as_array()
            .unwrap()
            .contains(&"api".into())
    );
    for file in [
        "bake-file",
        "bake-file-tags",
        "bake-file-labels",
        "bake-file-annotations",
    ] {
        let text = std::fs::read_to_string(value(file)).unwrap();
        assert!(
            serde_json::from_str::<Value>(&text).unwrap()["target"]["api"].is_object(),
            "{text}"
        );
    }
    let variables_written = std::fs::read_to_string(&variables).unwrap();
    assert!(
        variables_written.contains("DOCKER_METADATA_OUTPUT_TAG_NAMES<<"),
        "{variables_written}"
    );
    let quiet = [
        &hand_over[..],
        &[("DOCKER_METADATA_SET_OUTPUT_ENV", "false")],
    ]
    .concat();
    assert!(run(&["--github"], &quiet).success());
    assert_eq!(
        std::fs::read_to_string(&variables).unwrap(),
        variables_written
    );
}

#[test]
fn shells_and_git_have_their_say_in_a_workflow() {
    let repository = Repository::new();
    let variables = [
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_REF", "refs/pull/2/merge"),
        ("GITHUB_SHA", "860c1904a1ce19322e91ac35af1ab07466440c37"),
    ];
    let run = |arguments: &[&str]| repository.run("docker-tags", arguments, &variables);
    let text = run(&["--format", "env", "--tags", "type=ref,event=pr"]);
    let script =
        String::from_utf8(text.stdout).unwrap() + "printf %s \"$DOCKER_METADATA_OUTPUT_VERSION\"";
    let command = Command::new("sh").args(["-c", &script]);
    assert_eq!(System::default().run(&command).unwrap().text(), "pr-2-x");
    // Git instead of the merge commit.
    let text = run(&["--context", "git", "--format", "json"]);
    let document: Value = serde_json::from_slice(&text.stdout).unwrap();
    assert_eq!(
        (&document["event"], &document["ref"]),
        (&"pull_request".into(), &"refs/heads/feature/a&b".into())
    );
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let repository = Repository::new();
    let manifest = repository.root.join("docker/docker.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("type=sha", "type=hash")).unwrap();
    let told = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = repository.run("docker-tags", arguments, variables);
        assert_eq!(output.code, Some(2), "{arguments:?}");
        output.error_text()
    };
    insta::assert_snapshot!(told(&[], &[]), @r#"
    error: `type=hash`: there is no type `hash`
      --> docker/docker.toml:40:113
       |
    40 | rules = ["type=semver,pattern={{version}}", "type=semver,pattern={{major}}.{{minor}}", "type=ref,event=branch", "type=hash"]
       |                                                                                                                 ^^^^^^^^^^^
       |
       = help: there are: schedule, semver, pep440, match, edge, ref, raw, sha
    "#);
    let rules = ["--tags", "type=sha"];
    let with =
        |more: &[&str], variables: &[(&str, &str)]| told(&[&rules[..], more].concat(), variables);
    for (error, expected) in [
        (with(&["--github"], &[]), "`GITHUB_OUTPUT` is not set"),
        (
            with(&["--context", "workflow"], &[]),
            "`GITHUB_EVENT_NAME` is not set",
        ),
        (with(&["--ref", "main"], &[]), "`--ref main` is no ref"),
        (with(&["apo"], &[]), "did you mean `api`?"),
        (
            with(&["--images", "user/app"], &[]),
            "several images would have this name",
        ),
        (
            with(&[], &[("GITHUB_EVENT_PATH", "gone")]),
            "`GITHUB_EVENT_PATH` names the file",
        ),
        (
            with(&[], &[("GITHUB_EVENT_PATH", ".gitignore")]),
            "is no JSON",
        ),
        (
            with(&[], &[("DOCKER_METADATA_ANNOTATIONS_LEVELS", "all")]),
            "cannot be annotated",
        ),
        (with(&["--labels", "x"], &[]), "there is no value"),
    ] {
        assert!(error.contains(expected), "{error}");
    }
    std::fs::remove_dir_all(repository.root.join(".git")).unwrap();
    assert!(with(&[], &[]).contains("git knows no commit"));
}

#[test]
fn bake_sees_tags_labels_and_annotations_on_every_target() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let repository = Repository::new();
    repository.git(&["checkout", "-q", "-b", "x"]);
    let parts = [
        "--parts",
        "tags,labels,annotations",
        "--write",
        "target/tags.json",
    ];
    let document = repository.document(&[&["--ref", "refs/tags/v1.2.3"], &parts[..]].concat());
    let command = support::docker()
        .args(["buildx", "bake", "--print", "--progress=quiet"])
        .args(["-f", "docker/docker-bake.hcl", "-f", "target/tags.json"])
        .args(["default", "development", "base"])
        .dir(&repository.root);
    let printed = System::default()
        .run(&command)
        .unwrap()
        .checked(&command)
        .unwrap();
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let targets = document["targets"].as_array().unwrap();
    let mut seen = 0;
    for target in targets {
        let Some(found) = printed["target"].get(target["target"].as_str().unwrap()) else {
            continue;
        };
        seen += 1;
        assert_eq!(found["tags"], target["references"], "{found:#}");
        assert_eq!(found["tags"].as_array().unwrap().len(), 4);
        for (name, value) in target["labels"].as_object().unwrap() {
            let value = value
                .as_str()
                .unwrap()
                .replace("${", "$${")
                .replace("%{", "%%{");
            assert_eq!(found["labels"][name], value, "{found:#}");
        }
        assert_eq!(found["labels"]["com.acme.from"], "v1.2.3 $${HOME}");
        for annotation in target["annotations"].as_array().unwrap() {
            assert!(
                found["annotations"]
                    .as_array()
                    .unwrap()
                    .contains(annotation),
                "{found:#}"
            );
        }
    }
    assert_eq!(seen, printed["target"].as_object().unwrap().len());
    assert!(seen > 4, "{printed:#}");
    // `docker-build` takes them along.
    let output = repository.run(
        "docker-build",
        &["--tags-from-git", "--dry-run", "--format", "json"],
        &[],
    );
    let planned: Value = serde_json::from_slice(&output.stdout).unwrap();
    let files = planned["command"].to_string();
    assert!(
        files.contains("target/docker-build/docker-tags.json"),
        "{files}"
    );
    let refused = repository.run(
        "docker-build",
        &["--tags-from-git", "--tag", "x", "--dry-run"],
        &[],
    );
    assert_eq!(refused.code, Some(2));
}
