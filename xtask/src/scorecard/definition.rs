//! The file that names the goals and how each is measured, checked as strictly as the manifest.

mod evidence;
mod line;
mod raw;

use std::fmt::{self, Write as _};

use camino::Utf8PathBuf;
use sha2::{Digest, Sha256};

use self::evidence::Reader;
use self::raw::{RawCommand, RawFile, RawRow};
use super::reading::Reading;
use super::words::Words;
use crate::error::{Error, Result};
use crate::project::manifest::{Places, read_checked};
use crate::project::suggestion::nearest;
use crate::source::{Location, Source};
use crate::timestamp::Period;

/// The whole file.
#[derive(Clone, Debug)]
pub struct Definition {
    /// What the page is about.
    pub title: String,
    /// What is run to measure.
    pub commands: Vec<CommandDefinition>,
    /// The rows, under their headings.
    pub groups: Vec<GroupDefinition>,
}

/// A command that measures.
#[derive(Clone, Debug)]
pub struct CommandDefinition {
    /// What evidence calls it.
    pub name: String,
    /// Whose command it is.
    pub kind: Kind,
    /// The words behind `cargo xtask` or `cargo`, or all of them.
    pub words: Vec<String>,
    /// As a person types it.
    pub line: String,
    /// How long it may take.
    pub limit: Period,
    /// Commands that must be run before, by their place.
    pub after: Vec<usize>,
    /// Exit codes that say that something does not hold.
    pub fails_with: Vec<i32>,
}

/// Whose command it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// This tool's.
    Xtask,
    /// Cargo's.
    Cargo,
    /// Another program's.
    Program,
}

/// Rows under one heading.
#[derive(Clone, Debug)]
pub struct GroupDefinition {
    /// The heading.
    pub name: String,
    /// In order.
    pub rows: Vec<RowDefinition>,
}

/// One goal.
#[derive(Clone, Debug)]
pub struct RowDefinition {
    /// What files and command lines call it.
    pub id: String,
    /// The goal as the specification words it.
    pub text: String,
    /// Where the specification says so.
    pub source: String,
    /// What has to be seen for it to hold.
    pub goal: String,
    /// Pages that tell more, with the place where they are named.
    pub docs: Vec<(Utf8PathBuf, Location)>,
    /// What shows whether it holds.
    pub evidence: Vec<Evidence>,
    /// Where it stands.
    pub location: Location,
    /// Changes with the goal, the evidence and the commands: what was measured for another one shows nothing.
    pub fingerprint: String,
}

/// What shows whether a goal is reached. Commands are named by their place in [`Definition::commands`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A command exits with 0.
    Exit {
        /// The command.
        command: usize,
        /// What that shows.
        proves: String,
    },
    /// A number in what a command prints.
    Number {
        /// The command.
        command: usize,
        /// Which number, and its goal.
        reading: Reading,
        /// What the number is about, where that has to be said.
        proves: Option<String>,
    },
    /// Words in what a command prints.
    Verdicts {
        /// The command.
        command: usize,
        /// Which words, and what they mean.
        words: Words,
        /// What they show.
        proves: String,
    },
    /// A page, which by itself shows nothing.
    Document {
        /// From the root.
        path: Utf8PathBuf,
        /// What it says.
        says: String,
    },
    /// Nothing can show it here.
    NotMeasured {
        /// Why.
        reason: String,
        /// What it would need.
        needs: Option<String>,
    },
}

impl Evidence {
    /// The command that shows it, by its place.
    #[must_use]
    pub const fn command(&self) -> Option<usize> {
        match self {
            Self::Exit { command, .. }
            | Self::Number { command, .. }
            | Self::Verdicts { command, .. } => Some(*command),
            Self::Document { .. } | Self::NotMeasured { .. } => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xtask => "cargo xtask ",
            Self::Cargo => "cargo ",
            Self::Program => "",
        })
    }
}

impl CommandDefinition {
    /// Whether it runs tests that say of themselves what they looked at.
    #[must_use]
    pub fn is_cargo_test(&self) -> bool {
        self.kind == Kind::Cargo && self.words.first().is_some_and(|word| word == "test")
    }
}

