//! The names a script assigns, and those whose emptiness it looks at.

use std::collections::BTreeSet;

use crate::lint::rules::shellcheck::flow::DECLARING;
use crate::shell::{CommandKind, Node, Script, SimpleCommand, Word, WordPart, WordPartKind};

/// Every name that some command of the script may set, whatever the order.
pub(super) fn assigned_names(script: &Script) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    script.visit(&mut |node| match node {
        Node::Command(command, _) => match &command.kind {
            CommandKind::For { variable, .. } => {
                names.insert(variable.as_str());
            }
            CommandKind::Simple(simple) => by_command(simple, &mut names),
            _ => {}
        },
        Node::Part(part, _) => {
            if let WordPartKind::Parameter {
                name,
                operation: Some(operation),
                ..
            } = &part.kind
                && (operation.starts_with(":=") || operation.starts_with('='))
            {
                names.insert(name);
            }
        }
        _ => {}
    });
    names
}

fn by_command<'s>(simple: &'s SimpleCommand, names: &mut BTreeSet<&'s str>) {
    if simple.words.is_empty() {
        names.extend(simple.assignments.iter().map(|a| a.name.as_str()));
        return;
    }
    let Some(program) = simple.name() else { return };
    let arguments = simple.words[1..].iter().filter_map(start_of);
    match program.as_str() {
        name if DECLARING.contains(&name) => {
            names.extend(arguments.map(|text| text.split(['=', '+', '[']).next().unwrap_or(text)));
        }
        "read" | "mapfile" | "readarray" | "getopts" | "let" => {
            names.extend(arguments.map(|text| text.split('=').next().unwrap_or(text)));
        }
        "printf" => {
            let words: Vec<&str> = arguments.collect();
            if let ["-v", name, ..] = words.as_slice() {
                names.insert(name);
            }
        }
        _ => {}
    }
}

/// The literal text a word starts with.
fn start_of(word: &Word) -> Option<&str> {
    match &word.parts.first()?.kind {
        WordPartKind::Literal(text) | WordPartKind::SingleQuoted(text) => Some(text),
        _ => None,
    }
}

/// Every name that a test of the script looks at alone: `[ -n "$x" ]`, `[ -z "$x" ]`, `[ "$x" ]`.
pub(super) fn guarded_names(script: &Script) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    script.visit(&mut |node| {
        let Node::Command(command, _) = node else {
            return;
        };
        let words = match &command.kind {
            CommandKind::Test(words) => words.as_slice(),
            CommandKind::Simple(simple) if simple.name().as_deref() == Some("[") => simple.words
                [1..]
                .split_last()
                .map_or(&[][..], |(_, rest)| rest),
            _ => return,
        };
        // `"$x" -a "$y"` are two tests.
        let joins =
            |word: &Word| matches!(word.literal().as_deref(), Some("-a" | "-o" | "&&" | "||"));
        for test in words.split(joins) {
            if let [only] = test {
                names.extend(variable(&only.parts));
            }
        }
        for pair in words.windows(2) {
            if matches!(pair[0].literal().as_deref(), Some("-n" | "-z")) {
                names.extend(variable(&pair[1].parts));
            }
        }
    });
    names
}

fn variable(parts: &[WordPart]) -> Option<&str> {
    let [part] = parts else { return None };
    match &part.kind {
        WordPartKind::Parameter { name, .. } => Some(name),
        WordPartKind::DoubleQuoted(parts) => variable(parts),
        _ => None,
    }
}
