//! Comments that keep findings from being reported, and what is wrong with such comments.

mod elsewhere;
mod pragma;
mod scope;

use std::cell::LazyCell;
use std::ops::Range;

use foldhash::HashSet;

pub(super) use elsewhere::Elsewhere;
use pragma::{Dialect, Malformed, Pragma, Reach};
use scope::Outline;

use crate::dockerfile::Dockerfile;
use crate::finding::Finding;
use crate::lint::configuration::{Level, is_buildkits, is_shellcheck_code, suggestion};
use crate::lint::diagnostics::Diagnostics;
use crate::lint::registry;
use crate::lint::rule::{Check, Rule};
use crate::lint::rules::suppression as rules;
use crate::source::{Source, Span, Spanned, whole_lines};

/// The comments of a file that speak to a linter.
pub(super) struct Suppressions<'f> {
    file: &'f Dockerfile,
    /// Each with its entries.
    pragmas: Vec<(Pragma, Range<usize>)>,
    malformed: Vec<Malformed>,
    entries: Vec<Entry>,
    /// The entries that reach further than an instruction.
    wide: Vec<usize>,
    /// The others by where they begin, each with the farthest end of it and all before it.
    near: Vec<(usize, usize)>,
    /// `# check=…;error=true`.
    raises: bool,
}

/// One code in one comment.
struct Entry {
    word: Spanned<String>,
    meaning: Meaning,
    scope: Span,
    used: bool,
}

enum Meaning {
    /// `skip=all`.
    Buildkits,
    Rules(&'static [&'static Rule]),
    /// A code that only an external tool knows.
    Other,
    Nothing,
    /// What `docker-size` finds in a built image: nobody knows here whether there is anything to find.
    Measured,
}

impl<'f> Suppressions<'f> {
    /// Reads a file's comments. `hadolint` tells whether its pragmas count.
    pub(super) fn read(file: &'f Dockerfile, hadolint: bool) -> Self {
        let text = file.source.text();
        let mut pragmas: Vec<Pragma> = file.check.iter().map(pragma::check_value).collect();
        let mut malformed = Vec::new();
        for comment in &file.comments {
            let counts = |dialect: Dialect| hadolint || dialect != Dialect::Hadolint;
            match pragma::parse(text, *comment) {
                Some(Ok(pragma)) if counts(pragma.dialect) => pragmas.push(pragma),
                Some(Err(problem)) if counts(problem.dialect) => malformed.push(problem),
                _ => {}
            }
        }
        // Most files have no such comment.
        let outline = LazyCell::new(|| Outline::new(file));
        let mut entries: Vec<Entry> = Vec::new();
        let (mut wide, mut near) = (Vec::new(), Vec::new());
        let mut ranges = Vec::with_capacity(pragmas.len());
        // Who says the same of the same place once more adds nothing.
        let mut said: HashSet<(Span, String)> = HashSet::default();
        for pragma in &pragmas {
            let scope = outline.scope(pragma.comment, pragma.reach);
            let first = entries.len();
            entries.extend(pragma.codes.iter().map(|word| Entry {
                word: word.clone(),
                meaning: Meaning::of(&word.value, pragma.dialect),
                scope,
                used: false,
            }));
            let range = first..entries.len();
            let once = range
                .clone()
                .filter(|index| said.insert((scope, entries[*index].word.value.clone())));
            match pragma.reach {
                Reach::Next => near.extend(once),
                Reach::Stage | Reach::File => wide.extend(once),
            }
            ranges.push(range);
        }
        near.sort_by_key(|index| entries[*index].scope);
        let mut farthest = 0;
        let near = near
            .into_iter()
            .map(|index| {
                farthest = farthest.max(entries[index].scope.end);
                (index, farthest)
            })
            .collect();
        Self {
            raises: pragmas.iter().any(|pragma| pragma.raise),
            file,
            pragmas: pragmas.into_iter().zip(ranges).collect(),
            malformed,
            entries,
            wide,
            near,
        }
    }

