//! A small monorepo.

use camino::{Utf8Path, Utf8PathBuf};

use crate::support::{run, xtask};

pub(crate) struct Project(tempfile::TempDir);

impl Project {
    /// With this at the end of its manifest.
    pub(crate) fn new(manifest: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.put(
            "docker/docker.toml",
            &format!(
                "schema_version = 1\n[project]\nname = \"shop\"\n[registry]\nhost = \"registry.example.com\"\nnamespace = \"acme\"\n\
                 [builders.ci]\ndriver = \"docker-container\"\n{manifest}"
            ),
        );
        for service in ["web", "stock"] {
            project.put(
                &format!("apps/{service}/Dockerfile"),
                &format!("FROM scratch AS production\nCOPY package*.json libs /\nCOPY apps/{service}/data /data\n"),
            );
            project.put(&format!("apps/{service}/data/x"), service);
        }
        project.put("package.json", "{}");
        project.put("libs/a.ts", "");
        project.put(".dockerignore", "*.log\n");
        project
    }

    pub(crate) fn root(&self) -> &Utf8Path {
        Utf8Path::from_path(self.0.path()).unwrap()
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// The exit code, and all that was printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = run(&xtask(self.root(), arguments));
        let told = output.text() + &output.error_text();
        (output.code.unwrap(), told)
    }

    /// The files below `.github`.
    pub(crate) fn workflows(&self) -> Vec<Utf8PathBuf> {
        workflows(self.root())
    }
}

/// The workflows of a repository.
pub(crate) fn workflows(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let folder = root.join(".github/workflows");
    let entries = folder.read_dir_utf8().unwrap();
    let mut files: Vec<Utf8PathBuf> = entries.map(|entry| entry.unwrap().into_path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}
