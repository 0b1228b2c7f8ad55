//! The Dockerfile language: text to instructions, instructions to stages, stages to the environment they leave.
//!
//! Parsing never fails: what cannot be understood becomes a [`SyntaxError`] and costs that instruction only.
//! Reference: <https://docs.docker.com/reference/dockerfile/> and `BuildKit`'s `frontend/dockerfile/{parser,instructions}`.

mod build_mounts;
mod directives;
mod durations;
mod environment;
mod expand;
mod flags;
mod from;
mod graph;
mod healthcheck;
mod heredoc;
mod image_name;
mod instructions;
mod json;
mod key_values;
mod keywords;
mod logical_lines;
mod mount_fields;
mod mounts;
mod packages;
mod pattern;
mod pieces;
mod ports;
#[cfg(test)]
mod properties;
mod scope;
mod shell_words;
mod stages;
mod statement;
mod steps;
mod words;

pub use build_mounts::{BuildMounts, CacheMount, SecretMount, all_build_mounts, build_mounts};
pub use durations::parse_duration;
pub use environment::{StageEnvironment, clean_path, stage_environment};
pub use expand::{Expanded, expand, expand_words};
pub use graph::{Base, ImageReference, ReferenceKind, StageGraph};
pub use healthcheck::Probe;
pub use image_name::image_name;
pub use keywords::KEYWORDS;
pub use packages::{ApkPackage, ApkPackages, apk_packages};
pub use pieces::{Piece, PieceKind, pieces};
pub use ports::{Port, exposed as exposed_ports};
pub use scope::{GlobalScope, PLATFORM_ARGS};
pub use stages::parse;
pub use steps::{StageSteps, Step, stage_steps};

use foldhash::HashMap;
use smol_str::SmolStr;

use crate::mapped_text::MappedText;
use crate::source::{Source, Span, Spanned};

/// A parsed Dockerfile.
#[derive(Clone, Debug)]
pub struct Dockerfile {
    /// The text it was read from.
    pub source: Source,
    /// `# escape=`: a backslash unless the directive says otherwise.
    pub escape: char,
    /// `# syntax=`, where given.
    pub syntax: Option<Spanned<String>>,
    /// `# check=`, where given.
    pub check: Option<Spanned<String>>,
    /// The comments that are no directives, each from its `#` to the end of its line.
    pub comments: Vec<Span>,
    /// Blank lines inside continued instructions, which `BuildKit` warns of.
    pub blank_continuations: Vec<Span>,
    /// `ARG`s before the first `FROM`, in order.
    pub global_args: Vec<ArgDeclaration>,
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// What could not be understood, in order.
    pub errors: Vec<SyntaxError>,
    /// By name in small letters, the last stage that is called so.
    names: HashMap<String, usize>,
}

/// One `FROM` and what follows it.
#[derive(Clone, Debug)]
pub struct Stage {
    /// From 0.
    pub index: usize,
    /// `AS name` as written (names compare case-insensitively).
    pub name: Option<Spanned<String>>,
    /// The image or stage, unexpanded.
    pub base: Spanned<String>,
    /// `--platform=`, unexpanded.
    pub platform: Option<Spanned<String>>,
    /// The instructions after `FROM`, in order.
    pub instructions: Vec<Instruction>,
    /// The whole `FROM` instruction.
    pub span: Span,
}

/// One instruction with the place it stands at.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// From the keyword to the last byte, here-documents included.
    pub span: Span,
    /// The keyword as written.
    pub keyword: Spanned<SmolStr>,
    /// What it says.
    pub kind: InstructionKind,
}

/// What an instruction says. Texts are as written (unexpanded, still quoted) unless a field says otherwise.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "the variants are the instructions of the Dockerfile reference"
)]
pub enum InstructionKind {
    Add(FileTransfer),
    Arg(Vec<ArgDeclaration>),
    Cmd(CommandLine),
    Copy(FileTransfer),
    Entrypoint(CommandLine),
    Env(Vec<KeyValue>),
    Expose(Vec<Spanned<String>>),
    /// `None` is `HEALTHCHECK NONE`.
    Healthcheck(Option<Healthcheck>),
    Label(Vec<KeyValue>),
    Maintainer(Spanned<String>),
    Onbuild(Onbuild),
    Run(Run),
    Shell(Vec<String>),
    Stopsignal(Spanned<String>),
    User(Spanned<String>),
    Volume(Vec<Spanned<String>>),
    Workdir(Spanned<String>),
}

