//! Whether what a service prints is its log and nothing else: JSON objects, one in a line.

use serde_json::Value;

/// Most lines that are shown as evidence.
const MOST_SHOWN: usize = 3;
/// Most characters of a shown line.
const WIDTH: usize = 160;

/// What is wrong with a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogProblems {
    /// In sentences.
    pub problems: Vec<String>,
    /// Lines that show it.
    pub evidence: Vec<String>,
    /// Lines on standard output.
    pub lines: usize,
}

/// Judges what came on standard output and standard error. Every entry must have all of `fields` at its top; an empty
/// one counts as missing.
#[must_use]
pub fn judge(stdout: &str, stderr: &str, fields: &[String]) -> LogProblems {
    let mut found = LogProblems::default();
    let mut note = |problem: String, mut lines: Vec<(usize, &str)>| {
        if let Some((number, _)) = lines.first() {
            found
                .problems
                .push(format!("{problem}, first line {number}"));
            lines.truncate(MOST_SHOWN);
            let shown = lines
                .iter()
                .map(|(number, line)| format!("{number}: {}", clipped(line)));
            found.evidence.extend(shown);
        }
    };
    let lines: Vec<(usize, &str)> = (1..).zip(stdout.lines()).collect();
    let (entries, others): (Vec<_>, Vec<_>) = lines
        .iter()
        .copied()
        .map(|(number, line)| (number, line, entry(line)))
        .partition(|(.., entry)| entry.is_some());
    let others: Vec<(usize, &str)> = others
        .into_iter()
        .map(|(number, line, _)| (number, line))
        .collect();
    note(
        format!(
            "{} on standard output are no JSON objects",
            count(others.len())
        ),
        others,
    );
    for field in fields {
        let without: Vec<(usize, &str)> = entries
            .iter()
            .filter(|(.., entry)| entry.as_ref().is_some_and(|entry| !has(entry, field)))
            .map(|(number, line, _)| (*number, *line))
            .collect();
        note(
            format!("{} lack the field `{field}`", count(without.len())),
            without,
        );
    }
    let errors: Vec<(usize, &str)> = (1..).zip(stderr.lines()).collect();
    note(format!("{} on standard error", count(errors.len())), errors);
    found.lines = lines.len();
    found
}

/// Whether a line of the log names a variable, and is a log entry.
#[must_use]
pub fn names(line: &str, variable: &str) -> bool {
    entry(line).is_some() && line.contains(variable)
}

/// The object that a line is.
fn entry(line: &str) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_str(line) {
        Ok(Value::Object(entry)) => Some(entry),
        _ => None,
    }
}

fn has(entry: &serde_json::Map<String, Value>, field: &str) -> bool {
    match entry.get(field) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

fn count(lines: usize) -> String {
    if lines == 1 {
        "1 line".to_owned()
    } else {
        format!("{lines} lines")
    }
}

/// A foreign line as one that can be shown: no control characters, not too long.
#[must_use]
pub fn clipped(line: &str) -> String {
    let plain = line
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut clipped: String = plain.clone().take(WIDTH).collect();
    if plain.count() > WIDTH {
        clipped.push('…');
    }
    clipped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(stdout: &str, stderr: &str) -> String {
        let fields = ["level", "time", "msg"].map(str::to_owned);
        let found = judge(stdout, stderr, &fields);
        [found.problems, found.evidence].concat().join("\n")
    }

    const GOOD: &str =
        "{\"level\":\"info\",\"time\":\"2026-01-01T00:00:00Z\",\"msg\":\"listening\"}\n";

    #[test]
    fn json_lines_are_right() {
        assert_eq!(judged(GOOD, ""), "");
        assert_eq!(judged("", ""), "");
    }

    #[test]
    fn what_else_is_printed_is_shown() {
        let stdout =
            format!("{GOOD}Server on 3000\n\n[1]\n{{\"level\":30,\"time\":1,\"msg\":\"\"}}\n");
        insta::assert_snapshot!(judged(&stdout, "(node:1) Warning: \u{1b}[1mold\n"), @r#"
        3 lines on standard output are no JSON objects, first line 2
        1 line lack the field `msg`, first line 5
        1 line on standard error, first line 1
        2: Server on 3000
        3: 
        4: [1]
        5: {"level":30,"time":1,"msg":""}
        1: (node:1) Warning: �[1mold
        "#);
    }

    #[test]
    fn an_entry_names_a_variable() {
        assert!(names(r#"{"problems":[{"variable":"PORT"}]}"#, "PORT"));
        assert!(!names("Error: PORT", "PORT"));
    }
}
