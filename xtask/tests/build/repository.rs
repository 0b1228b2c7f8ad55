//! A fresh clone of this repository, with what is not committed yet.

use camino::Utf8PathBuf;
use serde_json::Value;
use xtask::process::Output;

use crate::docker::ok;
use crate::support::{Machine, checkout, git, git_command, run, xtask};

pub(crate) struct Repository {
    _guard: tempfile::TempDir,
    pub(crate) root: Utf8PathBuf,
    /// `--engine=…`.
    engine: &'static str,
}

impl Repository {
    pub(crate) fn copy(machine: &Machine) -> Self {
        let guard = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let root = Utf8PathBuf::from_path_buf(guard.path().to_owned()).unwrap();
        let options = ["--cached", "--others", "--exclude-standard"];
        let list = git_command(&checkout(), &[&["ls-files", "-z"][..], &options].concat());
        for path in ok(&list).text().split('\0').filter(|path| !path.is_empty()) {
            let (from, to) = (checkout().join(path), root.join(path));
            // A file that is deleted and not committed is listed, too.
            if from.is_file() {
                std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                std::fs::copy(from, to).unwrap();
            }
        }
        let repository = Self {
            _guard: guard,
            root,
            engine: machine.choice(),
        };
        repository.git(&["init", "--quiet"]);
        repository.git(&["add", "--all"]);
        repository.git(&["commit", "--quiet", "--message=Everything"]);
        Machine::lend_to(&repository.root);
        repository
    }

    pub(crate) fn revision(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }

    /// `docker-build --offline`, however it ends.
    pub(crate) fn try_build(&self, more: &[&str]) -> Output {
        run(&xtask(&self.root, &["docker-build", "--offline", self.engine]).args(more))
    }

    /// What `docker-build --offline` says of a good build.
    pub(crate) fn build(&self, more: &[&str]) -> Value {
        let output = self.try_build(&[&["--format=json"], more].concat());
        assert!(
            output.success(),
            "{more:?} ended with {:?}\n{}\n{}",
            output.code,
            output.text(),
            output.error_text()
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// `docker-size`, however it ends.
    pub(crate) fn size(&self, more: &[&str]) -> Output {
        run(&xtask(&self.root, &["docker-size", self.engine]).args(more))
    }

    /// A verb that asks the engine, however it ends.
    pub(crate) fn verb(&self, words: &[&str]) -> Output {
        run(&xtask(&self.root, words).args([self.engine]))
    }

    /// The audit trail's entries about an action.
    pub(crate) fn trail(&self, action: &str) -> Vec<Value> {
        let command = xtask(&self.root, &["docker-audit", "list", "--limit=1000"]);
        let output = ok(&command.args(["--format=json", "--action", action]));
        let trail: Value = serde_json::from_slice(&output.stdout).unwrap();
        trail["entries"].as_array().unwrap().clone()
    }

    /// Adds a line at the end of a file.
    pub(crate) fn append(&self, path: &str, line: &str) {
        let path = self.root.join(path);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{text}{line}\n")).unwrap();
    }
}
