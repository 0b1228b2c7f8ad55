//! What the instructions of a stage change, and what of that holds at a moment.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use smallvec::SmallVec;

use crate::dockerfile::{InstructionKind, Onbuild};
use crate::lint::model::effects::Effects;
use crate::lint::model::knowledge::{Account, Known, Origin, Package, ShellKind, Variable};
use crate::lint::model::variables::{self, DEFAULT_PATH};
use crate::lint::model::{Parent, StageModel, Step};
use crate::source::Span;

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
    topics: [SmallVec<[u32; 4]>; Topic::COUNT],
    /// By topic, the nearest of the stages of this file that it descends from which says something about it.
    above: [Option<usize>; Topic::COUNT],
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
        let end = places.partition_point(|place| events[*place as usize].after <= step);
        places[..end].iter().map(|place| &events[*place as usize])
    }

    /// The nearest of the stages that it descends from, in its file, which says something about a topic.
    pub(super) const fn above(&self, topic: Topic) -> Option<usize> {
        self.above[topic as usize]
    }

    /// The same for a stage that starts from this one, whose index is given.
    fn above_heirs(&self, index: usize) -> [Option<usize>; Topic::COUNT] {
        let mut above = self.above;
        for (above, own) in above.iter_mut().zip(&self.topics) {
            if !own.is_empty() {
                *above = Some(index);
            }
        }
        above
    }

    /// Nothing more will be recorded.
    pub(super) fn close(&mut self) {
        self.events.shrink_to_fit();
    }

    pub(super) fn set(&mut self, change: At<Variable>) {
        let changes = self.variables.entry(change.value.name.clone());
        changes.or_default().push(change);
    }

    pub(super) fn push(&mut self, event: At<Fact>) {
        // A file of a MiB has fewer.
        let place = u32::try_from(self.events.len()).unwrap_or(u32::MAX);
        for topic in event.value.topics() {
            self.topics[*topic as usize].push(place);
        }
        self.events.push(event);
    }

    /// As [`Self::push`], of several, which are taken out.
    pub(super) fn append(&mut self, events: &mut Vec<At<Fact>>) {
        self.events.reserve(events.len());
        for event in events.drain(..) {
            self.push(event);
        }
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

    /// What holds before the first instruction of a stage.
    pub(super) fn enter(stage: StageModel<'_>) -> Self {
        let mut facts = Self::default();
        let brought = match stage.parent() {
            Parent::Stage(index) => {
                facts.above = stage.model.facts[*index].above_heirs(*index);
                return facts;
            }
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
