//! Commands that install what a manifest of the repository names.

use crate::shell::Invocation;

/// An installation from manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lint::rules) struct ManifestInstall {
    /// How it is called.
    pub(in crate::lint::rules) command: &'static str,
    /// What has to be copied for it.
    pub(in crate::lint::rules) manifests: &'static str,
    /// It reads `package.json`.
    pub(in crate::lint::rules) is_node: bool,
}

/// Program, subcommand, how it is called, manifests.
const INSTALLS: [(&str, &str, &str, &str); 15] = [
    (
        "bun",
        "install",
        "bun install",
        "`package.json` and the lock file",
    ),
    (
        "bundle",
        "install",
        "bundle install",
        "`Gemfile` and `Gemfile.lock`",
    ),
    (
        "cargo",
        "fetch",
        "cargo fetch",
        "`Cargo.toml` and `Cargo.lock`",
    ),
    (
        "composer",
        "install",
        "composer install",
        "`composer.json` and `composer.lock`",
    ),
    ("dotnet", "restore", "dotnet restore", "the project files"),
    ("npm", "ci", "npm ci", "`package.json` and the lock file"),
    (
        "npm",
        "clean-install",
        "npm ci",
        "`package.json` and the lock file",
    ),
    (
        "npm",
        "i",
        "npm install",
        "`package.json` and the lock file",
    ),
    (
        "npm",
        "install",
        "npm install",
        "`package.json` and the lock file",
    ),
    (
        "pipenv",
        "install",
        "pipenv install",
        "`Pipfile` and `Pipfile.lock`",
    ),
    (
        "pnpm",
        "i",
        "pnpm install",
        "`package.json` and the lock file",
    ),
    (
        "pnpm",
        "install",
        "pnpm install",
        "`package.json` and the lock file",
    ),
    (
        "poetry",
        "install",
        "poetry install",
        "`pyproject.toml` and `poetry.lock`",
    ),
    ("uv", "sync", "uv sync", "`pyproject.toml` and `uv.lock`"),
    (
        "yarn",
        "install",
        "yarn install",
        "`package.json` and the lock file",
    ),
];

/// What a command installs from, if it does.
pub(in crate::lint::rules) fn manifest_install(invocation: &Invocation) -> Option<ManifestInstall> {
    let program = invocation.program.as_str();
    // Most commands are something else.
    if !matches!(program, "pip" | "pip3" | "go")
        && !INSTALLS.iter().any(|(known, ..)| *known == program)
    {
        return None;
    }
    let mut words = invocation.words();
    let subcommand = words.next().map(|word| word.text.as_str());
    let more = words.next().is_some();
    if matches!(program, "pip" | "pip3")
        && subcommand == Some("install")
        && invocation.has_option(&["-r", "--requirement"])
    {
        return Some(ManifestInstall {
            command: "pip install -r",
            manifests: "the requirements",
            is_node: false,
        });
    }
    if program == "go"
        && subcommand == Some("mod")
        && invocation
            .words()
            .nth(1)
            .is_some_and(|word| word.text == "download")
    {
        return Some(ManifestInstall {
            command: "go mod download",
            manifests: "`go.mod` and `go.sum`",
            is_node: false,
        });
    }
    let is_global = invocation.has_option(&["-g", "--global"]);
    let subcommand = if program == "yarn" && invocation.arguments.is_empty() {
        "install"
    } else {
        subcommand?
    };
    let (_, _, command, manifests) = INSTALLS
        .iter()
        .find(|(known, verb, ..)| *known == program && *verb == subcommand)?;
    // With names of packages no manifest is needed.
    (!more && !is_global).then_some(ManifestInstall {
        command,
        manifests,
        is_node: matches!(program, "npm" | "yarn" | "pnpm" | "bun"),
    })
}
