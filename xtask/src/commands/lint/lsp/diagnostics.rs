//! Findings as an editor shows them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::judging::Judged;
use super::positions::{Encoding, Lines};
use crate::finding::{Finding, Severity};
use crate::source::Span;

/// The rules whose findings are text that nobody needs: editors fade it.
const UNNECESSARY: [&str; 4] = [
    "expose-unused-port",
    "stage-never-used",
    "unused-arg",
    "unused-suppression",
];

/// What is out of date: editors strike it through.
const DEPRECATED: [&str; 3] = ["deprecated-npm-flag", "legacy-key-value", "maintainer"];

/// By URI, all there is to say, with the version it was found in.
pub(super) fn by_uri(
    judged: &Judged,
    encoding: Encoding,
) -> BTreeMap<String, (Option<i64>, Vec<Value>)> {
    let mut by_uri: BTreeMap<String, (Option<i64>, Vec<Value>)> = BTreeMap::new();
    let mut findings = judged.findings.iter().peekable();
    while let Some(first) = findings.next() {
        let Some(path) = first.path() else { continue };
        let text = first.location.as_ref().map_or("", |at| at.source.text());
        let lines = Lines::new(text, encoding);
        let (uri, version) = judged.names.uri(path);
        let list = &mut by_uri.entry(uri).or_insert((version, Vec::new())).1;
        let full = |finding: &Finding| {
            let mut diagnostic = diagnostic(finding, &lines);
            if !finding.details().related.is_empty() {
                diagnostic["relatedInformation"] = related(finding, judged, encoding);
            }
            diagnostic
        };
        list.push(full(first));
        // They come by file: its lines are looked for once.
        while let Some(next) = findings.next_if(|next| same_text(first, next)) {
            list.push(full(next));
        }
    }
    by_uri
}

/// The other places of a finding.
fn related(finding: &Finding, judged: &Judged, encoding: Encoding) -> Value {
    let places = finding.details().related.iter().map(|related| {
        let source = &related.location.source;
        json!({
            "location": {
                "uri": judged.names.uri(source.path()).0,
                "range": Lines::new(source.text(), encoding).range(related.location.span),
            },
            "message": related.message,
        })
    });
    places.collect()
}

/// One finding. `lines` are those of its file.
pub(super) fn diagnostic(finding: &Finding, lines: &Lines<'_>) -> Value {
    let span = finding
        .location
        .as_ref()
        .map_or(Span::default(), |at| at.span);
    let mut message = finding.message.clone();
    for help in &finding.help {
        message.push('\n');
        message.push_str(help);
    }
    let mut diagnostic = json!({
        "range": lines.range(span),
        "severity": severity(finding.severity),
        "code": finding.code,
        "source": "docker-lint",
        "message": message,
    });
    let name = &*finding.name;
    if UNNECESSARY.contains(&name) {
        diagnostic["tags"] = json!([1]);
    } else if DEPRECATED.contains(&name) {
        diagnostic["tags"] = json!([2]);
    }
    diagnostic
}

fn same_text(a: &Finding, b: &Finding) -> bool {
    match (&a.location, &b.location) {
        (Some(a), Some(b)) => a.source == b.source,
        _ => false,
    }
}

const fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
        Severity::Style => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint;

    #[test]
    fn rules_with_tags_are_rules() {
        for name in UNNECESSARY.iter().chain(&DEPRECATED) {
            assert_eq!(lint::find(name).len(), 1, "{name}");
        }
    }

    #[test]
    fn a_finding_says_what_to_do_and_whether_it_fades() {
        let finding = Finding::new("DX1", "unused-arg", Severity::Style, "is not used").help("go");
        let lines = Lines::new("", Encoding::Utf16);
        insta::assert_snapshot!(
            diagnostic(&finding, &lines),
            @r#"{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"severity":4,"code":"DX1","source":"docker-lint","message":"is not used\ngo","tags":[1]}"#
        );
    }
}
