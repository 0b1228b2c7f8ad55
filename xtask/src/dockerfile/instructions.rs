//! One statement to one instruction, as `BuildKit`'s `instructions` package reads it.

use std::ops::Range;
use std::time::Duration;

use smol_str::SmolStr;

use crate::dockerfile::durations::parse_duration;
use crate::dockerfile::statement::{Result, Statement};
use crate::dockerfile::{
    CommandLine, FileTransfer, Flag, Healthcheck, Heredoc, Instruction, InstructionKind, Onbuild,
    Run, SyntaxError, heredoc, keywords, mounts, words,
};
use crate::source::Spanned;

impl Statement<'_> {
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
            keyword: Spanned::new(
                SmolStr::new(self.text(&self.keyword)),
                self.line.span(&self.keyword),
            ),
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

    fn healthcheck(&self) -> Result<Option<Healthcheck>> {
        self.requires_arguments()?;
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
