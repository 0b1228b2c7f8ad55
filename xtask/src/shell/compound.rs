//! Commands that hold others: subshells, conditions, loops, functions.

use smallvec::smallvec;

use crate::shell::cursor::Parser;
use crate::shell::words::Place;
use crate::shell::{CaseArm, CommandKind, List, Word, WordPart, WordPartKind};

impl Parser<'_> {
    /// The compound command here. `None` if none begins here.
    pub(super) fn compound(&mut self) -> Option<CommandKind> {
        let start = self.at;
        if self.peek() == Some(b'(') {
            if self.peek_at(1) == Some(b'(')
                && let Some(end) = self.arithmetic_end(start)
            {
                self.at = end;
                return Some(CommandKind::Arithmetic(self.span_from(start)));
            }
            self.at += 1;
            let list = self.nested(|parser| parser.list_to_parenthesis(start));
            return Some(CommandKind::Subshell(list));
        }
        let word = self.reserved()?;
        if !matches!(
            word,
            "{" | "[[" | "if" | "case" | "for" | "select" | "while" | "until" | "function"
        ) {
            return None;
        }
        self.at += word.len();
        self.nested(|parser| match word {
            "{" => {
                let list = parser.list();
                parser.close(start, "{", "}");
                Some(CommandKind::Group(list))
            }
            "[[" => Some(parser.test(start)),
            "if" => Some(parser.condition(start)),
            "case" => Some(parser.case(start)),
            "for" | "select" => Some(parser.for_loop(start, word)),
            "while" | "until" => {
                let condition = parser.list();
                let body = parser.body(start, word);
                Some(CommandKind::While {
                    until: word == "until",
                    condition,
                    body,
                })
            }
            _ => Some(parser.function()),
        })
    }

    /// The reserved word that has to stand here. What began at `start` is the one to blame.
    fn close(&mut self, start: usize, opener: &str, word: &str) -> bool {
        let closes = self.eat_reserved(word);
        if !closes {
            let end = start + opener.len();
            self.error(start..end, format!("`{opener}` has no `{word}`"));
        }
        closes
    }

    fn condition(&mut self, start: usize) -> CommandKind {
        let mut branches = Vec::new();
        let mut otherwise = None;
        loop {
            let condition = self.list();
            if self.close(start, "if", "then") {
                branches.push((condition, self.list()));
            } else {
                branches.push((condition, List::default()));
            }
            if !self.eat_reserved("elif") {
                break;
            }
        }
        if self.eat_reserved("else") {
            otherwise = Some(self.list());
        }
        self.close(start, "if", "fi");
        CommandKind::If {
            branches,
            otherwise,
        }
    }

    /// `do …; done`.
    fn body(&mut self, start: usize, opener: &str) -> List {
        if !self.close(start, opener, "do") {
            return List::default();
        }
        let list = self.list();
        self.close(start, opener, "done");
        list
    }

    fn for_loop(&mut self, start: usize, opener: &str) -> CommandKind {
        self.blanks();
        let mut variable = String::new();
        let mut words = None;
        if self.sees("((")
            && let Some(end) = self.arithmetic_end(self.at)
        {
            self.at = end;
        } else if let Some(name) = self.word(Place::Command) {
            variable = name.literal().unwrap_or_default();
            self.line_breaks();
            if self.eat_reserved("in") {
                words = Some(self.words());
            }
        } else {
            self.error(start..self.at, format!("no name follows `{opener}`"));
        }
        self.blanks();
        if self.closer().is_none() {
            self.eat(";");
        }
        self.line_breaks();
        // Shells accept braces too.
        let body = if self.sees_reserved("{") {
            let opening = self.at;
            self.at += 1;
            let list = self.list();
            self.close(opening, "{", "}");
            list
        } else {
            self.body(start, opener)
        };
        CommandKind::For {
            variable,
            words,
            body,
        }
    }

    fn words(&mut self) -> Vec<Word> {
        let mut words = Vec::new();
        loop {
            self.blanks();
            match self.word(Place::Command) {
                Some(word) => words.push(word),
                None => return words,
            }
        }
    }

    fn case(&mut self, start: usize) -> CommandKind {
        self.blanks();
        let subject = self.word(Place::Command).unwrap_or_else(|| self.no_word());
        self.line_breaks();
        let mut arms = Vec::new();
        if !self.close(start, "case", "in") {
            return CommandKind::Case { subject, arms };
        }
        loop {
            self.line_breaks();
            if self.eat_reserved("esac") {
                break;
            }
            self.eat("(");
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                patterns.extend(self.word(Place::Command));
                self.blanks();
                if !self.eat("|") {
                    break;
                }
            }
            if !self.eat(")") {
                self.error(start..start + 4, "`case` has no `esac`");
                break;
            }
            let body = self.list();
            arms.push(CaseArm { patterns, body });
            if !(self.eat(";;&") || self.eat(";;") || self.eat(";&")) {
                self.close(start, "case", "esac");
                break;
            }
        }
        CommandKind::Case { subject, arms }
    }

    fn function(&mut self) -> CommandKind {
        let start = self.at;
        self.blanks();
        let name = self.word(Place::Command).and_then(|name| name.literal());
        self.blanks();
        if self.eat("(") {
            self.blanks();
            self.eat(")");
        }
        self.function_body(start, name.unwrap_or_default()).kind
    }

    /// `[[ … ]]`.
    fn test(&mut self, start: usize) -> CommandKind {
        let mut words: Vec<Word> = Vec::new();
        loop {
            self.line_breaks();
            if self.eat_reserved("]]") {
                break;
            }
            let after_match = words
                .last()
                .is_some_and(|word| word.literal().as_deref() == Some("=~"));
            let place = if after_match {
                Place::Regex
            } else {
                Place::Command
            };
            if let Some(word) = self.word(place) {
                words.push(word);
                continue;
            }
            let length = match self.peek() {
                Some(b'&' | b'|') if self.sees("&&") || self.sees("||") => 2,
                Some(b'(' | b')' | b'<' | b'>') => 1,
                _ => {
                    self.error(start..start + 2, "`[[` has no `]]`");
                    break;
                }
            };
            let at = self.at;
            self.at += length;
            let span = self.span_from(at);
            let kind = WordPartKind::Literal(self.raw(at..self.at).into());
            let parts = smallvec![WordPart { kind, span }];
            words.push(Word { parts, span });
        }
        CommandKind::Test(words)
    }
}
