//! A file's text against its table of keys: every mistake at once, each with its place.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::kind::{Key, Kind, Presence};
use super::value;
use crate::error::{Error, Result};
use crate::project::suggestion::nearest;
use crate::source::{Location, Source, Span};

/// Where each key stands, by its path from the top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places(BTreeMap<Vec<String>, Place>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    key: Span,
    value: Span,
}

impl Places {
    pub(crate) fn key(&self, path: &[&str]) -> Option<Span> {
        self.place(path).map(|place| place.key)
    }

    pub(crate) fn value(&self, path: &[&str]) -> Option<Span> {
        self.place(path).map(|place| place.value)
    }

    /// The nearest place on the way to a key that is written, for which `find` is [`Places::key`] or [`Places::value`].
    pub(crate) fn nearest(path: &[&str], find: impl Fn(&[&str]) -> Option<Span>) -> Span {
        let mut lengths = (1..=path.len()).rev();
        lengths
            .find_map(|length| find(&path[..length]))
            .unwrap_or_default()
    }

    fn place(&self, path: &[&str]) -> Option<Place> {
        let path: Vec<String> = path.iter().map(|&name| name.to_owned()).collect();
        self.0.get(&path).copied()
    }
}

/// Checks and reads the whole text, which messages call `what`. It is parsed once for both.
///
/// # Errors
/// It is not TOML, or has keys or values that mean nothing; all mistakes at once, each with its place.
pub(crate) fn read<T: DeserializeOwned>(
    source: &Source,
    keys: &'static [Key],
    what: &str,
) -> Result<(Places, T)> {
    let (document, places, errors) = check(source, keys, what);
    Error::all(errors)?;
    let value = T::deserialize(toml::Deserializer::from(document)).map_err(|error| {
        let span = Span::from(error.span().unwrap_or_default());
        Error::usage(error.message()).at(source.location(span))
    })?;
    Ok((places, value))
}

/// The document with the places of its keys, and what is wrong with it in the order of the file.
fn check<'s>(
    source: &'s Source,
    keys: &'static [Key],
    what: &str,
) -> (Spanned<DeTable<'s>>, Places, Vec<Error>) {
    let mut checker = Checker {
        source,
        path: Vec::new(),
        places: Places::default(),
        errors: Vec::new(),
    };
    let (document, mistakes) = DeTable::parse_recoverable(source.text());
    if mistakes.is_empty() {
        let whole = Span::new(0, 0);
        checker.table(document.get_ref(), keys, whole);
    } else {
        // A hundred open brackets end in the same place: that is one mistake.
        let mut told = BTreeSet::new();
        for mistake in mistakes {
            let span = Span::from(mistake.span().unwrap_or_default());
            if told.insert((span, mistake.message().to_owned())) {
                let message = format!("{what} is not TOML: {}", mistake.message());
                checker.error(span, message);
            }
        }
    }
    let mut errors = checker.errors;
    errors.sort_by_key(|(span, _)| *span);
    let errors = errors.into_iter().map(|(_, error)| error).collect();
    (document, checker.places, errors)
}

struct Checker<'a> {
    source: &'a Source,
    path: Vec<String>,
    places: Places,
    errors: Vec<(Span, Error)>,
}

