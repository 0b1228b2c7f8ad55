//! `--fix` and `--diff`: findings mended, round after round, until nothing is left to mend.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::inputs::Group;
use super::judgment::{Judge, Judgment};
use super::settings::Settings;
use crate::atomic_file;
use crate::dockerfile::parse;
use crate::edit::{Fix, Safety, apply};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::source::Source;

/// A fix can make another one possible; they come to an end long before this.
const MOST_ROUNDS: usize = 20;

/// A file that changes.
pub(in crate::commands) struct Change {
    /// As reports name it.
    pub(in crate::commands) path: Utf8PathBuf,
    pub(in crate::commands) before: Source,
    pub(in crate::commands) after: String,
}

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
    let mut work = Work::default();
    let settings = judge.settings;
    let mut judge = |groups: &[Group]| -> Result<Judgment> {
        let mut judgment = judge.groups(groups.to_vec())?;
        reported(&mut judgment)?;
        Ok(judgment)
    };
    let mut judgment = judge(&groups)?;
    for _ in 0..MOST_ROUNDS {
        let mended = work.round(&judgment.findings, least, &mut |path, text| {
            replace(&mut groups, settings, path, text);
        });
        if !mended {
            break;
        }
        judgment = judge(&groups)?;
    }
    Ok(Fixed {
        judgment,
        count: work.count,
        changes: work.changes(),
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
            && let Some(source) = group.files.get_mut(path)
        {
            *source = Some(Source::new(path, text));
            return;
        }
    }
}

#[derive(Default)]
struct Work {
    before: BTreeMap<Utf8PathBuf, Source>,
    after: BTreeMap<Utf8PathBuf, String>,
    /// Fixes that broke the file they mend.
    refused: BTreeSet<(Utf8PathBuf, String, String)>,
    count: usize,
}

impl Work {
    /// One round of fixes; whether any was carried out.
    fn round(
        &mut self,
        findings: &[Finding],
        least: Safety,
        replace: &mut dyn FnMut(&Utf8Path, &str),
    ) -> bool {
        let chosen: Vec<(&Finding, &Fix)> = findings
            .iter()
            .filter_map(|finding| Some((finding, finding.fix.as_ref()?)))
            .filter(|(finding, fix)| fix.safety <= least && !self.is_refused(finding))
            .filter(|(_, fix)| !self.is_stale(fix))
            .collect();
        let mut kept: Vec<&Fix> = chosen.iter().map(|(_, fix)| *fix).collect();
        let mut applied = apply(&kept);
        if applied.files.values().any(|(old, new)| breaks(old, new)) {
            // One of them is to blame: found by adding one after the other.
            kept.clear();
            for (finding, fix) in &chosen {
                kept.push(fix);
                let tried = apply(&kept);
                if tried.files.values().any(|(old, new)| breaks(old, new)) {
                    kept.pop();
                    self.refused.insert(refusal(finding));
                }
            }
            applied = apply(&kept);
        }
        self.count += applied.applied.len();
        let any = !applied.files.is_empty();
        for (path, (source, text)) in applied.files {
            replace(&path, &text);
            self.before.entry(path.clone()).or_insert(source);
            self.after.insert(path, text);
        }
        any
    }

    fn is_refused(&self, finding: &Finding) -> bool {
        !self.refused.is_empty() && self.refused.contains(&refusal(finding))
    }

    /// It edits a file that was changed before and is not read again, such as an ignore file.
    fn is_stale(&self, fix: &Fix) -> bool {
        fix.edits.iter().any(|edit| {
            self.after
                .get(edit.source.path())
                .is_some_and(|text| text != edit.source.text())
        })
    }

    fn changes(self) -> Vec<Change> {
        let mut before = self.before;
        self.after
            .into_iter()
            .filter_map(|(path, after)| {
                let before = before.remove(&path)?;
                (before.text() != after).then_some(Change {
                    path,
                    before,
                    after,
                })
            })
            .collect()
    }
}

fn refusal(finding: &Finding) -> (Utf8PathBuf, String, String) {
    let path = finding.path.clone().unwrap_or_default();
    (path, finding.code.clone(), finding.message.clone())
}

/// Whether a Dockerfile has more syntax errors than before. Other files are no Dockerfiles before either.
fn breaks(before: &Source, after: &str) -> bool {
    let errors = |source: &Source| parse(source).errors.len();
    errors(&Source::new(before.path(), after)) > errors(before)
}

/// The text of standard input, if it is judged, with the name reports give it.
pub(super) fn stdin(groups: &[Group], settings: &Settings) -> Option<(Utf8PathBuf, Source)> {
    // Files are not read yet; only standard input is at hand.
    groups.iter().find_map(|group| {
        let (path, source) = group
            .files
            .iter()
            .find_map(|(path, source)| Some((path, source.as_ref()?)))?;
        Some((shown(group, path, settings), source.clone()))
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
        // What is not there yet is empty.
        let there = std::fs::read(&full).unwrap_or_default();
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
            let read = || super::inputs::read(&group.root, path);
            let source = match source.clone().map_or_else(read, Ok) {
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
