//! What an editor may do about findings, and the edits it makes.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::client::Client;
use super::diagnostics::diagnostic;
use super::judging::Names;
use super::positions::{Encoding, Lines};
use super::suppression;
use crate::dockerfile::{Dockerfile, parse};
use crate::edit::{Edit, Safety};
use crate::finding::Finding;
use crate::lint::Change;
use crate::source::{Source, Span};

/// What kind of action is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Context {
    only: Option<Vec<String>>,
}

impl Context {
    /// Whether actions of a kind are asked for: it, or a kind that it belongs to.
    pub(super) fn wants(&self, kind: &str) -> bool {
        let belongs = |wanted: &String| {
            let rest = kind.strip_prefix(wanted.as_str());
            wanted.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.only
            .as_ref()
            .is_none_or(|only| only.iter().any(belongs))
    }
}

/// The kind of actions that mend or suppress one finding.
pub(super) const QUICK_FIX: &str = "quickfix";
/// The kind of the action that mends all of them.
pub(super) const FIX_ALL: &str = "source.fixAll";

/// Two actions for each finding: its fix, where it has one, and the comment that suppresses it.
pub(super) fn quick_fixes(
    source: &Source,
    findings: &[&Finding],
    names: &Names,
    client: Client,
) -> Vec<Value> {
    let lines = Lines::new(source.text(), client.encoding);
    let mut fixes = Vec::new();
    let mut suppressions = Vec::new();
    let mut file: Option<Dockerfile> = None;
    for finding in findings {
        let diagnostic = diagnostic(finding, &lines);
        if let Some(fix) = &finding.fix {
            let mut action = json!({
                "title": format!("{} ({})", capitalized(&fix.message), finding.code),
                "kind": QUICK_FIX,
                "diagnostics": [diagnostic],
                "edit": workspace_edit(&fix.edits, names, client),
            });
            if fix.safety == Safety::Safe {
                action["isPreferred"] = json!(true);
            }
            fixes.push(action);
        }
        let file = file.get_or_insert_with(|| parse(source));
        if let Some(edit) = suppression::comment(finding, file) {
            suppressions.push(json!({
                "title": format!("Ignore {} ({}) here", finding.code, finding.name),
                "kind": QUICK_FIX,
                "diagnostics": [diagnostic],
                "edit": workspace_edit(&[edit], names, client),
            }));
        }
    }
    fixes.append(&mut suppressions);
    fixes
}

/// One action for all changes; none if nothing changes.
pub(super) fn fix_all(changes: &[Change], names: &Names, client: Client) -> Option<Value> {
    let edits: Vec<Edit> = changes
        .iter()
        .flat_map(|change| differences(&change.before, &change.after))
        .collect();
    (!edits.is_empty()).then(|| {
        json!({
            "title": "Mend all that can be mended safely",
            "kind": FIX_ALL,
            "edit": workspace_edit(&edits, names, client),
        })
    })
}

/// From one text to another, line by line: what stays the same keeps its marks and cursors.
pub(super) fn differences(before: &Source, after: &str) -> Vec<Edit> {
    let diff = similar::TextDiff::from_lines(before.text(), after);
    let mut at = 0;
    let starts: Vec<usize> = diff
        .old_slices()
        .iter()
        .map(|line| {
            let start = at;
            at += line.len();
            start
        })
        .collect();
    let offset = |line: usize| starts.get(line).copied().unwrap_or(before.text().len());
    diff.ops()
        .iter()
        .filter(|op| op.tag() != similar::DiffTag::Equal)
        .map(|op| Edit {
            source: before.clone(),
            span: Span::new(offset(op.old_range().start), offset(op.old_range().end)),
            replacement: diff.new_slices()[op.new_range()].concat(),
        })
        .collect()
}

/// Edits of one text as the protocol has them.
pub(super) fn text_edits(edits: &[&Edit], encoding: Encoding) -> Value {
    let Some(first) = edits.first() else {
        return json!([]);
    };
    let lines = Lines::new(first.source.text(), encoding);
    edits
        .iter()
        .map(|edit| json!({ "range": lines.range(edit.span), "newText": edit.replacement }))
        .collect()
}

fn workspace_edit(edits: &[Edit], names: &Names, client: Client) -> Value {
    let mut by_file: BTreeMap<&Utf8Path, Vec<&Edit>> = BTreeMap::new();
    for edit in edits {
        by_file.entry(edit.source.path()).or_default().push(edit);
    }
    let files = by_file.into_iter().map(|(path, edits)| {
        let (uri, version) = names.uri(path);
        (uri, version, text_edits(&edits, client.encoding))
    });
    if client.versioned_edits {
        let changes: Vec<Value> = files
            .map(|(uri, version, edits)| {
                json!({ "textDocument": { "uri": uri, "version": version }, "edits": edits })
            })
            .collect();
        json!({ "documentChanges": changes })
    } else {
        let changes: Map<String, Value> = files.map(|(uri, _, edits)| (uri, edits)).collect();
        json!({ "changes": changes })
    }
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Fix, apply};

    #[test]
    fn kinds_belong_to_kinds() {
        for (only, expected) in [
            (None, true),
            (Some(&["source"][..]), true),
            (Some(&["quickfix", "source.fixAll"]), true),
            (Some(&[""]), true),
            (Some(&["source.fixAll.other"]), false),
            (Some(&["source.fix"]), false),
            (Some(&[]), false),
        ] {
            let only = only.map(|only| only.iter().map(|kind| (*kind).to_owned()).collect());
            let context = Context { only };
            assert_eq!(context.wants(FIX_ALL), expected, "{context:?}");
        }
    }

    #[test]
    fn differences_lead_from_one_text_to_the_other() {
        for (before, after, count) in [
            ("a\nb\nc\n", "a\nB\nc\nd\n", 2),
            ("a\r\nb", "a\r\nb\r\n", 1),
            ("", "a\n", 1),
            ("a\n\n\nb\n", "a\n\nb\n", 1),
            ("a", "a", 0),
        ] {
            let source = Source::new("f", before);
            let edits = differences(&source, after);
            assert_eq!(edits.len(), count, "{edits:?}");
            let fix = Fix {
                message: "".into(),
                safety: Safety::Safe,
                edits,
            };
            let applied = apply(&[&fix]).files;
            let result = applied.into_values().next().map(|(_, text)| text);
            assert_eq!(result.unwrap_or_else(|| before.to_owned()), after);
        }
    }
}