/// `ARG name[=default]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgDeclaration {
    /// The name.
    pub name: Spanned<String>,
    /// The default, unexpanded and still quoted.
    pub default: Option<Spanned<String>>,
}

/// `key=value` of `ENV` and `LABEL` (or the old `ENV key value` form).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyValue {
    /// The key, unexpanded.
    pub key: Spanned<String>,
    /// The value, unexpanded and still quoted.
    pub value: Spanned<String>,
}

/// Shell form or exec (JSON) form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandLine {
    /// Text for the stage's shell; continuations are joined as `BuildKit` joins them.
    Shell(MappedText),
    /// The JSON array's strings, decoded.
    Exec(Vec<Spanned<String>>),
}

/// A `--name[=value]` flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Without the dashes.
    pub name: Spanned<String>,
    /// Unexpanded; `None` for a bare flag.
    pub value: Option<Spanned<String>>,
}

/// `RUN`.
#[derive(Clone, Debug)]
pub struct Run {
    /// `--mount`, `--network`, `--security`.
    pub flags: Vec<Flag>,
    /// The mounts among the flags, as fields.
    pub mounts: Vec<Mount>,
    /// What is run.
    pub command: CommandLine,
    /// Here-documents, in order.
    pub heredocs: Vec<Heredoc>,
}

/// `RUN --mount=key=value,…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The whole flag.
    pub span: Span,
    /// The fields in order; a bare field (`required`) has no value.
    pub fields: Vec<(String, Option<String>)>,
}

impl Mount {
    /// The value of the first field with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key == name)
            .and_then(|(_, value)| value.as_deref())
    }

    /// `type=`, `bind` if not given.
    #[must_use]
    pub fn mount_type(&self) -> &str {
        self.field("type").unwrap_or("bind")
    }
}

/// `COPY` and `ADD`.
#[derive(Clone, Debug)]
pub struct FileTransfer {
    /// `--from`, `--chown`, `--chmod`, `--link`, `--parents`, `--exclude`, …
    pub flags: Vec<Flag>,
    /// The sources, unexpanded. A here-document stands as its `<<NAME`.
    pub sources: Vec<Spanned<String>>,
    /// The destination, unexpanded.
    pub destination: Spanned<String>,
    /// Here-documents, in order.
    pub heredocs: Vec<Heredoc>,
}

impl FileTransfer {
    /// The value of a flag.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&Spanned<String>> {
        self.flags
            .iter()
            .find(|flag| flag.name.value == name)
            .and_then(|flag| flag.value.as_ref())
    }
}

/// `<<NAME … NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The delimiter without quotes.
    pub name: String,
    /// The body with its line breaks, tabs already removed for `<<-`.
    pub content: MappedText,
    /// The body in the file.
    pub span: Span,
    /// Whether variables are expanded (the delimiter was not quoted).
    pub expand: bool,
}

/// `HEALTHCHECK [flags] CMD …`.
#[derive(Clone, Debug)]
pub struct Healthcheck {
    /// `--interval`, `--timeout`, `--start-period`, `--start-interval`, `--retries`.
    pub flags: Vec<Flag>,
    /// What is run in the container.
    pub command: CommandLine,
}

/// `ONBUILD instruction`.
#[derive(Clone, Debug)]
pub struct Onbuild {
    /// The instruction as written.
    pub text: Spanned<String>,
    /// The instruction, or why it will fail once it is triggered: `BuildKit` does not look at it before.
    pub trigger: Result<Box<Instruction>, SyntaxError>,
}

/// What could not be understood, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The place.
    pub span: Span,
    /// A lower-case sentence.
    pub message: String,
}
