//! Values that know which file they were written in: what is left when patches of several files are laid over a manifest.

use std::fmt::Write as _;

use crate::source::{Location, Source};
use crate::yaml::{Node, Scalar, Style, Value};

/// A value, and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// What it is.
    pub data: Data,
    /// Where it stands.
    pub place: Location,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Tree>),
    /// Names and values, in their order.
    Mapping(Vec<Field>),
}

/// `name: value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub place: Location,
    /// The value.
    pub value: Tree,
}

impl Tree {
    /// What was read of a file. Names that are no single value are left out: Kubernetes knows none.
    #[must_use]
    pub fn of(node: &Node, source: &Source) -> Self {
        let data = match &node.value {
            Value::Scalar(scalar) => Data::Scalar(scalar.clone()),
            Value::Sequence(items) => {
                Data::Sequence(items.iter().map(|item| Self::of(item, source)).collect())
            }
            Value::Mapping(entries) => Data::Mapping(
                entries
                    .iter()
                    .filter_map(|entry| {
                        Some(Field {
                            name: entry.key.as_str()?.to_owned(),
                            place: source.location(entry.key.span),
                            value: Self::of(&entry.value, source),
                        })
                    })
                    .collect(),
            ),
        };
        Self {
            data,
            place: source.location(node.content_span()),
        }
    }

    /// A text that was not written as such but follows from what stands at `place`.
    #[must_use]
    pub fn text_at(text: impl Into<String>, place: &Location) -> Self {
        Self::scalar_at(text, Style::Quoted, place)
    }

    /// A number that follows from what stands at `place`.
    #[must_use]
    pub fn number_at(number: u64, place: &Location) -> Self {
        Self::scalar_at(number.to_string(), Style::Plain, place)
    }

    fn scalar_at(text: impl Into<String>, style: Style, place: &Location) -> Self {
        Self {
            data: Data::Scalar(Scalar {
                text: text.into(),
                style,
            }),
            place: place.clone(),
        }
    }

    /// A mapping without anything in it.
    #[must_use]
    pub fn mapping_at(place: &Location) -> Self {
        Self {
            data: Data::Mapping(Vec::new()),
            place: place.clone(),
        }
    }

    /// The text of a single value; none of nothing and `null`.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(_) if self.is_null() => None,
            Data::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// Writes what it is, wherever it stands: the same text for the same data, and no other text for other data.
    pub(super) fn write_data(&self, text: &mut String) {
        // Writing to a string cannot fail.
        match &self.data {
            Data::Scalar(scalar) => {
                let _ = write!(text, "{:?}{:?}", scalar.style, scalar.text);
            }
            Data::Sequence(items) => {
                text.push('[');
                for item in items {
                    item.write_data(text);
                    text.push(',');
                }
                text.push(']');
            }
            Data::Mapping(fields) => {
                text.push('{');
                for field in fields {
                    let _ = write!(text, "{:?}", field.name);
                    field.value.write_data(text);
                }
                text.push('}');
            }
        }
    }

    /// Nothing, `~` or `null`, without quotes.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.data, Data::Scalar(scalar) if scalar.style == Style::Plain
            && matches!(scalar.text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// `true` or `false`, without quotes. Kubernetes reads YAML 1.1, in which `yes` and `on` are true, too.
    #[must_use]
    pub fn switch(&self) -> Option<bool> {
        match &self.data {
            Data::Scalar(Scalar {
                text,
                style: Style::Plain,
            }) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => Some(true),
                "false" | "no" | "off" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A whole number, without quotes.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        match &self.data {
            Data::Scalar(Scalar {
                text,
                style: Style::Plain,
            }) => text.parse().ok(),
            _ => None,
        }
    }

    /// The items of a list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.data {
            Data::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The fields of a mapping; none of anything else.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        match &self.data {
            Data::Mapping(fields) => fields,
            _ => &[],
        }
    }

    /// The value behind a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let mut fields = self.fields().iter();
        fields
            .find(|field| field.name == name)
            .map(|field| &field.value)
    }

    /// The value behind several names.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |tree, name| tree.get(name))
    }

    /// The text behind several names.
    #[must_use]
    pub fn text_of(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.text()
    }

    /// The value behind a name, to be changed; a mapping's.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        match &mut self.data {
            Data::Mapping(fields) => fields
                .iter_mut()
                .find(|field| field.name == name)
                .map(|field| &mut field.value),
            _ => None,
        }
    }

    /// Puts a value behind a name. What was no mapping becomes one.
    pub(super) fn set(&mut self, name: &str, value: Self) {
        if let Some(there) = self.get_mut(name) {
            *there = value;
            return;
        }
        let field = Field {
            name: name.to_owned(),
            place: value.place.clone(),
            value,
        };
        match &mut self.data {
            Data::Mapping(fields) => fields.push(field),
            other => *other = Data::Mapping(vec![field]),
        }
    }

    /// Takes a name away.
    pub(super) fn remove(&mut self, name: &str) {
        if let Data::Mapping(fields) = &mut self.data {
            fields.retain(|field| field.name != name);
        }
    }

    /// Puts a value behind several names. What is no mapping on the way becomes one.
    pub(super) fn put(&mut self, path: &[&str], value: Self) {
        match path {
            [] => *self = value,
            [name] => self.set(name, value),
            [name, rest @ ..] => {
                if self.get(name).is_none_or(Self::is_null) {
                    self.set(name, Self::mapping_at(&value.place));
                }
                if let Some(below) = self.get_mut(name) {
                    below.put(rest, value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    fn data(text: &str) -> String {
        let source = Source::new("x.yaml", text);
        let node = yaml::parse(&source).unwrap();
        let mut data = String::new();
        Tree::of(&node, &source).write_data(&mut data);
        data
    }

    #[test]
    fn the_same_data_is_written_the_same_wherever_it_stands() {
        assert_eq!(data("{a: [b, c]}"), data("# x\na:\n  - b\n  - c\n"));
        let different = [
            "a: b",
            "a: 'b'",
            "a: [b]",
            "a: {b: c}",
            "a: [b, c]",
            "a: ['b,c']",
            "a: [[b], c]",
            "{a: b, c: d}",
            "a: 'b\"c\"d'",
        ];
        for (at, one) in different.iter().enumerate() {
            for other in &different[at + 1..] {
                assert_ne!(data(one), data(other), "{one} {other}");
            }
        }
    }
}
