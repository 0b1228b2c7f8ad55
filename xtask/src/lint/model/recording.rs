//! From instructions to facts: each is looked at once, in order.

use std::sync::Arc;

use crate::dockerfile::{FileTransfer, InstructionKind, expand_words, exposed_ports};
use crate::lint::model::facts::{At, Fact, Maker, StageFacts, Topic};
use crate::lint::model::knowledge::{Known, ShellKind, Variable};
use crate::lint::model::paths::{self, PROGRAM_FOLDERS, Written, written_to};
use crate::lint::model::{Model, Moment, Parent, StageModel, Step, accounts, installed, variables};
use crate::source::{Span, Spanned};

/// The longest path of Linux: a longer one fails.
const MAX_PATH: usize = 4096;

/// By stage, what the shell is before each step, and at the end.
pub(super) fn shells(model: &Model) -> Vec<Vec<ShellKind>> {
    let mut shells: Vec<Vec<ShellKind>> = Vec::with_capacity(model.file.stages.len());
    for stage in model.stages() {
        let inherited = match stage.parent() {
            Parent::Stage(index) => shells.get(*index).and_then(|kinds| kinds.last()).copied(),
            Parent::Own { .. } | Parent::Scratch | Parent::Image(_) => None,
        };
        shells.push(shells_of(stage, inherited));
    }
    shells
}

/// `inherited` is what the shell is at the end of the stage of this file that it starts from.
fn shells_of(stage: StageModel<'_>, inherited: Option<ShellKind>) -> Vec<ShellKind> {
    let steps = stage.stage().instructions.len();
    let mut changes = stage.facts().changes(Topic::Shell, steps).peekable();
    let mut kinds: Vec<ShellKind> = Vec::with_capacity(steps + 1);
    for step in 0..=steps {
        let mut is_changed = false;
        while changes.next_if(|change| change.after <= step).is_some() {
            is_changed = true;
        }
        let kind = match kinds.last().copied().or(inherited) {
            Some(kind) if !is_changed => kind,
            _ => Moment { stage, step }.find_shell_kind(),
        };
        kinds.push(kind);
    }
    kinds
}

/// Goes through all stages.
pub(super) fn record(model: &mut Model) {
    let pragmas = shell_pragmas(model);
    let first = model.file.stages.first().map_or(0, |s| s.span.start);
    let mut events = Vec::new();
    for index in 0..model.file.stages.len() {
        let stage = StageModel { model, index };
        let facts = StageFacts::enter(stage);
        let triggers: Vec<usize> = stage.triggered().map(|step| step.index).collect();
        let own = stage.stage().instructions.len();
        let Some(all) = Arc::get_mut(&mut model.facts) else {
            return;
        };
        all.push(facts);
        // Before the first stage it speaks of all of them.
        let of_stage = |stage_start: usize, at: usize| {
            at < first
                || at >= stage_start
                    && model
                        .file
                        .stages
                        .get(index + 1)
                        .is_none_or(|next| at < next.span.start)
        };
        let start = model.file.stages[index].span.start;
        let mut comments: Vec<(Span, ShellKind)> = pragmas
            .iter()
            .filter(|(span, _)| of_stage(start, span.start))
            .copied()
            .collect();
        comments.reverse();
        for trigger in triggers {
            instruction(model, index, Maker::Trigger(trigger), 0, &mut events);
        }
        for step in 0..own {
            let at = model.file.stages[index].instructions[step].span.start;
            while let Some((span, kind)) = comments.pop_if(|(span, _)| span.start < at) {
                push(model, index, pragma(span, kind, step));
            }
            instruction(model, index, Maker::Step(step), step + 1, &mut events);
        }
        let rest = comments.into_iter().rev();
        for (span, kind) in rest {
            push(model, index, pragma(span, kind, own));
        }
        if let Some(facts) = of_stage_mut(model, index) {
            facts.close();
        }
    }
}

/// The facts of a stage while they are recorded: nobody else holds them yet.
fn of_stage_mut(model: &mut Model, index: usize) -> Option<&mut StageFacts> {
    Arc::get_mut(&mut model.facts)?.get_mut(index)
}

fn push(model: &mut Model, index: usize, event: At<Fact>) {
    if let Some(facts) = of_stage_mut(model, index) {
        facts.push(event);
    }
}

fn pragma(span: Span, kind: ShellKind, after: usize) -> At<Fact> {
    At {
        after,
        maker: Maker::Pragma,
        span,
        value: Fact::ShellPragma(kind),
    }
}

/// `# hadolint shell=…`.
fn shell_pragmas(model: &Model) -> Vec<(Span, ShellKind)> {
    let text = model.file.source.text();
    model
        .file
        .comments
        .iter()
        .filter_map(|span| {
            let rest = span.of(text).strip_prefix('#')?.trim_start();
            let rest = rest.strip_prefix("hadolint")?.trim_start();
            let shell = rest.strip_prefix("shell")?.trim_start().strip_prefix('=')?;
            let shell = shell.split_whitespace().next()?;
            Some((*span, ShellKind::of(shell)))
        })
        .collect()
}

