//! What a step depends on besides the steps before it and the files it takes.

use std::fmt::Write as _;

use crate::context::{Definition, StepKind, Take};
use crate::dockerfile::{CommandLine, FileTransfer, Flag, Heredoc, InstructionKind, Run};
use crate::lint::model::{Known, Origin};
use crate::lint::recipe::Execution;

impl Execution<'_, '_> {
    /// What the step says, everything expanded that is known. `kind` is what it takes.
    pub(super) fn definition(self, kind: &StepKind) -> Definition {
        let instruction = self.step.instruction();
        match (&instruction.kind, kind) {
            (InstructionKind::Run(run), _) => Definition::Executed(self.run(run)),
            (
                InstructionKind::Copy(copy) | InstructionKind::Add(copy),
                StepKind::Copy {
                    take, destination, ..
                },
            ) => Definition::Executed(self.transfer(copy, take, destination.as_deref())),
            (InstructionKind::Workdir(path), _) => {
                Definition::Executed(format!("WORKDIR {}", self.path(&path.value)))
            }
            (InstructionKind::Arg(declarations), _) => {
                let mut text = "ARG".to_owned();
                for declaration in declarations {
                    let name = &declaration.name.value;
                    let after = self.after().variable(name);
                    let value = after.and_then(|variable| variable.value.clone().yes()?);
                    // Writing to a string does not fail.
                    let _ = write!(text, " {name}={value:?}");
                }
                Definition::Configuration(text)
            }
            _ => {
                let file = &self.step.stage.model.file;
                Definition::Configuration(self.text(&file.logical_text(instruction.span)))
            }
        }
    }

    /// A text expanded, or as it is written.
    fn text(self, text: &str) -> String {
        match self.moment.expand(text) {
            Known::Yes(text) => text,
            Known::Unknown => text.to_owned(),
        }
    }

    /// A path made absolute, or as it is written.
    fn path(self, path: &str) -> String {
        match self.resolve(path) {
            Known::Yes(path) => path,
            Known::Unknown => path.to_owned(),
        }
    }

    fn run(self, run: &Run) -> String {
        let moment = self.moment;
        let mut parts = vec!["RUN".to_owned()];
        parts.extend(run.flags.iter().map(|flag| self.flag(flag)));
        match &run.command {
            CommandLine::Shell(text) => parts.push(text.value.clone()),
            CommandLine::Exec(words) => {
                parts.extend(words.iter().map(|word| format!("{:?}", word.value)));
            }
        }
        // A shell reads here-documents as they are written.
        parts.extend(
            run.heredocs
                .iter()
                .map(|heredoc| heredoc.content.value.clone()),
        );
        if matches!(run.command, CommandLine::Shell(_)) {
            parts.push(format!("shell {:?}", moment.shell().value));
        }
        parts.push(format!("user {:?}", moment.user().map(|user| user.value)));
        parts.push(format!(
            "in {:?}",
            moment.workdir().map(|folder| folder.value)
        ));
        for variable in moment.variables() {
            // The base image's own ones change with its reference.
            if variable.origin != Origin::BaseImage {
                parts.push(format!("{}={:?}", variable.name, variable.value));
            }
        }
        parts.join("\n")
    }

    fn transfer(self, copy: &FileTransfer, take: &Take, destination: Option<&str>) -> String {
        let keyword = self.step.instruction().keyword.value.to_uppercase();
        let mut parts = vec![keyword];
        // Where `--from` leads is told by what it takes from, whatever that is called.
        let flags = copy.flags.iter().filter(|flag| flag.name.value != "from");
        parts.extend(flags.map(|flag| self.flag(flag)));
        if take.unknown || take.sources.len() < copy.sources.len() {
            parts.extend(copy.sources.iter().map(|source| self.text(&source.value)));
        } else {
            parts.extend(take.sources.iter().map(|source| source.path.clone()));
        }
        parts.extend(copy.heredocs.iter().map(|heredoc| self.heredoc(heredoc)));
        let written = &copy.destination.value;
        parts.push(destination.map_or_else(|| self.path(written), str::to_owned));
        // `COPY a /b/` makes `/b/a`.
        parts.push(self.text(written).ends_with('/').to_string());
        parts.join("\n")
    }

    fn flag(self, flag: &Flag) -> String {
        let value = flag.value.as_ref().map(|value| self.text(&value.value));
        format!("--{}={}", flag.name.value, value.unwrap_or_default())
    }

    fn heredoc(self, heredoc: &Heredoc) -> String {
        let text = &heredoc.content.value;
        let body = if heredoc.expand {
            self.text(text)
        } else {
            text.clone()
        };
        format!("{}: {body}", heredoc.name)
    }
}
