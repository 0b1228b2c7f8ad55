//! What is told about images, in each format.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

use super::arguments::Arguments;
use super::looked::{Looked, LookedImage};
use super::recording::Known;
use super::{output, tree};
use crate::commands::json::json;
use crate::commands::lint::number;
use crate::date::Date;
use crate::error::Result;
use crate::finding::{Finding, Severity};
use crate::image::analysis::{Analysis, SCHEMA_VERSION};
use crate::image::composition::Composition;
use crate::image::difference::{self, COMMENT_BYTES, Comparison};
use crate::image::trend::{Forecast, Trend};
use crate::project::budget::{Judgment, is_within};
use crate::project::manifest::Measure;
use crate::report::{self, Color, Format};
use crate::size::Bytes;

/// Everything that is known in the end.
pub(super) struct Answer<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) looked: &'a Looked<'a>,
    pub(super) known: &'a Known,
    /// By image.
    pub(super) judged: &'a [Vec<Judgment>],
    pub(super) findings: &'a [Finding],
    pub(super) today: Date,
}

/// What programs read.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    /// Whether every image of the manifest is within its budget; `null` if that is not known of one.
    within_budget: Option<bool>,
    images: Vec<ImageDocument<'a>>,
    findings: Vec<FindingDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparisons: Option<Vec<Comparison>>,
}

#[derive(Serialize)]
struct ImageDocument<'a> {
    #[serde(flatten)]
    analysis: &'a Analysis,
    is_stand_in: bool,
    budgets: &'a [Judgment],
    forecasts: Vec<ForecastDocument>,
}

#[derive(Serialize)]
struct ForecastDocument {
    measure: Measure,
    #[serde(flatten)]
    forecast: Forecast,
}

#[derive(Serialize)]
pub(in crate::commands) struct FindingDocument<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    line: Option<usize>,
    help: &'a [Cow<'static, str>],
    bytes: Option<&'a serde_json::Value>,
}

