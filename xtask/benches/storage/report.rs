//! What the two ways cost, side by side.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::counting::saved_percent;
use crate::series::{Outcome, Row};

/// The one document on standard output. Its keys are stable.
pub(crate) fn json(baseline: &Outcome, ours: &Outcome) -> Value {
    let none = Row::default();
    let (baseline_end, ours_end) = (
        baseline.rows.last().unwrap_or(&none),
        ours.rows.last().unwrap_or(&none),
    );
    let pushed = |outcome: &Outcome| outcome.rows.iter().map(|row| row.pushed).sum();
    let rows = baseline.rows.iter().zip(&ours.rows);
    let commits: Vec<Value> = rows
        .map(|(baseline, ours)| commit(baseline, ours))
        .collect();
    let mut changes = Map::new();
    let kinds: BTreeSet<&str> = ours.rows.iter().map(|row| row.change.as_str()).collect();
    for change in kinds {
        changes.insert(change.to_owned(), of_change(change, baseline, ours));
    }
    let mut images = Map::new();
    for image in ours_end.stored_by_image.keys() {
        let sent = |outcome: &Outcome| {
            let rows = outcome.rows.iter();
            rows.filter_map(|row| row.pushed_by_image.get(image)).sum()
        };
        let kept = |end: &Row| end.stored_by_image.get(image).copied().unwrap_or(0);
        images.insert(
            image.clone(),
            json!({
                "stored": pair(kept(baseline_end), kept(ours_end)),
                "pushed": pair(sent(baseline), sent(ours)),
            }),
        );
    }
    json!({
        "schema_version": 1,
        "bench": "storage",
        "commit_count": ours.rows.len(),
        "image_count": ours_end.stored_by_image.len(),
        "stored": pair(baseline_end.stored, ours_end.stored),
        "pushed": pair(pushed(baseline), pushed(ours)),
        "retained": pair(baseline_end.retained, ours_end.retained),
        "retained_image_count": ours_end.retained_images,
        "rebuilt": baseline.rebuilt.as_ref().zip(ours.rebuilt.as_ref())
            .map(|(baseline, ours)| pair(baseline.pushed, ours.pushed)),
        "changes": changes,
        "images": images,
        "commits": commits,
    })
}

fn pair(baseline: u64, ours: u64) -> Value {
    json!({
        "baseline_bytes": baseline,
        "ours_bytes": ours,
        "saved_percent": saved_percent(baseline, ours),
    })
}

fn commit(baseline: &Row, ours: &Row) -> Value {
    json!({
        "subject": ours.subject,
        "change": ours.change,
        "stored": pair(baseline.stored, ours.stored),
        "added": pair(baseline.added, ours.added),
        "pushed": pair(baseline.pushed, ours.pushed),
    })
}

/// The mean of all commits of one kind, in whole bytes.
fn of_change(change: &str, baseline: &Outcome, ours: &Outcome) -> Value {
    let rows = |outcome: &Outcome| -> Vec<u64> {
        let rows = outcome.rows.iter().filter(|row| row.change == change);
        rows.map(|row| row.pushed).collect()
    };
    let mean = |rows: Vec<u64>| rows.iter().sum::<u64>() / (rows.len() as u64).max(1);
    let mut value = pair(mean(rows(baseline)), mean(rows(ours)));
    value["count"] = json!(rows(ours).len());
    value
}

/// For people: the document as tables in Markdown.
pub(crate) fn tables(document: &Value) -> String {
    let mut text = String::from("| | baseline | ours | saved |\n| --- | ---: | ---: | ---: |\n");
    let mut row = |name: &str, value: &Value| {
        if value.is_null() {
            let _ = writeln!(text, "| {name} | not measured | not measured | |");
            return;
        }
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} % |",
            megabytes(&value["baseline_bytes"]),
            megabytes(&value["ours_bytes"]),
            value["saved_percent"]
        );
    };
    row("stored in the end", &document["stored"]);
    row("pushed in all", &document["pushed"]);
    row("left by the retention policy", &document["retained"]);
    row("pushed when built again from nothing", &document["rebuilt"]);
    for (change, value) in entries(&document["changes"]) {
        row(
            &format!("pushed by a commit: {change} ({})", value["count"]),
            value,
        );
    }
    for (image, value) in entries(&document["images"]) {
        row(&format!("stored for {image} alone"), &value["stored"]);
    }
    text
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// `1.234 MB`: a million bytes, as registries count.
fn megabytes(bytes: &Value) -> String {
    format!("{:.3} MB", bytes.as_u64().unwrap_or_default() as f64 / 1e6)
}
