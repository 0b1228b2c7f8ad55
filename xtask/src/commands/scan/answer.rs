//! What is told about images, in each format.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::arguments::Arguments;
use super::data::Data;
use super::known::Known;
use super::{document, output};
use crate::commands::json::json;
use crate::commands::lint::number;
use crate::error::Result;
use crate::finding::{Finding, Severity};
use crate::lint::configuration::Configuration;
use crate::lint::page::page;
use crate::report::{self, Color, Format, RuleDescription};
use crate::scan::actors::Change;
use crate::scan::case::Case;
use crate::scan::exemption::Exemption;
use crate::scan::record::{Remediation, remediation};
use crate::scan::rules::is_by_policy;
use crate::scan::scanned::Scanned;
use crate::scan::vulnerability::Level;
use crate::timestamp::{Period, Timestamp};

/// Everything that is known in the end.
pub(super) struct Answer<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) images: &'a [Scanned],
    pub(super) cases: &'a [Case<'a>],
    pub(super) changes: &'a [Change],
    pub(super) exemptions: &'a [Exemption],
    pub(super) data: &'a Data,
    pub(super) known: &'a Known,
    pub(super) configuration: &'a Configuration,
    /// All that is told, vulnerabilities included.
    pub(super) findings: &'a [Finding],
    /// How many findings comments or the baseline keep back.
    pub(super) kept_back: usize,
    pub(super) now: Timestamp,
}

/// Whether an image may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// Nothing is wrong.
    Passed,
    /// Nothing is known to be wrong, and not everything is known.
    Unknown,
    /// Something is wrong.
    Failed,
}

impl Verdict {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
        }
    }
}

impl<'a> Answer<'a> {
    /// In the format that was asked for.
    pub(super) fn text(&self, color: Color) -> Result<String> {
        Ok(match self.arguments.format {
            Format::Terminal => self.terminal(color),
            Format::Json => json(&document::Document::of(self))?,
            Format::Markdown => self.markdown(),
            format => {
                let rules: Vec<_> = crate::lint::all()
                    .iter()
                    .map(|rule| RuleDescription {
                        code: rule.code.to_owned(),
                        summary: rule.summary.to_owned(),
                        page: page(rule),
                        severity: rule.severity,
                        tags: vec!["security".to_owned()],
                    })
                    .collect();
                report::render_with_rules(self.findings, &rules, format, color)
            }
        })
    }

    pub(super) fn is_for_people(&self) -> bool {
        self.arguments.format == Format::Terminal
    }

