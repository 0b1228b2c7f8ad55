//! Stages and their instructions, with their shell text read once.

use std::sync::OnceLock;

use crate::dockerfile::{
    CommandLine, Dockerfile, FileTransfer, Heredoc, Instruction, InstructionKind, Run, Stage,
};
use crate::lint::model::moment::Moment;
use crate::lint::model::{Model, Parent, StepScript};
use crate::lint::packages::{Call, CallWords, Installation, Manager};
use crate::mapped_text::{MappedText, Piece};
use crate::shell::{self, Invocation, Script};
use crate::source::Spanned;

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

/// The steps of all stages, in order. Nearly every rule goes through them.
pub(super) struct Steps<'m> {
    model: &'m Model,
    stage: usize,
    step: usize,
}

impl<'m> Steps<'m> {
    pub(super) const fn of(model: &'m Model) -> Self {
        Self {
            model,
            stage: 0,
            step: 0,
        }
    }
}

impl<'m> Iterator for Steps<'m> {
    type Item = Step<'m>;

    #[inline]
    fn next(&mut self) -> Option<Step<'m>> {
        loop {
            let stage = self.model.file.stages.get(self.stage)?;
            if self.step < stage.instructions.len() {
                let stage = StageModel {
                    model: self.model,
                    index: self.stage,
                };
                let index = self.step;
                self.step += 1;
                return Some(Step { stage, index });
            }
            self.stage += 1;
            self.step = 0;
        }
    }
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

    /// The package managers it calls, in order.
    pub(in crate::lint) fn calls(self) -> impl DoubleEndedIterator<Item = Call<'m>> {
        self.managed(|_| true)
    }

    /// As [`Step::calls`], of some managers.
    pub(in crate::lint) fn calls_of(
        self,
        managers: &'static [Manager],
    ) -> impl DoubleEndedIterator<Item = Call<'m>> {
        self.managed(move |manager| managers.contains(&manager))
    }

    /// What it tells some managers to install, in order.
    pub(in crate::lint) fn installations_of(
        self,
        managers: &'static [Manager],
    ) -> impl DoubleEndedIterator<Item = Installation<'m>> {
        self.managed(move |manager| managers.contains(&manager))
            .filter_map(Call::installation)
    }

    /// The package managers that are called.
    pub(super) fn managers(self) -> impl Iterator<Item = Manager> {
        self.script().calls.iter().map(|(_, words)| words.manager)
    }

    fn managed(
        self,
        is_meant: impl Fn(Manager) -> bool,
    ) -> impl DoubleEndedIterator<Item = Call<'m>> {
        let script = self.script();
        script
            .calls
            .iter()
            .filter(move |(_, words)| is_meant(words.manager))
            .map(|(index, words)| words.call(&script.invocations[*index]))
    }

    fn script(self) -> &'m StepScript {
        static NOTHING: StepScript = StepScript {
            scripts: Vec::new(),
            invocations: Vec::new(),
            calls: Vec::new(),
        };
        let model = self.stage.model;
        if !may_start_something(&self.written().kind) {
            return &NOTHING;
        }
        model.scripts[self.stage.index][self.index]
            .get_or_init(|| step_script(&model.file, self.written()))
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

/// A place for the shell text of every step.
pub(super) fn unread(file: &Dockerfile) -> Vec<Vec<OnceLock<StepScript>>> {
    file.stages
        .iter()
        .map(|stage| stage.instructions.iter().map(|_| OnceLock::new()).collect())
        .collect()
}

/// Whether [`step_script`] can find anything in an instruction.
const fn may_start_something(kind: &InstructionKind) -> bool {
    matches!(
        kind,
        InstructionKind::Run(_)
            | InstructionKind::Cmd(_)
            | InstructionKind::Entrypoint(_)
            | InstructionKind::Healthcheck(_)
            | InstructionKind::Onbuild(_)
    )
}

