//! Shell text: what `RUN` and its here-documents say, as commands, arguments, pipes and lists.
//!
//! Parsing never fails: what cannot be understood becomes a [`SyntaxError`] and costs as little as possible.
//! Reference: POSIX.1-2024 chapter 2 (Shell Command Language), and bash where it goes beyond.

mod ast;
mod commands;
mod compound;
mod cursor;
mod expansions;
mod invocation;
mod launchers;
mod parser;
mod unquoted;
mod visit;
mod walk;
mod words;

#[cfg(test)]
mod tests;

pub use ast::{
    AndOr, Assignment, CaseArm, Command, CommandKind, Connector, List, Pipe, Pipeline, Redirection,
    RedirectionTarget, Script, SimpleCommand, Statement, SyntaxError, Word, WordPart, WordPartKind,
    WordParts,
};
pub use invocation::{Argument, Invocation};
pub use parser::parse;
pub use visit::{CommandPlace, Node, PartPlace, WordPlace};
pub use walk::exec_invocations;
