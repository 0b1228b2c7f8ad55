//! Changes to text: what a fix would replace, and carrying it out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use crate::source::{Source, Span};

/// Replaces a span of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub source: Source,
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// Whether a fix can change what an image does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// The build's result means the same, and what was reported is gone.
    Safe,
    /// The result may differ: someone has to look at it.
    Unsafe,
}

/// A way to mend what a finding reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// An imperative: "add `--no-cache`".
    pub message: Cow<'static, str>,
    /// Whether it can be applied without looking.
    pub safety: Safety,
    /// All of it or nothing. They do not overlap.
    pub edits: Vec<Edit>,
}

/// What became of some fixes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The files that change, by path, with their text before and after.
    pub files: BTreeMap<Utf8PathBuf, (Source, String)>,
    /// Which of the fixes were carried out, by their place in the list.
    pub applied: Vec<usize>,
}

/// Carries out fixes, each all or nothing. Of fixes that touch the same place the first counts; edits that are
/// exactly those of an earlier fix count as carried out. Apply the rest to the result of a new analysis.
#[must_use]
pub fn apply(fixes: &[&Fix]) -> Applied {
    let mut accepted: BTreeMap<Utf8PathBuf, Vec<&Edit>> = BTreeMap::new();
    let mut done = Vec::new();
    for (index, fix) in fixes.iter().enumerate() {
        let conflicts = fix.edits.iter().any(|edit| {
            accepted
                .get(edit.source.path())
                .is_some_and(|others| others.iter().any(|other| conflict(edit, other)))
        });
        let valid = fix.edits.iter().all(is_valid);
        if conflicts || !valid {
            continue;
        }
        done.push(index);
        for edit in &fix.edits {
            let others = accepted.entry(edit.source.path().to_owned()).or_default();
            if !others.contains(&edit) {
                others.push(edit);
            }
        }
    }
    let changed = accepted
        .into_iter()
        .filter_map(|(path, edits)| {
            let source = edits.first()?.source.clone();
            let text = replaced(source.text(), edits);
            (text != source.text()).then_some((path, (source, text)))
        })
        .collect();
    Applied {
        files: changed,
        applied: done,
    }
}

/// Two edits that cannot both be made. Two different insertions at one place have no order.
fn conflict(a: &Edit, b: &Edit) -> bool {
    if a == b {
        return false;
    }
    let same_place = a.span == b.span;
    let overlap = a.span.start < b.span.end && b.span.start < a.span.end;
    same_place || overlap
}

fn is_valid(edit: &Edit) -> bool {
    edit.source
        .text()
        .get(edit.span.start..edit.span.end)
        .is_some()
}

fn replaced(text: &str, mut edits: Vec<&Edit>) -> String {
    // An insertion comes before what is replaced at the same place.
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        result.push_str(text.get(at..edit.span.start).unwrap_or_default());
        result.push_str(&edit.replacement);
        at = edit.span.end;
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(source: &Source, edits: &[(usize, usize, &str)]) -> Fix {
        Fix {
            message: "".into(),
            safety: Safety::Safe,
            edits: edits
                .iter()
                .map(|&(start, end, replacement)| Edit {
                    source: source.clone(),
                    span: Span::new(start, end),
                    replacement: replacement.to_owned(),
                })
                .collect(),
        }
    }

    fn text(applied: &Applied, path: &str) -> String {
        applied.files[&Utf8PathBuf::from(path)].1.clone()
    }

    #[test]
    fn fixes_are_all_or_nothing_and_the_first_wins() {
        let source = Source::new("f", "abcdef");
        let first = fix(&source, &[(0, 1, "A"), (4, 5, "E")]);
        let overlapping = fix(&source, &[(2, 3, "C"), (3, 5, "-")]);
        let beside = fix(&source, &[(1, 1, "+"), (5, 6, "")]);
        let applied = apply(&[&first, &overlapping, &beside]);
        assert_eq!(applied.applied, [0, 2]);
        assert_eq!(text(&applied, "f"), "A+bcdE");
    }

    #[test]
    fn the_same_edit_twice_is_one() {
        let source = Source::new("f", "FROM a\nRUN x\n");
        let insert = fix(&source, &[(7, 7, "ARG X\n")]);
        let other = fix(&source, &[(7, 7, "ARG Y\n")]);
        let applied = apply(&[&insert, &insert.clone(), &other]);
        assert_eq!(applied.applied, [0, 1]);
        assert_eq!(text(&applied, "f"), "FROM a\nARG X\nRUN x\n");
    }

    #[test]
    fn several_files_and_impossible_places() {
        let (a, b) = (Source::new("a", "é"), Source::new("b", "x"));
        let mut both = fix(&a, &[(0, 2, "e")]);
        both.edits.extend(fix(&b, &[(1, 1, "y")]).edits);
        let inside_a_character = fix(&a, &[(1, 2, "")]);
        let behind_the_end = fix(&b, &[(2, 3, "")]);
        let applied = apply(&[&inside_a_character, &behind_the_end, &both]);
        assert_eq!(applied.applied, [2]);
        assert_eq!(
            (text(&applied, "a"), text(&applied, "b")),
            ("e".into(), "xy".into())
        );
    }
}
