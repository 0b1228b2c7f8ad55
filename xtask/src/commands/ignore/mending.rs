//! `--fix` and `--diff`: findings mended, round after round, until nothing is left to mend; and `--write-minimal`.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use super::subjects::Subjects;
use super::{Arguments, judgment};
use crate::cli::Common;
use crate::commands::lint::Judgment;
use crate::context::minimal;
use crate::edit::{Fix, Safety, apply};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::lint::Change;
use crate::source::Source;

/// A fix can make another one possible; they come to an end long before this.
const MOST_ROUNDS: usize = 50;

/// What came of it.
pub(super) struct Mended {
    /// As it is afterwards.
    pub(super) looked: Subjects,
    pub(super) judgment: Judgment,
    /// By path.
    pub(super) changes: Vec<Change>,
    /// How many findings were mended.
    pub(super) count: usize,
}

/// The texts that were changed so far.
#[derive(Default)]
struct Texts {
    before: BTreeMap<Utf8PathBuf, Source>,
    after: BTreeMap<Utf8PathBuf, String>,
}

/// Mends what has a fix in an ignore file, and what can be mended safely in a Dockerfile (with `--unsafe` all). A fix
/// that would leave a source of a step with nothing to take is not carried out, whatever it mends. `reported` takes
/// away what is not to be reported.
pub(super) fn mend(
    arguments: &Arguments,
    common: &Common,
    environment: &Environment,
    reported: &mut dyn FnMut(&Subjects, &mut Judgment) -> Result<()>,
) -> Result<Mended> {
    let mut texts = Texts::default();
    let mut count = 0;
    let gather = |after: &BTreeMap<_, _>| Subjects::gather(arguments, common, environment, after);
    let mut judged = |looked: &mut Subjects| -> Result<Judgment> {
        let mut judgment = judgment::judge(looked);
        reported(looked, &mut judgment)?;
        Ok(judgment)
    };
    let mut looked = gather(&texts.after)?;
    let mut judgment = judged(&mut looked)?;
    let mut refused: BTreeSet<(Option<Utf8PathBuf>, String, String)> = BTreeSet::new();
    for _ in 0..MOST_ROUNDS {
        let chosen: Vec<&Finding> = judgment
            .findings
            .iter()
            .filter(|finding| {
                finding
                    .fix
                    .as_ref()
                    .is_some_and(|fix| is_wanted(fix, arguments))
            })
            .filter(|finding| !refused.contains(&key(finding)))
            .collect();
        let mut applied = 0;
        let mut next = None;
        // All at once; if that breaks something, one after the other.
        for part in std::iter::once(chosen.as_slice()).chain(chosen.chunks(1)) {
            let fixes: Vec<&Fix> = part
                .iter()
                .filter_map(|finding| finding.fix.as_deref())
                .collect();
            let edits = apply(&fixes);
            if edits.files.is_empty() {
                continue;
            }
            let mut after = texts.after.clone();
            after.extend(
                edits
                    .files
                    .iter()
                    .map(|(path, (_, text))| (path.clone(), text.clone())),
            );
            let then = gather(&after)?;
            if breaks(&looked, &then) {
                if let [finding] = part {
                    refused.insert(key(finding));
                }
                continue;
            }
            for (path, (source, text)) in edits.files {
                texts.before.entry(path.clone()).or_insert(source);
                texts.after.insert(path, text);
            }
            applied = edits.applied.len();
            next = Some(then);
            break;
        }
        let Some(then) = next else {
            break;
        };
        count += applied;
        looked = then;
        judgment = judged(&mut looked)?;
    }
    Ok(Mended {
        looked,
        judgment,
        changes: texts.changes(),
        count,
    })
}

fn key(finding: &Finding) -> (Option<Utf8PathBuf>, String, String) {
    (
        finding.path().map(ToOwned::to_owned),
        finding.code.to_string(),
        finding.message.clone(),
    )
}

/// What changes an ignore file alone is wanted: it is tried out before.
fn is_wanted(fix: &Fix, arguments: &Arguments) -> bool {
    let is_ignore_file = |path: &str| path.ends_with(".dockerignore");
    fix.safety == Safety::Safe
        || arguments.unsafe_fixes
        || fix
            .edits
            .iter()
            .all(|edit| is_ignore_file(edit.source.path().as_str()))
}

/// Whether a source of a step that names something now names nothing then.
fn breaks(now: &Subjects, then: &Subjects) -> bool {
    let (before, after) = (missing(now), missing(then));
    after.iter().any(|source| !before.contains(source))
}

/// The sources of all steps that name nothing: Dockerfile, stage, step, source.
fn missing(looked: &Subjects) -> BTreeSet<(Utf8PathBuf, usize, usize, usize)> {
    let contexts = &looked.contexts;
    let mut missing = BTreeSet::new();
    for view in &contexts.views {
        for dockerfile in &view.dockerfiles {
            let Some(recipe) = contexts.recipes.get(dockerfile) else {
                continue;
            };
            for place in view.takes(recipe) {
                let found = place.of(&contexts.tree, &view.view(), &view.admitted);
                missing.extend(
                    found
                        .missing
                        .into_iter()
                        .map(|source| (dockerfile.clone(), place.stage, place.step, source)),
                );
            }
        }
    }
    missing
}

impl Texts {
    fn changes(mut self) -> Vec<Change> {
        self.after
            .into_iter()
            .filter_map(|(path, after)| {
                let before = self.before.remove(&path)?;
                (before.text() != after).then_some(Change {
                    path,
                    before,
                    after,
                })
            })
            .collect()
    }
}

/// For each context the smallest ignore file, where it is not there already. What cannot be found is among the errors.
pub(super) fn smallest(looked: &Subjects) -> (Vec<Change>, Vec<Error>) {
    let contexts = &looked.contexts;
    let mut changes = Vec::new();
    let mut errors = Vec::new();
    for (index, _) in looked.by_view(true) {
        let view = &contexts.views[index];
        let before = match &view.ignore {
            Some(ignore) => ignore.source.clone(),
            None => Source::new(view.root.join(".dockerignore"), ""),
        };
        match minimal(contexts, index) {
            Ok(after) if after == before.text() => {}
            Ok(after) => changes.push(Change {
                path: before.path().to_owned(),
                before,
                after,
            }),
            Err(error) => errors.push(error),
        }
    }
    (changes, errors)
}
