//! `--fix` and `--diff`: findings mended, round after round, until nothing is left to mend.

use camino::{Utf8Path, Utf8PathBuf};

use super::inputs::Group;
use super::judgment::{Judge, Judgment};
use super::settings::Settings;
use crate::atomic_file;
use crate::dockerfile::parse;
use crate::edit::Safety;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::lint::{Change, FixRounds};
use crate::source::Source;

/// A fix can make another one possible; they come to an end long before this.
const MOST_ROUNDS: usize = 20;

/// What came of it.
pub(super) struct Fixed {
    /// What is found afterwards.
    pub(super) judgment: Judgment,
    /// By path.
    pub(super) changes: Vec<Change>,
    /// How many findings were mended.
    pub(super) count: usize,
}

/// Mends what has a fix that is at least as safe as `least`. `reported` takes away what is not to be reported.
pub(super) fn carry_out(
    mut groups: Vec<Group>,
    least: Safety,
    judge: &Judge<'_>,
    reported: &mut dyn FnMut(&mut Judgment) -> Result<()>,
) -> Result<Fixed> {
    let mut rounds = FixRounds::default();
    let settings = judge.settings;
    let mut judge = |groups: &[Group]| -> Result<Judgment> {
        let mut judgment = judge.groups(groups.to_vec())?;
        reported(&mut judgment)?;
        Ok(judgment)
    };
    let mut judgment = judge(&groups)?;
    for _ in 0..MOST_ROUNDS {
        let mended = rounds.carry_out(&judgment.findings, least, &mut |path, text| {
            replace(&mut groups, settings, path, text);
        });
        if !mended {
            break;
        }
        judgment = judge(&groups)?;
    }
    Ok(Fixed {
        judgment,
        count: rounds.count(),
        changes: rounds.into_changes(),
    })
}

/// Gives the text of a Dockerfile to the next round.
fn replace(groups: &mut [Group], settings: &Settings, path: &Utf8Path, text: &str) {
    for group in groups {
        let inside = if group.root == settings.root || group.alone {
            Some(path)
        } else {
            path.strip_prefix(&group.root).ok()
        };
        if let Some(path) = inside
            && let Some(source) = group.text_mut(path)
        {
            *source = Some(Source::new(path, text));
            return;
        }
    }
}

/// The text of standard input, if it is judged, with the name reports give it.
pub(super) fn stdin(groups: &[Group], settings: &Settings) -> Option<(Utf8PathBuf, Source)> {
    groups.iter().find_map(|group| {
        let stdin = group.stdin.as_ref()?;
        let (path, source) = group.files.iter().find(|(path, _)| path == stdin)?;
        Some((shown(group, path, settings), source.clone()?))
    })
}

/// How reports name a file of a group.
fn shown(group: &Group, path: &Utf8Path, settings: &Settings) -> Utf8PathBuf {
    if group.root == settings.root || group.alone {
        path.to_owned()
    } else {
        group.root.join(path)
    }
}

/// Writes what changes. What others wrote in the meantime is not overwritten. Standard input goes to standard output,
/// changed or not.
pub(in crate::commands) fn write(
    changes: &[Change],
    stdin: Option<&(Utf8PathBuf, Source)>,
    root: &Utf8Path,
    environment: &Environment,
) -> Result<()> {
    let is_stdin = |change: &&Change| stdin.is_some_and(|(path, _)| *path == change.path);
    if let Some((_, source)) = stdin {
        let mended = changes.iter().find(is_stdin);
        environment.print(mended.map_or(source.text(), |change| &change.after))?;
    }
    let mut errors = Vec::new();
    for change in changes.iter().filter(|change| !is_stdin(change)) {
        let full = root.join(&change.path);
        let there = match std::fs::read(&full) {
            Ok(there) => there,
            // What is not there yet is empty.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                let failed = Error::usage(format!("failed to read {}", change.path));
                errors.push(failed.because(error));
                continue;
            }
        };
        if there != change.before.text().as_bytes() {
            errors.push(
                Error::usage(format!("{} changed while it was mended", change.path))
                    .because("it is left as it is now")
                    .help("run the command again"),
            );
        } else if let Err(error) = atomic_file::write(&full, &change.after) {
            errors.push(error);
        }
    }
    Error::all(errors)
}

/// What changes, as `git apply` reads it.
pub(in crate::commands) fn difference(change: &Change) -> String {
    let diff = similar::TextDiff::from_lines(change.before.text(), change.after.as_str());
    let path = &change.path;
    diff.unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}

/// `--format-files`: the same for the layout. Files that cannot be laid out are errors.
pub(super) fn lay_out(groups: Vec<Group>, settings: &Settings) -> (Vec<Change>, usize, Vec<Error>) {
    let mut changes = Vec::new();
    let mut errors = Vec::new();
    let mut files = 0;
    for group in groups {
        for (path, source) in &group.files {
            let file = (path.clone(), source.clone());
            let source = match super::inputs::source(&group.root, file) {
                Ok(source) => source,
                Err(error) => {
                    errors.push(error);
                    continue;
                }
            };
            files += 1;
            let file = parse(&source);
            match crate::formatter::format(&file) {
                Ok(after) if after != source.text() => changes.push(Change {
                    path: shown(&group, path, settings),
                    before: source,
                    after,
                }),
                Ok(_) => {}
                Err(error) => errors.push(
                    Error::usage(error.message)
                        .at(source.location(error.span))
                        .help("the file is left as it is"),
                ),
            }
        }
    }
    (changes, files, errors)
}