fn step_script(file: &Dockerfile, instruction: &Instruction) -> StepScript {
    let (command, heredocs): (&CommandLine, &[Heredoc]) = match &instruction.kind {
        InstructionKind::Run(run) => (&run.command, &run.heredocs),
        InstructionKind::Cmd(command) | InstructionKind::Entrypoint(command) => (command, &[]),
        InstructionKind::Healthcheck(Some(healthcheck)) => (&healthcheck.command, &[]),
        InstructionKind::Onbuild(onbuild) => match &onbuild.trigger {
            Ok(trigger) => return step_script(file, trigger),
            Err(_) => return StepScript::default(),
        },
        _ => return StepScript::default(),
    };
    let text = match command {
        CommandLine::Shell(text) => text,
        CommandLine::Exec(words) => {
            let words: Vec<MappedText> = words
                .iter()
                .map(|word| json_text(file.source.text(), word))
                .collect();
            return StepScript::new(Vec::new(), shell::exec_invocations(&words));
        }
    };
    let line = shell::parse(text);
    let mut invocations = line.invocations();
    let runs_heredocs = is_only_heredoc(&line)
        || invocations
            .last()
            .is_some_and(|last| last.is_any(&["sh", "bash", "dash", "ash"]));
    let mut scripts = vec![line];
    if runs_heredocs {
        for heredoc in heredocs.iter().filter(|heredoc| is_shell_text(heredoc)) {
            let script = shell::parse(&heredoc.content);
            invocations.append(&mut script.invocations());
            scripts.push(script);
        }
    }
    StepScript::new(scripts, invocations)
}

impl StepScript {
    fn new(scripts: Vec<Script>, invocations: Vec<Invocation>) -> Self {
        let call = |(index, invocation)| Some((index, CallWords::read(invocation)?));
        Self {
            calls: invocations.iter().enumerate().filter_map(call).collect(),
            scripts,
            invocations,
        }
    }
}

/// The line is nothing but `<<EOF`: the here-document is the script.
fn is_only_heredoc(line: &Script) -> bool {
    let [statement] = line.list.statements.as_slice() else {
        return false;
    };
    let [command] = statement.and_or.first.commands.as_slice() else {
        return false;
    };
    let shell::CommandKind::Simple(simple) = &command.kind else {
        return false;
    };
    statement.and_or.rest.is_empty() && simple.words.is_empty() && simple.assignments.is_empty()
}

/// A script in another language names its interpreter.
fn is_shell_text(heredoc: &Heredoc) -> bool {
    let first = heredoc.content.value.lines().next().unwrap_or_default();
    !first.starts_with("#!") || first.contains("sh")
}

/// A string of an exec form with the way back to the file. Escapes are one piece each.
fn json_text(source: &str, word: &Spanned<String>) -> MappedText {
    let raw = word.span.of(source);
    let quote = usize::from(raw.starts_with('"'));
    let mut pieces = vec![Piece::new(0, word.span.start + quote)];
    let mut at = quote;
    let mut decoded = 0;
    while decoded < word.value.len() {
        let Some(character) = raw.get(at..).and_then(|rest| rest.chars().next()) else {
            break;
        };
        let (written, meant) = if character == '\\' {
            escape_lengths(&raw[at..], &word.value[decoded..])
        } else {
            (character.len_utf8(), character.len_utf8())
        };
        at += written;
        decoded += meant;
        if written != meant {
            // The character itself is the last one of its escape.
            pieces.pop_if(|last| last.at() == decoded - meant);
            pieces.push(Piece::new(decoded - meant, word.span.start + at - meant));
            pieces.push(Piece::new(decoded, word.span.start + at));
        }
    }
    pieces.retain(|piece| piece.at() < word.value.len() || piece.at() == 0);
    MappedText {
        value: word.value.clone(),
        span: word.span,
        pieces,
    }
}

/// How long an escape of JSON is, and how long what it means.
fn escape_lengths(raw: &str, value: &str) -> (usize, usize) {
    let meant = value.chars().next().map_or(1, char::len_utf8);
    let is_unicode = raw.as_bytes().get(1) == Some(&b'u');
    let written = match (is_unicode, meant) {
        (true, 4) => 12,
        (true, _) => 6,
        (false, _) => 2,
    };
    (written, meant)
}
