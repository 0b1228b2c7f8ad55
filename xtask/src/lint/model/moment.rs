//! What is known at a moment of the build.

use std::collections::BTreeMap;

use crate::dockerfile::{CommandLine, Healthcheck, InstructionKind};
use crate::lint::model::facts::{At, Fact, Maker, Topic};
use crate::lint::model::knowledge::{Inherited, Known, ShellKind, Variable};
use crate::lint::model::variables::{self, Value};
use crate::lint::model::{BaseFacts, Parent, StageModel, paths};
use crate::shell::Argument;
use crate::source::Span;

/// Between two steps of a stage.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'m> {
    /// The stage.
    pub stage: StageModel<'m>,
    /// How many of its instructions have been carried out.
    pub step: usize,
}

/// A fact of some stage, looked up.
pub(super) struct Found<'m, T> {
    stage: StageModel<'m>,
    maker: Maker,
    span: Span,
    pub(super) value: T,
}

impl<'m, T> Found<'m, T> {
    /// Says where it was made; that is the parent stage for what it triggers.
    pub(super) fn inherited<U>(self, value: U) -> Inherited<'m, U> {
        let step = self.stage.step_of(self.maker);
        Inherited {
            value,
            stage: Some(step.map_or(self.stage, |step| step.stage)),
            span: Some(self.span),
        }
    }

    fn kind(&self) -> Option<&'m InstructionKind> {
        Some(self.stage.step_of(self.maker)?.kind())
    }
}

