//! One logical line to one instruction: keyword, flags, arguments, as `BuildKit`'s `instructions` package reads them.

use std::ops::Range;
use std::time::Duration;

use crate::dockerfile::durations::parse_duration;
use crate::dockerfile::flags::{self, RawFlag};
use crate::dockerfile::json::{self, Array};
use crate::dockerfile::logical_lines::LogicalLine;
use crate::dockerfile::{
    ArgDeclaration, CommandLine, FileTransfer, Flag, Healthcheck, Heredoc, Instruction,
    InstructionKind, KeyValue, Onbuild, Run, SyntaxError, heredoc, keywords, mounts, words,
};
use crate::source::Spanned;

/// A line split into keyword, flags and arguments; nothing is judged yet.
#[derive(Debug)]
pub(super) struct Statement<'l> {
    line: &'l LogicalLine<'l>,
    escape: char,
    /// The keyword as written.
    pub(super) keyword: Range<usize>,
    /// The keyword in upper case.
    pub(super) name: String,
    flags: Vec<RawFlag>,
    /// What follows the flags, without white space around it.
    pub(super) arguments: Range<usize>,
}

/// An instruction, or a `FROM`.
pub(super) struct From {
    pub(super) base: Spanned<String>,
    pub(super) name: Option<Spanned<String>>,
    pub(super) platform: Option<Spanned<String>>,
}

type Result<T> = std::result::Result<T, SyntaxError>;

impl<'l> Statement<'l> {
    /// Splits `range` of a line.
    pub(super) fn new(line: &'l LogicalLine<'l>, range: &Range<usize>, escape: char) -> Self {
        let range = line.trim(range);
        let (keyword, rest) = words::split_first(&line.text, &range);
        let (flags, arguments) = match rest {
            Some(rest) => flags::take(&line.text, &rest, escape),
            None => (Vec::new(), range.end..range.end),
        };
        Self {
            line,
            escape,
            name: line.text[keyword.clone()].to_ascii_uppercase(),
            keyword,
            flags,
            arguments: line.trim(&arguments),
        }
    }

    /// What an `ONBUILD` triggers.
    fn trigger(&self) -> Self {
        Self::new(self.line, &self.arguments, self.escape)
    }

    /// Whether `<<NAME` among the words announces a body: in `RUN`, `COPY` and `ADD` that are no JSON array.
    pub(super) fn takes_heredocs(&self) -> bool {
        match self.name.as_str() {
            "RUN" | "COPY" | "ADD" => !matches!(self.array(&self.arguments), Array::Strings(_)),
            "ONBUILD" => {
                let trigger = self.trigger();
                trigger.name != "ONBUILD" && trigger.takes_heredocs()
            }
            _ => false,
        }
    }

    fn array(&self, range: &Range<usize>) -> Array {
        json::array(&self.line.text, range)
    }

    fn whole(&self) -> Range<usize> {
        self.keyword.start..self.arguments.end.max(self.keyword.end)
    }

    fn error(&self, message: impl Into<String>) -> SyntaxError {
        self.line.error(&self.whole(), message)
    }