impl Answer<'_> {
    /// In the format that was asked for.
    pub(super) fn text(&self, color: Color) -> Result<String> {
        Ok(match self.arguments.reading.format {
            Format::Terminal => self.terminal(color),
            Format::Json => self.json()?,
            Format::Markdown => self.markdown(),
            format => report::render(self.findings, format, color),
        })
    }

    pub(super) fn is_for_people(&self) -> bool {
        self.arguments.reading.format == Format::Terminal
    }

    /// Whether there is nothing that somebody has to know.
    pub(super) fn is_quiet(&self) -> bool {
        !self.arguments.tree
            && self
                .findings
                .iter()
                .all(|finding| finding.severity < Severity::Warning)
    }

    fn terminal(&self, color: Color) -> String {
        let (images, top) = (&self.looked.images, self.arguments.reading.top);
        let mut text = String::new();
        if self.arguments.tree {
            for image in images {
                text.push_str(&tree::tree(&image.analysis, self.arguments.depth, top));
            }
            return text;
        }
        if let [image] = &images[..] {
            let judgments = self.judged.first().map_or(&[][..], Vec::as_slice);
            text.push_str(&output::details(&image.analysis, judgments, top));
        } else if !images.is_empty() {
            text.push_str(&output::overview(&self.rows()).plain());
        }
        if let Some((against, comparisons)) = self.comparisons() {
            let _ = write!(
                text,
                "\n{}",
                difference::terminal(&comparisons, against, top)
            );
        }
        for line in self.forecasts() {
            let _ = write!(text, "\n{line}\n");
        }
        if !self.findings.is_empty() {
            let found = report::render(self.findings, Format::Terminal, color);
            let _ = write!(text, "\n{found}");
        }
        if !images.is_empty() {
            let _ = write!(text, "\n{}\n", self.summary());
        }
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!("### Image sizes\n\n{}\n", self.summary());
        let _ = write!(text, "\n{}", output::overview(&self.rows()).markdown());
        for line in self.forecasts() {
            let _ = write!(text, "\n{line}\n");
        }
        if !self.findings.is_empty() {
            let found = report::render(self.findings, Format::Markdown, Color::Plain);
            let _ = write!(text, "\n{found}");
        }
        if let Some((against, comparisons)) = self.comparisons() {
            let left = COMMENT_BYTES.saturating_sub(text.len() + 64);
            let _ = write!(
                text,
                "\n#### Against {against}\n\n{}",
                difference::markdown(&comparisons, against, left)
            );
        }
        text
    }

    fn json(&self) -> Result<String> {
        let images = self.looked.images.iter().zip(self.judged);
        let (against, comparisons) = self.comparisons().unzip();
        json(&Document {
            schema_version: SCHEMA_VERSION,
            within_budget: self.is_within(),
            images: images
                .map(|(image, judgments)| ImageDocument {
                    analysis: &image.analysis,
                    is_stand_in: image.is_stand_in,
                    budgets: judgments,
                    forecasts: self.forecasts_of(image, judgments),
                })
                .collect(),
            findings: self.findings.iter().map(FindingDocument::of).collect(),
            against,
            comparisons,
        })
    }

    fn rows(&self) -> Vec<(&Analysis, &[Judgment])> {
        let judged = self.judged.iter().map(Vec::as_slice);
        self.looked.analyses().zip(judged).collect()
    }

    fn is_within(&self) -> Option<bool> {
        is_within(self.judged.iter().flatten())
    }

    /// The images next to those of the record that was named.
    fn comparisons(&self) -> Option<(&str, Vec<Comparison>)> {
        let against = self.known.against.as_ref()?;
        let own: Vec<&LookedImage> = self
            .looked
            .images
            .iter()
            .filter(|image| image.own.is_some())
            .collect();
        let after: Vec<Composition> = own
            .iter()
            .map(|image| Composition::from(&image.analysis))
            .collect();
        let is_looked_at = |name: &str| {
            self.arguments.images.is_empty()
                || own.iter().any(|image| image.own.as_deref() == Some(name))
        };
        let before: Vec<Composition> = against
            .record
            .images()
            .iter()
            .filter(|image| is_looked_at(&image.name))
            .map(Composition::from)
            .collect();
        Some((&against.name, difference::compare(&before, &after)))
    }

    /// When images will break their budgets, in sentences.
    fn forecasts(&self) -> Vec<String> {
        let images = self.looked.images.iter().zip(self.judged);
        images
            .flat_map(|(image, judgments)| {
                let found = self.forecasts_of(image, judgments).into_iter();
                found.map(|one| {
                    format!(
                        "{}, {}: {}",
                        image.analysis.name,
                        one.measure,
                        one.forecast.sentence()
                    )
                })
            })
            .collect()
    }

    fn forecasts_of(&self, image: &LookedImage, judgments: &[Judgment]) -> Vec<ForecastDocument> {
        let platform = &image.analysis.platform;
        let recorded = self.known.now.as_ref();
        let recorded = recorded.and_then(|record| record.image(&image.analysis.name, platform));
        let Some(recorded) = recorded.filter(|_| image.own.is_some()) else {
            return Vec::new();
        };
        let of = |judgment: &Judgment| {
            let limit = Bytes(judgment.hard_bytes?);
            let trend = match judgment.measure {
                Measure::Unpacked => {
                    Trend::of(&recorded.history, |point| Some(point.unpacked_bytes))
                }
                Measure::Compressed => {
                    Trend::of(&recorded.history, |point| Some(point.compressed_bytes))
                }
                Measure::Waste => Trend::of(&recorded.history, |point| point.hidden_bytes),
                Measure::Layer | Measure::Growth => None,
            };
            Some(ForecastDocument {
                measure: judgment.measure,
                forecast: trend?.forecast(limit, self.today)?,
            })
        };
        judgments.iter().filter_map(of).collect()
    }

    fn summary(&self) -> String {
        let images = &self.looked.images;
        let is_judged = self.judged.iter().flatten().any(|one| one.is_limited);
        let budgets = match self.is_within() {
            _ if !is_judged => "no budgets to hold",
            Some(true) => "all within budget",
            Some(false) => "a budget is broken",
            None => "not all measures are known",
        };
        let mut text = format!("{}, {budgets}", number(images.len(), "image"));
        let hidden: u64 = self
            .looked
            .analyses()
            .filter_map(|one| one.sizes.hidden_bytes)
            .sum();
        if hidden > 0 {
            let _ = write!(text, "; {} hidden", Bytes(hidden));
        }
        if images.iter().any(|image| image.is_stand_in) {
            text.push_str("\nbuilt on a stand-in for the base image: sizes on the real one differ");
        }
        text
    }
}

impl<'a> FindingDocument<'a> {
    pub(in crate::commands) fn of(finding: &'a Finding) -> Self {
        let location = finding.location.as_ref();
        Self {
            code: &finding.code,
            name: &finding.name,
            severity: finding.severity.word(),
            message: &finding.message,
            file: finding.path().map(camino::Utf8Path::as_str),
            line: location.map(|place| place.source.line_column(place.span.start).line),
            help: &finding.help,
            bytes: finding.details().properties.get("bytes"),
        }
    }
}