    /// The codes that `experimental=` turns on.
    pub(super) fn experimental(&self) -> impl Iterator<Item = &'static Rule> {
        let words = self
            .pragmas
            .iter()
            .flat_map(|(pragma, _)| &pragma.experimental);
        words.flat_map(|word| {
            registry::all()
                .iter()
                .copied()
                .filter(move |rule| match word.value.as_str() {
                    "all" => is_buildkits(rule) && !rule.enabled,
                    name => rule.code == name || rule.aliases.contains(&name),
                })
                .collect::<Vec<_>>()
        })
    }

    /// Whether findings that `BuildKit` has, too, stop a build.
    pub(super) const fn raises(&self) -> bool {
        self.raises
    }

    /// The stage that an offset stands in.
    pub(super) fn stage_at(&self, offset: usize) -> Option<usize> {
        let after = self
            .file
            .stages
            .partition_point(|stage| stage.span.start <= offset);
        after.checked_sub(1)
    }

    /// Whether nothing suppresses a finding; what does is used from now on.
    pub(super) fn keeps(&mut self, finding: &Finding) -> bool {
        let location = match &finding.location {
            Some(location) if !self.entries.is_empty() => location,
            _ => return true,
        };
        if !location.source.is_of(&self.file.source) {
            return true;
        }
        let at = location.span.start;
        let after = self
            .near
            .partition_point(|(index, _)| self.entries[*index].scope.start <= at);
        let near = self.near[..after]
            .iter()
            .rev()
            // Nothing before it reaches as far as here.
            .take_while(|(_, farthest)| *farthest >= at)
            .map(|(index, _)| *index);
        let mut kept = true;
        for index in self.wide.iter().copied().chain(near) {
            let entry = &mut self.entries[index];
            if entry.covers(at) && entry.means(finding) {
                entry.used = true;
                kept = false;
            }
        }
        kept
    }

    /// Reports comments that suppress nothing, name nothing, or say nothing. `level` tells what is on, `runs` whether
    /// anything was looked for under a code.
    pub(super) fn report(
        &self,
        level: &dyn Fn(&str) -> Level,
        runs: &dyn Fn(&str) -> bool,
        diagnostics: &mut Diagnostics<'_>,
    ) {
        Remarks {
            source: &self.file.source,
            pragmas: &self.pragmas,
            malformed: &self.malformed,
            entries: &self.entries,
        }
        .report(level, runs, diagnostics);
    }
}

/// Of findings about a Dockerfile that were made elsewhere, those that no comment in it keeps back. `hadolint` tells
/// whether its pragmas count.
#[must_use]
pub fn unsuppressed(file: &Dockerfile, mut findings: Vec<Finding>, hadolint: bool) -> Vec<Finding> {
    let mut suppressions = Suppressions::read(file, hadolint);
    findings.retain(|finding| suppressions.keeps(finding));
    findings
}

/// The codes of what is advised about images: `B101`, `B102`, …
fn is_code_of_images(word: &str) -> bool {
    word.strip_prefix("B1")
        .is_some_and(|number| number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What there is to say about the comments themselves, when all findings are known.
struct Remarks<'s> {
    source: &'s Source,
    /// Each with its entries.
    pragmas: &'s [(Pragma, Range<usize>)],
    malformed: &'s [Malformed],
    entries: &'s [Entry],
}

impl Remarks<'_> {
    fn report(
        &self,
        level: &dyn Fn(&str) -> Level,
        runs: &dyn Fn(&str) -> bool,
        diagnostics: &mut Diagnostics<'_>,
    ) {
        // As in most files.
        if self.pragmas.is_empty() && self.malformed.is_empty() {
            return;
        }
        if let Level::On(severity) = level(rules::INLINE_SUPPRESSION.code) {
            diagnostics.enter(&rules::INLINE_SUPPRESSION, severity);
            for (pragma, _) in self.pragmas {
                if pragma.dialect == Dialect::Hadolint {
                    diagnostics.report(pragma.comment, "the comment keeps findings back");
                }
            }
        }
        if let Level::On(severity) = level(rules::UNUSED_SUPPRESSION.code) {
            diagnostics.enter(&rules::UNUSED_SUPPRESSION, severity);
            for (pragma, range) in self.pragmas {
                unused(
                    self.source,
                    pragma,
                    &self.entries[range.clone()],
                    runs,
                    diagnostics,
                );
            }
        }
        if let Level::On(severity) = level(rules::UNKNOWN_SUPPRESSION.code) {
            diagnostics.enter(&rules::UNKNOWN_SUPPRESSION, severity);
            for entry in self.entries {
                if matches!(entry.meaning, Meaning::Nothing) {
                    unknown(entry, diagnostics);
                }
            }
        }
        if let Level::On(severity) = level(rules::MALFORMED_SUPPRESSION.code) {
            diagnostics.enter(&rules::MALFORMED_SUPPRESSION, severity);
            for problem in self.malformed {
                let found = diagnostics
                    .report(problem.span, problem.message.as_str())
                    .help(problem.help);
                if let Some((span, text)) = problem.fix {
                    found.fix(problem.help, [(span, text.to_owned())]);
                }
            }
        }
    }
}

