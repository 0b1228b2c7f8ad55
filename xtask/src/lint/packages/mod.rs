//! What package managers are told: which words of a command line are packages, and whether a version is written.
//!
//! One table per manager says which options take the next word; everything that asks about packages reads it here.

mod apk;
mod apt;
mod cargo;
mod gem;
mod go;
mod grammar;
mod known_options;
mod node;
mod pip;
mod rpm;

use std::borrow::Cow;
use std::fmt;

use smallvec::SmallVec;

use crate::shell::{Argument, Invocation};
use crate::source::Spanned;
use grammar::{Grammar, Named};

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Manager {
    /// `apk` of Alpine.
    Apk,
    /// `apt-get`, `apt`, `aptitude`.
    Apt,
    /// `bun`.
    Bun,
    /// `cargo install`.
    Cargo,
    /// `dnf`.
    Dnf,
    /// `gem`.
    Gem,
    /// `go`.
    Go,
    /// `microdnf`.
    Microdnf,
    /// `npm`.
    Npm,
    /// `pip`, `python -m pip`, `pipx`.
    Pip,
    /// `pnpm`.
    Pnpm,
    /// `yarn`.
    Yarn,
    /// `yum`.
    Yum,
    /// `zypper`.
    Zypper,
}

/// A package manager is called.
#[derive(Clone, Debug)]
pub struct Call<'i> {
    /// Which one.
    pub manager: Manager,
    /// How it is called.
    pub invocation: &'i Invocation,
    /// What it shall do, in one word or more (`["global", "add"]`); empty for a bare `yarn`.
    pub verb: ArgumentWords<'i>,
    /// What follows the verb and is neither an option nor an option's value.
    pub operands: ArgumentWords<'i>,
}

/// Words of a command line: calls are read often, and have few.
pub(in crate::lint) type ArgumentWords<'i> = SmallVec<[&'i Argument; 8]>;

/// Which arguments of an invocation are the verb and the operands of a call: read once, as many rules ask.
#[derive(Clone, Debug)]
pub(in crate::lint) struct CallWords {
    /// Which manager is called.
    pub(in crate::lint) manager: Manager,
    /// The places of verb and operands among the arguments.
    places: SmallVec<[usize; 8]>,
    /// How many of them are the verb.
    verb: usize,
}

/// A package manager shall install something.
#[derive(Clone, Debug)]
pub struct Installation<'i> {
    /// The call.
    pub call: Call<'i>,
    /// What is named on the command line, in order. Empty where a file says it (`npm ci`, `pip install -r`).
    pub packages: Vec<Requirement<'i>>,
}

/// What is to be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement<'i> {
    /// The name without version; where it is no name (a path, a URL), all of it.
    pub name: Spanned<Cow<'i, str>>,
    /// What follows the name, as written: `=1.2`, `@^3`, `~=2`; of a repository the revision.
    pub constraint: Option<Cow<'i, str>>,
    /// Where it comes from.
    pub kind: RequirementKind,
    /// A version is written, or the thing needs none.
    pub pinned: bool,
    /// The word.
    pub argument: &'i Argument,
}

/// Where something that is installed comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequirementKind {
    /// A package of a registry or a distribution.
    Package,
    /// A group of packages (`@development`, a pattern, a module): it has no version.
    Group,
    /// A file or a folder.
    Path,
    /// A download by address.
    Url,
    /// A source repository.
    Repository,
    /// Only the shell knows.
    Unknown,
}

impl Manager {
    /// The name by which it is known: `apk`, `apt`, `pip`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Apk => "apk",
            Self::Apt => "apt",
            Self::Bun => "bun",
            Self::Cargo => "cargo",
            Self::Dnf => "dnf",
            Self::Gem => "gem",
            Self::Go => "go",
            Self::Microdnf => "microdnf",
            Self::Npm => "npm",
            Self::Pip => "pip",
            Self::Pnpm => "pnpm",
            Self::Yarn => "yarn",
            Self::Yum => "yum",
            Self::Zypper => "zypper",
        }
    }

    const fn grammar(self) -> &'static Grammar {
        match self {
            Self::Apk => &apk::GRAMMAR,
            Self::Apt => &apt::GRAMMAR,
            Self::Bun => &node::BUN,
            Self::Cargo => &cargo::GRAMMAR,
            Self::Dnf | Self::Microdnf | Self::Yum => &rpm::DNF,
            Self::Gem => &gem::GRAMMAR,
            Self::Go => &go::GRAMMAR,
            Self::Npm => &node::NPM,
            Self::Pip => &pip::GRAMMAR,
            Self::Pnpm => &node::PNPM,
            Self::Yarn => &node::YARN,
            Self::Zypper => &rpm::ZYPPER,
        }
    }
}

impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'i> Call<'i> {
    /// Whether it shall do this: `call.is("install")`, `call.is("global add")`.
    #[must_use]
    pub fn is(&self, verb: &str) -> bool {
        match self.verb.as_slice() {
            // Mostly it is one word, and many rules ask.
            [word] => word.text == verb && !verb.contains(' '),
            words => words
                .iter()
                .map(|word| word.text.as_str())
                .eq(verb.split(' ')),
        }
    }

    /// Whether it shall do one of these.
    #[must_use]
    pub fn is_any(&self, verbs: &[&str]) -> bool {
        verbs.iter().any(|verb| self.is(verb))
    }

    /// The last word of the verb: what an option is put behind.
    #[must_use]
    pub fn last_verb(&self) -> Option<&'i Argument> {
        self.verb.last().copied()
    }

    /// It as one that installs something, if it does.
    #[must_use]
    pub fn installation(self) -> Option<Installation<'i>> {
        let grammar = self.manager.grammar();
        let installs = grammar.verbs.iter().any(|verb| {
            self.verb
                .iter()
                .map(|word| word.text.as_str())
                .eq(verb.iter().copied())
        });
        if !installs {
            return None;
        }
        let mut packages = Vec::with_capacity(self.operands.len());
        let named = self.operands.iter();
        packages.extend(named.filter_map(|argument| requirement(self.manager, argument)));
        (grammar.finish)(&self, &mut packages);
        Some(Installation {
            call: self,
            packages,
        })
    }

    /// Whether an option is given, and not as the value of another one.
    #[must_use]
    pub fn has_option(&self, names: &[&str]) -> bool {
        grammar::options(self.manager.grammar(), self.invocation)
            .any(|option| grammar::is_named(self.manager.grammar(), option, names))
    }

    /// The value of an option, wherever it stands.
    #[must_use]
    pub fn option_value(&self, names: &[&str]) -> Option<&'i str> {
        self.invocation.option_value(names)
    }
}

impl CallWords {
    /// Reads a command line as a call of a package manager.
    pub(in crate::lint) fn read(invocation: &Invocation) -> Option<Self> {
        let (manager, start) = manager(invocation)?;
        let grammar = manager.grammar();
        let places = grammar::words(grammar, &invocation.arguments, start);
        let is_at_front = |verb: &&&[&str]| {
            let texts = places
                .iter()
                .map(|at| invocation.arguments[*at].text.as_str());
            verb.len() <= places.len() && verb.iter().copied().eq(texts.take(verb.len()))
        };
        let verbs = grammar.verbs.iter().filter(is_at_front);
        let verb = verbs.map(|verb| verb.len()).max();
        Some(Self {
            manager,
            verb: verb.unwrap_or_else(|| places.len().min(1)),
            places,
        })
    }

    /// The call, of the invocation that was read.
    pub(in crate::lint) fn call<'i>(&self, invocation: &'i Invocation) -> Call<'i> {
        let arguments = |places: &[usize]| {
            let found = places.iter().filter_map(|at| invocation.arguments.get(*at));
            found.collect()
        };
        let (verb, operands) = self.places.split_at(self.verb);
        Call {
            manager: self.manager,
            invocation,
            verb: arguments(verb),
            operands: arguments(operands),
        }
    }
}

/// Reads a command line as a call of a package manager.
#[must_use]
pub fn call(invocation: &Invocation) -> Option<Call<'_>> {
    Some(CallWords::read(invocation)?.call(invocation))
}

/// As [`call`], if it is one of some managers.
#[must_use]
pub(in crate::lint) fn call_of<'i>(
    invocation: &'i Invocation,
    managers: &[Manager],
) -> Option<Call<'i>> {
    managers
        .contains(&manager_of(invocation)?)
        .then(|| call(invocation))?
}

/// Reads a command line as one that installs something.
#[must_use]
pub fn installed(invocation: &Invocation) -> Option<Installation<'_>> {
    call(invocation)?.installation()
}

/// Reads one word as something to install. `None`: it keeps a package out, or is nothing.
#[must_use]
pub fn requirement(manager: Manager, argument: &Argument) -> Option<Requirement<'_>> {
    let text = argument.text.as_str();
    let Named {
        mut kind,
        name_end,
        constraint,
    } = (manager.grammar().read)(text)?;
    let unknown = (!argument.literal)
        .then(|| text.find(['$', '`']))
        .flatten()
        .unwrap_or(text.len());
    if unknown < name_end && kind == RequirementKind::Package {
        kind = RequirementKind::Unknown;
    }
    let constraint = constraint
        .and_then(|at| text.get(at..))
        .filter(|constraint| !constraint.is_empty())
        .map(Cow::Borrowed);
    let pinned = match kind {
        RequirementKind::Package | RequirementKind::Repository => constraint.is_some(),
        RequirementKind::Group | RequirementKind::Path | RequirementKind::Url => true,
        RequirementKind::Unknown => false,
    };
    Some(Requirement {
        name: Spanned::new(Cow::Borrowed(&text[..name_end]), argument.span),
        constraint,
        kind,
        pinned,
        argument,
    })
}

/// Which manager a command line is for.
#[must_use]
pub(in crate::lint) fn manager_of(invocation: &Invocation) -> Option<Manager> {
    Some(manager(invocation)?.0)
}

/// Which manager it is, and how many arguments belong to its name (`python -m pip`).
fn manager(invocation: &Invocation) -> Option<(Manager, usize)> {
    let manager = match invocation.program.as_str() {
        "apk" => Manager::Apk,
        "apt" | "apt-get" | "aptitude" => Manager::Apt,
        "bun" => Manager::Bun,
        "cargo" => Manager::Cargo,
        "dnf" | "dnf5" | "dnf-3" => Manager::Dnf,
        "gem" => Manager::Gem,
        "go" => Manager::Go,
        "microdnf" => Manager::Microdnf,
        "npm" => Manager::Npm,
        "pnpm" => Manager::Pnpm,
        "yarn" | "yarnpkg" => Manager::Yarn,
        "yum" => Manager::Yum,
        "zypper" => Manager::Zypper,
        program if pip::is_pip(program) => Manager::Pip,
        program if pip::is_python(program) => {
            let start = pip::module_end(&invocation.arguments)?;
            return Some((Manager::Pip, start));
        }
        _ => return None,
    };
    Some((manager, 0))
}

#[cfg(test)]
mod tests;
