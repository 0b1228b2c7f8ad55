//! Shell text to its syntax tree.

use crate::mapped_text::MappedText;
use crate::shell::cursor::Parser;
use crate::shell::{List, Script};

/// Reads a text. Spans in the result are places in the file.
#[must_use]
pub fn parse(text: &MappedText) -> Script {
    let mut parser = Parser::new(text, 0);
    let list = parser.whole_text();
    Script {
        list,
        comments: parser.comments,
        errors: parser.errors,
        text: text.clone(),
    }
}

impl Parser<'_> {
    /// Statements up to the end of the text.
    pub(super) fn whole_text(&mut self) -> List {
        let mut list = self.list();
        while !self.is_at_end() {
            self.stray_closer();
            list.statements.append(&mut self.list().statements);
        }
        list
    }

    /// Statements up to and with a `)`. `start` is where what it closes begins.
    pub(super) fn list_to_parenthesis(&mut self, start: usize) -> List {
        let mut list = self.list();
        loop {
            if self.eat(")") {
                return list;
            }
            if self.is_at_end() {
                self.error(start..self.at, "the `(` is not closed");
                return list;
            }
            self.stray_closer();
            list.statements.append(&mut self.list().statements);
        }
    }

    fn stray_closer(&mut self) {
        let start = self.at;
        match self.closer() {
            Some(closer) => {
                self.at += closer.len();
                self.error(start..self.at, format!("`{closer}` closes nothing"));
            }
            None => self.at += 1,
        }
    }
}
