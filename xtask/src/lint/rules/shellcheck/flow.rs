//! Which variables surely hold one plain word, at each expansion.

use std::collections::BTreeMap;

use crate::lint::{Moment, Step};
use crate::shell::{
    Command, CommandKind, List, Pipeline, RedirectionTarget, Script, SimpleCommand, Word, WordPart,
    WordPartKind, WordPlace,
};

/// Special parameters and variables of the shell that hold a number.
const NUMBERS: [&str; 17] = [
    "#", "?", "$", "!", "-", "BASHPID", "EUID", "LINENO", "OPTIND", "PPID", "RANDOM", "SECONDS",
    "SHLVL", "UID", "COLUMNS", "LINES", "HISTSIZE",
];

/// Programs whose words may be assignments.
pub(super) const DECLARING: [&str; 5] = ["export", "readonly", "local", "declare", "typeset"];

/// The build's own variables of these names need no `ARG`.
const PROXIES: [&str; 5] = [
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "no_proxy",
    "all_proxy",
];

/// Which variables hold one plain word. The environment a build gives is taken for plain, as its author chose the values.
#[derive(Clone)]
struct Plain<'s> {
    given: Moment<'s>,
    /// What the script makes of variables.
    changed: BTreeMap<&'s str, bool>,
}

impl<'s> Plain<'s> {
    fn contains(&self, name: &str) -> bool {
        match self.changed.get(name) {
            Some(is_plain) => *is_plain,
            None => PROXIES.contains(&name) || self.given.declares(name),
        }
    }

    fn set(&mut self, name: &'s str, is_plain: bool) {
        self.changed.insert(name, is_plain);
    }

    /// What is plain here and there.
    fn both(mut self, other: &Self) -> Self {
        let both: Vec<(&str, bool)> = self
            .changed
            .keys()
            .chain(other.changed.keys())
            .map(|name| (*name, self.contains(name) && other.contains(name)))
            .collect();
        self.changed.extend(both);
        self
    }

    /// What is plain at every end; of no end at all, what is plain here.
    fn join(&mut self, ends: Vec<Self>) {
        if let Some(all) = ends.into_iter().reduce(|all, end| all.both(&end)) {
            *self = all;
        }
    }
}

/// Shows each expansion outside of quotes with what it is a part of, unless what it yields is one plain word.
pub(super) fn each_splitting_expansion<'s>(
    step: Step<'s>,
    script: &'s Script,
    see: &mut dyn FnMut(&'s WordPart, &'s Word, WordPlace<'s>),
) {
    let mut plain = Plain {
        given: step.before(),
        changed: BTreeMap::new(),
    };
    Flow { see }.list(&script.list, &mut plain);
}

struct Flow<'f, 's> {
    see: &'f mut dyn FnMut(&'s WordPart, &'s Word, WordPlace<'s>),
}

