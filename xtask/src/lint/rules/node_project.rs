//! Installs of a Node project: which package manager, which lock file, with or without development dependencies.

use crate::lint::packages::{Call, Manager};
use crate::lint::{Known, Step};
use crate::shell::Invocation;
use crate::source::Span;

/// An install of what a `package.json` asks for; not of packages named on the command line.
#[derive(Debug)]
pub(super) struct Install {
    pub(super) manager: Manager,
    /// `npm ci` and its like: it stops where there is no lock file, or it does not fit.
    pub(super) is_frozen: bool,
    /// Development dependencies are left out, by an option or by `NODE_ENV`.
    pub(super) is_production: bool,
    /// From the program to its verb.
    pub(super) span: Span,
    verb: String,
}

impl Install {
    /// The names of its lock file, the usual one first.
    pub(super) const fn lockfiles(&self) -> &'static [&'static str] {
        lockfiles(self.manager)
    }

    /// `npm ci`.
    pub(super) fn command(&self) -> String {
        format!("{} {}", self.manager, self.verb)
            .trim_end()
            .to_owned()
    }
}

/// The package managers of Node that write a lock file.
pub(super) const MANAGERS: [Manager; 4] =
    [Manager::Npm, Manager::Yarn, Manager::Pnpm, Manager::Bun];

/// The names of a manager's lock file, the usual one first.
pub(super) const fn lockfiles(manager: Manager) -> &'static [&'static str] {
    match manager {
        Manager::Npm => &["package-lock.json", "npm-shrinkwrap.json"],
        Manager::Yarn => &["yarn.lock"],
        Manager::Pnpm => &["pnpm-lock.yaml"],
        Manager::Bun => &["bun.lock", "bun.lockb"],
        _ => &[],
    }
}

/// The installs of a step.
pub(super) fn installs(step: Step<'_>) -> Vec<Install> {
    step.calls_of(&MANAGERS)
        .filter_map(|call| install(step, &call))
        .collect()
}

fn install(step: Step<'_>, call: &Call<'_>) -> Option<Install> {
    let invocation = call.invocation;
    if !call.operands.is_empty() {
        return None;
    }
    // Of another folder, or of no project at all.
    let elsewhere = [
        "-g",
        "--global",
        "--prefix",
        "-C",
        "--cwd",
        "--dir",
        "--location",
        "--filter",
        "-F",
    ];
    if call.has_option(&elsewhere) {
        return None;
    }
    let clean = ["ci", "clean-install", "ic", "install-clean"];
    let plain = call.is_any(&["install", "i"]);
    let (is_install, is_frozen) = match call.manager {
        Manager::Npm => (plain || call.is_any(&clean), call.is_any(&clean)),
        Manager::Yarn => {
            let bare = call.verb.is_empty() && !call.has_option(&["--version", "-v", "--help"]);
            let frozen = call.has_option(&["--frozen-lockfile", "--immutable"]);
            (bare || call.is("install"), frozen)
        }
        _ => (plain, call.has_option(&["--frozen-lockfile"])),
    };
    if !is_install {
        return None;
    }
    let has = |text: &str| {
        invocation
            .arguments
            .iter()
            .any(|argument| argument.text == text)
    };
    let follows = |name: &str, value: &str| {
        invocation
            .arguments
            .windows(2)
            .any(|pair| pair[0].text == name && pair[1].text == value)
    };
    let with_dev = has("--include=dev") || follows("--include", "dev") || has("--production=false");
    let without_dev = has("--omit=dev")
        || follows("--omit", "dev")
        || has("--prod")
        || has("-P")
        || has("--production")
        || has("--production=true")
        || has("--only=production")
        || has("--only=prod");
    let end = call
        .last_verb()
        .map_or(invocation.program_span.end, |verb| verb.span.end);
    Some(Install {
        manager: call.manager,
        is_frozen,
        is_production: !with_dev && (without_dev || in_production(step, invocation)),
        span: Span::new(invocation.program_span.start, end),
        verb: call
            .last_verb()
            .map_or_else(String::new, |verb| verb.text.to_string()),
    })
}

fn in_production(step: Step<'_>, invocation: &Invocation) -> bool {
    if invocation.assignments.iter().any(|name| name == "NODE_ENV") {
        return false;
    }
    let value = step
        .before()
        .variable("NODE_ENV")
        .map(|variable| &variable.value);
    matches!(value, Some(Known::Yes(Some(value))) if value == "production")
}