    /// Whether there is nothing that somebody has to know.
    pub(super) fn is_quiet(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.severity < Severity::Warning)
    }

    fn terminal(&self, color: Color) -> String {
        let mut text = String::new();
        if !self.images.is_empty() {
            text.push_str(&output::overview(self).plain());
        }
        text.push_str(&output::actions(self));
        let others: Vec<Finding> = self.others().cloned().collect();
        if !others.is_empty() {
            let found = report::render(&others, Format::Terminal, color);
            let _ = write!(text, "\n{found}");
        }
        if !self.images.is_empty() {
            let _ = write!(text, "\n{}", self.summary());
        }
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!("### Image scan\n\n{}", self.summary());
        let _ = write!(text, "\n{}", output::overview(self).markdown());
        let actions = output::actions_in_markdown(self);
        if !actions.is_empty() {
            let _ = write!(text, "\n#### Who must act\n\n{actions}");
        }
        let others: Vec<Finding> = self.others().cloned().collect();
        if !others.is_empty() {
            let found = report::render(&others, Format::Markdown, Color::Plain);
            let _ = write!(text, "\n#### Findings\n\n{found}");
        }
        text
    }

    /// The findings that are told one by one: vulnerabilities are told by who must act.
    pub(super) fn others(&self) -> impl Iterator<Item = &Finding> {
        let is_vulnerability = |one: &&Finding| one.code.starts_with("DX600");
        self.findings
            .iter()
            .filter(move |one| !is_vulnerability(one))
    }

    /// The cases of an image.
    pub(super) fn cases_of(&self, image: &'a Scanned) -> impl Iterator<Item = &'a Case<'a>> {
        self.cases
            .iter()
            .filter(move |case| std::ptr::eq(case.image, image))
    }

    /// What is wrong with how an image is made up: findings that name it.
    pub(super) fn weaknesses_of(&self, image: &Scanned) -> impl Iterator<Item = &Finding> {
        let others = self.findings.iter().filter(|one| !is_by_policy(&one.code));
        others.filter(move |one| {
            let named = one
                .details()
                .properties
                .get("image")
                .and_then(|name| name.as_str());
            named == Some(image.name.as_str())
        })
    }

    /// Whether a finding makes the run fail.
    pub(super) fn fails(&self, finding: &Finding) -> bool {
        if is_by_policy(&finding.code) {
            return finding.severity == Severity::Error;
        }
        let least = self.configuration.fail_on;
        least.is_some_and(|least| finding.severity >= least)
    }

    /// Whether an image may be used.
    pub(super) fn verdict(&self, image: &'a Scanned) -> Verdict {
        let is_vulnerable = self.is_told_of(image);
        let is_weak = self.weaknesses_of(image).any(|finding| self.fails(finding));
        let is_old = self
            .findings
            .iter()
            .any(|one| one.code == "DX6020" && self.fails(one));
        if is_vulnerable || is_weak || is_old {
            Verdict::Failed
        } else if image.is_unknown() {
            Verdict::Unknown
        } else {
            Verdict::Passed
        }
    }

    /// Whether a vulnerability of the image fails, and neither a comment nor the baseline keeps it back.
    fn is_told_of(&self, image: &Scanned) -> bool {
        self.findings.iter().any(|finding| {
            let images = finding
                .details()
                .properties
                .get("images")
                .and_then(|all| all.as_array());
            let is_its = images.is_some_and(|all| {
                all.iter()
                    .any(|name| name.as_str() == Some(image.name.as_str()))
            });
            is_its && self.fails(finding)
        })
    }

    /// How fast vulnerabilities are gone.
    pub(super) fn remediation(&self) -> Vec<Remediation> {
        let record = self.known.now.as_ref();
        record
            .map(|record| remediation(record, self.now))
            .unwrap_or_default()
    }

    pub(super) fn summary(&self) -> String {
        let total = self.images.len();
        let count = |wanted: Verdict| {
            let verdicts = self.images.iter().map(|image| self.verdict(image));
            verdicts.filter(|verdict| *verdict == wanted).count()
        };
        let (passed, unknown) = (count(Verdict::Passed), count(Verdict::Unknown));
        let rate = passed * 100 / total.max(1);
        let mut text = format!("{passed} of {} passed ({rate} %)", number(total, "image"));
        if unknown > 0 {
            let _ = write!(text, ", of {unknown} not everything is known");
        }
        let mut levels: BTreeMap<Level, std::collections::BTreeSet<_>> = BTreeMap::new();
        let (mut accepted, mut overdue) = (0, 0);
        for case in self.cases {
            if case.is_exempt {
                accepted += 1;
                continue;
            }
            overdue += usize::from(case.overdue.is_some());
            let one = case.vulnerability;
            let key = (
                &one.id,
                &one.package.manager,
                &one.package.name,
                &one.package.version,
            );
            levels.entry(one.level).or_default().insert(key);
        }
        let told: Vec<String> = Level::ALL
            .iter()
            .filter_map(|level| Some(format!("{} {level}", levels.get(level)?.len())))
            .collect();
        let told = if told.is_empty() && self.images.iter().all(Scanned::is_unknown) {
            "nothing is known of vulnerabilities".to_owned()
        } else if told.is_empty() {
            "no known vulnerabilities".to_owned()
        } else {
            format!("vulnerabilities: {}", told.join(", "))
        };
        let _ = write!(text, "\n{told}");
        for (count, what) in [
            (overdue, "overdue"),
            (accepted, "accepted or not affecting"),
            (self.kept_back, "kept back by comments or the baseline"),
        ] {
            if count > 0 {
                let _ = write!(text, "; {count} {what}");
            }
        }
        text.push('\n');
        for line in self.clocks() {
            let _ = writeln!(text, "{line}");
        }
        let data = self.data_line();
        if !data.is_empty() {
            let _ = writeln!(text, "{data}");
        }
        for remark in &self.data.remarks {
            let _ = writeln!(text, "note: {remark}");
        }
        text
    }

    /// How fast vulnerabilities are gone, one sentence for each level.
    fn clocks(&self) -> Vec<String> {
        let words =
            |seconds: Option<u64>| Period::from_seconds(seconds.unwrap_or_default()).words();
        self.remediation()
            .iter()
            .map(|one| {
                let mut line = format!("remediation of {}: ", one.level);
                if one.gone > 0 {
                    let _ = write!(
                        line,
                        "{} gone, median {}, worst {}",
                        one.gone,
                        words(one.median_seconds),
                        words(one.worst_seconds)
                    );
                } else {
                    line.push_str("none gone yet");
                }
                if one.open > 0 {
                    let oldest = words(one.oldest_open_seconds);
                    let _ = write!(line, "; {} open, the oldest for {oldest}", one.open);
                }
                line
            })
            .collect()
    }

    /// From when the data are.
    fn data_line(&self) -> String {
        let one = |age: &super::data::DataAge| {
            let day = age
                .as_of
                .map_or_else(|| "unknown age".to_owned(), |day| day.to_string());
            let count = age
                .advisories
                .map(|count| format!(", {count} advisories"))
                .unwrap_or_default();
            format!("{} {} ({day}{count})", age.finder.name(), age.ecosystem)
        };
        let all: Vec<String> = self.data.ages.iter().map(one).collect();
        if all.is_empty() {
            String::new()
        } else {
            format!("data: {}", all.join("; "))
        }
    }
}
