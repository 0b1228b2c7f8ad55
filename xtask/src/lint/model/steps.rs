//! Stages and their instructions, with their shell text read once.

use crate::dockerfile::{
    CommandLine, Dockerfile, FileTransfer, Heredoc, Instruction, InstructionKind, Run, Stage,
};
use crate::lint::model::moment::Moment;
use crate::lint::model::{Model, Parent, StepScript};
use crate::shell::{self, Invocation, Script};

/// A stage of a model.
#[derive(Clone, Copy, Debug)]
pub struct StageModel<'m> {
    /// The model it is of.
    pub model: &'m Model,
    /// Which one, from 0.
    pub index: usize,
}

/// An instruction of a stage; of an `ONBUILD` the instruction it triggers.
#[derive(Clone, Copy, Debug)]
pub struct Step<'m> {
    /// Its stage.
    pub stage: StageModel<'m>,
    /// Which one of the stage, from 0.
    pub index: usize,
}

impl<'m> StageModel<'m> {
    /// The stage as it is written.
    #[must_use]
    pub fn stage(self) -> &'m Stage {
        &self.model.file.stages[self.index]
    }

    /// What it starts from.
    #[must_use]
    pub fn parent(self) -> &'m Parent {
        &self.model.parents[self.index]
    }

    /// It is built unless another is asked for.
    #[must_use]
    pub fn is_final(self) -> bool {
        self.index + 1 == self.model.file.stages.len()
    }

    /// Its instructions after `FROM`.
    #[must_use]
    pub fn steps(self) -> impl DoubleEndedIterator<Item = Step<'m>> {
        (0..self.stage().instructions.len()).map(move |index| Step { stage: self, index })
    }

    /// Before its first instruction.
    #[must_use]
    pub fn start(self) -> Moment<'m> {
        Moment {
            stage: self,
            step: 0,
        }
    }

    /// After its last instruction.
    #[must_use]
    pub fn end(self) -> Moment<'m> {
        Moment {
            stage: self,
            step: self.stage().instructions.len(),
        }
    }
}

impl<'m> Step<'m> {
    /// The instruction as it is written, `ONBUILD` included.
    #[must_use]
    pub fn written(self) -> &'m Instruction {
        &self.stage.stage().instructions[self.index]
    }

    /// The instruction; of an `ONBUILD` what it triggers, if that can be understood.
    #[must_use]
    pub fn instruction(self) -> &'m Instruction {
        let written = self.written();
        match &written.kind {
            InstructionKind::Onbuild(onbuild) => onbuild.trigger.as_deref().unwrap_or(written),
            _ => written,
        }
    }

    /// What [`Step::instruction`] says.
    #[must_use]
    pub fn kind(self) -> &'m InstructionKind {
        &self.instruction().kind
    }

    /// It stands behind `ONBUILD`.
    #[must_use]
    pub fn is_onbuild(self) -> bool {
        matches!(self.written().kind, InstructionKind::Onbuild(_))
    }

    /// It as a `RUN`.
    #[must_use]
    pub fn run(self) -> Option<&'m Run> {
        match self.kind() {
            InstructionKind::Run(run) => Some(run),
            _ => None,
        }
    }

    /// It as a `COPY`.
    #[must_use]
    pub fn copy(self) -> Option<&'m FileTransfer> {
        match self.kind() {
            InstructionKind::Copy(copy) => Some(copy),
            _ => None,
        }
    }

    /// It as an `ADD`.
    #[must_use]
    pub fn add(self) -> Option<&'m FileTransfer> {
        match self.kind() {
            InstructionKind::Add(add) => Some(add),
            _ => None,
        }
    }

    /// The shell text of a `RUN`, `CMD`, `ENTRYPOINT` or `HEALTHCHECK` in shell form: its line, then the
    /// here-documents that a shell runs.
    #[must_use]
    pub fn scripts(self) -> &'m [Script] {
        &self.script().scripts
    }

    /// The programs it starts, those of an exec form included.
    #[must_use]
    pub fn invocations(self) -> &'m [Invocation] {
        &self.script().invocations
    }

    fn script(self) -> &'m StepScript {
        &self.stage.model.scripts[self.stage.index][self.index]
    }

    /// Before it is carried out.
    #[must_use]
    pub fn before(self) -> Moment<'m> {
        Moment {
            stage: self.stage,
            step: self.index,
        }
    }

    /// After it is carried out.
    #[must_use]
    pub fn after(self) -> Moment<'m> {
        Moment {
            stage: self.stage,
            step: self.index + 1,
        }
    }

    /// The step before it in its stage.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        let index = self.index.checked_sub(1)?;
        Some(Self { index, ..self })
    }
}

/// The shell text of every step.
pub(super) fn scripts(file: &Dockerfile) -> Vec<Vec<StepScript>> {
    file.stages
        .iter()
        .map(|stage| stage.instructions.iter().map(step_script).collect())
        .collect()
}

fn step_script(instruction: &Instruction) -> StepScript {
    let (command, heredocs): (&CommandLine, &[Heredoc]) = match &instruction.kind {
        InstructionKind::Run(run) => (&run.command, &run.heredocs),
        InstructionKind::Cmd(command) | InstructionKind::Entrypoint(command) => (command, &[]),
        InstructionKind::Healthcheck(Some(healthcheck)) => (&healthcheck.command, &[]),
        InstructionKind::Onbuild(onbuild) => match &onbuild.trigger {
            Ok(trigger) => return step_script(trigger),
            Err(_) => return StepScript::default(),
        },
        _ => return StepScript::default(),
    };
    let mut scripts = Vec::new();
    if let CommandLine::Shell(text) = command {
        scripts.push(shell::parse(text));
        scripts.extend(
            heredocs
                .iter()
                .map(|heredoc| shell::parse(&heredoc.content)),
        );
    }
    StepScript {
        invocations: scripts.iter().flat_map(Script::invocations).collect(),
        scripts,
    }
}
