//! The words in which the model says what it knows.

use smol_str::SmolStr;

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
    /// Predefined: proxies, without any declaration. `RUN` sees them; their value is never known.
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
    /// The declaration; `None` if it is not in this file.
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
    /// Where it was created; `None` if that is not in this file.
    pub span: Option<Span>,
}

/// A package that a stage installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// `apk`, `apt`, `dnf`, `pip`, `npm`, `gem`, …
    pub manager: &'static str,
    /// The name, without version. Its place may be in another Dockerfile: see [`super::Moment::installed`].
    pub name: Spanned<SmolStr>,
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

impl<T> Known<T> {
    /// It, if it is known.
    pub fn yes(self) -> Option<T> {
        match self {
            Self::Yes(value) => Some(value),
            Self::Unknown => None,
        }
    }

    /// Nobody can tell.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// It, borrowed.
    pub const fn as_ref(&self) -> Known<&T> {
        match self {
            Self::Yes(value) => Known::Yes(value),
            Self::Unknown => Known::Unknown,
        }
    }

    /// Something that follows from it.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Yes(value) => Known::Yes(change(value)),
            Self::Unknown => Known::Unknown,
        }
    }
}

impl<T> From<Option<T>> for Known<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Self::Yes)
    }
}

impl ShellKind {
    /// What a shell's program is, by its name or path.
    #[must_use]
    pub fn of(program: &str) -> Self {
        let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        match name.strip_suffix(".exe").unwrap_or(&name) {
            "sh" | "ash" | "dash" | "ksh" | "busybox" => Self::Posix,
            "bash" | "zsh" => Self::Bash,
            "powershell" | "pwsh" => Self::PowerShell,
            "cmd" => Self::Cmd,
            _ => Self::Other,
        }
    }
}
