//! Lists, pipelines, simple commands and redirections.

use smallvec::{SmallVec, smallvec};

use crate::shell::cursor::Parser;
use crate::shell::expansions::name_length;
use crate::shell::words::Place;
use crate::shell::{
    AndOr, Assignment, Command, CommandKind, Connector, List, Pipe, Pipeline, Redirection,
    RedirectionTarget, SimpleCommand, Statement,
};
use crate::source::Span;

/// Longest first.
const REDIRECTIONS: [&str; 12] = [
    "<<<", "<<-", "&>>", "<<", "<&", "<>", ">>", ">&", ">|", "&>", "<", ">",
];

impl Parser<'_> {
    /// Statements up to something that ends a list.
    pub(super) fn list(&mut self) -> List {
        let mut statements = Vec::new();
        loop {
            self.line_breaks();
            if self.is_at_end() || self.closer().is_some() {
                return List { statements };
            }
            if statements.is_empty() {
                // Most lists are of one, and it is large.
                statements.reserve_exact(1);
            }
            let start = self.at;
            match self.statement() {
                Some(statement) => statements.push(statement),
                None if self.at == start => {
                    // An operator, or a reserved word in the wrong place.
                    let length = self.character().map_or(1, char::len_utf8);
                    self.at += length;
                    let what = self.raw(start..self.at);
                    self.error(
                        start..self.at,
                        format!("`{what}` stands in the wrong place"),
                    );
                }
                None => {}
            }
        }
    }

    fn statement(&mut self) -> Option<Statement> {
        let and_or = self.and_or()?;
        let last = and_or.rest.last().map_or(&and_or.first, |(_, last)| last);
        let mut statement = Statement {
            span: Span::new(and_or.first.span.start, last.span.end),
            and_or,
            background: false,
        };
        self.blanks();
        match self.peek() {
            Some(b';') if self.closer().is_none() => self.at += 1,
            Some(b'&') if self.peek_at(1) != Some(b'&') => {
                self.at += 1;
                statement.background = true;
            }
            _ => {}
        }
        Some(statement)
    }

    fn and_or(&mut self) -> Option<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let operator = self.at;
            let connector = if self.eat("&&") {
                Connector::And
            } else if self.eat("||") {
                Connector::Or
            } else {
                return Some(AndOr { first, rest });
            };
            self.line_breaks();
            let Some(next) = self.pipeline() else {
                let what = self.raw(operator..operator + 2);
                self.error(
                    operator..operator + 2,
                    format!("no command follows `{what}`"),
                );
                return Some(AndOr { first, rest });
            };
            rest.push((connector, next));
        }
    }

    fn pipeline(&mut self) -> Option<Pipeline> {
        let start = self.at;
        let mut negated = false;
        while self.eat_reserved("!") {
            negated = !negated;
            self.blanks();
        }
        let Some(first) = self.command() else {
            if self.at > start {
                self.error(start..start + 1, "no command follows `!`");
            }
            return None;
        };
        let mut commands: SmallVec<[Command; 1]> = smallvec![first];
        let mut pipes = Vec::new();
        loop {
            self.blanks();
            let operator = self.at;
            if self.sees("||") || !self.eat("|") {
                break;
            }
            let with_stderr = self.eat("&");
            let pipe = Pipe {
                with_stderr,
                span: self.span_from(operator),
            };
            self.line_breaks();
            let Some(next) = self.command() else {
                self.error(operator..operator + 1, "no command follows `|`");
                break;
            };
            pipes.push(pipe);
            commands.push(next);
        }
        let end = commands.last().map_or(0, |last| last.span.end);
        Some(Pipeline {
            negated,
            commands,
            pipes,
            span: Span::new(self.text.locate(start), end),
        })
    }

    pub(super) fn command(&mut self) -> Option<Command> {
        let start = self.at;
        let Some(kind) = self.compound() else {
            return self.simple();
        };
        let mut end = self.at;
        let mut redirections = Vec::new();
        loop {
            self.blanks();
            let Some(redirection) = self.redirection() else {
                break;
            };
            end = self.at;
            redirections.push(redirection);
        }
        Some(Command {
            kind,
            redirections,
            span: self.span(start..end),
        })
    }

    fn simple(&mut self) -> Option<Command> {
        let start = self.at;
        let mut end = start;
        let mut assignments = Vec::new();
        let mut redirections = Vec::new();
        let first = self.words.len();
        loop {
            self.blanks();
            if let Some(redirection) = self.redirection() {
                redirections.push(redirection);
            } else if self.words.len() == first
                && let Some(assignment) = self.assignment()
            {
                assignments.push(assignment);
            } else if let Some(word) = self.word(Place::Command) {
                self.words.push(word);
            } else if self.peek() == Some(b'(') && self.words.len() > first {
                let opening = self.at;
                self.at += 1;
                self.blanks();
                if self.eat(")") {
                    if let [name] = &self.words[first..]
                        && assignments.is_empty()
                        && redirections.is_empty()
                    {
                        let name = name.literal().unwrap_or_default();
                        self.words.truncate(first);
                        return Some(self.function_body(start, name));
                    }
                    self.error(opening..self.at, "`()` stands in the wrong place");
                } else {
                    self.error(opening..opening + 1, "`(` stands in the wrong place");
                    self.nested(|parser| parser.list_to_parenthesis(opening));
                }
            } else {
                break;
            }
            end = self.at;
        }
        if end == start {
            return None;
        }
        let words = self.words.drain(first..).collect();
        Some(Command {
            kind: CommandKind::Simple(SimpleCommand { assignments, words }),
            redirections,
            span: self.span(start..end),
        })
    }

    /// `name() …`, up to behind the parentheses.
    pub(super) fn function_body(&mut self, start: usize, name: String) -> Command {
        self.line_breaks();
        let body = self.nested(Self::command);
        let Some(body) = body else {
            self.error(start..self.at, "the function has no body");
            return Command {
                kind: CommandKind::Group(List::default()),
                redirections: Vec::new(),
                span: self.span(start..self.at),
            };
        };
        let span = Span::new(self.text.locate(start), body.span.end);
        Command {
            kind: CommandKind::Function {
                name,
                body: Box::new(body),
            },
            redirections: Vec::new(),
            span,
        }
    }

    /// `name=value` before the program's word.
    fn assignment(&mut self) -> Option<Assignment> {
        let start = self.at;
        let bytes = &self.bytes()[start..];
        let name = name_length(bytes);
        if name == 0 {
            return None;
        }
        let mut length = name;
        if bytes.get(length) == Some(&b'[') {
            let subscript = bytes[length..]
                .iter()
                .take_while(|&&b| !matches!(b, b' ' | b'\n' | b';'));
            let close = subscript.collect::<Vec<_>>();
            length += close.iter().position(|&&b| b == b']')? + 1;
        }
        let append = bytes.get(length) == Some(&b'+') && bytes.get(length + 1) == Some(&b'=');
        length += usize::from(append);
        if bytes.get(length) != Some(&b'=') {
            return None;
        }
        self.at += length + 1;
        let value_start = self.at;
        let mut value = self.no_word();
        if self.peek() == Some(b'(') {
            self.nested(|parser| parser.group(&mut value.parts));
        }
        self.word_parts(Place::Command, &mut value.parts);
        value.span = self.span_from(value_start);
        Some(Assignment {
            name: self.raw(start..start + name).into(),
            append,
            value,
            span: self.span_from(start),
        })
    }

    pub(super) fn redirection(&mut self) -> Option<Redirection> {
        // Most words start with a letter.
        if !matches!(self.peek(), Some(b'0'..=b'9' | b'<' | b'>' | b'&')) {
            return None;
        }
        let start = self.at;
        let rest = &self.bytes()[start.min(self.bytes().len())..];
        let digits = rest.iter().take(10).take_while(|b| b.is_ascii_digit());
        let digits = digits.count();
        let behind = &rest[digits..];
        let is_operator = match behind {
            [b'<' | b'>', b'(', ..] => digits > 0,
            [b'<' | b'>', ..] => true,
            [b'&', b'>', ..] => digits == 0,
            _ => false,
        };
        if !is_operator {
            return None;
        }
        let descriptor = self.raw(start..start + digits).parse().ok();
        self.at += digits;
        let operator = REDIRECTIONS
            .into_iter()
            .find(|operator| self.eat(operator))?;
        let target_start = self.at;
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let word = self.word(Place::Command);
        if word.is_none() {
            self.at = target_start;
            self.error(start..self.at, format!("nothing follows `{operator}`"));
        }
        let span = self.span_from(start);
        let word = word.unwrap_or_else(|| self.no_word());
        let target = if matches!(operator, "<<" | "<<-") {
            let name = word
                .literal()
                .unwrap_or_else(|| self.raw(self.text.range_of(word.span)).to_owned());
            RedirectionTarget::HereDocument {
                body: self.here_document(&name, operator == "<<-"),
                delimiter: word,
            }
        } else {
            RedirectionTarget::Word(word)
        };
        Some(Redirection {
            descriptor,
            operator: operator.into(),
            target,
            span,
        })
    }
}