impl Checker<'_> {
    fn error(&mut self, span: Span, message: impl Into<String>) {
        self.push(span, Error::usage(message));
    }

    fn push(&mut self, span: Span, error: Error) {
        let location = Location {
            source: self.source.clone(),
            span,
        };
        self.errors.push((span, error.at(location)));
    }

    /// `keys.of.this` as messages name it.
    fn name(&self, key: &str) -> String {
        self.path
            .iter()
            .map(String::as_str)
            .chain([key])
            .collect::<Vec<_>>()
            .join(".")
    }

    fn inside(&mut self, step: &str, check: impl FnOnce(&mut Self)) {
        self.path.push(step.to_owned());
        check(self);
        self.path.pop();
    }

    fn record(&mut self, step: &str, key: Span, value: Span) {
        let mut path = self.path.clone();
        path.push(step.to_owned());
        self.places.0.insert(path, Place { key, value });
    }

    fn table(&mut self, table: &DeTable<'_>, keys: &'static [Key], span: Span) {
        for (written, value) in table {
            let name: &str = written.get_ref();
            let key_span = Span::from(written.span());
            let Some(key) = keys.iter().find(|key| key.name == name) else {
                self.unknown(name, key_span, keys);
                continue;
            };
            self.record(name, key_span, value.span().into());
            self.inside(name, |this| this.value(value, key.kind));
        }
        let required = keys.iter().filter(|key| key.presence == Presence::Required);
        for key in required {
            if table.keys().all(|written| written.get_ref() != key.name) {
                let name = self.name(key.name);
                let error = Error::usage(format!("`{name}` is missing"))
                    .help(format!("for example: {}", value::example(key)));
                self.push(span, error);
            }
        }
    }

    fn unknown(&mut self, name: &str, span: Span, keys: &'static [Key]) {
        let full = self.name(name);
        let mut error = Error::usage(format!("unknown key `{full}`"));
        error = match nearest(name, keys.iter().map(|key| key.name)) {
            Some(known) => error.help(format!("did you mean `{known}`?")),
            None => error.help(format!(
                "the keys here are {}",
                keys.iter()
                    .map(|key| format!("`{}`", key.name))
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
        };
        self.push(span, error);
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, kind: Kind) {
        let span = Span::from(value.span());
        match (kind, value.get_ref()) {
            (Kind::Table(keys) | Kind::OneOrMore(keys), DeValue::Table(table)) => {
                self.table(table, keys, span);
            }
            (Kind::Tables(keys) | Kind::OneOrMore(keys), DeValue::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let span = Span::from(item.span());
                    self.record(&index.to_string(), span, span);
                    self.inside(&index.to_string(), |this| match item.get_ref() {
                        DeValue::Table(table) => this.table(table, keys, span),
                        other => this.wrong_type("a table", other, span),
                    });
                }
            }
            (Kind::Map(_, key_kind, value_kind), DeValue::Table(table)) => {
                for (written, value) in table {
                    let name: &str = written.get_ref();
                    let key_span = Span::from(written.span());
                    if let Err(message) = value::text(*key_kind, name) {
                        self.error(key_span, format!("the key {message}"));
                    }
                    self.record(name, key_span, value.span().into());
                    self.inside(name, |this| this.value(value, *value_kind));
                }
            }
            (Kind::List(item_kind), DeValue::Array(items)) => self.list(items, *item_kind),
            (Kind::Opaque, DeValue::Table(_)) => {}
            (kind, value) => match value::check(kind, value) {
                Ok(()) => {}
                Err(value::Mistake::Type(expected)) => self.wrong_type(expected, value, span),
                Err(value::Mistake::Value(message)) => {
                    let name = self.path.join(".");
                    self.error(span, format!("`{name}`: {message}"));
                }
            },
        }
    }

    fn list(&mut self, items: &[Spanned<DeValue<'_>>], kind: Kind) {
        for (index, item) in items.iter().enumerate() {
            let span = Span::from(item.span());
            self.record(&index.to_string(), span, span);
            let twice = item.get_ref().as_str().is_some_and(|text| {
                items[..index]
                    .iter()
                    .any(|earlier| earlier.get_ref().as_str() == Some(text))
            });
            if twice {
                let name = self.path.join(".");
                self.error(span, format!("`{name}` says this twice"));
            }
            self.value(item, kind);
        }
    }

    fn wrong_type(&mut self, expected: &str, found: &DeValue<'_>, span: Span) {
        let name = self.path.join(".");
        let found = match found.type_str() {
            "string" => "a text",
            "integer" => "a whole number",
            "float" => "a number with a fraction",
            "boolean" => "a switch",
            "datetime" => "a date or time",
            "array" => "a list",
            _ => "a table",
        };
        self.error(span, format!("`{name}` must be {expected}, not {found}"));
    }
}
