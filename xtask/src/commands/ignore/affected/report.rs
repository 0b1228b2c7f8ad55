//! The answer as a table, as data, for a pull request.

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::Answer;
use crate::commands::json::json;
use crate::context::{AffectedImage, AffectedStep, Because, Certainty, IdleImage};
use crate::error::{Error, Result};
use crate::report::Format;
use crate::report::table::{Alignment, Table};

/// The whole of `--format json`.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    /// The commit that the state before is read from.
    base: Option<&'a str>,
    /// The commit that the state after is; `null` for the work tree.
    head: Option<&'a str>,
    /// How many files changed.
    changed: usize,
    images: Vec<Image<'a>>,
    /// The names of those that stay as they are.
    unaffected: &'a [String],
    /// With `--all`: of those, the ones whose stages run steps again whose outcome does not arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    idle: Option<Vec<Idle<'a>>>,
}

#[derive(Serialize)]
struct Image<'a> {
    name: &'a str,
    dockerfile: &'a Utf8Path,
    /// Otherwise it is built anew only if a step before has another outcome.
    certain: bool,
    reason: &'a str,
    steps: Vec<Instruction<'a>>,
}

#[derive(Serialize)]
struct Idle<'a> {
    name: &'a str,
    dockerfile: &'a Utf8Path,
    steps: Vec<Instruction<'a>>,
}

#[derive(Serialize)]
struct Instruction<'a> {
    /// The Dockerfile of its stage.
    dockerfile: &'a Utf8Path,
    stage: &'a str,
    /// From 1; 0 is `FROM`.
    step: usize,
    /// Where it stands.
    file: &'a Utf8Path,
    line: usize,
    text: &'a str,
    /// Otherwise it changes the image's configuration alone.
    executed: bool,
    certain: bool,
    because: Vec<Reason<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Reason<'a> {
    Files {
        files: Vec<&'a Utf8Path>,
        count: usize,
        certain: bool,
    },
    Dockerfile {
        certain: bool,
    },
    Stage {
        dockerfile: &'a Utf8Path,
        stage: &'a str,
    },
    EarlierStep,
    Everything {
        file: &'a Utf8Path,
    },
}

impl Answer {
    /// Writes it; with `all`, also the steps that run again for images that stay as they are.
    ///
    /// # Errors
    /// The format is none of these: terminal, json, markdown.
    pub(in crate::commands) fn render(&self, format: Format, all: bool) -> Result<String> {
        match format {
            Format::Terminal => Ok(self.text(Table::plain, all)),
            Format::Markdown => Ok(self.text(Table::markdown, all)),
            Format::Json => self.json(all),
            _ => Err(Error::usage("this answer cannot be written in that format")
                .help("`--format` can be: terminal, json, markdown")),
        }
    }

    fn text(&self, write: fn(&Table) -> String, all: bool) -> String {
        let mut text = self.images_told(write);
        if !all {
            return text;
        }
        // Writing to a string cannot fail.
        let idle = &self.affected.idle;
        let _ = match idle.len() {
            0 => writeln!(text, "\nno step runs again for nothing"),
            count => writeln!(
                text,
                "\n{count} of the others stay as they are, and steps run again for them:\n"
            ),
        };
        if !idle.is_empty() {
            let mut table = Table::new(&[
                ("image", Alignment::Left),
                ("stage", Alignment::Left),
                ("step", Alignment::Left),
                ("place", Alignment::Left),
                ("why", Alignment::Left),
            ]);
            for image in idle {
                for step in image.steps.iter().filter(|step| step.executed) {
                    table.row([
                        image.name.clone(),
                        step.stage_name.clone(),
                        shortened(&step.text),
                        format!("{}:{}", step.dockerfile, step.line),
                        step.reason(),
                    ]);
                }
            }
            text.push_str(&write(&table));
        }
        text
    }

