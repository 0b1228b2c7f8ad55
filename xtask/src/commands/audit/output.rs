//! Entries and verdicts as text.

use std::fmt::Write as _;

use camino::Utf8Path;
use serde::Serialize;

use super::arguments::ExportFormat;
use crate::audit::{Check, Entry, Head, Summary};
use crate::commands::build::short_digest;
use crate::finding::Finding;
use crate::report::table::{Alignment, Table};
use crate::trail::Trail;

/// The version of the JSON shapes; raised when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// `docker-audit list --format json`.
#[derive(Serialize)]
pub(super) struct Listing<'a> {
    schema_version: u32,
    entries: &'a [Entry],
}

impl<'a> Listing<'a> {
    pub(super) fn new(entries: &'a [Entry]) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            entries,
        }
    }
}

/// `docker-audit verify --format json`.
#[derive(Serialize)]
pub(super) struct Verified<'a> {
    schema_version: u32,
    file: &'a Utf8Path,
    /// Whether nothing is wrong.
    whole: bool,
    entries: u64,
    head: Option<&'a Head>,
    problems: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    line: Option<&'a serde_json::Value>,
    message: &'a str,
}

impl<'a> Verified<'a> {
    pub(super) fn new(
        trail: &'a Trail,
        summary: &'a Summary,
        findings: &'a [Finding],
        whole: bool,
    ) -> Self {
        let told = |finding: &'a Finding| Told {
            code: &finding.code,
            name: &finding.name,
            severity: finding.severity.word(),
            line: finding.details().properties.get("line"),
            message: &finding.message,
        };
        Self {
            schema_version: SCHEMA_VERSION,
            file: trail.file(),
            whole,
            entries: summary.entries,
            head: summary.head.as_ref(),
            problems: findings.iter().map(told).collect(),
        }
    }
}

const COLUMNS: [&str; 8] = [
    "#", "TIME", "ACTION", "IMAGE", "DIGEST", "VERDICTS", "COMMIT", "WHO",
];

/// For people.
pub(super) fn table(entries: &[Entry]) -> Table {
    let mut table = Table::new(&[
        (COLUMNS[0], Alignment::Right),
        (COLUMNS[1], Alignment::Left),
        (COLUMNS[2], Alignment::Left),
        (COLUMNS[3], Alignment::Left),
        (COLUMNS[4], Alignment::Left),
        (COLUMNS[5], Alignment::Left),
        (COLUMNS[6], Alignment::Left),
        (COLUMNS[7], Alignment::Left),
    ]);
    for entry in entries {
        table.row(cells(entry));
    }
    table
}

fn cells(entry: &Entry) -> [String; 8] {
    let image = entry.image.clone().unwrap_or_default();
    let time = entry.time.to_string().replace('T', " ").replace('Z', "");
    let commit = entry.source.as_ref().map(|source| {
        let short: String = source.commit.chars().take(10).collect();
        if source.dirty { short + "+" } else { short }
    });
    let actor = &entry.actor;
    let who = actor.ci.as_deref().and_then(|ci| ci.split(' ').next());
    let who = who.or(actor.git.as_deref()).or(actor.host.as_deref());
    [
        entry.sequence.to_string(),
        time,
        entry.action.word().to_owned(),
        image.name.or(image.reference).unwrap_or_default(),
        image
            .digest
            .as_deref()
            .map(short_digest)
            .unwrap_or_default(),
        verdicts(&entry.verdicts),
        commit.unwrap_or_default(),
        who.unwrap_or_default().to_owned(),
    ]
    .map(|cell| printable(&cell))
}

fn verdicts(verdicts: &[Check]) -> String {
    let words: Vec<String> = verdicts
        .iter()
        .map(|one| format!("{} {}", one.check, one.outcome.word()))
        .collect();
    words.join(", ")
}

/// What others wrote shall not move the cursor.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// The names of the columns of [`csv`].
pub(super) fn csv_head() -> String {
    "sequence,time,action,image,reference,digest,platform,verdicts,commit,dirty,git,ci,host,tool,details,hash\r\n".to_owned()
}

