//! What a container starts: the first process and the probe, and whether their programs are there.

use crate::image::config::RunConfig;
use crate::image::filesystem::{Filesystem, NodeId};

/// What engines search if the image sets no `PATH`.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Programs that only start what follows them.
const LAUNCHERS: [&str; 6] = [
    "dumb-init",
    "tini",
    "docker-init",
    "catatonit",
    "exec",
    "env",
];

/// The first process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Start {
    /// Entry point and command.
    pub(super) words: Vec<String>,
    /// The program's place.
    pub(super) program: Program,
}

/// Where a program is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Program {
    /// Nothing is started, or only a running container knows what.
    #[default]
    Unknown,
    /// It is not in the image.
    Missing,
    /// This file.
    At(NodeId),
}

pub(super) fn of(config: &RunConfig, filesystem: &Filesystem) -> Start {
    let words: Vec<String> = config
        .entrypoint
        .iter()
        .chain(&config.cmd)
        .cloned()
        .collect();
    let program = words
        .first()
        .map_or(Program::Unknown, |word| find(word, config, filesystem));
    Start { words, program }
}

/// Where the program is that a word names.
pub(super) fn find(word: &str, config: &RunConfig, filesystem: &Filesystem) -> Program {
    if word.is_empty() || word.contains('$') {
        return Program::Unknown;
    }
    let at = |path: &str| filesystem.resolve(path.as_bytes());
    if word.contains('/') {
        let path = if word.starts_with('/') {
            word.to_owned()
        } else {
            format!("{}/{word}", config.working_dir)
        };
        return at(&path).map_or(Program::Missing, Program::At);
    }
    for folder in path_folders(config) {
        if let Some(node) = at(&format!("{folder}/{word}"))
            && filesystem.file_at(node).is_some()
        {
            return Program::At(node);
        }
    }
    Program::Missing
}

/// The folders of `PATH`, absolute ones only.
pub(super) fn path_folders(config: &RunConfig) -> impl Iterator<Item = &str> {
    let mut variables = config.env.iter();
    let path = variables.find_map(|variable| variable.strip_prefix("PATH="));
    let folders = path.unwrap_or(DEFAULT_PATH).split(':');
    folders.filter(|folder| folder.starts_with('/'))
}

/// A program's words without those that only start it: `dumb-init -- node main.js` is `node main.js`.
pub(super) fn without_launchers(words: &[String]) -> &[String] {
    let mut rest = words;
    while let Some((first, behind)) = rest.split_first() {
        let name = first.rsplit('/').next().unwrap_or_default();
        if !LAUNCHERS.contains(&name) {
            break;
        }
        let options = behind
            .iter()
            .take_while(|word| word.starts_with('-') || name == "env" && word.contains('='));
        rest = &behind[options.count()..];
    }
    rest
}

/// Whether a program is a shell.
pub(super) fn is_shell(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or_default();
    matches!(name, "sh" | "ash" | "bash" | "dash" | "ksh" | "zsh")
}

/// The text that a shell is given with `-c`.
pub(super) fn shell_text(words: &[String]) -> Option<&str> {
    let (program, rest) = words.split_first()?;
    let at = rest
        .iter()
        .position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'))?;
    is_shell(program).then(|| rest.get(at + 1).map(String::as_str))?
}