    fn images_told(&self, write: fn(&Table) -> String) -> String {
        let images = &self.affected.images;
        let all = images.len() + self.unaffected.len();
        let files = match self.changed() {
            1 => "1 changed file".to_owned(),
            count => format!("{count} changed files"),
        };
        let since = self.base.as_deref().map_or_else(String::new, |base| {
            let short = |commit: &'_ str| commit.get(..12).unwrap_or(commit).to_owned();
            let head = self.head.as_deref().map(short);
            let head = head.unwrap_or_else(|| "the work tree".to_owned());
            format!(" since {}, up to {head}", short(base))
        });
        let head = format!(
            "{} of {all} images are built again for {files}{since}\n",
            images.len()
        );
        if images.is_empty() {
            return head;
        }
        let mut table = Table::new(&[
            ("image", Alignment::Left),
            ("stage", Alignment::Left),
            ("first step", Alignment::Left),
            ("place", Alignment::Left),
            ("steps", Alignment::Right),
            ("why", Alignment::Left),
        ]);
        for image in images {
            table.row(row(image));
        }
        format!("{head}\n{}", write(&table))
    }

    fn json(&self, all: bool) -> Result<String> {
        let document = Document {
            schema_version: 1,
            base: self.base.as_deref(),
            head: self.head.as_deref(),
            changed: self.changed(),
            images: self.affected.images.iter().map(Image::of).collect(),
            unaffected: &self.unaffected,
            idle: all.then(|| self.affected.idle.iter().map(Idle::of).collect()),
        };
        json(&document)
    }
}

fn row(image: &AffectedImage) -> [String; 6] {
    let why = match image.certainty {
        Certainty::Surely => image.reason.clone(),
        Certainty::Perhaps => format!("{} (if the outcome differs)", image.reason),
    };
    let Some(first) = image.steps.first() else {
        let dockerfile = image.dockerfile.to_string();
        return [
            image.name.clone(),
            String::new(),
            String::new(),
            dockerfile,
            "0".into(),
            why,
        ];
    };
    [
        image.name.clone(),
        first.stage_name.clone(),
        shortened(&first.text),
        format!("{}:{}", first.dockerfile, first.line),
        image
            .steps
            .iter()
            .filter(|step| step.executed)
            .count()
            .to_string(),
        why,
    ]
}

/// The longest text of a step in a table, in characters.
const MAX_STEP: usize = 50;

fn shortened(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(MAX_STEP) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

impl<'a> Idle<'a> {
    fn of(image: &'a IdleImage) -> Self {
        Self {
            name: &image.name,
            dockerfile: &image.dockerfile,
            steps: image.steps.iter().map(Instruction::of).collect(),
        }
    }
}

impl<'a> Image<'a> {
    fn of(image: &'a AffectedImage) -> Self {
        Self {
            name: &image.name,
            dockerfile: &image.dockerfile,
            certain: image.certainty == Certainty::Surely,
            reason: &image.reason,
            steps: image.steps.iter().map(Instruction::of).collect(),
        }
    }
}

impl<'a> Instruction<'a> {
    fn of(step: &'a AffectedStep) -> Self {
        Self {
            dockerfile: &step.stage.dockerfile,
            stage: &step.stage_name,
            step: step.step,
            file: &step.dockerfile,
            line: step.line,
            text: &step.text,
            executed: step.executed,
            certain: step.certainty == Certainty::Surely,
            because: step.because.iter().map(Reason::of).collect(),
        }
    }
}

impl<'a> Reason<'a> {
    fn of(because: &'a Because) -> Self {
        let is_certain = |certainty: &Certainty| *certainty == Certainty::Surely;
        match because {
            Because::Files {
                paths,
                count,
                certainty,
            } => Self::Files {
                files: paths.iter().map(Utf8PathBuf::as_path).collect(),
                count: *count,
                certain: is_certain(certainty),
            },
            Because::Dockerfile(certainty) => Self::Dockerfile {
                certain: is_certain(certainty),
            },
            Because::Stage { stage, name } => Self::Stage {
                dockerfile: &stage.dockerfile,
                stage: name,
            },
            Because::Before => Self::EarlierStep,
            Because::Everything(file) => Self::Everything { file },
        }
    }
}
