//! The programs a script starts, each with its arguments, whatever they are nested in.

use smol_str::SmolStr;

use crate::shell::{Connector, SimpleCommand, Word};
use crate::source::Span;

/// A simple command, found at any depth: in lists, pipes, `if`, loops, functions, subshells, substitutions, and in
/// the text of `sh -c '…'`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The program's name without its folder: `/usr/bin/apt-get` is `apt-get`. Empty if only the shell knows it.
    /// Words that only start another program (`sudo`, `env A=b`, `exec`, `time`, `nice`, `command`) are passed over:
    /// see [`Invocation::through`].
    pub program: SmolStr,
    /// The place of the program's word.
    pub program_span: Span,
    /// What follows the program.
    pub arguments: Vec<Argument>,
    /// The names of the programs in front that were passed over, in order: `["sudo"]`.
    pub through: Vec<SmolStr>,
    /// Variables set for this command alone.
    pub assignments: Vec<SmolStr>,
    /// How it is joined to what stands before it in its list.
    pub connector: Connector,
    /// Another command of the same pipeline follows.
    pub piped: bool,
    /// How many subshells, substitutions, functions, conditions and loops are around it.
    pub depth: usize,
    /// It is the text of `sh -c`, `bash -c`, `su -c`, `eval`.
    pub nested: bool,
    /// All of it: assignments, words, redirections.
    pub span: Span,
}

/// One argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Quotes removed; what only the shell knows stands as written (`$X`, `$(…)`).
    pub text: SmolStr,
    /// Nothing in it is left to the shell.
    pub literal: bool,
    /// Part of it was quoted.
    pub quoted: bool,
    /// The word, quotes included.
    pub span: Span,
}

impl Invocation {
    /// Whether this program is run.
    #[must_use]
    pub fn is(&self, program: &str) -> bool {
        self.program == program
    }

    /// Whether one of these programs is run.
    #[must_use]
    pub fn is_any(&self, programs: &[&str]) -> bool {
        programs.contains(&self.program.as_str())
    }

    /// The arguments that are options: they start with `-`, are more than a dash, and stand before a `--`.
    pub fn options(&self) -> impl Iterator<Item = &Argument> {
        self.arguments
            .iter()
            .take_while(|argument| argument.text != "--")
            .filter(|argument| argument.is_option())
    }

    /// The arguments that are no options, `--` and what follows it included. An option's value that stands as a word
    /// of its own counts as one: see [`Invocation::operands`].
    pub fn words(&self) -> impl Iterator<Item = &Argument> {
        let end = self.arguments.iter().position(|a| a.text == "--");
        self.arguments
            .iter()
            .enumerate()
            .filter(move |(at, argument)| match end {
                Some(end) if *at >= end => *at > end,
                _ => !argument.is_option(),
            })
            .map(|(_, argument)| argument)
    }

    /// As [`Invocation::words`], without the values of the given options (`-t`, `--virtual`).
    pub fn operands<'i>(&'i self, with_value: &'i [&str]) -> impl Iterator<Item = &'i Argument> {
        let mut is_value = false;
        let mut only_words = false;
        self.arguments.iter().filter(move |argument| {
            if only_words {
                return true;
            }
            if std::mem::take(&mut is_value) {
                return false;
            }
            if argument.text == "--" {
                only_words = true;
                return false;
            }
            is_value = with_value.contains(&argument.text.as_str());
            !argument.is_option()
        })
    }

    /// The first word that is no option: `install` of `apt-get -y install x`.
    #[must_use]
    pub fn subcommand(&self) -> Option<&str> {
        self.words().next().map(|word| word.text.as_str())
    }

    /// Whether an option is given: `--name`, `--name=value`; for a single letter also within a group (`-qy`).
    #[must_use]
    pub fn has_option(&self, names: &[&str]) -> bool {
        self.options().any(|option| {
            names.iter().any(|name| {
                let text = option.text.as_str();
                if let (Some(letter), false) = (single_letter(name), text.starts_with("--")) {
                    return text[1..].contains(letter);
                }
                text.strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
            })
        })
    }

    /// An option's value: `--name=value`, `--name value`, `-nvalue`, `-n value`.
    #[must_use]
    pub fn option_value(&self, names: &[&str]) -> Option<&str> {
        for (at, argument) in self.arguments.iter().enumerate() {
            for name in names {
                let Some(rest) = argument.text.strip_prefix(name) else {
                    continue;
                };
                if rest.is_empty() {
                    return self.arguments.get(at + 1).map(|next| next.text.as_str());
                }
                if let Some(value) = rest.strip_prefix('=') {
                    return Some(value);
                }
                if single_letter(name).is_some() {
                    return Some(rest);
                }
            }
        }
        None
    }
}

impl Argument {
    /// It starts with `-` and is more than that.
    #[must_use]
    pub fn is_option(&self) -> bool {
        self.text.len() > 1 && self.text.starts_with('-')
    }
}

fn single_letter(name: &str) -> Option<char> {
    let mut letters = name.strip_prefix('-')?.chars();
    let letter = letters.next().filter(|c| *c != '-')?;
    letters.next().is_none().then_some(letter)
}

impl SimpleCommand {
    /// The program's word.
    #[must_use]
    pub fn program(&self) -> Option<&Word> {
        self.words.first()
    }
}
