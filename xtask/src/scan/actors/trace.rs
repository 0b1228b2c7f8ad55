//! From a layer back to the line that brought a package.

use super::installation::installation;
use super::{Actor, Argument, Sources};
use crate::dockerfile::{
    Base, Dockerfile, Instruction, InstructionKind, ReferenceKind, StageGraph,
};
use crate::image::attribution::{Origin, one_line};
use crate::project::{ImageDefinition, Project};
use crate::scan::vulnerability::Affected;
use crate::source::{Location, Span};

/// How many files and stages are followed at most; files can name each other in a circle.
const MAX_STEPS: usize = 64;

/// What is known about how images of a repository come to be.
#[derive(Clone, Copy, Debug)]
pub struct Workshop<'a> {
    /// The repository, if it is one.
    pub project: Option<&'a Project>,
    /// The files that name dependencies.
    pub sources: &'a Sources,
}

/// A stage of a Dockerfile of the repository.
#[derive(Clone, Copy)]
struct At<'a> {
    project: &'a Project,
    image: &'a ImageDefinition,
    stage: usize,
}

impl<'a> Workshop<'a> {
    /// Who must act on a package that a layer of this origin brought to an image, which may be one of the manifest's.
    #[must_use]
    pub fn actor(&self, own: Option<&str>, origin: Option<&Origin>, affected: &Affected) -> Actor {
        let found = self.project.and_then(|project| {
            let own = own.and_then(|name| project.image(name));
            let line = origin.and_then(|origin| {
                let (path, line) = (origin.dockerfile.as_ref()?, origin.line?);
                // Several images may be made of one file.
                let same = |image: &&ImageDefinition| image.path() == path;
                let image = own.filter(same);
                Some((image.or_else(|| project.images.iter().find(same))?, line))
            });
            match (line, own) {
                (Some((image, line)), _) => self.at_line(project, image, line, affected),
                // A layer without a place is one that was fetched.
                (None, Some(image)) => {
                    let stage = image.production;
                    let at = At {
                        project,
                        image,
                        stage,
                    };
                    at.root(self, affected, MAX_STEPS)
                }
                (None, None) => None,
            }
        });
        found.unwrap_or(Actor::Elsewhere)
    }

    fn at_line(
        &self,
        project: &'a Project,
        image: &'a ImageDefinition,
        line: usize,
        affected: &Affected,
    ) -> Option<Actor> {
        let file = &image.dockerfile;
        let source = &file.source;
        let spans = |span: Span| {
            let first = source.line_column(span.start).line;
            let last = source.line_column(span.end.saturating_sub(1)).line;
            (first..=last).contains(&line)
        };
        let found = file.stages.iter().find_map(|stage| {
            let instruction = stage.instructions.iter().find(|one| spans(one.span))?;
            Some((stage.index, instruction))
        });
        if let Some((stage, instruction)) = found {
            let at = At {
                project,
                image,
                stage,
            };
            return at.instruction(self, instruction, affected, MAX_STEPS);
        }
        let stage = file.stages.iter().find(|stage| spans(stage.span))?.index;
        At {
            project,
            image,
            stage,
        }
        .root(self, affected, MAX_STEPS)
    }
}