    fn text(&self, range: &Range<usize>) -> &'l str {
        &self.line.text[range.clone()]
    }

    fn checked_flags(&self) -> Result<Vec<Flag>> {
        flags::check(self.line, &self.name, &self.flags)
    }

    /// Reads everything but `FROM`. `heredocs` are those that this line announced.
    pub(super) fn instruction(&self, heredocs: Vec<Heredoc>) -> Result<Instruction> {
        use InstructionKind as Kind;
        let kind = match self.name.as_str() {
            "ADD" => Kind::Add(self.transfer(heredocs)?),
            "ARG" => Kind::Arg(self.declarations()?),
            "CMD" => Kind::Cmd(self.plain_command()?),
            "COPY" => Kind::Copy(self.transfer(heredocs)?),
            "ENTRYPOINT" => Kind::Entrypoint(self.plain_command()?),
            "ENV" => Kind::Env(self.pairs()?),
            "EXPOSE" => Kind::Expose(self.some_words()?),
            "HEALTHCHECK" => Kind::Healthcheck(self.healthcheck()?),
            "LABEL" => Kind::Label(self.pairs()?),
            "MAINTAINER" => Kind::Maintainer(self.one_text()?),
            "ONBUILD" => Kind::Onbuild(self.onbuild(heredocs)?),
            "RUN" => Kind::Run(self.run(heredocs)?),
            "SHELL" => Kind::Shell(self.shell()?),
            // BuildKit does not look at the flags of these two.
            "STOPSIGNAL" => Kind::Stopsignal(self.required()?),
            "USER" => Kind::User(self.one_text()?),
            "VOLUME" => Kind::Volume(self.volumes()?),
            "WORKDIR" => Kind::Workdir(self.one_text()?),
            _ => return Err(self.unknown()),
        };
        Ok(Instruction {
            span: self.line.span(&self.whole()),
            keyword: self.line.spanned(&self.keyword),
            kind,
        })
    }

    fn unknown(&self) -> SyntaxError {
        let written = self.text(&self.keyword);
        let message = match keywords::closest(&self.name) {
            Some(keyword) => format!("unknown instruction `{written}`; did you mean {keyword}?"),
            None => format!("unknown instruction `{written}`"),
        };
        self.line.error(&self.keyword, message)
    }

    /// Reads `FROM`.
    pub(super) fn from(&self) -> Result<From> {
        let words = words::split_blanks(&self.line.text, &self.arguments);
        let name = match words.as_slice() {
            [_] => None,
            [_, keyword, name] if self.text(keyword).eq_ignore_ascii_case("as") => {
                let text = self.text(name).to_lowercase();
                let mut chars = text.bytes();
                let valid = chars.next().is_some_and(|b| b.is_ascii_lowercase())
                    && chars.all(|b| {
                        b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b)
                    });
                if !valid {
                    return Err(self.line.error(
                        name,
                        format!(
                            "`{}` cannot name a stage: a letter, then letters, digits, `-`, `_` and `.`",
                            self.text(name)
                        ),
                    ));
                }
                Some(self.line.spanned(name))
            }
            _ => {
                return Err(
                    self.error("FROM takes an image, or an image followed by `AS` and a name")
                );
            }
        };
        let platform = self
            .checked_flags()?
            .into_iter()
            .find_map(|flag| flag.value)
            // An empty platform is none.
            .filter(|platform| !platform.value.is_empty());
        Ok(From {
            base: self.line.spanned(&words[0]),
            name,
            platform,
        })
    }

    /// The base of a `FROM` that could not be read, so that what follows still belongs to a stage of its own.
    pub(super) fn from_leniently(&self) -> From {
        let end = self.arguments.end..self.arguments.end;
        let words = words::split_blanks(&self.line.text, &self.arguments);
        From {
            base: self.line.spanned(words.first().unwrap_or(&end)),
            name: None,
            platform: None,
        }
    }

    fn required(&self) -> Result<Spanned<String>> {
        if self.arguments.is_empty() {
            return Err(self.error(format!("{} requires an argument", self.name)));
        }
        Ok(self.line.spanned(&self.arguments))
    }

    fn one_text(&self) -> Result<Spanned<String>> {
        let text = self.required()?;
        self.checked_flags()?;
        Ok(text)
    }

    fn some_words(&self) -> Result<Vec<Spanned<String>>> {
        self.required()?;
        self.checked_flags()?;
        Ok(self.words(&self.arguments))
    }

    fn words(&self, range: &Range<usize>) -> Vec<Spanned<String>> {
        words::split_blanks(&self.line.text, range)
            .iter()
            .map(|word| self.line.spanned(word))
            .collect()
    }

    /// The strings of a JSON array; `None` if the range is no such array.
    fn strings(&self, range: &Range<usize>) -> Result<Option<Vec<Spanned<String>>>> {
        match self.array(range) {
            Array::Not => Ok(None),
            Array::Mixed => Err(self
                .line
                .error(range, "a JSON array here must consist of strings only")),
            Array::Strings(strings) => Ok(Some(
                strings
                    .into_iter()
                    .map(|(value, range)| Spanned::new(value, self.line.span(&range)))
                    .collect(),
            )),
        }
    }

    fn command_line(&self, range: &Range<usize>) -> Result<CommandLine> {
        Ok(match self.strings(range)? {
            Some(strings) => CommandLine::Exec(strings),
            None => CommandLine::Shell(self.line.spanned(range)),
        })
    }

    fn plain_command(&self) -> Result<CommandLine> {
        let command = self.command_line(&self.arguments)?;
        self.checked_flags()?;
        Ok(command)
    }

    fn run(&self, heredocs: Vec<Heredoc>) -> Result<Run> {
        let command = self.command_line(&self.arguments)?;
        let flags = self.checked_flags()?;
        let mut found = Vec::new();
        for flag in &flags {
            let Some(value) = &flag.value else { continue };
            let one_of = |names: &[&str]| {
                if names.contains(&value.value.as_str()) {
                    return Ok(());
                }
                Err(SyntaxError {
                    span: value.span,
                    message: format!(
                        "`--{}` is one of {}, not `{}`",
                        flag.name.value,
                        names.join(", "),
                        value.value
                    ),
                })
            };
            match flag.name.value.as_str() {
                "mount" => found.push(mounts::parse(flag, &value.value, value.span)?),
                "network" => one_of(&["default", "none", "host"])?,
                "security" => one_of(&["sandbox", "insecure"])?,
                _ => {}
            }
        }
        Ok(Run {
            flags,
            mounts: found,
            command,
            heredocs,
        })
    }

    fn transfer(&self, heredocs: Vec<Heredoc>) -> Result<FileTransfer> {
        let mut sources = match self.strings(&self.arguments)? {
            Some(strings) => strings,
            None => self.words(&self.arguments),
        };
        let destination = match sources.pop() {
            Some(destination) if !sources.is_empty() => destination,
            _ => {
                return Err(self.error(format!(
                    "{} requires at least one source and a destination",
                    self.name
                )));
            }
        };
        let flags = self.checked_flags()?;
        if matches!(heredoc::parse(&destination.value), Ok(Some(_))) {
            return Err(SyntaxError {
                span: destination.span,
                message: format!("the destination of {} cannot be a here-document", self.name),
            });
        }
        Ok(FileTransfer {
            flags,
            sources,
            destination,
            heredocs,
        })
    }

    fn declarations(&self) -> Result<Vec<ArgDeclaration>> {
        self.required()?;
        let words = words::split_quoted(&self.line.text, &self.arguments, self.escape);
        words
            .into_iter()
            .map(|word| {
                let Some(equals) = self.text(&word).find('=') else {
                    return Ok(ArgDeclaration {
                        name: self.line.spanned(&word),
                        default: None,
                    });
                };
                if equals == 0 {
                    return Err(self.line.error(&word, "the name of an ARG cannot be empty"));
                }
                let equals = word.start + equals;
                Ok(ArgDeclaration {
                    name: self.line.spanned(&(word.start..equals)),
                    default: Some(self.line.spanned(&(equals + 1..word.end))),
                })
            })
            .collect()
    }

    fn pairs(&self) -> Result<Vec<KeyValue>> {
        self.required()?;
        let words = words::split_quoted(&self.line.text, &self.arguments, self.escape);
        let pairs = match words.first() {
            // `ENV name the rest of the line`, the old form.
            Some(first) if !self.text(first).contains('=') => {
                let (key, value) = words::split_first(&self.line.text, &self.arguments);
                let value = value.ok_or_else(|| {
                    self.error(format!("{} requires a name and a value", self.name))
                })?;
                vec![KeyValue {
                    key: self.line.spanned(&key),
                    value: self.line.spanned(&value),
                }]
            }
            _ => words
                .into_iter()
                .map(|word| {
                    let equals = match self.text(&word).find('=') {
                        Some(0) => {
                            return Err(self
                                .line
                                .error(&word, format!("a name in {} cannot be empty", self.name)));
                        }
                        Some(at) => word.start + at,
                        None => {
                            return Err(self.line.error(
                                &word,
                                format!(
                                    "`{}` lacks its `=`: {} takes name=value pairs",
                                    self.text(&word),
                                    self.name
                                ),
                            ));
                        }
                    };
                    Ok(KeyValue {
                        key: self.line.spanned(&(word.start..equals)),
                        value: self.line.spanned(&(equals + 1..word.end)),
                    })
                })
                .collect::<Result<_>>()?,
        };
        self.checked_flags()?;
        if pairs.is_empty() {
            return Err(self.error(format!("{} requires an argument", self.name)));
        }
        Ok(pairs)
    }

    fn healthcheck(&self) -> Result<Option<Healthcheck>> {
        self.required()?;
        let text = self.text(&self.arguments);
        let length = text.find(char::is_whitespace).unwrap_or(text.len());
        let kind = self.arguments.start..self.arguments.start + length;
        let rest = self.line.trim(&(kind.end..self.arguments.end));
        // Judged before the kind is: a broken array is an error even after NONE.
        let command = self.command_line(&rest)?;
        let no_command = match &command {
            CommandLine::Shell(text) => text.value.is_empty(),
            CommandLine::Exec(strings) => strings.is_empty(),
        };
        match self.text(&kind).to_uppercase().as_str() {
            "NONE" if no_command => Ok(None),
            "NONE" => Err(self
                .line
                .error(&rest, "HEALTHCHECK NONE takes no arguments")),
            "CMD" => {
                let flags = self.checked_flags()?;
                if no_command {
                    return Err(self.error("HEALTHCHECK CMD lacks its command"));
                }
                for flag in &flags {
                    check_healthcheck_flag(flag)?;
                }
                Ok(Some(Healthcheck { flags, command }))
            }
            _ => Err(self.line.error(
                &kind,
                format!("HEALTHCHECK is CMD or NONE, not `{}`", self.text(&kind)),
            )),
        }
    }

    fn onbuild(&self, heredocs: Vec<Heredoc>) -> Result<Onbuild> {
        let text = self.required()?;
        self.checked_flags()?;
        let trigger = self.trigger();
        match trigger.name.as_str() {
            "ONBUILD" => return Err(self.error("ONBUILD cannot trigger another ONBUILD")),
            "FROM" | "MAINTAINER" => {
                return Err(self.error(format!("{} cannot be triggered by ONBUILD", trigger.name)));
            }
            _ => {}
        }
        trigger.check_syntax()?;
        Ok(Onbuild {
            text,
            trigger: trigger.instruction(heredocs).map(Box::new),
        })
    }

    /// What `BuildKit` looks at in a trigger before it fires: arrays and pairs, but no flags and no names.
    fn check_syntax(&self) -> Result<()> {
        match self.name.as_str() {
            "ADD" | "CMD" | "COPY" | "ENTRYPOINT" | "RUN" | "SHELL" | "VOLUME" => {
                self.strings(&self.arguments)?;
            }
            "HEALTHCHECK" => {
                let text = self.text(&self.arguments);
                let length = text.find(char::is_whitespace).unwrap_or(text.len());
                self.strings(
                    &self
                        .line
                        .trim(&(self.arguments.start + length..self.arguments.end)),
                )?;
            }
            "ENV" | "LABEL" if !self.arguments.is_empty() => {
                let words = words::split_quoted(&self.line.text, &self.arguments, self.escape);
                let has_equals = |word: &Range<usize>| self.text(word).contains('=');
                let valid = match words.first() {
                    Some(first) if !has_equals(first) => {
                        words::split_first(&self.line.text, &self.arguments)
                            .1
                            .is_some()
                    }
                    _ => words.iter().all(has_equals),
                };
                if !valid {
                    return Err(self.error(format!("{} takes name=value pairs", self.name)));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn shell(&self) -> Result<Vec<String>> {
        let strings = self.strings(&self.arguments)?;
        self.checked_flags()?;
        match strings {
            Some(strings) if !strings.is_empty() => {
                Ok(strings.into_iter().map(|s| s.value).collect())
            }
            _ => Err(self.error("SHELL requires a JSON array of strings, as in [\"sh\", \"-c\"]")),
        }
    }

    fn volumes(&self) -> Result<Vec<Spanned<String>>> {
        let mut volumes = match self.strings(&self.arguments)? {
            Some(strings) => strings,
            None => self.words(&self.arguments),
        };
        self.checked_flags()?;
        if volumes.is_empty() {
            return Err(self.error("VOLUME requires an argument"));
        }
        for volume in &mut volumes {
            volume.value = volume.value.trim().to_owned();
            if volume.value.is_empty() {
                return Err(SyntaxError {
                    span: volume.span,
                    message: "a volume's path cannot be empty".to_owned(),
                });
            }
        }
        Ok(volumes)
    }
}

fn check_healthcheck_flag(flag: &Flag) -> Result<()> {
    let Some(value) = flag.value.as_ref().filter(|value| !value.value.is_empty()) else {
        return Ok(());
    };
    let name = &flag.name.value;
    let error = |message: String| SyntaxError {
        span: value.span,
        message,
    };
    if name == "retries" {
        return match value.value.parse::<i32>() {
            Ok(0..) => Ok(()),
            _ => Err(error(format!(
                "`--retries` is a count, not `{}`",
                value.value
            ))),
        };
    }
    match parse_duration(&value.value) {
        Some(duration) if duration.is_zero() || duration >= Duration::from_millis(1) => Ok(()),
        Some(_) => Err(error(format!("`--{name}` cannot be shorter than 1ms"))),
        None => Err(error(format!(
            "`--{name}` is a duration such as 30s or 1m30s, not `{}`",
            value.value
        ))),
    }
}
