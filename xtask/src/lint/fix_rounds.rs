//! Fixes carried out round after round: what one makes possible comes in the next, what breaks a file is left out.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::dockerfile::parse;
use crate::edit::{Fix, Safety, apply};
use crate::finding::Finding;
use crate::source::Source;

/// A file that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// As reports name it.
    pub path: Utf8PathBuf,
    /// As it was before the first round.
    pub before: Source,
    /// As it is after the last one.
    pub after: String,
}

/// What the rounds have done so far.
#[derive(Debug, Default)]
pub struct FixRounds {
    before: BTreeMap<Utf8PathBuf, Source>,
    after: BTreeMap<Utf8PathBuf, String>,
    /// Fixes that broke the file they mend.
    refused: BTreeSet<(Utf8PathBuf, String, String)>,
    count: usize,
}

impl FixRounds {
    /// Carries out what of the findings' fixes is at least as safe as `least` and goes together. `replace` gets the
    /// new text of each file; judge it again and call again. Whether anything changed.
    pub fn carry_out(
        &mut self,
        findings: &[Finding],
        least: Safety,
        replace: &mut dyn FnMut(&Utf8Path, &str),
    ) -> bool {
        let chosen: Vec<(&Finding, &Fix)> = findings
            .iter()
            .filter_map(|finding| Some((finding, finding.fix.as_deref()?)))
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

    /// How many fixes were carried out.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The files that are not what they were, by path.
    #[must_use]
    pub fn into_changes(self) -> Vec<Change> {
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
    let path = finding.path().map(ToOwned::to_owned).unwrap_or_default();
    (path, finding.code.to_string(), finding.message.clone())
}

/// Whether a Dockerfile has more syntax errors than before. Other files are no Dockerfiles before either.
fn breaks(before: &Source, after: &str) -> bool {
    let errors = |source: &Source| parse(source).errors.len();
    errors(&Source::new(before.path(), after)) > errors(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Edit;
    use crate::finding::Severity;
    use crate::source::Span;

    fn finding(
        source: &Source,
        code: &'static str,
        span: (usize, usize),
        replacement: &str,
    ) -> Finding {
        let span = Span::new(span.0, span.1);
        let mut finding = Finding::new(code, "x", Severity::Warning, "m").at(source.location(span));
        finding.fix = Some(Box::new(Fix {
            message: "".into(),
            safety: Safety::Safe,
            edits: vec![Edit {
                source: source.clone(),
                span,
                replacement: replacement.to_owned(),
            }],
        }));
        finding
    }

    #[test]
    fn what_breaks_the_file_is_left_out_once_and_for_all() {
        let source = Source::new("Dockerfile", "FROM a\nUSER b\n");
        let findings = [
            finding(&source, "A", (5, 6), "c"),
            finding(&source, "B", (7, 11), "NONE"),
        ];
        let mut rounds = FixRounds::default();
        let mut text = String::new();
        let mut keep = |_: &Utf8Path, new: &str| text = new.to_owned();
        assert!(rounds.carry_out(&findings, Safety::Safe, &mut keep));
        let source = Source::new("Dockerfile", text.clone());
        let again = [finding(&source, "B", (7, 11), "NONE")];
        assert!(!rounds.carry_out(&again, Safety::Safe, &mut |_, _| ()));
        assert_eq!(text, "FROM c\nUSER b\n");
        assert_eq!(rounds.count(), 1);
    }

    #[test]
    fn there_and_back_again_is_no_change() {
        let mut source = Source::new("Dockerfile", "FROM a\n");
        let mut rounds = FixRounds::default();
        for name in ["b", "a"] {
            let findings = [finding(&source, name, (5, 6), name)];
            let mut text = String::new();
            rounds.carry_out(&findings, Safety::Safe, &mut |_, new| text = new.to_owned());
            source = Source::new("Dockerfile", text);
        }
        assert_eq!(rounds.count(), 2);
        assert_eq!(rounds.into_changes(), []);
    }

    #[test]
    fn a_file_that_is_not_read_again_is_changed_once() {
        let source = Source::new("Dockerfile", "FROM a\n");
        let mut rounds = FixRounds::default();
        for expected in [true, false] {
            let findings = [finding(&source, "A", (5, 6), "b")];
            let changed = rounds.carry_out(&findings, Safety::Safe, &mut |_, _| ());
            assert_eq!(changed, expected);
        }
    }

    #[test]
    fn less_safe_fixes_wait_until_they_are_asked_for() {
        let source = Source::new("Dockerfile", "FROM a\n");
        let mut unsafe_one = finding(&source, "A", (5, 6), "b");
        if let Some(fix) = &mut unsafe_one.fix {
            fix.safety = Safety::Unsafe;
        }
        let findings = [unsafe_one];
        let mut rounds = FixRounds::default();
        assert!(!rounds.carry_out(&findings, Safety::Safe, &mut |_, _| ()));
        assert!(rounds.carry_out(&findings, Safety::Unsafe, &mut |_, _| ()));
    }
}
