//! Finding Dockerfiles: by their names, without what git passes over.

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result};
use crate::lint::gitignore::{self, IgnoreFile};

/// Where Dockerfiles were found, and what stopped the search in places.
#[derive(Debug, Default)]
pub struct Discovery {
    /// From the root, sorted.
    pub paths: Vec<Utf8PathBuf>,
    /// Folders nobody could look into.
    pub errors: Vec<Error>,
}

/// Whether a file of this name is a Dockerfile: `Dockerfile`, `Dockerfile.api`, `api.Dockerfile`, `Containerfile`.
/// Templates become one only once they are filled in, and `dockerfile.js` is a program about one.
#[must_use]
pub fn is_dockerfile(name: &str) -> bool {
    const NONE: [&str; 12] = [
        "dockerignore",
        "j2",
        "jinja",
        "jinja2",
        "erb",
        "tmpl",
        "tpl",
        "template",
        "md",
        "orig",
        "rej",
        "bak",
    ];
    const PROGRAMS: [&str; 16] = [
        "c", "cc", "cpp", "cs", "go", "h", "java", "js", "jsx", "kt", "mjs", "py", "rb", "rs",
        "ts", "tsx",
    ];
    // Most files are something else.
    if name.len() < "dockerfile".len() {
        return false;
    }
    let (stem, extension) = match name.split_once('.') {
        Some((stem, _)) => (stem, name.rsplit('.').next().unwrap_or_default()),
        None => (name, ""),
    };
    let is_word = |word: &str| word.eq_ignore_ascii_case("dockerfile") || word == "Containerfile";
    // With a capital letter it is one for that language: `Dockerfile.go`, `Dockerfile.py`.
    let is_program =
        name.starts_with(|first: char| first.is_lowercase()) && PROGRAMS.contains(&extension);
    if name.ends_with('~') || NONE.contains(&extension) || is_program {
        return false;
    }
    is_word(stem) || (!stem.is_empty() && is_word(extension))
}

/// Looks below `folder`, both named from the machine's root or from the current directory; paths are from `root`,
/// which `folder` lies in. Links are not followed; `.git` and `node_modules` are passed over, and so are paths that
/// match `exclude`.
#[must_use]
pub fn discover(root: &Utf8Path, folder: &Utf8Path, exclude: &[String]) -> Discovery {
    let mut walk = Walk {
        root,
        exclude,
        ignore: Vec::new(),
        found: Discovery::default(),
    };
    walk.read_ignore_file(Utf8Path::new(""), ".git/info/exclude");
    let mut above = Utf8PathBuf::new();
    for part in folder.components() {
        walk.read_ignore_file(&above, ".gitignore");
        above.push(part);
    }
    walk.folder(folder);
    walk.found.paths.sort();
    walk.found
}

struct Walk<'a> {
    root: &'a Utf8Path,
    exclude: &'a [String],
    /// Outermost first.
    ignore: Vec<IgnoreFile>,
    found: Discovery,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Utf8Path) {
        let entries = match self.entries(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.found.errors.push(error);
                return;
            }
        };
        let depth = self.ignore.len();
        if entries.iter().any(|(name, _)| name == ".gitignore") {
            self.read_ignore_file(folder, ".gitignore");
        }
        for (name, kind) in entries {
            if kind.is_dir() {
                let passed_over = name == ".git" || name == "node_modules";
                let path = folder.join(&name);
                if !passed_over && !gitignore::ignores(&self.ignore, &path, true) {
                    self.folder(&path);
                }
            } else if kind.is_file() && is_dockerfile(&name) {
                let path = folder.join(&name);
                if !gitignore::ignores(&self.ignore, &path, false) && !self.is_excluded(&path) {
                    self.found.paths.push(path);
                }
            }
        }
        self.ignore.truncate(depth);
    }

    fn is_excluded(&self, path: &Utf8Path) -> bool {
        self.exclude
            .iter()
            .any(|pattern| crate::project::glob::matches(pattern, path))
    }

    fn entries(&self, folder: &Utf8Path) -> Result<Vec<(String, std::fs::FileType)>> {
        let full = self.root.join(folder);
        let failed = |error| Error::usage(format!("failed to look into {full}")).because(error);
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(&full).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            // Nobody can name a file in a report whose name is not UTF-8.
            if let Ok(name) = entry.file_name().into_string() {
                entries.push((name, entry.file_type().map_err(failed)?));
            }
        }
        Ok(entries)
    }

    /// One that cannot be read is as good as none: git says so as well.
    fn read_ignore_file(&mut self, folder: &Utf8Path, name: &str) {
        let full = self.root.join(folder).join(name);
        if !full.is_file() {
            return;
        }
        if let Ok(text) = std::fs::read_to_string(&full) {
            self.ignore.push(IgnoreFile::parse(folder, &text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for (name, expected) in [
            ("Dockerfile", true),
            ("dockerfile", true),
            ("Dockerfile.api", true),
            ("Dockerfile.api.dev", true),
            ("api.Dockerfile", true),
            ("api.dev.dockerfile", true),
            ("Containerfile", true),
            ("Containerfile.x", true),
            ("x.Containerfile", true),
            ("Dockerfile.dockerignore", false),
            ("Dockerfile.j2", false),
            ("Dockerfile.go", true),
            ("dockerfile.js", false),
            ("dockerfile.test.ts", false),
            ("js.dockerfile", true),
            ("Dockerfile~", false),
            ("Dockerfiles", false),
            ("MyDockerfile", false),
            (".dockerfile", false),
            ("docker-compose.yml", false),
        ] {
            assert_eq!(is_dockerfile(name), expected, "{name}");
        }
    }

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn what_git_passes_over_is_passed_over() {
        let dir = tree(&[
            (".gitignore", "/build\n*.dockerfile\n"),
            (".git/info/exclude", "secret\n"),
            (".git/Dockerfile", ""),
            (".devcontainer/Dockerfile", ""),
            ("Dockerfile", ""),
            ("a/.gitignore", "!x.dockerfile\n"),
            ("a/x.dockerfile", ""),
            ("a/build/Dockerfile", ""),
            ("build/Dockerfile", ""),
            ("secret/Dockerfile", ""),
            ("vendor/Dockerfile", ""),
            ("y.dockerfile", ""),
            ("node_modules/z/Dockerfile", ""),
        ]);
        std::os::unix::fs::symlink("..", dir.path().join("a/up")).unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let found = discover(root, Utf8Path::new(""), &["vendor/**".to_owned()]);
        assert_eq!(
            found.paths,
            [
                ".devcontainer/Dockerfile",
                "Dockerfile",
                "a/build/Dockerfile",
                "a/x.dockerfile"
            ]
        );
        assert!(found.errors.is_empty());
        // The patterns of the folders above count, too.
        let found = discover(root, Utf8Path::new("a"), &[]);
        assert_eq!(found.paths, ["a/build/Dockerfile", "a/x.dockerfile"]);
    }
}