impl RowDefinition {
    /// The commands that show it, by their place, each once, in the order of the evidence.
    #[must_use]
    pub fn commands(&self) -> Vec<usize> {
        let mut commands: Vec<usize> = Vec::new();
        for command in self.evidence.iter().filter_map(Evidence::command) {
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
        commands
    }
}

impl Definition {
    /// Reads the text.
    ///
    /// # Errors
    /// It is not TOML, or has keys or values that mean nothing; all mistakes at once, each with its place.
    pub fn parse(source: &Source) -> Result<Self> {
        let (places, raw): (_, RawFile) = read_checked(source, super::keys::FILE, "the scorecard")?;
        let mut builder = Builder {
            source,
            places,
            errors: Vec::new(),
        };
        let commands = builder.commands(&raw.commands);
        let groups = builder.groups(&raw, &commands);
        builder
            .errors
            .sort_by_key(|error| error.location().map(|location| location.span));
        Error::all(builder.errors)?;
        Ok(Self {
            title: raw.title,
            commands,
            groups,
        })
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = &RowDefinition> {
        self.groups.iter().flat_map(|group| &group.rows)
    }

    /// The commands that measuring these rows takes, each once, behind those it must be run after, otherwise in the order
    /// of the file.
    #[must_use]
    pub fn plan<'a>(&self, rows: impl IntoIterator<Item = &'a RowDefinition>) -> Vec<usize> {
        fn add(commands: &[CommandDefinition], index: usize, plan: &mut Vec<usize>) {
            if plan.contains(&index) {
                return;
            }
            // There is no circle: the file was checked.
            for before in &commands[index].after {
                add(commands, *before, plan);
            }
            plan.push(index);
        }
        let mut needed: Vec<usize> = rows.into_iter().flat_map(RowDefinition::commands).collect();
        needed.sort_unstable();
        let mut plan = Vec::new();
        for index in needed {
            add(&self.commands, index, &mut plan);
        }
        plan
    }
}

/// Puts it together, and collects what is wrong.
struct Builder<'a> {
    source: &'a Source,
    places: Places,
    errors: Vec<Error>,
}

