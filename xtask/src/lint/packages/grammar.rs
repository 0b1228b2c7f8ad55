//! How one manager's command line is read.

use smallvec::SmallVec;

use crate::lint::packages::{Call, Requirement, RequirementKind};
use crate::shell::{Argument, Invocation};

/// A manager's command line.
#[derive(Debug)]
pub(super) struct Grammar {
    /// What installs, each as its words.
    pub(super) verbs: &'static [&'static [&'static str]],
    /// Options whose value is the next word.
    pub(super) value_options: &'static [&'static str],
    /// Letters whose value is the rest of their group or, if they end it, the next word.
    pub(super) value_letters: &'static str,
    /// Single letters can be grouped: `-qy`.
    pub(super) groups: bool,
    /// Reads a word as something to install.
    pub(super) read: fn(&str) -> Option<Named>,
    /// What options say about all of them.
    pub(super) finish: for<'c, 'r, 'i> fn(&'c Call<'i>, &'r mut Vec<Requirement<'i>>),
}

/// A word that names something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) kind: RequirementKind,
    /// Where the name ends.
    pub(super) name_end: usize,
    /// Where the constraint starts.
    pub(super) constraint: Option<usize>,
}

impl Named {
    /// A package whose constraint starts where its name ends.
    pub(super) fn package(text: &str, name_end: Option<usize>) -> Self {
        Self {
            kind: RequirementKind::Package,
            name_end: name_end.unwrap_or(text.len()),
            constraint: name_end,
        }
    }

    /// Something that is no package.
    pub(super) const fn other(text: &str, kind: RequirementKind) -> Self {
        Self {
            kind,
            name_end: text.len(),
            constraint: None,
        }
    }

    /// A repository, with its revision.
    pub(super) const fn repository(text: &str, revision: Option<usize>) -> Self {
        Self {
            kind: RequirementKind::Repository,
            name_end: text.len(),
            constraint: revision,
        }
    }
}

/// Options say nothing about packages.
pub(super) fn nothing_more<'i>(_call: &Call<'i>, _packages: &mut Vec<Requirement<'i>>) {}

/// `./a`, `/a`, `../a`, `~/a`.
pub(super) fn is_path(text: &str) -> bool {
    // Most words start with a letter.
    matches!(text.as_bytes().first(), Some(b'/' | b'.' | b'~'))
        && (matches!(text, "." | "..")
            || ["/", "./", "../", "~/"]
                .iter()
                .any(|start| text.starts_with(start)))
}

/// Whether a file's name ends in one of these.
pub(super) fn is_file(text: &str, endings: &[&str]) -> bool {
    endings
        .iter()
        .any(|end| text.len() > end.len() && text.ends_with(end))
}

/// The places of the words from `start` on that are neither options nor values of options.
pub(super) fn words(
    grammar: &Grammar,
    arguments: &[Argument],
    start: usize,
) -> SmallVec<[usize; 8]> {
    let mut found = SmallVec::new();
    let mut at = start;
    while let Some(argument) = arguments.get(at) {
        if argument.text == "--" {
            found.extend(at + 1..arguments.len());
            return found;
        }
        if !argument.is_option() {
            found.push(at);
        } else if takes_next(grammar, &argument.text) {
            at += 1;
        }
        at += 1;
    }
    found
}

/// The options, without their values that stand as words of their own.
pub(super) fn options<'a>(
    grammar: &'a Grammar,
    invocation: &'a Invocation,
) -> impl Iterator<Item = &'a Argument> {
    let mut is_value = false;
    invocation
        .arguments
        .iter()
        .take_while(|argument| argument.text != "--")
        .filter(move |argument| {
            if std::mem::take(&mut is_value) {
                return false;
            }
            is_value = argument.is_option() && takes_next(grammar, &argument.text);
            argument.is_option()
        })
}

/// Whether an option's word means one of these options.
pub(super) fn is_named(grammar: &Grammar, option: &Argument, names: &[&str]) -> bool {
    let text = option.text.as_str();
    names.iter().any(|name| {
        let is_letter = name.len() == 2 && !name.starts_with("--");
        if grammar.groups && is_letter && !text.starts_with("--") {
            // What follows a letter with a value is the value.
            return text[1..]
                .chars()
                .take_while(|c| *c != '=')
                .try_for_each(|c| {
                    if name.ends_with(c) {
                        Err(true)
                    } else if grammar.value_letters.contains(c) {
                        Err(false)
                    } else {
                        Ok(())
                    }
                })
                == Err(true);
        }
        text.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    })
}

fn takes_next(grammar: &Grammar, option: &str) -> bool {
    if grammar.value_options.contains(&option) {
        return true;
    }
    if !grammar.groups || option.starts_with("--") {
        return false;
    }
    let letters = &option[1..];
    letters
        .find(|c| grammar.value_letters.contains(c))
        .is_some_and(|at| letters[at..].chars().count() == 1)
}
