//! Many Dockerfiles of no project: each is judged as soon as it is read, but for those that may be joined.

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashSet;

use super::inputs;
use crate::dockerfile::{Dockerfile, parse};
use crate::error::Error;
use crate::lint::{Apart, Apartness, Around, Configuration, Judged, Outcome};
use crate::parallel;
use crate::source::Source;

/// What there is after every file was looked at once.
#[derive(Default)]
pub(super) struct Sorted {
    /// What was found in those that have nothing to do with others.
    pub(super) judged: Judged,
    /// The others, still to be judged.
    pub(super) joined: Vec<Dockerfile>,
    /// Why some were not read.
    pub(super) errors: Vec<Error>,
}

/// A Dockerfile that was judged.
struct One {
    source: Source,
    /// How many findings.
    findings: usize,
    suppressed: usize,
}

/// Reads and judges files, by path; texts that are at hand are not read.
pub(super) fn sort(
    root: &Utf8Path,
    files: Vec<(Utf8PathBuf, Option<Source>)>,
    around: &Around,
    configuration: &Configuration,
) -> Sorted {
    let paths: Vec<Utf8PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
    let apart = Apart::new(
        around,
        paths.iter().map(Utf8PathBuf::as_path),
        configuration,
    );
    let look = |file: (Utf8PathBuf, Option<Source>)| {
        let source = inputs::source(root, file)?;
        let judged = apart.judge(parse(&source));
        Ok((source, judged))
    };
    let mut sorted = Sorted::default();
    let mut ones = Vec::with_capacity(files.len());
    let mut needed: HashSet<&str> = HashSet::default();
    parallel::map_in_batches(parallel::threads(), files, look, |results, left| {
        let mut outcomes = Vec::with_capacity(results.len());
        for result in results {
            match result {
                Ok((source, Apartness::Judged(outcome))) => {
                    ones.push(One {
                        source,
                        findings: outcome.findings.len(),
                        suppressed: outcome.suppressed,
                    });
                    outcomes.push(outcome);
                }
                Ok((_, Apartness::Joined(file, others))) => {
                    sorted.joined.push(*file);
                    needed.extend(others.into_iter().map(Utf8Path::as_str));
                }
                Err(error) => sorted.errors.push(error),
            }
        }
        sorted.judged.outcome.add(outcomes, left);
    });
    sorted.judge_again(&ones, &needed);
    let paths = ones.iter().map(|one| one.source.path());
    let rest = paths.filter(|path| !needed.contains(path.as_str()));
    sorted.judged.paths.extend(rest.map(Utf8Path::to_string));
    sorted
}

impl Sorted {
    /// Takes back what was found in those that others may start from: only together with them it is the whole.
    fn judge_again(&mut self, ones: &[One], needed: &HashSet<&str>) {
        let Outcome {
            findings,
            suppressed,
        } = &mut self.judged.outcome;
        let mut again: Vec<Range<usize>> = Vec::new();
        let mut start = 0;
        for one in ones {
            let end = start + one.findings;
            if needed.contains(one.source.path().as_str()) {
                again.push(start..end);
                *suppressed -= one.suppressed;
                self.joined.push(parse(&one.source));
            }
            start = end;
        }
        let mut again = again.into_iter().peekable();
        let mut at = 0;
        findings.retain(|_| {
            while again.next_if(|range| range.end <= at).is_some() {}
            let is_kept = again.peek().is_none_or(|range| !range.contains(&at));
            at += 1;
            is_kept
        });
    }
}

#[cfg(test)]
mod tests;
