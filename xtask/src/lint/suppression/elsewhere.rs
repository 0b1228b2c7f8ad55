//! Comments in files that are no Dockerfiles: workflows, compose files, ignore files. Only the linter's own dialect
//! counts there.

use std::ops::Range;

use super::pragma::{self, Dialect, Malformed, Pragma, Reach};
use super::{Entry, Meaning, Remarks};
use crate::finding::Finding;
use crate::lint::configuration::Level;
use crate::lint::diagnostics::Diagnostics;
use crate::source::{Source, Span};

/// The comments of a file that speak to the linter: one on the lines above a finding, at the end of its line, or one
/// that speaks for the file.
pub(in crate::lint) struct Elsewhere {
    source: Source,
    pragmas: Vec<(Pragma, Range<usize>)>,
    malformed: Vec<Malformed>,
    entries: Vec<Entry>,
}

impl Elsewhere {
    /// Reads a file's comments.
    pub(in crate::lint) fn read(source: &Source) -> Self {
        let mut this = Self {
            source: source.clone(),
            pragmas: Vec::new(),
            malformed: Vec::new(),
            entries: Vec::new(),
        };
        let text = source.text();
        if !text.contains("lint:") {
            return this;
        }
        // From the back: a comment speaks of the line below its block.
        let mut end_of_block = text.len();
        let mut end = text.len();
        for line in text.split_inclusive('\n').rev() {
            let start = end - line.len();
            let is_comment = line.trim_start().starts_with('#');
            if !is_comment {
                end_of_block = end;
            }
            let content = line.trim_end_matches(['\n', '\r']);
            if let Some(at) = content.rfind("# lint:").or_else(|| content.find('#')) {
                let comment = Span::new(start + at, start + content.len());
                this.comment(comment, Span::new(start, end_of_block));
            }
            end = start;
        }
        this
    }

    fn comment(&mut self, comment: Span, near: Span) {
        let text = self.source.text();
        match pragma::parse(text, comment) {
            Some(Ok(pragma)) if pragma.dialect == Dialect::Ours => {
                let scope = match pragma.reach {
                    Reach::File => Span::new(0, text.len()),
                    // What begins the next line is not meant.
                    Reach::Next => {
                        Span::new(near.start, near.end.saturating_sub(1).max(near.start))
                    }
                    // There are no stages.
                    Reach::Stage => Span::new(comment.end, comment.end),
                };
                let first = self.entries.len();
                self.entries.extend(pragma.codes.iter().map(|word| Entry {
                    word: word.clone(),
                    meaning: Meaning::of(&word.value, pragma.dialect),
                    scope,
                    used: false,
                }));
                self.pragmas.push((pragma, first..self.entries.len()));
            }
            Some(Err(problem)) if problem.dialect == Dialect::Ours => self.malformed.push(problem),
            _ => {}
        }
    }

    /// Whether nothing suppresses a finding; what does is used from now on.
    pub(in crate::lint) fn keeps(&mut self, finding: &Finding) -> bool {
        let Some(location) = &finding.location else {
            return true;
        };
        let at = location.span.start;
        let mut kept = true;
        for entry in &mut self.entries {
            if entry.covers(at) && entry.means(finding) {
                entry.used = true;
                kept = false;
            }
        }
        kept
    }

    /// Reports comments that suppress nothing, name nothing, or say nothing. `level` tells what is on, `runs` whether
    /// anything was looked for under a code.
    pub(in crate::lint) fn report(
        &self,
        level: &dyn Fn(&str) -> Level,
        runs: &dyn Fn(&str) -> bool,
    ) -> Vec<Finding> {
        let mut diagnostics = Diagnostics::new(&self.source, crate::lint::registry::all()[0]);
        Remarks {
            source: &self.source,
            pragmas: &self.pragmas,
            malformed: &self.malformed,
            entries: &self.entries,
        }
        .report(level, runs, &mut diagnostics);
        diagnostics.into_findings()
    }
}
