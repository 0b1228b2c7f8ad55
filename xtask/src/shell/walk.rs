//! From the syntax tree to the programs that are started.

use smol_str::SmolStr;

use crate::mapped_text::MappedText;
use crate::shell::launchers::{launched, script_words};
use crate::shell::unquoted::Unquoted;
use crate::shell::{
    Command, CommandKind, Connector, Invocation, List, Redirection, RedirectionTarget, Script,
    SimpleCommand, Word, WordPart, WordPartKind, parse,
};
use crate::source::Span;

/// `sh -c 'sh -c "…"'`: further down nobody writes on purpose.
const MAX_NESTED_SCRIPTS: usize = 4;

impl Script {
    /// Every command of the text, in the order of the text.
    #[must_use]
    pub fn invocations(&self) -> Vec<Invocation> {
        let mut found = Vec::new();
        Walk::new(&self.text, 0, 0, &mut found).list(&self.list);
        found.sort_by_key(|invocation| invocation.program_span.start);
        found
    }
}

/// The program an exec form starts, and what the text of its `["sh", "-c", "…"]` starts. The words are decoded.
#[must_use]
pub fn exec_invocations(words: &[MappedText]) -> Vec<Invocation> {
    let span = match words {
        [first, .., last] => Span::new(first.span.start, last.span.end),
        [only] => only.span,
        [] => return Vec::new(),
    };
    let mut words: Vec<Unquoted> = words
        .iter()
        .map(|word| Unquoted::known(word.clone(), true, word.span))
        .collect();
    let mut found = Vec::new();
    let text = MappedText::default();
    let place = Place {
        connector: Connector::Sequence,
        piped: false,
        span,
    };
    Walk::new(&text, 0, 0, &mut found).program(&mut words, Vec::new(), place);
    found
}

struct Walk<'w> {
    text: &'w MappedText,
    depth: usize,
    /// How many `sh -c` are around it.
    scripts: usize,
    found: &'w mut Vec<Invocation>,
    /// The words of the command that is looked at; kept, as there are many commands.
    words: Vec<Unquoted>,
}

#[derive(Clone, Copy)]
struct Place {
    connector: Connector,
    piped: bool,
    span: Span,
}

impl<'w> Walk<'w> {
    const fn new(
        text: &'w MappedText,
        depth: usize,
        scripts: usize,
        found: &'w mut Vec<Invocation>,
    ) -> Self {
        Self {
            text,
            depth,
            scripts,
            found,
            words: Vec::new(),
        }
    }

    fn deeper(&mut self, list: &List) {
        self.depth += 1;
        self.list(list);
        self.depth -= 1;
    }

    fn list(&mut self, list: &List) {
        for statement in &list.statements {
            let and_or = &statement.and_or;
            let start = std::iter::once((Connector::Sequence, &and_or.first));
            let rest = and_or
                .rest
                .iter()
                .map(|(connector, next)| (*connector, next));
            for (mut joined_by, pipeline) in start.chain(rest) {
                let end = pipeline.commands.len().saturating_sub(1);
                for (at, command) in pipeline.commands.iter().enumerate() {
                    self.command(command, joined_by, at < end);
                    joined_by = Connector::Pipe;
                }
            }
        }
    }

    fn command(&mut self, command: &Command, connector: Connector, piped: bool) {
        match &command.kind {
            CommandKind::Simple(simple) => {
                let place = Place {
                    connector,
                    piped,
                    span: command.span,
                };
                self.simple(simple, place);
            }
            CommandKind::Group(list) => self.list(list),
            CommandKind::Subshell(list) => self.deeper(list),
            CommandKind::If {
                branches,
                otherwise,
            } => {
                for (condition, body) in branches {
                    self.deeper(condition);
                    self.deeper(body);
                }
                if let Some(list) = otherwise {
                    self.deeper(list);
                }
            }
            CommandKind::For { words, body, .. } => {
                words.iter().flatten().for_each(|word| self.word(word));
                self.deeper(body);
            }
            CommandKind::While {
                condition, body, ..
            } => {
                self.deeper(condition);
                self.deeper(body);
            }
            CommandKind::Case { subject, arms } => {
                self.word(subject);
                for arm in arms {
                    arm.patterns.iter().for_each(|word| self.word(word));
                    self.deeper(&arm.body);
                }
            }
            CommandKind::Function { body, .. } => {
                self.depth += 1;
                self.command(body, Connector::Sequence, false);
                self.depth -= 1;
            }
            CommandKind::Test(words) => words.iter().for_each(|word| self.word(word)),
            CommandKind::Arithmetic(_) => {}
        }
        self.redirections(&command.redirections);
    }

    fn redirections(&mut self, redirections: &[Redirection]) {
        for redirection in redirections {
            if let RedirectionTarget::Word(word) = &redirection.target {
                self.word(word);
            }
        }
    }

    fn simple(&mut self, simple: &SimpleCommand, place: Place) {
        for assignment in &simple.assignments {
            self.word(&assignment.value);
        }
        let mut words = std::mem::take(&mut self.words);
        let unquoted = simple.words.iter();
        words.extend(unquoted.map(|word| Unquoted::new(self.text, word)));
        let assignments = simple.assignments.iter().map(|a| a.name.clone()).collect();
        let scripts = self.program(&mut words, assignments, place);
        words.clear();
        self.words = words;
        for (at, word) in simple.words.iter().enumerate() {
            // What a script's word expands was seen as a part of the script.
            if scripts.binary_search(&at).is_err() {
                self.word(word);
            }
        }
    }

    /// A command's words, with what they start. Says which of them are scripts.
    fn program(
        &mut self,
        words: &mut Vec<Unquoted>,
        assignments: Vec<SmolStr>,
        place: Place,
    ) -> Vec<usize> {
        let mut through = Vec::new();
        let mut start = 0;
        while let Some(next) = launched(&words[start..]) {
            through.push(words[start].program().unwrap_or_default().into());
            start += next;
        }
        let nested = (self.scripts < MAX_NESTED_SCRIPTS)
            .then(|| script_words(&words[start..]))
            .flatten();
        let mut arguments = words.drain(start..);
        let Some(program) = arguments.next() else {
            return Vec::new();
        };
        self.found.push(Invocation {
            program: program.program().unwrap_or_default().into(),
            program_span: program.span,
            arguments: arguments.map(Unquoted::into_argument).collect(),
            through,
            assignments,
            connector: place.connector,
            piped: place.piped,
            depth: self.depth,
            nested: self.scripts > 0,
            span: place.span,
        });
        let Some((scripts, text)) = nested else {
            return Vec::new();
        };
        let script = parse(&text);
        Walk::new(&text, self.depth, self.scripts + 1, self.found).list(&script.list);
        scripts.into_iter().map(|at| at + start).collect()
    }

    fn word(&mut self, word: &Word) {
        self.parts(&word.parts);
    }

    fn parts(&mut self, parts: &[WordPart]) {
        for part in parts {
            match &part.kind {
                WordPartKind::DoubleQuoted(parts)
                | WordPartKind::Parameter { parts, .. }
                | WordPartKind::Arithmetic(parts) => self.parts(parts),
                WordPartKind::CommandSubstitution { list, .. }
                | WordPartKind::ProcessSubstitution(list) => self.deeper(list),
                WordPartKind::Literal(_)
                | WordPartKind::Escaped(_)
                | WordPartKind::SingleQuoted(_) => {}
            }
        }
    }
}
