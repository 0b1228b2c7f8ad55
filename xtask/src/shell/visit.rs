//! Every node of a script, whatever it is nested in.

use crate::shell::{
    AndOr, Command, CommandKind, List, Pipeline, RedirectionTarget, Script, SimpleCommand, Word,
    WordPart, WordPartKind,
};

/// A node of the tree, with what is around it.
#[derive(Clone, Copy, Debug)]
pub enum Node<'s> {
    /// Statements.
    List(&'s List),
    /// A pipeline; whether its output is captured by a substitution.
    Pipeline(&'s Pipeline, bool),
    /// A command.
    Command(&'s Command, CommandPlace),
    /// A word.
    Word(&'s Word, WordPlace<'s>),
    /// A part of a word, at any depth of quotes and expansions.
    Part(&'s WordPart, PartPlace<'s>),
}

/// What is around a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CommandPlace {
    /// Its status decides what is run next: it is a condition, or `&&`, `||` follows, also around its group.
    pub checked: bool,
    /// Another command of the pipeline follows, or a substitution captures the output.
    pub captured: bool,
    /// It is alone in its pipeline.
    pub alone: bool,
}

/// What a word is to the command around it.
#[derive(Clone, Copy, Debug)]
pub enum WordPlace<'s> {
    /// A word of a command: which one; 0 is the program.
    Command(&'s SimpleCommand, usize),
    /// The value of an assignment to this name; as an array if it is one.
    Assignment(&'s str),
    /// Where a redirection leads.
    Redirection(&'s str),
    /// `for x in word`.
    LoopItem,
    /// `case word in`.
    CaseSubject,
    /// `word)` of a `case`.
    Pattern,
    /// Within `[[ … ]]`.
    Test,
}

/// What is around a part of a word.
#[derive(Clone, Copy, Debug)]
pub struct PartPlace<'s> {
    /// The word.
    pub word: &'s Word,
    /// What the word is.
    pub place: WordPlace<'s>,
    /// Double quotes are around it.
    pub quoted: bool,
    /// It stands within `${…}` or `$((…))`.
    pub in_expansion: bool,
}

impl Script {
    /// Shows every node, parents first, in the order of the text.
    pub fn visit<'s>(&'s self, see: &mut dyn FnMut(Node<'s>)) {
        Visit { see }.list(&self.list, CommandPlace::default());
    }
}

struct Visit<'v, 's> {
    see: &'v mut dyn FnMut(Node<'s>),
}

impl<'s> Visit<'_, 's> {
    fn list(&mut self, list: &'s List, around: CommandPlace) {
        (self.see)(Node::List(list));
        for statement in &list.statements {
            self.and_or(&statement.and_or, around);
        }
    }

    fn and_or(&mut self, and_or: &'s AndOr, around: CommandPlace) {
        let rest = and_or.rest.iter().map(|(_, pipeline)| pipeline);
        let last = and_or.rest.len();
        for (at, pipeline) in std::iter::once(&and_or.first).chain(rest).enumerate() {
            let checked = around.checked || at < last;
            (self.see)(Node::Pipeline(pipeline, around.captured));
            let end = pipeline.commands.len() - 1;
            for (at, command) in pipeline.commands.iter().enumerate() {
                let place = CommandPlace {
                    checked,
                    captured: around.captured || at < end,
                    alone: end == 0 && !pipeline.negated,
                };
                self.command(command, place);
            }
        }
    }

    fn command(&mut self, command: &'s Command, place: CommandPlace) {
        (self.see)(Node::Command(command, place));
        let condition = CommandPlace {
            checked: true,
            ..place
        };
        match &command.kind {
            CommandKind::Simple(simple) => {
                for assignment in &simple.assignments {
                    self.word(&assignment.value, WordPlace::Assignment(&assignment.name));
                }
                for (at, word) in simple.words.iter().enumerate() {
                    self.word(word, WordPlace::Command(simple, at));
                }
            }
            CommandKind::Subshell(list) | CommandKind::Group(list) => self.list(list, place),
            CommandKind::If {
                branches,
                otherwise,
            } => {
                for (head, body) in branches {
                    self.list(head, condition);
                    self.list(body, place);
                }
                if let Some(list) = otherwise {
                    self.list(list, place);
                }
            }
            CommandKind::For { words, body, .. } => {
                for word in words.iter().flatten() {
                    self.word(word, WordPlace::LoopItem);
                }
                self.list(body, place);
            }
            CommandKind::While {
                condition: head,
                body,
                ..
            } => {
                self.list(head, condition);
                self.list(body, place);
            }
            CommandKind::Case { subject, arms } => {
                self.word(subject, WordPlace::CaseSubject);
                for arm in arms {
                    for word in &arm.patterns {
                        self.word(word, WordPlace::Pattern);
                    }
                    self.list(&arm.body, place);
                }
            }
            CommandKind::Function { body, .. } => self.command(body, CommandPlace::default()),
            CommandKind::Test(words) => {
                for word in words {
                    self.word(word, WordPlace::Test);
                }
            }
            CommandKind::Arithmetic(_) => {}
        }
        for redirection in &command.redirections {
            if let RedirectionTarget::Word(word) = &redirection.target {
                self.word(word, WordPlace::Redirection(&redirection.operator));
            }
        }
    }

    fn word(&mut self, word: &'s Word, place: WordPlace<'s>) {
        (self.see)(Node::Word(word, place));
        let around = PartPlace {
            word,
            place,
            quoted: false,
            in_expansion: false,
        };
        self.parts(&word.parts, around);
    }

    fn parts(&mut self, parts: &'s [WordPart], around: PartPlace<'s>) {
        for part in parts {
            (self.see)(Node::Part(part, around));
            match &part.kind {
                WordPartKind::DoubleQuoted(parts) => self.parts(
                    parts,
                    PartPlace {
                        quoted: true,
                        ..around
                    },
                ),
                WordPartKind::Parameter { parts, .. } | WordPartKind::Arithmetic(parts) => self
                    .parts(
                        parts,
                        PartPlace {
                            in_expansion: true,
                            ..around
                        },
                    ),
                WordPartKind::CommandSubstitution { list, .. }
                | WordPartKind::ProcessSubstitution(list) => self.list(
                    list,
                    CommandPlace {
                        captured: true,
                        ..CommandPlace::default()
                    },
                ),
                WordPartKind::Literal(_)
                | WordPartKind::Escaped(_)
                | WordPartKind::SingleQuoted(_) => {}
            }
        }
    }
}

impl Pipeline {
    /// The command of a pipeline that is only one.
    #[must_use]
    pub fn only(&self) -> Option<&Command> {
        match self.commands.as_slice() {
            [command] => Some(command),
            _ => None,
        }
    }
}

impl Command {
    /// It as a simple command.
    #[must_use]
    pub const fn simple(&self) -> Option<&SimpleCommand> {
        match &self.kind {
            CommandKind::Simple(simple) => Some(simple),
            _ => None,
        }
    }
}

impl SimpleCommand {
    /// The name of the program without its folder, if it is written out.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let program = self.program()?.literal()?;
        let name = program.rsplit('/').next()?;
        Some(name.to_owned())
    }
}

impl List {
    /// The command of a list that is only one.
    #[must_use]
    pub fn only(&self) -> Option<&Command> {
        match self.statements.as_slice() {
            [statement] if statement.and_or.rest.is_empty() => statement.and_or.first.only(),
            _ => None,
        }
    }
}