impl<'a> At<'a> {
    fn file(&self) -> &'a Dockerfile {
        &self.image.dockerfile
    }

    fn graph(&self) -> StageGraph {
        let arguments = self.project.arguments(&std::collections::BTreeMap::new());
        self.file().graph(&arguments)
    }

    /// An instruction made the layer with the package.
    fn instruction(
        self,
        workshop: &Workshop<'_>,
        instruction: &Instruction,
        affected: &Affected,
        steps: usize,
    ) -> Option<Actor> {
        let from = match &instruction.kind {
            InstructionKind::Copy(copy) => copy.flag("from"),
            _ => None,
        };
        let Some(from) = from else {
            return Some(self.line(workshop, instruction, affected));
        };
        let copied = match self.file().stage(&from.value) {
            Some(stage) => At {
                stage: stage.index,
                ..self
            }
            .made_in(workshop, affected, steps.checked_sub(1)?),
            None => self.image(workshop, from.span, ReferenceKind::Copy, affected, steps),
        };
        copied.or_else(|| Some(self.line(workshop, instruction, affected)))
    }

    /// Whoever writes the line, unless it installs what a lockfile says.
    fn line(
        &self,
        workshop: &Workshop<'_>,
        instruction: &Instruction,
        affected: &Affected,
    ) -> Actor {
        workshop.sources.actor(affected).unwrap_or_else(|| {
            let source = &self.file().source;
            let line = |at: usize| source.line_column(at).line;
            let (start, end) = (instruction.span.start, instruction.span.end);
            let constraint = match &instruction.kind {
                InstructionKind::Run(run) => {
                    installation(run, affected).and_then(|found| found.constraint)
                }
                _ => None,
            };
            Actor::Line {
                at: source.location(first_line(self.file(), instruction.span)),
                instruction: one_line(source.text(), line(start), line(end.saturating_sub(1))),
                constraint,
            }
        })
    }

    /// A stage has the package: the latest line that installs it, else what the stage started from.
    fn made_in(self, workshop: &Workshop<'_>, affected: &Affected, steps: usize) -> Option<Actor> {
        let graph = self.graph();
        for stage in graph.lineage(self.stage).into_iter().rev() {
            let at = At { stage, ..self };
            let instructions = &self.file().stages.get(stage)?.instructions;
            let installs = |one: &&Instruction| matches!(&one.kind, InstructionKind::Run(run) if installation(run, affected).is_some());
            if let Some(line) = instructions.iter().rev().find(installs) {
                return Some(at.line(workshop, line, affected));
            }
        }
        // What a lockfile names was installed from it, however the line says so.
        if let Some(actor) = workshop.sources.actor(affected) {
            return Some(actor);
        }
        self.root(workshop, affected, steps)
    }

    /// What the stage at the bottom starts from.
    fn root(self, workshop: &Workshop<'_>, affected: &Affected, steps: usize) -> Option<Actor> {
        let steps = steps.checked_sub(1)?;
        let graph = self.graph();
        let first = *graph.lineage(self.stage).first()?;
        let at = At {
            stage: first,
            ..self
        };
        let stage = self.file().stages.get(first)?;
        if graph.bases.get(first) == Some(&Base::Image) {
            return at.image(
                workshop,
                stage.base.span,
                ReferenceKind::From,
                affected,
                steps,
            );
        }
        // An empty base: all that is there was copied.
        let copies = |one: &&Instruction| matches!(&one.kind, InstructionKind::Copy(copy) if copy.flag("from").is_some());
        let copy = stage.instructions.iter().rev().find(copies)?;
        at.instruction(workshop, copy, affected, steps)
    }

    /// An image from outside the file has the package: one of this repository is followed.
    fn image(
        self,
        workshop: &Workshop<'_>,
        span: Span,
        kind: ReferenceKind,
        affected: &Affected,
        steps: usize,
    ) -> Option<Actor> {
        let steps = steps.checked_sub(1)?;
        let graph = self.graph();
        let reference = graph
            .images
            .iter()
            .find(|image| image.raw.span == span && image.kind == kind)?;
        if let Some((image, stage)) = self.project.own_image(&reference.reference) {
            return At {
                image,
                stage,
                ..self
            }
            .made_in(workshop, affected, steps);
        }
        let names = variables(&reference.raw.value);
        Some(Actor::BaseImage {
            reference: reference.reference.clone(),
            at: self.file().source.location(first_line(self.file(), span)),
            arguments: names
                .into_iter()
                .filter_map(|name| {
                    let at = self.argument(&name)?;
                    Some(Argument { name, at })
                })
                .collect(),
        })
    }

    /// Where the value of a build argument stands.
    fn argument(&self, name: &str) -> Option<Location> {
        let manifest = &self.project.manifest;
        let path = ["build", "args", name];
        if manifest.is_written(&path) {
            return Some(manifest.value_location(&path));
        }
        let mut arguments = self.file().global_args.iter();
        let declared = arguments.find(|argument| argument.name.value == name)?;
        Some(self.file().source.location(declared.name.span))
    }
}

/// The place of what stands in a line: the line from its beginning.
fn first_line(file: &Dockerfile, span: Span) -> Span {
    let line = file.source.line_column(span.start).line;
    file.source.line_span(line)
}

/// The variables in a reference: `node:${NODE_VERSION}-alpine`.
fn variables(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('{').unwrap_or(rest);
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        let name = &rest[..length];
        if !name.is_empty() && !names.iter().any(|own| own == name) {
            names.push(name.to_owned());
        }
        rest = &rest[length..];
    }
    names
}

#[cfg(test)]
mod tests;
