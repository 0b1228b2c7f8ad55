//! The history that is simulated: twenty commits as a team makes them, the same every time.

use camino::Utf8Path;
use serde_json::{Value, json};

/// What a commit touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// Everything: the first commit.
    Initial,
    /// A line of one service's source.
    Service,
    /// A line of the library that every service bundles.
    Library,
    /// A page that no image contains.
    Documentation,
    /// A test, which no image contains.
    Tests,
    /// Another version of a package of npm, in manifest and lockfile.
    Dependency,
    /// A further package of the operating system in the base image.
    Base,
}

impl Change {
    /// In reports and JSON.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Service => "service",
            Self::Library => "library",
            Self::Documentation => "documentation",
            Self::Tests => "tests",
            Self::Dependency => "dependency",
            Self::Base => "base",
        }
    }
}

/// Half are edits of one service, three are of the shared library, three are of what no image contains, two move a
/// dependency and one the base image.
const TWENTY: [Change; 20] = [
    Change::Initial,
    Change::Service,
    Change::Service,
    Change::Documentation,
    Change::Service,
    Change::Library,
    Change::Service,
    Change::Dependency,
    Change::Service,
    Change::Tests,
    Change::Service,
    Change::Service,
    Change::Library,
    Change::Base,
    Change::Service,
    Change::Documentation,
    Change::Service,
    Change::Dependency,
    Change::Library,
    Change::Service,
];

/// Versions that came after one another, without dependencies that others of the lockfile would not meet, with what npm
/// tells of their content (`npm view NAME@VERSION dist.integrity`).
const BUMPS: [(&str, &str, &str); 2] = [
    (
        "prom-client",
        "15.1.2",
        "sha512-on3h1iXb04QFLLThrmVYg1SChBQ9N1c+nKAjebBjokBqipddH3uxmOUcEkTnzmJ8Jh/5TSUnUqS40i2QB2dJHQ==",
    ),
    (
        "prom-client",
        "15.1.3",
        "sha512-6ZiOBfCywsD4k1BN9IX0uZhF+tJkV8q8llP64G5Hajs4JOeVLPCwpPVcpXy3BwYiUGgyJzsJJQeOIv7+hDSq8g==",
    ),
];

/// The package that a change of the base adds. Every stand-in of the bench carries it from the first commit on, so that
/// the image the base starts from stays what it is.
pub(crate) const ADDED_PACKAGE: &str = "ca-certificates";
/// The package beside which it is added: the only one that both bases install by a line of its own name.
const INSTALLED_PACKAGE: &str = "tzdata";

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    /// From 1.
    pub(crate) number: usize,
    /// What it touches.
    pub(crate) change: Change,
    /// The service whose source it touches, where it is one's.
    pub(crate) service: Option<String>,
    /// How many of its kind came before.
    before: usize,
}

impl Commit {
    /// Its message: `service order-execution`.
    #[must_use]
    pub(crate) fn subject(&self) -> String {
        let service = self.service.iter().map(String::as_str);
        let words: Vec<&str> = std::iter::once(self.change.name()).chain(service).collect();
        words.join(" ")
    }

    /// The tag its images get.
    #[must_use]
    pub(crate) fn tag(&self) -> String {
        format!("sha-{:07}", self.number)
    }
}

/// The first `count` commits. Beyond twenty the same mix comes again, without a first one. `services` take turns.
#[must_use]
pub(crate) fn history(count: usize, services: &[String]) -> Vec<Commit> {
    let changes = TWENTY
        .into_iter()
        .chain(TWENTY[1..].iter().copied().cycle());
    let mut seen = std::collections::BTreeMap::<Change, usize>::new();
    changes
        .take(count)
        .zip(1..)
        .map(|(change, number)| {
            let seen = seen.entry(change).or_default();
            let before = *seen;
            *seen += 1;
            let named = change == Change::Service || change == Change::Tests;
            let service = services.get(before % services.len().max(1));
            Commit {
                number,
                change,
                service: service.filter(|_| named).cloned(),
                before,
            }
        })
        .collect()
}

