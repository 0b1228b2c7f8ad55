//! The one error type, and the exit codes every command keeps to.
//!
//! An [`Error`] is a sentence that says what was wrong, where, and what to do.
//! It is rendered once, by `report::terminal`.

use std::fmt;

use crate::source::Location;

/// What the process answers. Stable: scripts and CI depend on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Everything asked for was done and nothing is wrong.
    Clean = 0,
    /// The command worked and found something: a finding, a broken budget, drift.
    Findings = 1,
    /// Bad usage or a bad configuration; nothing was run.
    Usage = 2,
    /// A tool, engine or service that is needed is missing or unreachable.
    Missing = 3,
    /// The build failed, or the started image did.
    Failed = 4,
    /// Stopped by Ctrl-C or SIGTERM.
    Interrupted = 130,
}

impl Exit {
    /// Every exit code with its meaning, as shown by `--help` and the documentation.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Clean, "clean"),
        (Self::Findings, "findings, drift, or a broken budget"),
        (Self::Usage, "bad usage or bad configuration"),
        (
            Self::Missing,
            "a needed tool, engine or service is missing or unreachable",
        ),
        (Self::Failed, "the build, or a started image, failed"),
        (Self::Interrupted, "interrupted (Ctrl-C or SIGTERM)"),
    ];

    /// The number the process exits with.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

/// The result of anything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, why, where, and what to do about it.
#[derive(Clone, Debug)]
pub struct Error(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    exit: Exit,
    message: String,
    causes: Vec<String>,
    helps: Vec<String>,
    location: Option<Location>,
    details: Option<String>,
    others: Vec<Error>,
}

impl Error {
    /// An error that ends the process with `exit`. The message is a lower-case sentence without a full stop.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            exit,
            message: message.into(),
            causes: Vec::new(),
            helps: Vec::new(),
            location: None,
            details: None,
            others: Vec::new(),
        }))
    }

    /// All of `errors` as one, in order; `Ok` if there are none. For checks that report every problem at once.
    pub fn all(errors: impl IntoIterator<Item = Self>) -> Result<()> {
        let mut errors = errors.into_iter();
        let Some(mut first) = errors.next() else {
            return Ok(());
        };
        for mut error in errors {
            let nested = std::mem::take(&mut error.0.others);
            first.0.others.push(error);
            first.0.others.extend(nested);
        }
        Err(first)
    }

    /// Bad usage or configuration (exit 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A needed tool, engine or service is missing (exit 3).
    pub fn missing(message: impl Into<String>) -> Self {
        Self::new(Exit::Missing, message)
    }

    /// A build or a started image failed (exit 4).
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// Ctrl-C or SIGTERM (exit 130).
    #[must_use]
    pub fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted")
    }

    /// Adds what caused it, outermost first.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.0.causes.push(cause.to_string());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.helps.push(help.into());
        self
    }

    /// Points at the place in a file.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.0.location = Some(location);
        self
    }

    /// Adds the output of the tool that failed, shown in full below the message.
    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.0.details = Some(details.into());
        self
    }

    /// The exit code that goes with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.0.exit
    }

    /// The sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The causes, outermost first.
    #[must_use]
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// What to do.
    #[must_use]
    pub fn helps(&self) -> &[String] {
        &self.0.helps
    }

    /// The place in a file, where there is one.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        self.0.location.as_ref()
    }

    /// The output of the tool that failed.
    #[must_use]
    pub fn tool_output(&self) -> Option<&str> {
        self.0.details.as_deref()
    }

    /// Further errors found by the same check, in order.
    #[must_use]
    pub fn others(&self) -> &[Self] {
        &self.0.others
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.0.location {
            write!(f, "{location}: ")?;
        }
        f.write_str(&self.0.message)?;
        for cause in &self.0.causes {
            write!(f, ": {cause}")?;
        }
        for help in &self.0.helps {
            write!(f, " (help: {help})")?;
        }
        for other in &self.0.others {
            write!(f, "; {other}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
