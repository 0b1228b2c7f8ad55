//! `docker-size`: what an image consists of, which line made each part, and whether it meets its budget.

mod arguments;
mod knowledge;
mod output;
mod sources;

use camino::Utf8PathBuf;
use serde::Serialize;

pub use arguments::{Action, Arguments, DiffArguments, ReadingArguments};
use knowledge::LastBuild;
use sources::{Names, Reader, Wanted};

use super::lint::tell_errors;
use super::timings::Timings;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::finding::Finding;
use crate::image::advice;
use crate::image::analysis::{self, Analysis, Extent, Subject};
use crate::image::attribution;
use crate::project::{Project, root};
use crate::report::{self, Format};
use crate::source::Source;

/// Carries it out.
///
/// # Errors
/// What stopped it. An image that cannot be read does not: it is told, and the others are looked at.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    let looked = Looked::gather(&arguments.images, &arguments.reading, common, environment)?;
    timings.lap("read the images and looked through them");
    tell_errors(&looked.errors, common, environment)?;
    let findings = looked.findings();
    let text = match arguments.reading.format {
        Format::Terminal => looked.terminal(arguments, &findings, common.color.stdout(environment)),
        Format::Json => looked.json()?,
        Format::Markdown => looked.markdown(&findings),
        format => report::render(&findings, format, common.color.stdout(environment)),
    };
    environment.print(&text)?;
    Ok(if looked.errors.is_empty() {
        Exit::Clean
    } else {
        Exit::Usage
    })
}

/// Images that were looked through.
struct Looked {
    project: Option<Project>,
    images: Vec<Analysis>,
    errors: Vec<Error>,
}

/// What programs read.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    images: &'a [Analysis],
}

impl Looked {
    fn gather(
        words: &[String],
        reading: &ReadingArguments,
        common: &Common,
        environment: &Environment,
    ) -> Result<Self> {
        let found = root::find(&environment.current_dir, common.manifest.as_deref());
        let project = match found {
            Ok(root) => Some(Project::load(&root)?),
            // Files and references need no manifest.
            Err(_) if !words.is_empty() && common.manifest.is_none() => None,
            Err(error) => return Err(error),
        };
        let root: Utf8PathBuf = match &project {
            Some(project) => project.root.clone(),
            None => environment.current_dir.clone(),
        };
        let last = LastBuild::read(&root);
        let names = project
            .as_ref()
            .map(|project| last.names(project))
            .unwrap_or_default();
        let wanted = wanted(words, project.as_ref(), &names, environment);
        let reader = Reader {
            arguments: reading,
            common,
            environment,
            root: &root,
        };
        let (read, errors) = reader.read(wanted)?;
        let extent = Extent {
            files: reading.top,
            ..Extent::default()
        };
        let images = read
            .iter()
            .map(|one| {
                let known = knowledge::of(one, project.as_ref(), &last, &read);
                let subject = Subject {
                    name: one.wanted.name.clone(),
                    source: one.source.clone(),
                    origins: attribution::origins(&one.image, &known),
                };
                Analysis::of(&one.image, &subject, extent)
            })
            .collect();
        Ok(Self {
            project,
            images,
            errors,
        })
    }

    /// What would make the images smaller, each finding once, at its line.
    fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for finding in self.images.iter().flat_map(advice::advice) {
            let finding = self.located(finding);
            let is_same = |other: &Finding| {
                other.path.is_some()
                    && (&other.path, &other.code, &other.message)
                        == (&finding.path, &finding.code, &finding.message)
            };
            if !findings.iter().any(is_same) {
                findings.push(finding);
            }
        }
        findings
    }

    /// With the place in the Dockerfile, where it is known.
    fn located(&self, finding: Finding) -> Finding {
        let line = finding
            .properties
            .get("line")
            .and_then(serde_json::Value::as_u64);
        let source = self.source(&finding);
        match (source, line.and_then(|line| usize::try_from(line).ok())) {
            (Some(source), Some(line)) => {
                let span = source.line_span(line);
                finding.at(source.location(span))
            }
            _ => finding,
        }
    }

    fn source(&self, finding: &Finding) -> Option<&Source> {
        let path = finding.path.as_ref()?;
        let images = &self.project.as_ref()?.images;
        let image = images.iter().find(|image| image.path() == path)?;
        Some(&image.dockerfile.source)
    }

    fn json(&self) -> Result<String> {
        let document = Document {
            schema_version: analysis::SCHEMA_VERSION,
            images: &self.images,
        };
        let text = serde_json::to_string_pretty(&document)
            .map_err(|error| Error::failed("failed to write the answer as JSON").because(error))?;
        Ok(text + "\n")
    }

    fn terminal(
        &self,
        arguments: &Arguments,
        findings: &[Finding],
        color: report::Color,
    ) -> String {
        let mut text = String::new();
        if arguments.tree {
            for image in &self.images {
                text.push_str(&output::tree(image, arguments.depth, arguments.reading.top));
            }
            return text;
        }
        if let [image] = &self.images[..] {
            text.push_str(&output::details(image));
        } else if !self.images.is_empty() {
            text.push_str(&output::overview(&self.images).plain());
        }
        if !findings.is_empty() {
            text.push('\n');
            text.push_str(&report::render(findings, Format::Terminal, color));
        }
        text
    }

    fn markdown(&self, findings: &[Finding]) -> String {
        let mut text = format!(
            "### Image sizes\n\n{}",
            output::overview(&self.images).markdown()
        );
        if !findings.is_empty() {
            text.push('\n');
            text.push_str(&report::render(
                findings,
                Format::Markdown,
                report::Color::Plain,
            ));
        }
        text
    }
}

fn wanted(
    words: &[String],
    project: Option<&Project>,
    names: &Names,
    environment: &Environment,
) -> Vec<Wanted> {
    match project {
        Some(project) if words.is_empty() => project
            .images
            .iter()
            .map(|image| Wanted::of_manifest(project, &image.name, names))
            .collect(),
        _ => words
            .iter()
            .map(|word| Wanted::parse(word, project, names, &environment.current_dir))
            .collect(),
    }
}
