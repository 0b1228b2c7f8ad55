//! The steps `BuildKit` counts as `[stage n/m]`, and what it calls them.
//!
//! Counted are the base image, `RUN`, `COPY`, `ADD` and `WORKDIR`, and every trigger of the parent stage whatever it is.
//! `WORKDIR /` is counted and yet not printed. `COPY --link` prints two vertices with one number.

use std::collections::BTreeMap;

use crate::dockerfile::environment::{StageEnvironment, replay};
use crate::dockerfile::expand::Lexer;
use crate::dockerfile::logical_lines::Reader;
use crate::dockerfile::{
    Base, CommandLine, Dockerfile, Instruction, InstructionKind, Run, heredoc, image_name,
};
use crate::source::Span;

/// One step that is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// What stands after `[stage n/m] `. For a `FROM` the digest is missing, which only the registry knows; a build
    /// context that replaces the image has another text.
    pub text: String,
    /// The instruction.
    pub span: Span,
}

/// The steps of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageSteps {
    /// What stands before the numbers: the stage's name in lower case, `stage-N`, or nothing if the file has a
    /// single stage and no other source.
    pub name: String,
    /// What stands after the slash. A few more if the base image from outside brings `ONBUILD` triggers.
    pub total: usize,
    /// The steps that are printed, in order.
    pub steps: Vec<Step>,
}

impl StageSteps {
    /// The name of a step's vertex. A multi-platform build puts the platform, and bake the target, in front.
    #[must_use]
    pub fn vertex_name(&self, step: &Step) -> String {
        let space = if self.name.is_empty() { "" } else { " " };
        let width = self.total.to_string().len();
        format!(
            "[{}{space}{:width$}/{}] {}",
            self.name, step.number, self.total, step.text
        )
    }
}

/// The steps of a stage. `args` as for [`crate::dockerfile::stage_environment`].
#[must_use]
pub fn stage_steps(file: &Dockerfile, stage: usize, args: &BTreeMap<String, String>) -> StageSteps {
    let graph = file.graph(args);
    let mut found = StageSteps {
        name: String::new(),
        total: 0,
        steps: Vec::new(),
    };
    let Some(current) = file.stages.get(stage) else {
        return found;
    };
    if file.stages.len() > 1 || has_other_sources(file) {
        found.name = current
            .lower_name()
            .unwrap_or_else(|| format!("stage-{stage}"));
    }
    if graph.bases[stage] == Base::Image {
        found.total += 1;
        let base = graph
            .images
            .iter()
            .find(|image| image.raw.span == current.base.span)
            .map(|image| image_name(&image.reference))
            .unwrap_or_default();
        found.steps.push(Step {
            number: 1,
            text: format!("FROM {base}"),
            span: current.span,
        });
    }
    replay(file, &graph, stage, args, &mut |moment| {
        let kind = &moment.instruction.kind;
        let counts = matches!(
            kind,
            InstructionKind::Run(_)
                | InstructionKind::Copy(_)
                | InstructionKind::Add(_)
                | InstructionKind::Workdir(_)
        );
        found.total += usize::from(counts || moment.triggered);
        if !counts || is_root(file, moment.instruction, moment.before) {
            return;
        }
        let prefix = if moment.triggered { "ONBUILD " } else { "" };
        let text = text(file, moment.instruction, moment.before);
        found.steps.push(Step {
            number: found.steps.len() + 1,
            text: format!("{prefix}{text}"),
            span: moment.instruction.span,
        });
    });
    found
}

/// `BuildKit` keeps a stage of its own for each image that is copied from and for each mount.
fn has_other_sources(file: &Dockerfile) -> bool {
    file.stages.iter().any(|stage| {
        stage
            .instructions
            .iter()
            .any(|instruction| match &instruction.kind {
                InstructionKind::Run(run) => !run.mounts.is_empty(),
                InstructionKind::Copy(copy) => copy.flag("from").is_some_and(|from| {
                    !from.value.is_empty() && file.stage(&from.value).is_none()
                }),
                _ => false,
            })
    })
}

fn is_root(file: &Dockerfile, instruction: &Instruction, before: &StageEnvironment) -> bool {
    let InstructionKind::Workdir(path) = &instruction.kind else {
        return false;
    };
    let current = before.workdir.as_ref().map_or("/", |path| &path.value);
    before.expand(&path.value, file.escape).is_ok_and(|path| {
        let joined = if path.value.starts_with('/') {
            path.value
        } else {
            format!("{current}/{}", path.value)
        };
        crate::dockerfile::environment::clean_path(&joined) == "/"
    })
}

