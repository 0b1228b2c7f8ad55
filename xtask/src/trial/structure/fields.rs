//! Reading nodes strictly: what is not understood is an error with its place, and all errors are told at once.

use super::file::{Expected, Text, Variable};
use super::pattern::Pattern;
use crate::error::Error;
use crate::source::{Source, Span};
use crate::yaml::{Node, Value};

/// Reads one file and gathers what is wrong with it.
pub(super) struct Fields<'s> {
    pub(super) source: &'s Source,
    pub(super) errors: Vec<Error>,
}

impl Fields<'_> {
    pub(super) fn wrong(&mut self, span: Span, message: impl Into<String>) {
        self.errors
            .push(Error::usage(message).at(self.source.location(span)));
    }

    pub(super) fn wrong_with_help(&mut self, span: Span, message: &str, help: String) {
        let error = Error::usage(message).help(help);
        self.errors.push(error.at(self.source.location(span)));
    }

    /// Whether a node is a mapping, after telling of keys that are unknown or there twice.
    pub(super) fn mapping(&mut self, node: &Node, what: &str, known: &[&str]) -> bool {
        if !matches!(node.value, Value::Mapping(_)) {
            self.wrong(node.span, format!("{what} must be a mapping"));
            return false;
        }
        let mut seen: Vec<&str> = Vec::new();
        for entry in node.entries() {
            let Some(key) = entry.key.as_str() else {
                self.wrong(entry.key.span, format!("a key of {what} must be a text"));
                continue;
            };
            if seen.contains(&key) {
                self.wrong(entry.key.span, format!("`{key}` is there twice in {what}"));
            } else if !known.contains(&key) {
                let same = |name: &&&str| name.eq_ignore_ascii_case(key);
                let near = known.iter().find(same).copied();
                let near = near
                    .or_else(|| crate::project::suggestion::nearest(key, known.iter().copied()));
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it has {}", known.join(", ")),
                };
                self.wrong_with_help(entry.key.span, &format!("{what} has no key `{key}`"), help);
            }
            seen.push(key);
        }
        true
    }

    /// The items of a list; none where the key is not written.
    pub(super) fn list<'n>(&mut self, node: Option<&'n Node>, what: &str) -> &'n [Node] {
        match node {
            Some(node) if node.is_null() => &[],
            Some(Node {
                value: Value::Sequence(items),
                ..
            }) => items,
            Some(node) => {
                self.wrong(node.span, format!("{what} must be a list"));
                &[]
            }
            None => &[],
        }
    }

    /// A scalar's text.
    pub(super) fn text(&mut self, node: &Node, what: &str) -> Option<Text> {
        match node.as_str() {
            Some(text) if !node.is_null() => Some(Text::new(text.to_owned(), node.span)),
            _ => {
                self.wrong(node.span, format!("{what} must be a text"));
                None
            }
        }
    }

    /// A text that may be left out.
    pub(super) fn optional_text(&mut self, node: &Node, key: &str) -> Option<Text> {
        let value = node.get(key).filter(|value| !value.is_null())?;
        self.text(value, &format!("`{key}`"))
    }

    /// A text that must be there and say something.
    pub(super) fn required_text(&mut self, node: &Node, key: &str, what: &str) -> Option<Text> {
        let Some(entry) = node.entry(key) else {
            self.wrong(node.span, format!("{what} has no `{key}`"));
            return None;
        };
        let text = self.text(&entry.value, &format!("`{key}`"))?;
        if text.value.is_empty() {
            self.wrong(text.span, format!("the `{key}` of {what} is empty"));
            return None;
        }
        Some(text)
    }

    pub(super) fn texts(&mut self, node: Option<&Node>, what: &str) -> Vec<Text> {
        let items = self.list(node, what);
        let of = format!("an item of {what}");
        items
            .iter()
            .filter_map(|item| self.text(item, &of))
            .collect()
    }

    pub(super) fn plain_texts(&mut self, node: Option<&Node>, what: &str) -> Vec<String> {
        let texts = self.texts(node, what);
        texts.into_iter().map(|text| text.value).collect()
    }

    pub(super) fn switch(&mut self, node: &Node, key: &str, default: bool) -> bool {
        let Some(value) = node.get(key).filter(|value| !value.is_null()) else {
            return default;
        };
        value.as_bool().unwrap_or_else(|| {
            self.wrong(value.span, format!("`{key}` must be true or false"));
            default
        })
    }

    /// A whole number that is not quoted.
    pub(super) fn number<N: std::str::FromStr>(&mut self, node: &Node, key: &str) -> Option<N> {
        let value = node.get(key).filter(|value| !value.is_null())?;
        let number = value.as_str().and_then(|text| text.parse().ok());
        if number.is_none() {
            self.wrong(value.span, format!("`{key}` must be a whole number"));
        }
        number
    }

    pub(super) fn pattern(&mut self, text: &Text) -> Option<Pattern> {
        match Pattern::new(&text.value) {
            Ok(pattern) => Some(pattern),
            Err(why) => {
                let message = format!("`{}` is no pattern: {why}", text.value);
                self.wrong(text.span, message);
                None
            }
        }
    }

    /// Two lists of patterns.
    pub(super) fn expected(&mut self, node: &Node, expected: &str, excluded: &str) -> Expected {
        let mut patterns = |key: &str| -> Vec<Pattern> {
            let texts = self.texts(node.get(key), &format!("`{key}`"));
            texts.iter().filter_map(|text| self.pattern(text)).collect()
        };
        Expected {
            expected: patterns(expected),
            excluded: patterns(excluded),
        }
    }

    /// A list of `key` and `value`.
    pub(super) fn variables(&mut self, node: Option<&Node>, what: &str) -> Vec<Variable> {
        let mut variables = Vec::new();
        for item in self.list(node, what) {
            let one = format!("an item of {what}");
            if !self.mapping(item, &one, &["key", "value"]) {
                continue;
            }
            let key = self.required_text(item, "key", &one);
            let value = self.required_text(item, "value", &one);
            if let (Some(key), Some(value)) = (key, value) {
                if key.value.contains(['=', '\0']) {
                    self.wrong(
                        key.span,
                        format!("`{}` is no name of a variable", key.value),
                    );
                    continue;
                }
                variables.push(Variable {
                    key: key.value,
                    value: value.value,
                });
            }
        }
        variables
    }
}
