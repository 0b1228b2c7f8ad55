//! What a file is to a build, by its name.

use camino::Utf8Path;

/// What a file is to a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// Anything else.
    Source,
    /// It says which packages are wanted: `package.json`.
    Manifest,
    /// It says which packages are taken: `package-lock.json`.
    Lockfile,
    /// It is there to try out others.
    Test,
    /// It is there to be read by people.
    Documentation,
}

const LOCKFILES: &[&str] = &[
    "Cargo.lock",
    "Gemfile.lock",
    "Pipfile.lock",
    "bun.lock",
    "bun.lockb",
    "composer.lock",
    "go.sum",
    "gradle.lockfile",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "packages.lock.json",
    "pnpm-lock.yaml",
    "poetry.lock",
    "uv.lock",
    "yarn.lock",
];

const MANIFESTS: &[&str] = &[
    "Cargo.toml",
    "Gemfile",
    "Pipfile",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "go.mod",
    "package.json",
    "pnpm-workspace.yaml",
    "pom.xml",
    "pyproject.toml",
    "requirements.txt",
    "setup.py",
];

/// Names of folders that hold tests.
const TEST_FOLDERS: &[&str] = &[
    "__tests__",
    "e2e",
    "spec",
    "test",
    "testdata",
    "testing",
    "tests",
];

/// What a file is, by its path.
#[must_use]
pub fn file_kind(path: &Utf8Path) -> FileKind {
    let name = path.file_name().unwrap_or_default();
    let folders = || {
        path.components()
            .rev()
            .skip(1)
            .map(|part| part.as_str().to_owned())
    };
    if folders().any(|folder| TEST_FOLDERS.contains(&folder.as_str())) || is_test(name) {
        FileKind::Test
    } else if LOCKFILES.contains(&name) {
        FileKind::Lockfile
    } else if MANIFESTS.contains(&name) || is_requirements(name) {
        FileKind::Manifest
    } else if is_documentation(name) {
        FileKind::Documentation
    } else {
        FileKind::Source
    }
}

/// `x.test.ts`, `x.spec.ts`, `x_test.go`, `test_x.py`.
fn is_test(name: &str) -> bool {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let before = stem.rsplit_once('.').map(|(_, word)| word);
    matches!(before, Some("test" | "spec"))
        || stem.ends_with("_test")
        || stem.starts_with("test_") && extension == "py"
}

fn is_requirements(name: &str) -> bool {
    name.starts_with("requirements") && Utf8Path::new(name).extension() == Some("txt")
}

fn is_documentation(name: &str) -> bool {
    let extension = Utf8Path::new(name).extension();
    matches!(extension, Some("md" | "mdx" | "adoc" | "rst")) || name.starts_with("LICENSE")
}

/// The pattern of an ignore file that leaves out a file, and others of its kind.
pub(super) fn ignore_pattern(path: &Utf8Path) -> String {
    let folders = path.parent().into_iter().flat_map(Utf8Path::components);
    let mut folders = folders.map(|part| part.as_str());
    if file_kind(path) == FileKind::Test {
        if let Some(folder) = folders.find(|folder| TEST_FOLDERS.contains(folder)) {
            return format!("**/{folder}");
        }
        let name = path.file_name().unwrap_or_default();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        for end in [".test", ".spec", "_test"] {
            if stem.ends_with(end) {
                return format!("**/*{end}.{extension}");
            }
        }
    }
    if let (FileKind::Documentation, Some(extension)) = (file_kind(path), path.extension()) {
        return format!("**/*.{extension}");
    }
    path.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_a_file_is() {
        use FileKind::{Documentation, Lockfile, Manifest, Source, Test};
        for (path, expected) in [
            ("apps/api/src/main.ts", Source),
            ("apps/api/src/main.test.ts", Test),
            ("apps/api/test/package.json", Test),
            ("pkg/x_test.go", Test),
            ("a/test_x.py", Test),
            ("test", Source),
            ("latest.ts", Source),
            ("package.json", Manifest),
            ("requirements-dev.txt", Manifest),
            ("sub/package-lock.json", Lockfile),
            ("docs/a.md", Documentation),
            ("LICENSE-MIT", Documentation),
            ("robots.txt", Source),
        ] {
            assert_eq!(file_kind(Utf8Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn a_pattern_leaves_out_its_kind() {
        for (path, expected) in [
            ("a/x.test.ts", "**/*.test.ts"),
            ("a/tests/deep/x.ts", "**/tests"),
            ("a/x_test.go", "**/*_test.go"),
            ("a/test_x.py", "a/test_x.py"),
            ("docs/a.md", "**/*.md"),
            ("LICENSE", "LICENSE"),
        ] {
            assert_eq!(ignore_pattern(Utf8Path::new(path)), expected);
        }
    }
}
