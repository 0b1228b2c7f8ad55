//! A monorepo small enough to break.

use camino::{Utf8Path, Utf8PathBuf};
use xtask::process::Command;

use crate::support::{run, xtask};

/// Its manifest, which is good.
pub(crate) const MANIFEST: &str = r#"schema_version = 1

[project]
name = "shop"

[registry]
host = "registry.invalid"
namespace = "team"

[base]
dockerfile = "docker/base/Dockerfile"

[services]
dockerfiles = ["apps/*/Dockerfile"]

[budget]
unpacked = "150 MB"
"#;

const BASE: &str = "FROM node:20.18.0-alpine AS production\n";

const SERVICE: &str = "ARG BASE_IMAGE=registry.invalid/team/shop-base:1
FROM ${BASE_IMAGE} AS production
RUN echo \"the cart\" > /cart
";

/// A base and the services `cart` and `search`.
pub(crate) struct Fixture {
    _guard: tempfile::TempDir,
    pub(crate) root: Utf8PathBuf,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let guard = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let root = Utf8PathBuf::from_path_buf(guard.path().to_owned()).unwrap();
        let fixture = Self {
            _guard: guard,
            root,
        };
        fixture.write("docker/docker.toml", MANIFEST);
        fixture.write("docker/base/Dockerfile", BASE);
        for service in ["cart", "search"] {
            fixture.write(&format!("apps/{service}/Dockerfile"), SERVICE);
        }
        fixture
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Replaces text in a file, which must be there.
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = std::fs::read_to_string(self.root.join(path)).unwrap();
        assert!(text.contains(old), "{path} has no {old:?}");
        self.write(path, &text.replacen(old, new, 1));
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.root.join(path)).unwrap();
    }

    /// The program in this monorepo; without an engine, so that a mistake found too late ends otherwise.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        without_engine(xtask(&self.root, arguments))
    }

    /// `docker-build` with further arguments: its exit code and everything it said.
    pub(crate) fn build(&self, arguments: &[&str]) -> String {
        let arguments = [&["docker-build", "--engine=system"], arguments].concat();
        self.outcome(&self.command(&arguments))
    }

    /// Exit code, standard output and standard error, without what differs between machines.
    pub(crate) fn outcome(&self, command: &Command) -> String {
        let output = run(command);
        assert!(
            !output.error_text().contains("panicked"),
            "{}",
            output.error_text()
        );
        let text = format!(
            "exit {}\n{}\n{}",
            output.code.unwrap(),
            output.text(),
            output.error_text()
        );
        replace_path(&text, &self.root)
    }
}

fn replace_path(text: &str, root: &Utf8Path) -> String {
    text.replace(root.as_str(), "<root>")
}

/// Nothing answers there.
pub(crate) fn without_engine(command: Command) -> Command {
    command
        .env("DOCKER_HOST", "unix:///nonexistent.sock")
        .env("DOCKER_CONTEXT", "")
}
