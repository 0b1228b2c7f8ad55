//! What each instruction changes, recorded once.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::dockerfile::{FileTransfer, InstructionKind, Onbuild, expand_words, exposed_ports};
use crate::lint::model::effects::Effects;
use crate::lint::model::knowledge::{Account, Known, Origin, Package, ShellKind, Variable};
use crate::lint::model::paths::{self, PROGRAM_FOLDERS, Written, written_to};
use crate::lint::model::variables::{self, DEFAULT_PATH};
use crate::lint::model::{Model, Moment, Parent, StageModel, Step, accounts, installed};
use crate::source::{Span, Spanned};

/// The longest path of Linux: a longer one fails.
const MAX_PATH: usize = 4096;

/// What the instructions of a stage change, in order.
#[derive(Debug, Default)]
pub(super) struct StageFacts {
    /// What comes from outside this file.
    pub(super) inherited: BTreeMap<String, Variable>,
    /// Accounts of another Dockerfile that the stage starts from.
    pub(super) inherited_accounts: Vec<Account>,
    variables: BTreeMap<String, Vec<At<Variable>>>,
    events: Vec<At<Fact>>,
    /// By topic, which of the events are about it.
    topics: [Vec<usize>; Topic::COUNT],
    /// By step; looked at only if somebody asks.
    pub(super) effects: OnceLock<Vec<Effects>>,
}

/// A fact with the moment from which it holds.
#[derive(Debug)]
pub(super) struct At<T> {
    /// It holds once so many instructions have been carried out.
    pub(super) after: usize,
    pub(super) maker: Maker,
    pub(super) span: Span,
    pub(super) value: T,
}

/// What makes a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Maker {
    /// An instruction of the stage.
    Step(usize),
    /// An `ONBUILD` of the stage it starts from.
    Trigger(usize),
    /// A comment.
    Pragma,
}

/// Something that holds from a moment on. Those without a value are looked up in their instruction.
#[derive(Debug)]
pub(super) enum Fact {
    Workdir(Known<String>),
    User(Known<String>),
    Shell,
    ShellPragma(ShellKind),
    Healthcheck,
    Cmd,
    Entrypoint,
    /// The first and the last of a range.
    Ports(u16, u16),
    Account(Account),
    AccountRemoved {
        name: String,
        is_group: bool,
    },
    /// What was there before may be gone.
    AccountsReplaced,
    /// There may be more.
    AccountsMayGrow,
    Package(Package),
    PackageRemoved {
        manager: &'static str,
        name: String,
    },
    /// A program that was copied.
    Program(String),
    /// Programs may have come that nobody can name.
    ProgramsMayGrow,
}

/// What a fact is about. Who asks for the last fact of a kind goes through those of its topic: to go through all of them
/// for each instruction would cost the square of a file's length.
#[derive(Clone, Copy, Debug)]
pub(super) enum Topic {
    Workdir,
    User,
    Shell,
    Healthcheck,
    Cmd,
    Entrypoint,
    Ports,
    /// Which accounts there are, as far as they are known.
    Accounts,
    /// The accounts that instructions create and remove by name.
    NamedAccounts,
    Packages,
    /// Which programs there are, as far as they are known.
    Programs,
}

impl Topic {
    const COUNT: usize = Self::Programs as usize + 1;
}

impl Fact {
    const fn topics(&self) -> &'static [Topic] {
        match self {
            Self::Workdir(_) => &[Topic::Workdir],
            Self::User(_) => &[Topic::User],
            Self::Shell | Self::ShellPragma(_) => &[Topic::Shell],
            Self::Healthcheck => &[Topic::Healthcheck],
            Self::Cmd => &[Topic::Cmd],
            Self::Entrypoint => &[Topic::Entrypoint],
            Self::Ports(..) => &[Topic::Ports],
            Self::Account(_) | Self::AccountRemoved { .. } => {
                &[Topic::Accounts, Topic::NamedAccounts]
            }
            Self::AccountsReplaced | Self::AccountsMayGrow => &[Topic::Accounts],
            Self::Package(_) => &[Topic::Accounts, Topic::Packages, Topic::Programs],
            Self::PackageRemoved { .. } => &[Topic::Packages, Topic::Programs],
            Self::Program(_) | Self::ProgramsMayGrow => &[Topic::Programs],
        }
    }
}

impl StageFacts {
    /// What so many steps changed about a topic, in order.
    pub(super) fn changes(
        &self,
        topic: Topic,
        step: usize,
    ) -> impl DoubleEndedIterator<Item = &At<Fact>> {
        let events = &self.events;
        let places = &self.topics[topic as usize];
        let end = places.partition_point(|place| events[*place].after <= step);
        places[..end].iter().map(|place| &events[*place])
    }

