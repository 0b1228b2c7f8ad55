//! A repository of a test.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("{}{}", self.stdout, self.stderr))
    }

    /// Ends the test if it did not end with this code.
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }
}

/// A git repository in a folder of its own.
pub(crate) struct Repository(tempfile::TempDir);

/// A service that nothing is wrong with, and that is built from nothing.
pub(crate) const SERVICE: &str = "\
FROM scratch AS production
COPY apps/api/server /server
USER 1001:1001
ENTRYPOINT [\"/server\"]
";

impl Repository {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        for (path, text) in files {
            repository.write(path, text);
        }
        repository
    }

    /// With a manifest and one service, all of it clean, generated and committed; below `folder`.
    pub(crate) fn shop(folder: &str) -> Self {
        let at = |path: &str| Path::new(folder).join(path).to_str().unwrap().to_owned();
        let files = [
            (
                at("docker/docker.toml"),
                "schema_version = 1\n\n[project]\nname = \"shop\"\n",
            ),
            (at("apps/api/Dockerfile"), SERVICE),
            (at("apps/api/server"), "#!/bin/sh\n"),
            (at(".dockerignore"), "*\n!apps/*/server\n"),
            (at("README.md"), "A shop.\n"),
        ];
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), *text))
            .collect();
        let repository = Self::new(&files);
        let ran = run(
            &repository.path(folder),
            env!("CARGO_BIN_EXE_xtask"),
            &["docker-bake", "--write"],
        );
        ran.ends_with(0);
        repository.commit("a shop").ends_with(0);
        repository
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn xtask(&self, arguments: &[&str]) -> Ran {
        run(self.root(), env!("CARGO_BIN_EXE_xtask"), arguments)
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> Ran {
        run(self.root(), "git", arguments)
    }

    /// Commits everything.
    pub(crate) fn commit(&self, message: &str) -> Ran {
        self.git(&["add", "--all"]).ends_with(0);
        self.git(&["commit", "--quiet", "--message", message])
    }
}

/// Runs a program without the machine's git configuration, and without what a hook around this test may have set.
pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str]) -> Ran {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "n"),
            ("GIT_AUTHOR_EMAIL", "e@x"),
            ("GIT_COMMITTER_NAME", "n"),
            ("GIT_COMMITTER_EMAIL", "e@x"),
        ])
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
