//! What a file of tests says.

use super::pattern::Pattern;
use crate::source::{Source, Span};

/// A text with its place in the file.
pub type Text = crate::source::Spanned<String>;

/// One file.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// Its text.
    pub source: Source,
    /// Set for every command, before those of the test.
    pub variables: Vec<Variable>,
    /// How containers for commands are started.
    pub run: RunOptions,
    /// Commands that are run.
    pub commands: Vec<CommandTest>,
    /// Files that are there or not.
    pub existence: Vec<ExistenceTest>,
    /// What files hold.
    pub contents: Vec<ContentTest>,
    /// The image's configuration.
    pub metadata: Option<MetadataTest>,
    /// License files.
    pub licenses: Vec<LicenseTest>,
}

/// `key: value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub key: String,
    /// `$NAME` and `${NAME}` in it stand for variables of the image.
    pub value: String,
}

/// `containerRunOptions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// `--user`.
    pub user: Option<String>,
    /// `--privileged`.
    pub privileged: bool,
    /// `--tty`: both outputs become one.
    pub terminal: bool,
    /// `--env-file`, from the folder of the test's file.
    pub variables_file: Option<Text>,
    /// Variables of our own environment that are handed on.
    pub variables: Vec<Text>,
    /// `--cap-add`.
    pub capabilities: Vec<String>,
    /// `--volume`.
    pub mounts: Vec<String>,
    /// `--network`.
    pub network: Option<String>,
}

/// What must and must not be in a text.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Each matches somewhere.
    pub expected: Vec<Pattern>,
    /// None matches anywhere.
    pub excluded: Vec<Pattern>,
}

/// One of `commandTests`.
#[derive(Clone, Debug)]
pub struct CommandTest {
    /// What it is called.
    pub name: Text,
    /// Commands that are run before it; each sees what the one before changed.
    pub setup: Vec<Vec<String>>,
    /// Set for it.
    pub variables: Vec<Variable>,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// What it prints to standard output.
    pub output: Expected,
    /// What it prints to standard error.
    pub error: Expected,
    /// How it ends.
    pub exit_code: i64,
}

/// Who may execute a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Its owner.
    Owner,
    /// Its group.
    Group,
    /// All others.
    Other,
    /// At least one of them.
    Any,
}

impl Who {
    /// The bits of a mode that say so.
    #[must_use]
    pub const fn bits(self) -> u16 {
        match self {
            Self::Owner => 0o100,
            Self::Group => 0o010,
            Self::Other => 0o001,
            Self::Any => 0o111,
        }
    }

    /// As it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Group => "group",
            Self::Other => "other",
            Self::Any => "any",
        }
    }
}

/// One of `fileExistenceTests`.
#[derive(Clone, Debug)]
pub struct ExistenceTest {
    /// What it is called.
    pub name: Text,
    /// Which file; variables of the image stand for their values.
    pub path: String,
    /// Whether it is there.
    pub should_exist: bool,
    /// As Go writes modes: `-rwxr-xr-x`, `drwxr-xr-x`.
    pub permissions: Option<String>,
    /// Its owner.
    pub uid: Option<u32>,
    /// Its group.
    pub gid: Option<u32>,
    /// Who may execute it.
    pub executable_by: Option<Who>,
}

/// One of `fileContentTests`.
#[derive(Clone, Debug)]
pub struct ContentTest {
    /// What it is called.
    pub name: Text,
    /// Which file; variables of the image stand for their values.
    pub path: String,
    /// What is in it.
    pub contents: Expected,
}

/// A key with the value it must have.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The variable or label.
    pub key: String,
    /// The value, or a pattern for it.
    pub value: PairValue,
}

/// What the value of a key must be.
#[derive(Clone, Debug)]
pub enum PairValue {
    /// This.
    Exactly(String),
    /// What matches this.
    Matching(Pattern),
}

/// `metadataTest`.
#[derive(Clone, Debug, Default)]
pub struct MetadataTest {
    /// Where it stands.
    pub place: Span,
    /// Variables that are set.
    pub variables: Vec<Pair>,
    /// Variables that are not.
    pub unset_variables: Vec<String>,
    /// Labels.
    pub labels: Vec<Pair>,
    /// The whole entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// The whole command.
    pub command: Option<Vec<String>>,
    /// Ports that are exposed: `8080` of whichever protocol, or `8080/tcp`.
    pub ports: Vec<String>,
    /// Ports that are not.
    pub closed_ports: Vec<String>,
    /// Volumes that are declared.
    pub volumes: Vec<String>,
    /// Volumes that are not.
    pub absent_volumes: Vec<String>,
    /// Where commands start.
    pub folder: Option<String>,
    /// Who they are run by, as the image writes it.
    pub user: Option<String>,
}

/// One of `licenseTests`.
#[derive(Clone, Debug)]
pub struct LicenseTest {
    /// Where it stands.
    pub place: Span,
    /// Whether the copyright files of all Debian packages are looked at.
    pub debian: bool,
    /// Further files.
    pub files: Vec<String>,
}

impl TestFile {
    /// A place in it, as it is told: `apps/api/structure-test.yaml:12:3`.
    #[must_use]
    pub fn place(&self, span: Span) -> String {
        let at = self.source.line_column(span.start);
        format!("{}:{}:{}", self.source.path(), at.line, at.column)
    }

    /// Whether anything in it needs a container.
    #[must_use]
    pub fn has_commands(&self) -> bool {
        !self.commands.is_empty()
    }
}