    fn push(&mut self, event: At<Fact>) {
        for topic in event.value.topics() {
            self.topics[*topic as usize].push(self.events.len());
        }
        self.events.push(event);
    }

    /// The variable in force after so many steps.
    pub(super) fn variable(&self, name: &str, step: usize) -> Option<&Variable> {
        let changes = self.variables.get(name)?;
        changes
            .iter()
            .rev()
            .find(|change| change.after <= step)
            .map(|change| &change.value)
    }

    /// As [`Self::variable`], `ARG`s left out.
    pub(super) fn image_variable(&self, name: &str, step: usize) -> Option<&Variable> {
        let changes = self.variables.get(name)?;
        changes
            .iter()
            .rev()
            .find(|change| change.after <= step && change.value.origin == Origin::Env)
            .map(|change| &change.value)
    }

    /// The names that are declared after so many steps.
    pub(super) fn names(&self, step: usize) -> impl Iterator<Item = &str> {
        self.variables
            .iter()
            .filter(move |(_, changes)| changes.first().is_some_and(|first| first.after <= step))
            .map(|(name, _)| name.as_str())
    }

    fn enter(stage: StageModel<'_>) -> Self {
        let mut facts = Self::default();
        let brought = match stage.parent() {
            Parent::Stage(_) => return facts,
            Parent::Scratch => vec![path(Known::Yes(Some(DEFAULT_PATH.to_owned())))],
            Parent::Image(image) => std::iter::once(path(Known::Unknown))
                .chain(image.environment.iter().map(|(name, value)| {
                    let value = Known::from(value.clone()).map(Some);
                    variables::variable(name, value, Origin::BaseImage)
                }))
                .collect(),
            Parent::Own { model, stage } => {
                let end = StageModel {
                    model,
                    index: *stage,
                }
                .end();
                let elsewhere = |account: &Account| Account {
                    span: None,
                    ..account.clone()
                };
                facts.inherited_accounts =
                    end.created_accounts().into_iter().map(elsewhere).collect();
                end.image_variables()
                    .into_iter()
                    .map(|variable| Variable {
                        span: None,
                        ..variable.clone()
                    })
                    .collect()
            }
        };
        let named = brought.into_iter().map(|v| (v.name.clone(), v));
        facts.inherited = named.collect();
        facts
    }
}

/// The variable that is always there.
fn path(value: Known<Option<String>>) -> Variable {
    variables::variable("PATH", value, Origin::BaseImage)
}

impl<'m> StageModel<'m> {
    /// What its instructions change.
    pub(super) fn facts(self) -> &'m StageFacts {
        &self.model.facts[self.index]
    }

    /// The stage it starts from, here or in another Dockerfile of the repository.
    #[must_use]
    pub fn base(self) -> Option<StageModel<'m>> {
        match self.parent() {
            Parent::Stage(index) => Some(StageModel {
                index: *index,
                ..self
            }),
            Parent::Own { model, stage } => Some(StageModel {
                model,
                index: *stage,
            }),
            Parent::Scratch | Parent::Image(_) => None,
        }
    }

    /// What `ONBUILD` of its base makes it do first.
    pub(in crate::lint) fn triggered(self) -> impl Iterator<Item = Step<'m>> {
        self.base()
            .into_iter()
            .flat_map(StageModel::steps)
            .filter(|step| {
                matches!(
                    step.written().kind,
                    InstructionKind::Onbuild(Onbuild { trigger: Ok(_), .. })
                )
            })
    }

    /// The instruction that made a fact of this stage.
    pub(super) fn step_of(self, maker: Maker) -> Option<Step<'m>> {
        match maker {
            Maker::Step(index) => Some(Step { stage: self, index }),
            Maker::Trigger(index) => self.base().map(|stage| Step { stage, index }),
            Maker::Pragma => None,
        }
    }
}

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
            instruction(model, index, Maker::Trigger(trigger), 0);
        }
        for step in 0..own {
            let at = model.file.stages[index].instructions[step].span.start;
            while let Some((span, kind)) = comments.pop_if(|(span, _)| span.start < at) {
                push(model, index, pragma(span, kind, step));
            }
            instruction(model, index, Maker::Step(step), step + 1);
        }
        let rest = comments.into_iter().rev();
        for (span, kind) in rest {
            push(model, index, pragma(span, kind, own));
        }
        if let Some(facts) = of_stage_mut(model, index) {
            facts.events.shrink_to_fit();
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

fn instruction(model: &mut Model, index: usize, maker: Maker, after: usize) {
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
            events: Vec::new(),
        };
        recorder.instruction(part);
        let (variables, events) = (recorder.variables, recorder.events);
        let Some(facts) = of_stage_mut(model, index) else {
            return;
        };
        for event in events {
            facts.push(event);
        }
        for change in variables {
            let changes = facts.variables.entry(change.value.name.clone());
            changes.or_default().push(change);
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
