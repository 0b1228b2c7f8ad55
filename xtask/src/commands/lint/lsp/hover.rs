//! What the rules behind the findings at a place mean.

use serde_json::{Value, json};

use super::client::Client;
use super::positions::{Lines, Position};
use crate::finding::Finding;
use crate::lint::{self, page};

/// The pages of the rules whose findings stand at a place; `null` if there are none.
pub(super) fn at(
    position: Position,
    findings: &[&Finding],
    lines: &Lines<'_>,
    client: Client,
) -> Value {
    let offset = lines.offset(position);
    let mut codes: Vec<&str> = Vec::new();
    let mut pages: Vec<String> = Vec::new();
    let mut range = None;
    for finding in findings {
        let Some(at) = &finding.location else {
            continue;
        };
        let is_here = at.span.start <= offset && offset <= at.span.end;
        if !is_here || codes.contains(&&*finding.code) {
            continue;
        }
        let rules = lint::find(&finding.code);
        if let Some(rule) = rules.iter().find(|rule| rule.code == finding.code) {
            codes.push(&finding.code);
            pages.push(page::page(rule));
            range.get_or_insert(at.span);
        }
    }
    let Some(range) = range else {
        return Value::Null;
    };
    let kind = if client.markdown {
        "markdown"
    } else {
        "plaintext"
    };
    json!({
        "contents": { "kind": kind, "value": pages.join("\n---\n\n") },
        "range": lines.range(range),
    })
}