/// One line of RFC 4180.
pub(super) fn csv(entry: &Entry) -> String {
    let image = entry.image.clone().unwrap_or_default();
    let source = entry.source.clone();
    let details: Vec<String> = entry
        .details
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let cells = [
        entry.sequence.to_string(),
        entry.time.to_string(),
        entry.action.word().to_owned(),
        image.name.unwrap_or_default(),
        image.reference.unwrap_or_default(),
        image.digest.unwrap_or_default(),
        image.platform.unwrap_or_default(),
        verdicts(&entry.verdicts),
        source
            .as_ref()
            .map(|source| source.commit.clone())
            .unwrap_or_default(),
        source
            .map(|source| source.dirty.to_string())
            .unwrap_or_default(),
        entry.actor.git.clone().unwrap_or_default(),
        entry.actor.ci.clone().unwrap_or_default(),
        entry.actor.host.clone().unwrap_or_default(),
        entry.tool.clone(),
        details.join("; "),
        entry.hash.clone(),
    ];
    let mut line = String::new();
    for (index, cell) in cells.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = if cell.contains(['"', ',', '\r', '\n']) {
            write!(line, "{comma}\"{}\"", cell.replace('"', "\"\""))
        } else {
            write!(line, "{comma}{cell}")
        };
    }
    line + "\r\n"
}

/// One entry of an export, with what goes before the first one.
pub(super) fn exported(entry: &Entry, format: ExportFormat, is_first: bool) -> String {
    // Plain data with string keys cannot fail to serialize.
    let json = |entry: &Entry| serde_json::to_string(entry).unwrap_or_default();
    match format {
        ExportFormat::Jsonl => line(entry),
        ExportFormat::Json => format!("{}{}", if is_first { "[\n" } else { ",\n" }, json(entry)),
        ExportFormat::Csv if is_first => csv_head() + &csv(entry),
        ExportFormat::Csv => csv(entry),
        ExportFormat::Markdown => {
            let cells = cells(entry).map(|cell| cell.replace('|', "\\|"));
            let row = format!("| {} |\n", cells.join(" | "));
            if is_first {
                markdown_head() + &row
            } else {
                row
            }
        }
    }
}

/// What goes behind the last entry.
pub(super) fn exported_end(format: ExportFormat, is_empty: bool) -> String {
    match format {
        ExportFormat::Json if is_empty => "[]\n".to_owned(),
        ExportFormat::Json => "\n]\n".to_owned(),
        ExportFormat::Csv if is_empty => csv_head(),
        ExportFormat::Markdown if is_empty => markdown_head(),
        _ => String::new(),
    }
}

fn markdown_head() -> String {
    format!(
        "| {} |\n|{}\n",
        COLUMNS.join(" | "),
        "---|".repeat(COLUMNS.len())
    )
}

/// As it stands in the record, so that whoever gets it can check its hash.
fn line(entry: &Entry) -> String {
    let value = serde_json::to_value(entry).unwrap_or_default();
    crate::audit::canonical::canonical(&value).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Line, Outcome};

    fn entry() -> Entry {
        let text = r#"{"action":"sign","actor":{"ci":"github:ada https://x/runs/1","git":"A \"B\" <a@b>"},"hash":"","image":{"digest":"sha256:0123456789abcdef","name":"api|x"},"previous":"00","schema_version":1,"sequence":7,"source":{"commit":"0123456789abcdef","dirty":true},"time":"2026-12-01T04:05:06Z","tool":"xtask 0.1.0","verdicts":[{"check":"signature","outcome":"pass"}],"details":{"note":"\u001b[31m, x"}}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_table_shows_what_people_ask_for() {
        insta::assert_snapshot!(table(&[entry()]).plain(), @r"
        #  TIME                 ACTION  IMAGE  DIGEST               VERDICTS        COMMIT       WHO
        7  2026-12-01 04:05:06  sign    api|x  sha256:0123456789ab  signature pass  0123456789+  github:ada
        ");
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        assert_eq!(csv_head().matches(',').count(), 15);
        assert_eq!(
            csv(&entry()),
            "7,2026-12-01T04:05:06Z,sign,api|x,,sha256:0123456789abcdef,,signature pass,0123456789abcdef,true,\"A \"\"B\"\" \
             <a@b>\",github:ada https://x/runs/1,,xtask 0.1.0,\"note=\u{1b}[31m, x\",\r\n"
        );
    }

    #[test]
    fn markdown_keeps_its_columns() {
        let text = exported(&entry(), ExportFormat::Markdown, true);
        let columns = |line: &str| line.replace("\\|", "").matches('|').count();
        assert!(text.lines().all(|line| columns(line) == 9), "{text}");
    }

    #[test]
    fn an_exported_line_is_the_one_of_the_record() {
        let mut entry = entry();
        entry.previous = "0".repeat(64);
        entry.hash = "0".repeat(64);
        entry.verdicts[0].outcome = Outcome::Unknown;
        let text = exported(&entry, ExportFormat::Jsonl, true);
        let line = Line::read(text.trim_end().as_bytes()).unwrap();
        assert!(line.is_canonical);
        assert_eq!(line.sequence, 7);
    }
}
