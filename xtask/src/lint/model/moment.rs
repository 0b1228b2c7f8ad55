//! What is known at a moment of the build.

use crate::dockerfile::{CommandLine, Healthcheck};
use crate::lint::model::StageModel;
use crate::source::{Span, Spanned};

/// Something that may not be known without building, or without asking a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// It is this.
    Yes(T),
    /// Nobody can tell: a rule must not guess.
    Unknown,
}

/// Between two steps of a stage.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'m> {
    /// The stage.
    pub stage: StageModel<'m>,
    /// How many of its instructions have been carried out.
    pub step: usize,
}

/// A setting, with the stage and the file it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Inherited<'m, T> {
    /// The setting.
    pub value: T,
    /// The stage that made it; `None` if a base image from outside did.
    pub stage: Option<StageModel<'m>>,
    /// Where that stage made it (in that stage's file).
    pub span: Option<Span>,
}

/// Where a variable's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// `ARG` in a stage. Not in the image.
    Arg,
    /// `ENV`.
    Env,
    /// The base image from outside.
    BaseImage,
    /// Predefined: proxies and the like, without any declaration.
    Predefined,
}

/// A variable that is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The value under the build arguments in force; `Yes(None)` if it is declared and has none.
    pub value: Known<Option<String>>,
    /// Where it comes from.
    pub origin: Origin,
    /// A container of the image sees it (it is `ENV`, here or in a parent).
    pub in_image: bool,
    /// The declaration.
    pub span: Option<Span>,
}

/// A user or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name.
    pub name: String,
    /// The number, where it is known.
    pub id: Option<u32>,
    /// A group; otherwise a user.
    pub is_group: bool,
    /// Where it was created; `None`: the base image has it.
    pub span: Option<Span>,
}

/// A package that a stage installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// `apk`, `apt`, `dnf`, `pip`, `npm`, `gem`, …
    pub manager: &'static str,
    /// The name, without version.
    pub name: Spanned<String>,
    /// What follows the name, as written: `=1.2`, `@^3`.
    pub constraint: Option<String>,
}

/// What a shell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShellKind {
    /// `sh`, `ash`, `dash`, `ksh`.
    Posix,
    /// `bash`, `zsh`.
    Bash,
    /// `powershell`, `pwsh`.
    PowerShell,
    /// `cmd`.
    Cmd,
    /// Something else.
    Other,
}

impl<'m> Moment<'m> {
    /// A variable, wherever it comes from. `None`: no such variable is declared in a place that reaches here (with a
    /// base image that is not known, the image may still set it: see [`Moment::base_is_known`]).
    #[must_use]
    pub fn variable(self, _name: &str) -> Option<&'m Variable> {
        None
    }

    /// All variables that reach here, by name.
    #[must_use]
    pub fn variables(self) -> Vec<&'m Variable> {
        Vec::new()
    }

    /// Everything this stage descends from is known: its own stages, `scratch`, or an image in our table.
    #[must_use]
    pub fn base_is_known(self) -> bool {
        false
    }

    /// A text with its variables replaced; unknown if one of them is.
    #[must_use]
    pub fn expand(self, _text: &str) -> Known<String> {
        Known::Unknown
    }

    /// The working directory, absolute. `Yes("/")` where nobody set one.
    #[must_use]
    pub fn workdir(self) -> Known<Inherited<'m, &'m str>> {
        Known::Unknown
    }

    /// `USER`, expanded, as written: `node`, `1000:1000`. `Yes(root)` where nobody set one.
    #[must_use]
    pub fn user(self) -> Known<Inherited<'m, &'m str>> {
        Known::Unknown
    }

    /// `SHELL`, or `["/bin/sh", "-c"]`.
    #[must_use]
    pub fn shell(self) -> Inherited<'m, Vec<&'m str>> {
        Inherited {
            value: vec!["/bin/sh", "-c"],
            stage: None,
            span: None,
        }
    }

    /// What [`Moment::shell`] is; a pragma `# hadolint shell=` counts.
    #[must_use]
    pub fn shell_kind(self) -> ShellKind {
        ShellKind::Posix
    }

    /// `HEALTHCHECK`: `Yes(None)` if there is none, `Yes(Some(None))` for `NONE`.
    #[must_use]
    pub fn healthcheck(self) -> Known<Option<Inherited<'m, Option<&'m Healthcheck>>>> {
        Known::Unknown
    }

    /// `CMD`, if this repository sets it.
    #[must_use]
    pub fn cmd(self) -> Option<Inherited<'m, &'m CommandLine>> {
        None
    }

    /// `ENTRYPOINT`, if this repository sets it.
    #[must_use]
    pub fn entrypoint(self) -> Option<Inherited<'m, &'m CommandLine>> {
        None
    }

    /// Ports of `EXPOSE`, here and in parents of this repository.
    #[must_use]
    pub fn ports(self) -> Vec<Inherited<'m, u16>> {
        Vec::new()
    }

    /// A user of this name or number exists. Unknown if it may come with the base image, or from a file that is
    /// copied over `/etc/passwd`.
    #[must_use]
    pub fn has_user(self, _name: &str) -> Known<bool> {
        Known::Unknown
    }

    /// A group of this name or number exists.
    #[must_use]
    pub fn has_group(self, _name: &str) -> Known<bool> {
        Known::Unknown
    }

    /// The users and groups that stages of this repository created, in order.
    #[must_use]
    pub fn created_accounts(self) -> Vec<&'m Account> {
        Vec::new()
    }

    /// The packages that stages of this repository installed, in order, those removed again left out.
    #[must_use]
    pub fn packages(self) -> Vec<&'m Package> {
        Vec::new()
    }

    /// Whether a program can be started: from the base image, from a package whose name or known contents say so.
    /// Unknown if files are copied into a folder of `PATH`, or the base is not known.
    #[must_use]
    pub fn has_program(self, _program: &str) -> Known<bool> {
        Known::Unknown
    }

    /// The distribution: `alpine 3.20`, `debian 12`.
    #[must_use]
    pub fn distribution(self) -> Option<(&'m str, &'m str)> {
        None
    }
}
