//! Which tools manage the packages and tasks of a repository: by the files they leave in its root.

use camino::Utf8Path;

use crate::lint::{EntryKind, Files};

/// What manages packages or tasks, and the file that tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packages {
    /// As people call it.
    pub name: &'static str,
    /// In the root.
    pub file: &'static str,
}

const KNOWN: [Packages; 14] = [
    known("npm", "package-lock.json"),
    known("pnpm", "pnpm-lock.yaml"),
    known("Yarn", "yarn.lock"),
    known("Bun", "bun.lock"),
    known("Cargo", "Cargo.lock"),
    known("Go workspaces", "go.work"),
    known("Go modules", "go.mod"),
    known("uv", "uv.lock"),
    known("Poetry", "poetry.lock"),
    known("Maven", "pom.xml"),
    known("Gradle", "settings.gradle.kts"),
    known("Turborepo", "turbo.json"),
    known("Nx", "nx.json"),
    known("Lerna", "lerna.json"),
];

const fn known(name: &'static str, file: &'static str) -> Packages {
    Packages { name, file }
}

/// Those whose file is there.
#[must_use]
pub fn packages(files: &dyn Files) -> Vec<Packages> {
    let is_there = |one: &Packages| files.kind(Utf8Path::new(one.file)) == Some(EntryKind::File);
    KNOWN.into_iter().filter(is_there).collect()
}