/// `events` is empty before and after: room that is used again.
fn instruction(
    model: &mut Model,
    index: usize,
    maker: Maker,
    after: usize,
    events: &mut Vec<At<Fact>>,
) {
    let stage = StageModel { model, index };
    let Some(step) = stage.step_of(maker) else {
        return;
    };
    if matches!(maker, Maker::Step(_)) && step.is_onbuild() {
        return;
    }
    // Each `ARG` of a line sees those before it; the pairs of an `ENV` do not.
    let parts = match step.kind() {
        InstructionKind::Arg(declarations) => declarations.len(),
        _ => 1,
    };
    for part in 0..parts {
        let stage = StageModel { model, index };
        let Some(step) = stage.step_of(maker) else {
            return;
        };
        let mut recorder = Recorder {
            moment: Moment { stage, step: after },
            step,
            maker,
            after,
            variables: Vec::new(),
            events: std::mem::take(events),
        };
        recorder.instruction(part);
        let (variables, mut found) = (recorder.variables, recorder.events);
        let Some(facts) = of_stage_mut(model, index) else {
            return;
        };
        facts.append(&mut found);
        *events = found;
        for change in variables {
            facts.set(change);
        }
    }
}

struct Recorder<'m> {
    /// Everything recorded so far counts.
    moment: Moment<'m>,
    step: Step<'m>,
    maker: Maker,
    after: usize,
    variables: Vec<At<Variable>>,
    events: Vec<At<Fact>>,
}

impl Recorder<'_> {
    fn event(&mut self, span: Span, value: Fact) {
        self.events.push(At {
            after: self.after,
            maker: self.maker,
            span,
            value,
        });
    }

    fn instruction(&mut self, part: usize) {
        use InstructionKind as Kind;
        let span = self.step.instruction().span;
        match self.step.kind() {
            Kind::Arg(declarations) => {
                let declared = variables::declared(self.moment, &declarations[part]);
                self.variables(declared);
            }
            Kind::Env(pairs) => {
                for pair in pairs {
                    self.variables(variables::set(self.moment, pair));
                }
            }
            Kind::Workdir(path) => {
                let directory = self.directory(&path.value);
                self.event(path.span, Fact::Workdir(directory));
            }
            Kind::User(user) => {
                let expanded = self.moment.expand(&user.value);
                self.event(user.span, Fact::User(expanded));
            }
            Kind::Expose(words) => {
                for word in words {
                    self.expose(word);
                }
            }
            Kind::Shell(_) => self.event(span, Fact::Shell),
            Kind::Healthcheck(_) => self.event(span, Fact::Healthcheck),
            Kind::Cmd(_) => self.event(span, Fact::Cmd),
            Kind::Entrypoint(_) => self.event(span, Fact::Entrypoint),
            Kind::Copy(transfer) | Kind::Add(transfer) => self.transfer(transfer, span),
            Kind::Run(_) => {
                accounts::changes(self.moment, self.step, &mut |span, fact| {
                    self.events.push(At {
                        after: self.after,
                        maker: self.maker,
                        span,
                        value: fact,
                    });
                });
                installed::changes(self.moment, self.step, &mut |span, fact| {
                    self.events.push(At {
                        after: self.after,
                        maker: self.maker,
                        span,
                        value: fact,
                    });
                });
            }
            Kind::Label(_)
            | Kind::Maintainer(_)
            | Kind::Onbuild(_)
            | Kind::Stopsignal(_)
            | Kind::Volume(_) => {}
        }
    }

    fn variables(&mut self, change: Option<Variable>) {
        self.variables.extend(change.map(|value| At {
            after: self.after,
            maker: self.maker,
            span: value.span.unwrap_or_default(),
            value:
                Variable {
                    // A trigger may stand in another file.
                    span:
                        value.span.filter(|_| {
                            std::ptr::eq(self.step.stage.model, self.moment.stage.model)
                        }),
                    ..value
                },
        }));
    }

    fn directory(&self, written: &str) -> Known<String> {
        let Known::Yes(path) = self.moment.expand(written) else {
            return Known::Unknown;
        };
        let joined = if paths::is_absolute(&path) {
            path
        } else {
            match self.moment.workdir() {
                Known::Yes(current) => format!("{}/{path}", current.value),
                Known::Unknown => return Known::Unknown,
            }
        };
        if joined.len() > MAX_PATH {
            return Known::Unknown;
        }
        Known::Yes(paths::clean(&joined))
    }

    fn expose(&mut self, word: &Spanned<String>) {
        // With every variable known, as one word; then as the words it falls into.
        let Known::Yes(text) = self.moment.expand(&word.value) else {
            return;
        };
        let escape = self.moment.stage.model.file.escape;
        let words = expand_words(&text, escape, &|_| None).unwrap_or_default();
        for text in words {
            let ports = exposed_ports(&text).unwrap_or_default();
            if let (Some(first), Some(last)) = (ports.first(), ports.last()) {
                self.event(word.span, Fact::Ports(first.number, last.number));
            }
        }
    }

    fn transfer(&mut self, transfer: &FileTransfer, span: Span) {
        let Known::Yes(destination) = self.moment.resolve(&transfer.destination.value) else {
            self.event(span, Fact::AccountsMayGrow);
            self.event(span, Fact::ProgramsMayGrow);
            return;
        };
        let is_folder = transfer
            .destination
            .value
            .trim_matches(['"', '\''])
            .ends_with(['/', '.']);
        let written = |folder: &str| written_to(transfer, &destination, is_folder, folder);
        let replaces_accounts = match written("/etc") {
            Written::Nothing => false,
            Written::Names(names) => names.iter().any(|name| name == "passwd" || name == "group"),
            Written::Anything => true,
        };
        if replaces_accounts {
            self.event(span, Fact::AccountsReplaced);
        }
        for folder in PROGRAM_FOLDERS {
            match written(folder) {
                Written::Nothing => {}
                Written::Names(names) => {
                    for name in names {
                        self.event(span, Fact::Program(name));
                    }
                }
                Written::Anything => self.event(span, Fact::ProgramsMayGrow),
            }
        }
    }
}
