//! The tree.

use crate::source::{Source, Span, Spanned};

/// A value with the place it was written at. What an alias (`*name`) stands for keeps the place of its anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands, from its first to behind its last byte; quotes included; of a block (`|`, `>`) the
    /// text below the header.
    pub span: Span,
    /// Its tag as written: `!reset`, `!!str`.
    pub tag: Option<String>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A single value.
    Scalar(Scalar),
    /// `- a` or `[a]`.
    Sequence(Vec<Node>),
    /// `a: b` or `{a: b}`, in the order of the file; what `<<` merges follows the mapping's own entries.
    Mapping(Vec<Entry>),
}

/// A single value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// Its text, escapes and line folding carried out.
    pub text: String,
    /// How it was written.
    pub style: Style,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: `true`, `~` and numbers mean themselves only so.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

/// `key: value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Node,
    /// The value; an empty plain scalar if there is none.
    pub value: Node,
}

impl Node {
    /// An empty plain scalar: what stands where nothing was written.
    #[must_use]
    pub const fn nothing(span: Span) -> Self {
        Self {
            value: Value::Scalar(Scalar {
                text: String::new(),
                style: Style::Plain,
            }),
            span,
            tag: None,
        }
    }

    /// A scalar's text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// A scalar's text, unless it is nothing or `null`.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if self.is_null() { None } else { self.as_str() }
    }

    /// Nothing, `~` or `null`, without quotes.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.style == Style::Plain
            && matches!(scalar.text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// `true` or `false` without quotes, as YAML 1.2 and its core schema write them.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar(Scalar {
                text,
                style: Style::Plain,
            }) => match text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A sequence's items; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// A mapping's entries; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The entry of a mapping. Of a key that is there twice, the first.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()
            .iter()
            .find(|entry| entry.key.as_str() == Some(key))
    }

    /// The value of a mapping's key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// What is behind several keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The scalar or, where lists may be written as one value, the scalars of a sequence.
    pub fn one_or_many(&self) -> impl Iterator<Item = &Self> {
        let one = matches!(self.value, Value::Scalar(_)) && !self.is_null();
        one.then_some(self).into_iter().chain(self.items())
    }

    /// A scalar's lines without the blank space around them, each with its place; blank lines are left out. Only a
    /// literal block (`|`) has lines of its own: other styles are taken as one line, or as lines at one place.
    #[must_use]
    pub fn lines(&self, source: &Source) -> Vec<Spanned<String>> {
        let Value::Scalar(scalar) = &self.value else {
            return Vec::new();
        };
        if scalar.style != Style::Literal {
            let place = if scalar.text.trim().contains('\n') || scalar.style == Style::Folded {
                self.span
            } else {
                self.content_span()
            };
            return non_blank(scalar.text.lines())
                .map(|line| Spanned::new(line.to_owned(), place))
                .collect();
        }
        let text = self.span.of(source.text());
        let mut lines = Vec::new();
        let mut at = self.span.start;
        for line in text.split_inclusive('\n') {
            let trimmed = line.trim();
            if !trimmed.is_empty() {
                let start = at + (line.len() - line.trim_start().len());
                let span = Span::new(start, start + trimmed.len());
                lines.push(Spanned::new(trimmed.to_owned(), span));
            }
            at += line.len();
        }
        lines
    }

    /// A scalar's place without its quotes.
    #[must_use]
    pub fn content_span(&self) -> Span {
        match &self.value {
            Value::Scalar(scalar)
                if scalar.style == Style::Quoted && self.span.end >= self.span.start + 2 =>
            {
                Span::new(self.span.start + 1, self.span.end - 1)
            }
            _ => self.span,
        }
    }
}

fn non_blank<'t>(lines: impl Iterator<Item = &'t str>) -> impl Iterator<Item = &'t str> {
    lines.map(str::trim).filter(|line| !line.is_empty())
}
