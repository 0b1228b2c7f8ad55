//! A small repository with everything in it that commands write.

use std::collections::BTreeMap;

use std::os::unix::fs::PermissionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::process::{Command, Output};

use crate::support::{git, run, xtask};

const MANIFEST: &str = r#"schema_version = 1
[project]
name = "shop"
[registry]
host = "registry.example.org"
namespace = "acme"
[services]
dockerfiles = ["services/*/Dockerfile"]
[ci]
[builders.ci]
driver = "docker-container"
[audit]
file = "trail/trail.jsonl"
[rollback]
require = []
[deploy]
compose = "compose.yaml"
base = "k8s/base"
[[deploy.environments]]
name = "live"
path = "k8s/live"
digests = true
"#;

const COMPOSE: &str = "\
services:
  web:
    image: registry.example.org/acme/shop-web:${TAG:-dev}
    read_only: true
    mem_limit: 64m
  stock:
    image: registry.example.org/acme/shop-stock:${TAG:-dev}
    read_only: true
    mem_limit: 128m
";

/// A service; what the linter mends in it is there on purpose.
fn service(name: &str, port: u16) -> String {
    format!(
        "from alpine:3.20 as production\nMAINTAINER {name}\nRUN apk add curl\nCOPY services/{name}/data /data\n\
         USER 65532:65532\nEXPOSE {port}\n\
         HEALTHCHECK --interval=5s --timeout=2s CMD wget -q -O- http://127.0.0.1:{port}/healthz\n\
         ENTRYPOINT [\"/usr/bin/{name}\"]\n"
    )
}

/// The contents of files, by path from the root.
pub(crate) type Files = BTreeMap<Utf8PathBuf, Vec<u8>>;

/// The repository, gone with the value.
pub(crate) struct Repository {
    _guard: tempfile::TempDir,
    pub(crate) root: Utf8PathBuf,
}

impl Repository {
    /// Two services that nobody generated anything for yet, all of it committed.
    pub(crate) fn new() -> Self {
        let repository = Self::empty();
        repository.write("docker/docker.toml", MANIFEST);
        repository.write("compose.yaml", COMPOSE);
        for (name, port) in [("web", 8080), ("stock", 9000)] {
            let folder = format!("services/{name}");
            repository.write(&format!("{folder}/Dockerfile"), &service(name, port));
            repository.write(&format!("{folder}/data"), name);
        }
        repository.write(
            "k8s/live/kustomization.yaml",
            "namespace: shop\nresources: [../base]\ncomponents: [images]\n",
        );
        repository.write(".gitignore", "target/\ntrail/\n");
        repository.commit();
        repository
    }

    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        let guard = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let root = Utf8PathBuf::from_path_buf(guard.path().canonicalize().unwrap()).unwrap();
        Self {
            _guard: guard,
            root,
        }
    }

    /// The same once more, in another folder.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::empty();
        let all = format!("{}/.", self.root);
        let command = Command::new("cp").args(["-a", &all, copy.root.as_str()]);
        assert!(run(&command).success());
        copy
    }

    pub(crate) fn commit(&self) {
        for arguments in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["add", "--all"],
            &["commit", "--quiet", "--message=x"],
        ] {
            git(&self.root, arguments);
        }
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root.join(path)).unwrap()
    }

    /// The program, standing in it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        xtask(&self.root, arguments)
            // As the manifest says.
            .env("DOCKER_AUDIT_FILE", "")
            .env("GITHUB_ACTIONS", "")
            .env("NO_COLOR", "1")
            .env("COSIGN_PASSWORD", "")
            .env(
                "PATH",
                format!("{}:{}", self.programs(), std::env::var("PATH").unwrap()),
            )
    }

    /// A folder of programs that are found before those of the machine.
    fn programs(&self) -> Utf8PathBuf {
        self.root.join("target/bin")
    }

    /// A program of the repository's own, in `sh`.
    pub(crate) fn program(&self, name: &str, script: &str) {
        self.write(&format!("target/bin/{name}"), script);
        let file = self.programs().join(name);
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs the program to its end; it must not panic.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        unpanicked(run(&self.command(arguments)))
    }

    /// Runs the program, which must succeed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> Output {
        let output = self.run(arguments);
        assert!(output.success(), "{arguments:?}: {}", said(&output));
        output
    }

    /// All files, but not what git, caches and locks have of their own.
    pub(crate) fn files(&self) -> Files {
        let mut files = Files::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir_utf8().unwrap() {
                let entry = entry.unwrap();
                let path = entry.path().strip_prefix(&self.root).unwrap().to_owned();
                if entry.file_type().unwrap().is_dir() {
                    let is_of_git = path.starts_with(".git")
                        && path != ".git"
                        && !path.starts_with(".git/hooks");
                    if path != "target" && !is_of_git {
                        folders.push(entry.path().to_owned());
                    }
                } else if !(path.starts_with(".git") && !path.starts_with(".git/hooks")
                    || path.extension() == Some("lock"))
                {
                    files.insert(path, std::fs::read(entry.path()).unwrap());
                }
            }
        }
        files
    }
}

pub(crate) fn said(output: &Output) -> String {
    let (text, errors) = (output.text(), output.error_text());
    format!("exit {:?}\n{text}\n{errors}", output.code)
}

pub(crate) fn unpanicked(output: Output) -> Output {
    assert!(
        !output.error_text().contains("panicked"),
        "{}",
        said(&output)
    );
    output
}

/// Files that a writer has beside the one it writes, or holds meanwhile; or in a folder of its own.
pub(crate) fn is_beside(path: &Utf8Path) -> bool {
    let mut above = path.ancestors();
    above.any(|path| path.extension() == Some("new"))
}

/// The same files with the same contents; names those that differ.
pub(crate) fn assert_same(files: &Files, expected: &Files, when: &str) {
    let all = files.keys().chain(expected.keys());
    let differ: Vec<_> = all
        .filter(|path| files.get(*path) != expected.get(*path))
        .collect();
    let text = |path| files.get(path).map(|bytes| String::from_utf8_lossy(bytes));
    assert!(
        differ.is_empty(),
        "{when}: {differ:?} differ; the first is {:?}",
        text(differ[0])
    );
}
