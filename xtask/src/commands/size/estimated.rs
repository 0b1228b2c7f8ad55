//! What is told about images that were not built.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use super::answer::FindingDocument;
use super::output::{bytes, indented};
use crate::commands::json::json;
use crate::error::Result;
use crate::finding::Finding;
use crate::image::analysis::SCHEMA_VERSION;
use crate::image::estimate::{Estimate, Evidence};
use crate::project::budget::{Judgment, Verdict, is_within};
use crate::project::manifest::Measure;
use crate::report::table::{Alignment, Table};
use crate::report::{self, Color, Format};

/// An image, and how it stands to its limits.
#[derive(Serialize)]
pub(super) struct Estimated {
    #[serde(flatten)]
    pub(super) estimate: Estimate,
    #[serde(rename = "budgets")]
    pub(super) judgments: Vec<Judgment>,
}

/// Everything that is known in the end.
pub(super) struct Answer<'a> {
    pub(super) images: &'a [Estimated],
    pub(super) findings: &'a [Finding],
    pub(super) has_record: bool,
}

/// What programs read.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    is_estimate: bool,
    within_budget: Option<bool>,
    images: &'a [Estimated],
    findings: Vec<FindingDocument<'a>>,
}

impl Answer<'_> {
    /// In a format.
    pub(super) fn text(&self, format: Format, color: Color) -> Result<String> {
        Ok(match format {
            Format::Terminal => self.told(Table::plain, format, color),
            Format::Markdown => {
                let told = self.told(Table::markdown, format, Color::Plain);
                format!("### Image sizes, estimated\n\n{told}")
            }
            Format::Json => json(&Document {
                schema_version: SCHEMA_VERSION,
                is_estimate: true,
                within_budget: self.is_within(),
                images: self.images,
                findings: self.findings.iter().map(FindingDocument::of).collect(),
            })?,
            format => report::render(self.findings, format, color),
        })
    }

    fn told(&self, write: fn(&Table) -> String, format: Format, color: Color) -> String {
        let mut text = write(&self.overview());
        // Writing to a string cannot fail.
        if let [image] = self.images {
            let _ = write!(text, "\nlines, lowest first\n\n");
            text.push_str(&shown(&write(&lines(&image.estimate)), format));
        }
        let (open, count) = self.open();
        if count > 0 {
            let _ = write!(text, "\nnot known, and counted as far as it is\n\n");
            text.push_str(&shown(&write(&open), format));
        }
        if !self.findings.is_empty() {
            let _ = write!(text, "\n{}", report::render(self.findings, format, color));
        }
        let _ = writeln!(text, "\n{}", self.summary(count));
        text
    }

    fn overview(&self) -> Table {
        use Alignment::{Left, Right};
        let mut table = Table::new(&[
            ("IMAGE", Left),
            ("AT LEAST", Right),
            ("BUDGET", Right),
            ("LARGEST LAYER", Right),
            ("UNKNOWN LINES", Right),
            ("PLATFORM", Left),
            ("", Left),
        ]);
        for Estimated {
            estimate,
            judgments,
        } in self.images
        {
            let unpacked = judgments
                .iter()
                .find(|one| one.measure == Measure::Unpacked);
            let limit = unpacked.and_then(|one| one.hard_bytes);
            table.row([
                estimate.name.clone(),
                about(estimate.at_least_bytes),
                limit.map(bytes).unwrap_or_default(),
                about(estimate.at_least_layer_bytes),
                estimate.unknown_lines.to_string(),
                estimate.platform.clone().unwrap_or_default(),
                mark(judgments).to_owned(),
            ]);
        }
        table
    }

    /// The lines of which something is not known, each once, and how many they are.
    fn open(&self) -> (Table, usize) {
        let mut table = Table::new(&[("LINE", Alignment::Left), ("INSTRUCTION", Alignment::Left)]);
        let lines = self.images.iter().flat_map(|image| &image.estimate.lines);
        let open: BTreeSet<_> = lines
            .filter(|line| line.is_open)
            .map(|line| (&line.file, line.line, line.place(), &line.instruction))
            .collect();
        for (_, _, place, instruction) in &open {
            table.row([place.clone(), (*instruction).clone()]);
        }
        let count = open.len();
        (table, count)
    }

    fn is_within(&self) -> Option<bool> {
        let all = self.images.iter().flat_map(|image| &image.judgments);
        is_within(&all.cloned().collect::<Vec<_>>())
    }

    fn summary(&self, open: usize) -> String {
        let sums: Vec<String> = match self.images {
            [image] => vec![format!("at least {}", bytes(image.estimate.at_least_bytes))],
            images => vec![format!("{} estimates", images.len())],
        };
        let lines = if open == 1 { "line" } else { "lines" };
        let mut text = format!(
            "{}, {open} {lines} unknown; nothing was built",
            sums.concat()
        );
        if self.is_within() == Some(false) {
            text.push_str("; a budget will be broken");
        }
        if !self.has_record && open > 0 {
            text.push_str(
                "\nwhat programs make is known of what was recorded: `docker-size --record`",
            );
        }
        text
    }
}

fn lines(estimate: &Estimate) -> Table {
    use Alignment::{Left, Right};
    let mut table = Table::new(&[
        ("AT LEAST", Right),
        ("KNOWN FROM", Left),
        ("LINE", Left),
        ("INSTRUCTION", Left),
    ]);
    for line in &estimate.lines {
        table.row([
            about(line.at_least_bytes),
            match line.evidence {
                Evidence::Context => "files",
                Evidence::Record => "record",
                Evidence::Packages => "packages",
                Evidence::Unknown => "-",
            }
            .to_owned(),
            line.place(),
            line.instruction.clone(),
        ]);
    }
    table
}

fn shown(table: &str, format: Format) -> String {
    if format == Format::Terminal {
        indented(table)
    } else {
        table.to_owned()
    }
}

fn about(size: u64) -> String {
    format!("~{}", bytes(size))
}

fn mark(judgments: &[Judgment]) -> &'static str {
    let has = |verdict| judgments.iter().any(|one| one.verdict == verdict);
    if has(Verdict::Over) {
        "over budget"
    } else if has(Verdict::AboveSoft) {
        "above the soft limit"
    } else if has(Verdict::Unknown) {
        "not known"
    } else {
        ""
    }
}