/// Makes the commit's edit in a work tree whose base is built from `docker/base/Dockerfile`.
///
/// # Errors
/// What was to be edited is not there, or not as expected.
pub(crate) fn write(commit: &Commit, root: &Utf8Path) -> Result<(), String> {
    let number = commit.number;
    let service = commit.service.as_deref().unwrap_or_default();
    match commit.change {
        Change::Initial => Ok(()),
        // esbuild leaves out comments and what nobody uses: this line is in the bundle.
        Change::Service => append(
            &root.join("apps").join(service).join("src/main.ts"),
            &format!("process.emitWarning.name.at({number});\n"),
        ),
        Change::Library => append(
            &root.join("libs/common/src/configuration/read-configuration.ts"),
            &format!("process.emitWarning.name.at({number});\n"),
        ),
        Change::Tests => {
            let source = root.join("apps").join(service).join("src");
            append(
                &source.join("simulated.test.ts"),
                &format!("// Case {number}.\n"),
            )
        }
        Change::Documentation => append(&root.join("README.md"), &format!("Note {number}.\n")),
        Change::Dependency => {
            let (name, version, integrity) = BUMPS[commit.before % BUMPS.len()];
            edit_json(&root.join("package.json"), |manifest| {
                require(manifest, name, version)
            })?;
            edit_json(&root.join("package-lock.json"), |lock| {
                lock_version(lock, name, version, integrity)
            })
        }
        Change::Base => {
            let file = root.join("docker/base/Dockerfile");
            let text = read(&file)?;
            let edited = with_package(&text, commit.before)
                .ok_or_else(|| format!("{file} installs no {INSTALLED_PACKAGE}"))?;
            std::fs::write(&file, edited).map_err(|error| format!("{file}: {error}"))
        }
    }
}

fn read(file: &Utf8Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))
}

fn append(file: &Utf8Path, line: &str) -> Result<(), String> {
    let before = if file.is_file() {
        read(file)?
    } else {
        String::new()
    };
    std::fs::write(file, before + line).map_err(|error| format!("{file}: {error}"))
}

fn edit_json(file: &Utf8Path, edit: impl FnOnce(&mut Value) -> Option<()>) -> Result<(), String> {
    let mut value: Value =
        serde_json::from_str(&read(file)?).map_err(|error| format!("{file}: {error}"))?;
    edit(&mut value).ok_or_else(|| format!("{file} does not name the package that is moved"))?;
    std::fs::write(file, format!("{value:#}\n")).map_err(|error| format!("{file}: {error}"))
}

/// In `package.json`, or in what a lockfile says of it.
fn require(manifest: &mut Value, name: &str, version: &str) -> Option<()> {
    *manifest.get_mut("dependencies")?.get_mut(name)? = json!(version);
    Some(())
}

fn lock_version(lock: &mut Value, name: &str, version: &str, integrity: &str) -> Option<()> {
    let packages = lock.get_mut("packages")?;
    require(packages.get_mut("")?, name, version)?;
    let package = packages.get_mut(format!("node_modules/{name}"))?;
    *package.get_mut("version")? = json!(version);
    *package.get_mut("integrity")? = json!(integrity);
    Some(())
}

/// The first time the package is added to what is installed, then it is left out again, and so on.
fn with_package(text: &str, before: usize) -> Option<String> {
    let (without, with) = (
        INSTALLED_PACKAGE.to_owned(),
        format!("{ADDED_PACKAGE} {INSTALLED_PACKAGE}"),
    );
    let (from, to) = if before.is_multiple_of(2) {
        (without, with)
    } else {
        (with, without)
    };
    // Not in a comment, where it would change nothing.
    let mut done = false;
    let lines = text.split_inclusive('\n').map(|line| {
        if done || line.trim_start().starts_with('#') || !line.contains(&from) {
            return line.to_owned();
        }
        done = true;
        line.replacen(&from, &to, 1)
    });
    let edited: String = lines.collect();
    done.then_some(edited)
}