impl Meaning {
    fn of(word: &str, dialect: Dialect) -> Self {
        if dialect == Dialect::Buildkit && word == "all" {
            return Self::Buildkits;
        }
        match registry::find(word) {
            [] if is_shellcheck_code(word) => Self::Other,
            [] if is_code_of_images(word) => Self::Measured,
            [] => Self::Nothing,
            rules => Self::Rules(rules),
        }
    }
}

impl Entry {
    fn covers(&self, at: usize) -> bool {
        self.scope.start <= at && (at < self.scope.end || at == self.scope.start)
            || self.scope.start == 0 && at == self.scope.end
    }

    fn means(&self, finding: &Finding) -> bool {
        match &self.meaning {
            Meaning::Rules(rules) => rules.iter().any(|rule| rule.code == finding.code),
            Meaning::Buildkits => registry::find(&finding.code)
                .iter()
                .any(|rule| is_buildkits(rule)),
            Meaning::Other | Meaning::Measured => self.word.value == finding.code,
            Meaning::Nothing => false,
        }
    }

    /// Whether something would have been found if there was anything to find.
    fn is_certain(&self, runs: &dyn Fn(&str) -> bool) -> bool {
        match &self.meaning {
            // The linter's own remarks are made after this one.
            Meaning::Rules(these) => these.iter().all(|rule| {
                !rules::RULES.iter().any(|own| own.code == rule.code)
                    && !matches!(rule.check, Check::Image | Check::Deployment)
                    && runs(rule.code)
            }),
            Meaning::Other => runs(&self.word.value),
            Meaning::Buildkits | Meaning::Measured | Meaning::Nothing => false,
        }
    }
}

/// Reports what a comment names in vain.
fn unused(
    source: &Source,
    pragma: &Pragma,
    entries: &[Entry],
    runs: &dyn Fn(&str) -> bool,
    diagnostics: &mut Diagnostics<'_>,
) {
    let is_unused = |entry: &&Entry| !entry.used && entry.is_certain(runs);
    let unused: Vec<&Entry> = entries.iter().filter(is_unused).collect();
    let says_more = pragma.raise || !pragma.experimental.is_empty();
    if !unused.is_empty() && unused.len() == entries.len() && !says_more {
        let names: Vec<String> = unused
            .iter()
            .map(|entry| format!("`{}`", entry.word.value))
            .collect();
        let (first, last) = (unused[0], unused[unused.len() - 1]);
        let span = Span::new(first.word.span.start, last.word.span.end);
        let verb = if names.len() == 1 {
            "suppresses"
        } else {
            "suppress"
        };
        let line = whole_lines(source.text(), pragma.comment);
        diagnostics
            .report(span, format!("{} {verb} nothing here", names.join(", ")))
            .fix("remove the comment", [(line, String::new())]);
        return;
    }
    for entry in unused {
        let message = format!("`{}` suppresses nothing here", entry.word.value);
        let found = diagnostics.report(entry.word.span, message);
        if let Some(span) = with_comma(entries, entry) {
            found.fix(
                format!("remove `{}`", entry.word.value),
                [(span, String::new())],
            );
        }
    }
}

fn unknown(entry: &Entry, diagnostics: &mut Diagnostics<'_>) {
    let found = diagnostics.report(
        entry.word.span,
        format!("there is no rule `{}`", entry.word.value),
    );
    if let Some(near) = suggestion(&entry.word.value) {
        let message = format!("write `{near}`");
        let edit = [(entry.word.span, near.to_owned())];
        let found = found.help(format!("did you mean `{near}`?"));
        // Only the case is wrong: nothing else can be meant.
        if near.eq_ignore_ascii_case(&entry.word.value) {
            found.fix(message, edit);
        } else {
            found.unsafe_fix(message, edit);
        }
    }
}

/// An entry with the comma that goes with it; `None` if it stands alone.
fn with_comma(entries: &[Entry], entry: &Entry) -> Option<Span> {
    let at = entries
        .iter()
        .position(|other| other.word.span == entry.word.span)?;
    if let Some(next) = entries.get(at + 1) {
        return Some(Span::new(entry.word.span.start, next.word.span.start));
    }
    let before = entries.get(at.checked_sub(1)?)?;
    Some(Span::new(before.word.span.end, entry.word.span.end))
}

#[cfg(test)]
mod tests;
