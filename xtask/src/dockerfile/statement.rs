//! One logical line split into keyword, flags and arguments; nothing is judged yet.

use std::ops::Range;

use smol_str::{SmolStr, StrExt};

use crate::dockerfile::flags::{self, RawFlag};
use crate::dockerfile::json::{self, Array};
use crate::dockerfile::logical_lines::LogicalLine;
use crate::dockerfile::{CommandLine, Flag, SyntaxError, words};
use crate::source::Spanned;

pub(super) type Result<T> = std::result::Result<T, SyntaxError>;

/// A line split into keyword, flags and arguments; nothing is judged yet.
#[derive(Debug)]
pub(super) struct Statement<'l> {
    pub(super) line: &'l LogicalLine<'l>,
    pub(super) escape: char,
    /// The keyword as written.
    pub(super) keyword: Range<usize>,
    /// The keyword in upper case.
    pub(super) name: SmolStr,
    flags: Vec<RawFlag>,
    /// What follows the flags, without white space around it.
    pub(super) arguments: Range<usize>,
}

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
            name: line.text[keyword.clone()].to_ascii_uppercase_smolstr(),
            keyword,
            flags,
            arguments: line.trim(&arguments),
        }
    }

    /// What an `ONBUILD` triggers.
    pub(super) fn trigger(&self) -> Self {
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

    pub(super) fn array(&self, range: &Range<usize>) -> Array {
        json::array(&self.line.text, range)
    }

    pub(super) fn whole(&self) -> Range<usize> {
        self.keyword.start..self.arguments.end.max(self.keyword.end)
    }

    pub(super) fn error(&self, message: impl Into<String>) -> SyntaxError {
        self.line.error(&self.whole(), message)
    }

    pub(super) fn text(&self, range: &Range<usize>) -> &'l str {
        &self.line.text[range.clone()]
    }

    pub(super) fn checked_flags(&self) -> Result<Vec<Flag>> {
        flags::check(self.line, &self.name, &self.flags)
    }

    /// Something follows the flags.
    pub(super) fn requires_arguments(&self) -> Result<()> {
        if self.arguments.is_empty() {
            return Err(self.error(format!("{} requires an argument", self.name)));
        }
        Ok(())
    }

    /// All of what follows the flags.
    pub(super) fn required(&self) -> Result<Spanned<String>> {
        self.requires_arguments()?;
        Ok(self.line.spanned(&self.arguments))
    }

    pub(super) fn one_text(&self) -> Result<Spanned<String>> {
        self.requires_arguments()?;
        self.checked_flags()?;
        Ok(self.line.spanned(&self.arguments))
    }

    pub(super) fn some_words(&self) -> Result<Vec<Spanned<String>>> {
        self.requires_arguments()?;
        self.checked_flags()?;
        Ok(self.words(&self.arguments))
    }

    pub(super) fn words(&self, range: &Range<usize>) -> Vec<Spanned<String>> {
        words::split_blanks(&self.line.text, range)
            .iter()
            .map(|word| self.line.spanned(word))
            .collect()
    }

    /// The strings of a JSON array; `None` if the range is no such array.
    pub(super) fn strings(&self, range: &Range<usize>) -> Result<Option<Vec<Spanned<String>>>> {
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

    pub(super) fn command_line(&self, range: &Range<usize>) -> Result<CommandLine> {
        Ok(match self.strings(range)? {
            Some(strings) => CommandLine::Exec(strings),
            None => CommandLine::Shell(self.line.mapped(range)),
        })
    }
}