fn text(file: &Dockerfile, instruction: &Instruction, before: &StageEnvironment) -> String {
    let mut text = file.logical_text(instruction.span);
    if let InstructionKind::Run(run) = &instruction.kind
        && let Some(summary) = heredoc_summary(run)
    {
        text = format!("{text} ({summary})");
    }
    let lookup = |name: &str| before.variables.get(name).cloned();
    let mut lexer = Lexer::new(&text, file.escape, &lookup);
    if matches!(instruction.kind, InstructionKind::Run(_)) {
        lexer.raw_quotes = true;
        lexer.keep_unset = true;
    }
    let expanded = lexer.run().map(|(text, _)| text);
    let text = expanded.unwrap_or(text);
    match text.split_once(' ') {
        Some((keyword, rest)) => format!("{} {rest}", keyword.to_uppercase()),
        None => text.to_uppercase(),
    }
}

impl Dockerfile {
    /// An instruction with its continuations joined, without here-document bodies.
    #[must_use]
    pub fn logical_text(&self, instruction: Span) -> String {
        let mut reader = Reader::new(instruction.of(self.source.text()));
        reader.directives.end(self.escape);
        reader
            .logical()
            .map(|line| line.text.trim().to_owned())
            .unwrap_or_default()
    }
}

/// The first line of a here-document that is all there is to run.
fn heredoc_summary(run: &Run) -> Option<String> {
    let CommandLine::Shell(command) = &run.command else {
        return None;
    };
    let first = run.heredocs.first()?;
    heredoc::parse(&command.value).ok()??;
    let mut lines = first.content.value.trim().lines();
    let line = lines.next().unwrap_or_default();
    let more = if lines.next().is_some() { "..." } else { "" };
    Some(format!("{line}{more}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::parse;
    use crate::source::Source;

    fn names(text: &str, stage: usize) -> Vec<String> {
        let file = parse(&Source::new("Dockerfile", text));
        assert_eq!(file.errors, []);
        let steps = stage_steps(&file, stage, &BTreeMap::new());
        steps
            .steps
            .iter()
            .map(|step| steps.vertex_name(step))
            .collect()
    }

    // The expected names are what Docker Engine 28.5.2 printed; `tests/dockerfile_oracle.rs` asks it again.
    #[test]
    fn names_are_those_that_buildkit_prints() {
        let text = "FROM ev/base\nARG Q=1\nENV V=\"a b\"\nRUN  echo \"$V\"   \\\n  \\$x  'q' $UNSET && true\n\
            RUN [\"/bin/sh\", \"-c\", \"true\"]\nRUN <<E\n# hi\ntrue\nE\nRUN cat <<E\nx\nE\nCOPY --chmod=0644 \"f\" /$Q\n\
            workdir /w\nCOPY [\"f\",\"/g h\"]\n";
        assert_eq!(
            names(text, 0),
            [
                "[1/8] FROM docker.io/ev/base:latest",
                "[2/8] RUN  echo \"a b\"     $x  'q' $UNSET && true",
                "[3/8] RUN [\"/bin/sh\", \"-c\", \"true\"]",
                "[4/8] RUN <<E (# hi...)",
                "[5/8] RUN cat <<E",
                "[6/8] COPY --chmod=0644 f /1",
                "[7/8] WORKDIR /w",
                "[8/8] COPY [f,/g h]",
            ]
        );
    }

    #[test]
    fn the_root_directory_counts_but_is_not_printed() {
        let text =
            "FROM scratch\nCOPY f /a\nWORKDIR /\nWORKDIR /x\nADD f /c\nONBUILD RUN x\nLABEL a=b\n";
        assert_eq!(
            names(text, 0),
            ["[1/4] COPY f /a", "[2/4] WORKDIR /x", "[3/4] ADD f /c"]
        );
    }

    #[test]
    fn triggers_count_whatever_they_are() {
        let text =
            "FROM scratch AS one\nONBUILD COPY f /x\nONBUILD LABEL a=b\nFROM one\nCOPY f /y\n";
        assert_eq!(
            names(text, 1),
            ["[stage-1 1/3] ONBUILD COPY f /x", "[stage-1 2/3] COPY f /y"]
        );
    }
}