impl Builder<'_> {
    fn location(&self, path: &[&str]) -> Location {
        let span = Places::nearest(path, |path| self.places.value(path));
        self.source.location(span)
    }

    fn error(&mut self, path: &[&str], error: Error) {
        let location = self.location(path);
        self.errors.push(error.at(location));
    }

    fn commands(&mut self, raw: &[RawCommand]) -> Vec<CommandDefinition> {
        let names: Vec<&str> = raw.iter().map(|command| command.name.as_str()).collect();
        let mut commands: Vec<CommandDefinition> = Vec::new();
        for (index, one) in raw.iter().enumerate() {
            let number = index.to_string();
            let at = |key: &'static str| ["commands", number.as_str(), key];
            if names[..index].contains(&one.name.as_str()) {
                let error = Error::usage(format!("there are two commands `{}`", one.name));
                self.error(&at("name"), error.help("give one of them another name"));
            }
            let written = [
                (Kind::Xtask, "xtask", &one.xtask),
                (Kind::Cargo, "cargo", &one.cargo),
                (Kind::Program, "program", &one.program),
            ];
            let mut written = written
                .into_iter()
                .filter_map(|(kind, key, text)| Some((kind, key, text.as_deref()?)));
            let (kind, key, text) = if let (Some(one), None) = (written.next(), written.next()) {
                one
            } else {
                let error = Error::usage(format!("the command `{}` must be one command", one.name))
                    .help("give it exactly one of `xtask`, `cargo` and `program`");
                self.error(&at("name"), error);
                (Kind::Program, "name", "")
            };
            let words = line::words(text).unwrap_or_else(|| {
                let error = Error::usage(format!("`{text}` has a quote that is not closed"));
                self.error(&at(key), error);
                Vec::new()
            });
            let line = format!("{kind}{text}");
            if let Some(same) = commands
                .iter()
                .find(|other| !words.is_empty() && other.kind == kind && other.words == words)
            {
                let error =
                    Error::usage(format!("`{line}` is the command `{}` already", same.name))
                        .help("evidence of several rows may name the same command: it is run once");
                self.error(&at(key), error);
            }
            let fails_with = one.fails_with.clone().unwrap_or_else(|| match kind {
                Kind::Xtask => vec![1, 4],
                Kind::Cargo => vec![101],
                Kind::Program => vec![1],
            });
            if fails_with.contains(&0) {
                let error = Error::usage("a command that exits with 0 did not fail");
                self.error(&at("fails_with"), error);
            }
            let command = CommandDefinition {
                name: one.name.clone(),
                kind,
                words,
                line,
                limit: one.limit,
                after: self.after(&number, &one.after, &names),
                fails_with,
            };
            let shows = |word: &String| word == "--show-output" || word == "--nocapture";
            if command.is_cargo_test() && !command.words.iter().any(shows) {
                let error = Error::usage(format!(
                    "`{}` does not show what tests print: one that skips would pass unseen",
                    command.line
                ))
                .help("add `-- --show-output`");
                self.error(&at(key), error);
            }
            commands.push(command);
        }
        self.circles(&commands);
        commands
    }

    fn after(&mut self, number: &str, after: &[String], names: &[&str]) -> Vec<usize> {
        let mut found = Vec::new();
        for (position, name) in after.iter().enumerate() {
            let position = position.to_string();
            let path = ["commands", number, "after", &position];
            found.extend(self.named(name, names, &path));
        }
        found
    }

    /// The place of a command.
    fn named(&mut self, name: &str, names: &[&str], path: &[&str]) -> Option<usize> {
        let found = names.iter().position(|known| *known == name);
        if found.is_none() {
            let error = Error::usage(format!("there is no command `{name}`"));
            let error = match nearest(name, names.iter().copied()) {
                Some(known) => error.help(format!("did you mean `{known}`?")),
                None if names.is_empty() => error.help("add it as `[[commands]]`"),
                None => error.help(format!("the commands are {}", names.join(", "))),
            };
            self.error(path, error);
        }
        found
    }

    fn circles(&mut self, commands: &[CommandDefinition]) {
        for (index, command) in commands.iter().enumerate() {
            let mut reached: Vec<usize> = command.after.clone();
            let mut next = 0;
            while let Some(&at) = reached.get(next) {
                next += 1;
                for before in &commands[at].after {
                    if !reached.contains(before) {
                        reached.push(*before);
                    }
                }
            }
            if reached.contains(&index) {
                let number = index.to_string();
                let error = Error::usage(format!(
                    "the command `{}` must be run before itself",
                    command.name
                ));
                self.error(&["commands", &number, "after"], error);
            }
        }
    }

    fn groups(&mut self, raw: &RawFile, commands: &[CommandDefinition]) -> Vec<GroupDefinition> {
        let names: Vec<&str> = commands.iter().map(|one| one.name.as_str()).collect();
        let mut ids: Vec<&str> = Vec::new();
        let mut groups: Vec<GroupDefinition> = Vec::new();
        for (g, group) in raw.groups.iter().enumerate() {
            let g = g.to_string();
            if groups.iter().any(|other| other.name == group.name) {
                let error = Error::usage(format!("there are two groups \"{}\"", group.name));
                self.error(
                    &["groups", &g, "name"],
                    error.help("put their rows together"),
                );
            }
            let mut rows = Vec::new();
            for (r, row) in group.rows.iter().enumerate() {
                let r = r.to_string();
                let path = ["groups", &g, "rows", &r];
                if ids.contains(&row.id.as_str()) {
                    let error = Error::usage(format!("there are two rows `{}`", row.id))
                        .help("give one of them another id");
                    self.error(&[&path[..], &["id"]].concat(), error);
                }
                ids.push(&row.id);
                rows.push(self.row(&path, row, raw, &names));
            }
            groups.push(GroupDefinition {
                name: group.name.clone(),
                rows,
            });
        }
        groups
    }

    fn row(&mut self, path: &[&str], row: &RawRow, raw: &RawFile, names: &[&str]) -> RowDefinition {
        let mut evidence = Vec::new();
        let mut docs = Vec::new();
        for (d, page) in row.docs.iter().enumerate() {
            let location = self.location(&[path, &["docs", &d.to_string()]].concat());
            docs.push((page.clone(), location));
        }
        if row.evidence.is_empty() {
            let error = Error::usage(format!("nothing shows whether `{}` holds", row.id))
                .help("add `[[groups.rows.evidence]]`, with `not_measured` if nothing can");
            self.error(&[path, &["evidence"]].concat(), error);
        }
        let mut used = Vec::new();
        for (e, one) in row.evidence.iter().enumerate() {
            let e = e.to_string();
            let path = [path, &["evidence", &e]].concat();
            let mut command = None;
            if let Some(name) = &one.command {
                command = self.named(name, names, &[&path[..], &["command"]].concat());
                used.extend(command.map(|index| &raw.commands[index]));
                if command.is_none() {
                    // The rest can be judged all the same.
                    command = Some(0);
                }
            }
            match Reader::new(one, command).read() {
                Ok(read) => {
                    if let Evidence::Document { path: page, .. } = &read {
                        let location = self.location(&[&path[..], &["document"]].concat());
                        docs.push((page.clone(), location));
                    }
                    evidence.push(read);
                }
                Err(wrong) => {
                    for (key, error) in wrong {
                        let key = key.split('\n');
                        let path: Vec<&str> = path.iter().copied().chain(key).collect();
                        self.error(&path, error);
                    }
                }
            }
        }
        // Plain data with texts as keys always serializes.
        let told = serde_json::to_vec(&(&row.goal, &row.evidence, &used)).unwrap_or_default();
        let digest = Sha256::digest(&told);
        let mut fingerprint = String::new();
        for byte in &digest[..8] {
            // Writing to a string cannot fail.
            let _ = write!(fingerprint, "{byte:02x}");
        }
        RowDefinition {
            id: row.id.clone(),
            text: row.text.clone(),
            source: row.source.clone(),
            goal: row.goal.clone(),
            docs,
            evidence,
            location: self.location(&[path, &["id"]].concat()),
            fingerprint,
        }
    }
}

#[cfg(test)]
#[path = "definition/tests.rs"]
mod tests;