impl<'s> Flow<'_, 's> {
    fn list(&mut self, list: &'s List, plain: &mut Plain<'s>) {
        for statement in &list.statements {
            self.pipeline(&statement.and_or.first, plain);
            for (_, pipeline) in &statement.and_or.rest {
                // It may be passed over: what it assigns is not sure from here on.
                let before = plain.clone();
                self.pipeline(pipeline, plain);
                plain.join(vec![plain.clone(), before]);
            }
        }
    }

    fn pipeline(&mut self, pipeline: &'s Pipeline, plain: &mut Plain<'s>) {
        if let Some(command) = pipeline.only() {
            self.command(command, plain);
            return;
        }
        for command in &pipeline.commands {
            self.command(command, &mut plain.clone());
        }
    }

    fn command(&mut self, command: &'s Command, plain: &mut Plain<'s>) {
        match &command.kind {
            CommandKind::Simple(simple) => self.simple(simple, plain),
            CommandKind::Group(list) => self.list(list, plain),
            CommandKind::Subshell(list) => self.list(list, &mut plain.clone()),
            CommandKind::If {
                branches,
                otherwise,
            } => {
                let mut ends = Vec::new();
                for (condition, body) in branches {
                    self.list(condition, plain);
                    let mut inside = plain.clone();
                    self.list(body, &mut inside);
                    ends.push(inside);
                }
                if let Some(list) = otherwise {
                    self.list(list, plain);
                }
                ends.push(plain.clone());
                plain.join(ends);
            }
            CommandKind::For {
                variable,
                words,
                body,
            } => {
                let mut inside = plain.clone();
                let items = words.iter().flatten();
                let is_plain =
                    words.is_some() && items.clone().all(|word| is_plain_value(&word.parts, plain));
                for word in items {
                    self.word(word, WordPlace::LoopItem, plain);
                }
                inside.set(variable, is_plain);
                self.list(body, &mut inside);
                plain.join(vec![plain.clone(), inside]);
            }
            CommandKind::While {
                condition, body, ..
            } => {
                self.list(condition, plain);
                let mut inside = plain.clone();
                self.list(body, &mut inside);
                plain.join(vec![plain.clone(), inside]);
            }
            CommandKind::Case { subject, arms } => {
                self.word(subject, WordPlace::CaseSubject, plain);
                let mut ends = vec![];
                let mut is_complete = false;
                for arm in arms {
                    is_complete |= arm
                        .patterns
                        .iter()
                        .any(|pattern| pattern.literal().as_deref() == Some("*"));
                    let mut inside = plain.clone();
                    self.list(&arm.body, &mut inside);
                    ends.push(inside);
                }
                if !is_complete {
                    ends.push(plain.clone());
                }
                plain.join(ends);
            }
            CommandKind::Function { body, .. } => self.command(body, &mut plain.clone()),
            CommandKind::Test(words) => {
                for word in words {
                    self.word(word, WordPlace::Test, plain);
                }
            }
            CommandKind::Arithmetic(_) => {}
        }
        for redirection in &command.redirections {
            if let RedirectionTarget::Word(word) = &redirection.target {
                self.word(word, WordPlace::Redirection(&redirection.operator), plain);
            }
        }
    }

    fn simple(&mut self, simple: &'s SimpleCommand, plain: &mut Plain<'s>) {
        for assignment in &simple.assignments {
            let place = WordPlace::Assignment(&assignment.name);
            self.word(&assignment.value, place, plain);
        }
        for (at, word) in simple.words.iter().enumerate() {
            self.word(word, WordPlace::Command(simple, at), plain);
        }
        if simple.words.is_empty() {
            for assignment in &simple.assignments {
                let value = &assignment.value.parts;
                let was = !assignment.append || plain.contains(assignment.name.as_str());
                let is_plain = was && !value.is_empty() && is_plain_value(value, plain);
                plain.set(&assignment.name, is_plain);
            }
            return;
        }
        let Some(name) = simple.name() else { return };
        let names = &simple.words[1..];
        if DECLARING.contains(&name.as_str()) {
            for word in names {
                if let Some((name, value)) = declaration(word) {
                    let is_plain = is_plain_declaration(value, &word.parts[1..], plain);
                    plain.set(name, is_plain);
                }
            }
        } else if matches!(
            name.as_str(),
            "read" | "mapfile" | "readarray" | "getopts" | "unset" | "printf"
        ) {
            for word in names {
                if let [
                    WordPart {
                        kind: WordPartKind::Literal(name),
                        ..
                    },
                ] = word.parts.as_slice()
                {
                    plain.set(name, false);
                }
            }
        }
    }

    fn word(&mut self, word: &'s Word, place: WordPlace<'s>, plain: &mut Plain<'s>) {
        for part in &word.parts {
            self.part(part, word, place, false, plain);
        }
    }

    fn part(
        &mut self,
        part: &'s WordPart,
        word: &'s Word,
        place: WordPlace<'s>,
        covered: bool,
        plain: &mut Plain<'s>,
    ) {
        match &part.kind {
            WordPartKind::DoubleQuoted(parts) | WordPartKind::Arithmetic(parts) => {
                for part in parts {
                    self.part(part, word, place, true, plain);
                }
            }
            WordPartKind::Parameter { parts, .. } => {
                if !covered && !is_plain_part(part, plain) {
                    (self.see)(part, word, place);
                }
                for part in parts {
                    self.part(part, word, place, true, plain);
                }
            }
            WordPartKind::CommandSubstitution { list, .. }
            | WordPartKind::ProcessSubstitution(list) => self.list(list, &mut plain.clone()),
            WordPartKind::Literal(_) | WordPartKind::Escaped(_) | WordPartKind::SingleQuoted(_) => {
            }
        }
    }
}

/// `name=…` as a word: the name, and the literal behind the `=`.
pub(super) fn declaration(word: &Word) -> Option<(&str, &str)> {
    let WordPartKind::Literal(text) = &word.parts.first()?.kind else {
        return None;
    };
    let (name, value) = text.split_once('=')?;
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    (!name.is_empty() && name.bytes().all(is_name)).then_some((name, value))
}

fn is_plain_declaration(value: &str, rest: &[WordPart], plain: &Plain<'_>) -> bool {
    (!value.is_empty() || !rest.is_empty()) && is_plain_text(value) && is_plain_value(rest, plain)
}

fn is_plain_text(text: &str) -> bool {
    !text.contains([' ', '\t', '\n', '*', '?', '['])
}

fn is_plain_value(parts: &[WordPart], plain: &Plain<'_>) -> bool {
    parts.iter().all(|part| is_plain_part(part, plain))
}

fn is_plain_part(part: &WordPart, plain: &Plain<'_>) -> bool {
    match &part.kind {
        WordPartKind::Literal(text) | WordPartKind::SingleQuoted(text) => is_plain_text(text),
        WordPartKind::Escaped(c) => is_plain_text(c.encode_utf8(&mut [0; 4])),
        WordPartKind::DoubleQuoted(parts) => is_plain_value(parts, plain),
        WordPartKind::Parameter {
            name, operation, ..
        } => {
            let is_length = operation.as_deref() == Some("#");
            is_length || NUMBERS.contains(&name.as_str()) || plain.contains(name.as_str())
        }
        WordPartKind::Arithmetic(_) => true,
        _ => false,
    }
}
