//! Commands that nobody wants to wait for twice.

use crate::lint::packages::installed;
use crate::lint::rules::cache::installs::manifest_install;
use crate::shell::Invocation;

/// What compiles or bundles: a program, and the subcommands that do; all of them where none is named.
const BUILDS: &[(&str, &[&str])] = &[
    ("bazel", &["build"]),
    ("bun", &["build", "run"]),
    ("cargo", &["build", "chef", "check", "install"]),
    ("cmake", &[]),
    ("dotnet", &["build", "publish", "restore"]),
    ("gcc", &[]),
    ("go", &["build", "install"]),
    ("gradle", &[]),
    ("gradlew", &[]),
    ("make", &[]),
    ("mvn", &[]),
    ("mvnw", &[]),
    ("next", &["build"]),
    ("ng", &["build"]),
    ("ninja", &[]),
    ("npm", &["run", "run-script"]),
    ("npx", &[]),
    ("nx", &[]),
    ("pnpm", &["build", "run"]),
    ("rustc", &[]),
    ("swift", &["build"]),
    ("tsc", &[]),
    ("turbo", &[]),
    ("vite", &["build"]),
    ("webpack", &[]),
    ("yarn", &["build", "run"]),
];

/// What a costly command is called: `npm ci`. `None` for one that is soon done, or not known.
pub(super) fn costly_command(invocation: &Invocation) -> Option<String> {
    if let Some(install) = manifest_install(invocation) {
        return Some(install.command.to_owned());
    }
    let program = invocation.program.as_str();
    if let Some(installation) = installed(invocation) {
        let verb = installation.call.verb.iter().map(|word| word.text.as_str());
        let words: Vec<&str> = std::iter::once(program).chain(verb).collect();
        return Some(words.join(" "));
    }
    let (_, subcommands) = BUILDS.iter().find(|(known, _)| *known == program)?;
    if subcommands.is_empty() {
        return Some(program.to_owned());
    }
    let word = invocation.words().next()?.text.as_str();
    subcommands
        .contains(&word)
        .then(|| format!("{program} {word}"))
}