impl<'m> Moment<'m> {
    /// A variable, wherever it comes from. `None`: no such variable is declared in a place that reaches here (with a
    /// base image that is not known, the image may still set it: see [`Moment::base_is_known`]).
    #[must_use]
    pub fn variable(self, name: &str) -> Option<&'m Variable> {
        self.find_variable(|at| at.stage.facts().variable(name, at.step), name)
            .or_else(|| variables::predefined(name))
    }

    /// Whether a variable is declared in a place that reaches here; those that are predefined left out.
    #[must_use]
    pub fn declares(self, name: &str) -> bool {
        self.find_variable(|at| at.stage.facts().variable(name, at.step), name)
            .is_some()
    }

    /// A variable as a container of the image sees it: of several, the last `ENV`.
    #[must_use]
    pub fn image_variable(self, name: &str) -> Option<&'m Variable> {
        self.find_variable(|at| at.stage.facts().image_variable(name, at.step), name)
    }

    fn find_variable(
        self,
        find: impl Fn(Moment<'m>) -> Option<&'m Variable>,
        name: &str,
    ) -> Option<&'m Variable> {
        let mut at = self;
        loop {
            if let Some(variable) = find(at) {
                return Some(variable);
            }
            match at.stage.parent() {
                Parent::Stage(_) => at = at.parent()?,
                _ => return at.stage.facts().inherited.get(name),
            }
        }
    }

    /// All variables that reach here, by name; those that are predefined left out.
    #[must_use]
    pub fn variables(self) -> Vec<&'m Variable> {
        self.all_variables(|at, name| at.stage.facts().variable(name, at.step))
    }

    /// All variables that a container of the image sees, by name.
    #[must_use]
    pub fn image_variables(self) -> Vec<&'m Variable> {
        self.all_variables(|at, name| at.stage.facts().image_variable(name, at.step))
    }

    fn all_variables(
        self,
        find: impl Fn(Moment<'m>, &str) -> Option<&'m Variable>,
    ) -> Vec<&'m Variable> {
        let mut found: BTreeMap<&str, &Variable> = BTreeMap::new();
        let mut at = self;
        loop {
            let facts = at.stage.facts();
            for name in facts.names(at.step) {
                if let Some(variable) = find(at, name) {
                    found.entry(name).or_insert(variable);
                }
            }
            if let (Parent::Stage(_), Some(parent)) = (at.stage.parent(), at.parent()) {
                at = parent;
                continue;
            }
            for (name, variable) in &facts.inherited {
                found.entry(name).or_insert(variable);
            }
            return found.into_values().collect();
        }
    }

    /// Everything this stage descends from is known: its own stages, `scratch`, or an image in our table.
    #[must_use]
    pub fn base_is_known(self) -> bool {
        self.base_image().is_none_or(|image| image.known)
    }

    /// The image from outside that this stage descends from; `None` for `scratch`.
    #[must_use]
    pub fn base_image(self) -> Option<&'m BaseFacts> {
        let mut root = self.root();
        loop {
            match root.parent() {
                Parent::Scratch => return None,
                Parent::Image(image) => return Some(image),
                Parent::Stage(_) | Parent::Own { .. } => root = root.base()?.start().root(),
            }
        }
    }

    /// A text with its variables replaced as an instruction replaces them; unknown if one of them is, or if it is
    /// declared nowhere and may come with the base image.
    #[must_use]
    pub fn expand(self, text: &str) -> Known<String> {
        self.expand_with(text, self.stage.model.file.escape, &Value::Unset)
    }

    /// An argument of a shell command with the variables of the Dockerfile replaced; unknown if the shell does more
    /// to it than that, or gets a variable from elsewhere.
    #[must_use]
    pub fn expand_argument(self, argument: &Argument) -> Known<String> {
        if argument.literal {
            return Known::Yes(argument.text.to_string());
        }
        self.expand_shell(&argument.text)
    }

    /// A text that a shell would expand: what nobody in the Dockerfile declares may be a variable of the shell.
    pub(super) fn expand_shell(self, text: &str) -> Known<String> {
        if text.contains('`') || text.contains("$(") {
            return Known::Unknown;
        }
        self.expand_with(text, '\\', &Value::Unknown)
    }

    fn expand_with(self, text: &str, escape: char, undeclared: &Value<'static>) -> Known<String> {
        let undeclared = match undeclared {
            Value::Unset if self.base_is_known() => None,
            _ => Some(()),
        };
        variables::expanded(text, escape, &|name| match self.variable(name) {
            Some(variable) => match &variable.value {
                Known::Yes(Some(value)) => Value::Set(value.as_str().into()),
                Known::Yes(None) => Value::Unset,
                Known::Unknown => Value::Unknown,
            },
            None if undeclared.is_none() => Value::Unset,
            None => Value::Unknown,
        })
    }

    /// A path of the image, expanded, absolute, without `.`, `..` and empty parts.
    #[must_use]
    pub fn resolve(self, path: &str) -> Known<String> {
        let Known::Yes(path) = self.expand(path) else {
            return Known::Unknown;
        };
        if paths::is_absolute(&path) {
            return Known::Yes(paths::clean(&path));
        }
        self.workdir()
            .map(|folder| paths::clean(&format!("{}/{path}", folder.value)))
    }

    /// The working directory, absolute. `Yes("/")` where nobody set one.
    #[must_use]
    pub fn workdir(self) -> Known<Inherited<'m, &'m str>> {
        let found = self.last(Topic::Workdir, |fact| match fact {
            Fact::Workdir(path) => Some(path),
            _ => None,
        });
        match found {
            Some(found) => match found.value {
                Known::Yes(path) => Known::Yes(found.inherited(path.as_str())),
                Known::Unknown => Known::Unknown,
            },
            None => self.of_base("/", |image| image.workdir.unwrap_or("/")),
        }
    }

    /// `USER`, expanded, as written: `node`, `1000:1000`. `Yes(root)` where nobody set one.
    #[must_use]
    pub fn user(self) -> Known<Inherited<'m, &'m str>> {
        let found = self.last(Topic::User, |fact| match fact {
            Fact::User(user) => Some(user),
            _ => None,
        });
        match found {
            Some(found) => match found.value {
                Known::Yes(user) => Known::Yes(found.inherited(user.as_str())),
                Known::Unknown => Known::Unknown,
            },
            None => self.of_base("root", |image| image.user.unwrap_or("root")),
        }
    }

    /// What the configuration of the base image says; `scratch` has none.
    fn of_base<T>(self, scratch: T, of: impl Fn(&'m BaseFacts) -> T) -> Known<Inherited<'m, T>> {
        let value = match self.base_image() {
            None => scratch,
            Some(image) if image.known => of(image),
            Some(_) => return Known::Unknown,
        };
        Known::Yes(Inherited {
            value,
            stage: None,
            span: None,
        })
    }

    /// `SHELL`, or `["/bin/sh", "-c"]`.
    #[must_use]
    pub fn shell(self) -> Inherited<'m, Vec<&'m str>> {
        let found = self.last(Topic::Shell, |fact| {
            matches!(fact, Fact::Shell).then_some(())
        });
        if let Some(found) = found
            && let Some(InstructionKind::Shell(words)) = found.kind()
        {
            return found.inherited(words.iter().map(String::as_str).collect());
        }
        let of_base = self.base_image().and_then(|image| image.shell);
        Inherited {
            value: of_base.unwrap_or(&["/bin/sh", "-c"]).to_vec(),
            stage: None,
            span: None,
        }
    }

    /// What [`Moment::shell`] is; a pragma `# hadolint shell=` counts.
    #[must_use]
    pub fn shell_kind(self) -> ShellKind {
        let shells = self.stage.model.shells.get(self.stage.index);
        match shells.and_then(|shells| shells.get(self.step)) {
            Some(kind) => *kind,
            None => self.find_shell_kind(),
        }
    }

    /// As [`Moment::shell_kind`], looked up: many rules ask that of every step.
    pub(super) fn find_shell_kind(self) -> ShellKind {
        let found = self.last(Topic::Shell, |fact| match fact {
            Fact::Shell => Some(None),
            Fact::ShellPragma(kind) => Some(Some(*kind)),
            _ => None,
        });
        match found {
            Some(Found {
                value: Some(kind), ..
            }) => kind,
            _ => self
                .shell()
                .value
                .first()
                .map_or(ShellKind::Other, |program| ShellKind::of(program)),
        }
    }

    /// `HEALTHCHECK`: `Yes(None)` if there is none, `Yes(Some(None))` for `NONE`.
    #[must_use]
    pub fn healthcheck(self) -> Known<Option<Inherited<'m, Option<&'m Healthcheck>>>> {
        let found = self.last(Topic::Healthcheck, |fact| {
            matches!(fact, Fact::Healthcheck).then_some(())
        });
        if let Some(found) = found
            && let Some(InstructionKind::Healthcheck(healthcheck)) = found.kind()
        {
            return Known::Yes(Some(found.inherited(healthcheck.as_ref())));
        }
        if self.base_is_known() {
            Known::Yes(None)
        } else {
            Known::Unknown
        }
    }

    /// `CMD`, if this repository sets it. An `ENTRYPOINT` takes away one that a parent stage set.
    #[must_use]
    pub fn cmd(self) -> Option<Inherited<'m, &'m CommandLine>> {
        let cmd = |fact: &Fact| matches!(fact, Fact::Cmd).then_some(());
        let found = self.lineage().find_map(|at| {
            let own = at.here(Topic::Cmd, cmd);
            let ends = own.is_none()
                && at
                    .here(Topic::Entrypoint, |fact| {
                        matches!(fact, Fact::Entrypoint).then_some(())
                    })
                    .is_some();
            (own.is_some() || ends).then_some(own)
        })??;
        match found.kind()? {
            InstructionKind::Cmd(command) => given(command).map(|c| found.inherited(c)),
            _ => None,
        }
    }

    /// `ENTRYPOINT`, if this repository sets it.
    #[must_use]
    pub fn entrypoint(self) -> Option<Inherited<'m, &'m CommandLine>> {
        let found = self.last(Topic::Entrypoint, |fact| {
            matches!(fact, Fact::Entrypoint).then_some(())
        })?;
        match found.kind()? {
            InstructionKind::Entrypoint(command) => given(command).map(|c| found.inherited(c)),
            _ => None,
        }
    }

    /// Ports of `EXPOSE`, here and in parents of this repository, in order.
    #[must_use]
    pub fn ports(self) -> Vec<Inherited<'m, u16>> {
        let found = self.all(Topic::Ports, |fact| match fact {
            Fact::Ports(first, last) => Some((*first, *last)),
            _ => None,
        });
        found
            .into_iter()
            .flat_map(|found| {
                let (first, last) = found.value;
                let made = found.inherited(());
                (first..=last).map(move |value| Inherited {
                    value,
                    stage: made.stage,
                    span: made.span,
                })
            })
            .collect()
    }

    /// The distribution: `alpine 3.20`, `debian 12`. An empty release is one that the tag does not tell.
    #[must_use]
    pub fn distribution(self) -> Option<(&'m str, &'m str)> {
        let (name, release) = self.base_image()?.distribution.as_ref()?;
        Some((name, release))
    }

    /// The end of the stage that this one starts from.
    pub(super) fn parent(self) -> Option<Self> {
        self.stage.base().map(StageModel::end)
    }

    /// This moment, then the end of the stage it starts from, and so on.
    pub(super) fn lineage(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |at| at.parent())
    }

    /// The end of the nearest stage of this file that this one descends from and that says something about a topic: chains
    /// of stages are long, and most of them say nothing.
    pub(super) fn above(self, topic: Topic) -> Option<Self> {
        let index = self.stage.facts().above(topic)?;
        Some(
            StageModel {
                index,
                ..self.stage
            }
            .end(),
        )
    }

    /// This moment, then the ends of stages that it descends from, as far as they may say something about a topic.
    pub(super) fn lineage_about(self, topic: Topic) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), move |at| {
            at.above(topic).or_else(|| match at.root().parent() {
                Parent::Own { .. } => at.root().start().parent(),
                Parent::Scratch | Parent::Stage(_) | Parent::Image(_) => None,
            })
        })
    }

    /// The stage of this file that its stage starts from in the end.
    pub(super) fn root(self) -> StageModel<'m> {
        StageModel {
            index: self.stage.model.roots[self.stage.index],
            ..self.stage
        }
    }

    /// What its stage has changed about a topic up to here, in order.
    pub(super) fn changes(self, topic: Topic) -> impl DoubleEndedIterator<Item = &'m At<Fact>> {
        self.stage.facts().changes(topic, self.step)
    }

    /// The last fact of a kind that its stage itself made.
    fn here<T>(self, topic: Topic, pick: impl Fn(&'m Fact) -> Option<T>) -> Option<Found<'m, T>> {
        self.changes(topic)
            .rev()
            .find_map(|event| self.found(event, &pick))
    }

    fn found<T>(
        self,
        event: &'m At<Fact>,
        pick: impl Fn(&'m Fact) -> Option<T>,
    ) -> Option<Found<'m, T>> {
        Some(Found {
            value: pick(&event.value)?,
            stage: self.stage,
            maker: event.maker,
            span: event.span,
        })
    }

    /// The last fact of a kind.
    fn last<T>(self, topic: Topic, pick: impl Fn(&'m Fact) -> Option<T>) -> Option<Found<'m, T>> {
        self.lineage_about(topic)
            .find_map(|at| at.here(topic, &pick))
    }

    /// All facts of a kind, in order.
    pub(super) fn all<T>(
        self,
        topic: Topic,
        pick: impl Fn(&'m Fact) -> Option<T>,
    ) -> Vec<Found<'m, T>> {
        let mut stages: Vec<Self> = self.lineage_about(topic).collect();
        stages.reverse();
        stages
            .into_iter()
            .flat_map(|at| at.changes(topic).map(move |event| (at, event)))
            .filter_map(|(at, event)| at.found(event, &pick))
            .collect()
    }
}

/// A command of no words is none.
fn given(command: &CommandLine) -> Option<&CommandLine> {
    let is_empty = match command {
        CommandLine::Exec(words) => words.is_empty(),
        CommandLine::Shell(text) => text.value.is_empty(),
    };
    (!is_empty).then_some(command)
}
