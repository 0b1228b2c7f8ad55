//! JSON pointers (RFC 6901) in which `*` stands for every element of a list or every member of an object.

use serde_json::Value as Json;

/// A pointer with any number of `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Every,
}

/// Which element each `*` stands for, in the order of the pattern.
pub(super) type Binding = Vec<usize>;

impl Pattern {
    /// Reads it; `None` if it is no pointer.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let steps = match text.strip_prefix('/') {
            None if text.is_empty() => Vec::new(),
            None => return None,
            Some(rest) => rest.split('/').map(step).collect::<Option<_>>()?,
        };
        Some(Self {
            text: text.to_owned(),
            steps,
        })
    }

    /// As it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many `*` it has.
    #[must_use]
    pub fn stars(&self) -> usize {
        self.steps
            .iter()
            .filter(|step| **step == Step::Every)
            .count()
    }

    /// Whether each `*` of this pattern stands for the same as the one of `other`, so that a binding of the one is one
    /// of the other.
    #[must_use]
    pub fn is_bound_by(&self, other: &Self) -> bool {
        let last = self.steps.iter().rposition(|step| *step == Step::Every);
        let length = last.map_or(0, |at| at + 1);
        other.steps.starts_with(&self.steps[..length])
    }

    /// What the first `stars` of its `*` can stand for in `document`.
    pub(super) fn bindings(&self, document: &Json, stars: usize) -> Vec<Binding> {
        let mut found = vec![(Binding::new(), document)];
        let mut bound = 0;
        for step in &self.steps {
            if bound == stars {
                break;
            }
            let mut next = Vec::new();
            for (binding, value) in found {
                match step {
                    Step::Name(name) => {
                        next.extend(member(value, name).map(|value| (binding, value)));
                    }
                    Step::Every => next.extend((0..size(value)).filter_map(|index| {
                        let mut binding = binding.clone();
                        binding.push(index);
                        Some((binding, element(value, index)?))
                    })),
                }
            }
            bound += usize::from(*step == Step::Every);
            found = next;
        }
        found.into_iter().map(|(binding, _)| binding).collect()
    }

    /// The value where the `*` stand for `binding`; `None` if there is none.
    pub(super) fn resolve<'a>(&self, document: &'a Json, binding: &[usize]) -> Option<&'a Json> {
        let mut bound = binding.iter();
        self.steps
            .iter()
            .try_fold(document, |value, step| match step {
                Step::Name(name) => member(value, name),
                Step::Every => element(value, *bound.next()?),
            })
    }

    /// What the last `*` runs over, where the others stand for `binding`.
    pub(super) fn list<'a>(&self, document: &'a Json, binding: &[usize]) -> Option<&'a Json> {
        let last = self.steps.iter().rposition(|step| *step == Step::Every)?;
        let above = Self {
            text: String::new(),
            steps: self.steps[..last].to_vec(),
        };
        let found = above.resolve(document, binding)?;
        (found.is_array() || found.is_object()).then_some(found)
    }
}

fn step(text: &str) -> Option<Step> {
    if text == "*" {
        return Some(Step::Every);
    }
    let mut name = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        name.push(match character {
            '~' => match characters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(Step::Name(name))
}

fn member<'a>(value: &'a Json, name: &str) -> Option<&'a Json> {
    match value {
        Json::Object(members) => members.get(name),
        // RFC 6901: no leading zeros.
        Json::Array(items) if name == "0" || !name.starts_with(['0', '+']) => {
            items.get(name.parse::<usize>().ok()?)
        }
        _ => None,
    }
}

fn size(value: &Json) -> usize {
    match value {
        Json::Array(items) => items.len(),
        Json::Object(members) => members.len(),
        _ => 0,
    }
}

fn element(value: &Json, index: usize) -> Option<&Json> {
    match value {
        Json::Array(items) => items.get(index),
        Json::Object(members) => members.values().nth(index),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    fn all(text: &str, document: &Json) -> Vec<Json> {
        let pattern = pattern(text);
        let bindings = pattern.bindings(document, pattern.stars());
        let values = bindings.iter();
        values
            .filter_map(|binding| pattern.resolve(document, binding).cloned())
            .collect()
    }

    #[test]
    fn pointers_are_those_of_the_standard() {
        let document = json!({ "": 0, "a/b": 1, "m~n": 2, "c": [3, 4], "o": { "x": 5, "y": 6 } });
        assert_eq!(all("", &document), std::slice::from_ref(&document));
        assert_eq!(all("/", &document), [json!(0)]);
        assert_eq!(all("/a~1b", &document), [json!(1)]);
        assert_eq!(all("/m~0n", &document), [json!(2)]);
        assert_eq!(all("/c/1", &document), [json!(4)]);
        assert_eq!(all("/c/01", &document), [json!(null); 0]);
        assert_eq!(all("/c/*", &document), [json!(3), json!(4)]);
        assert_eq!(all("/o/*", &document), [json!(5), json!(6)]);
        assert_eq!(all("/none/*", &document), [json!(null); 0]);
        assert_eq!(Pattern::parse("a"), None);
        assert_eq!(Pattern::parse("/a~2"), None);
        assert_eq!(Pattern::parse("/a~"), None);
    }

    #[test]
    fn a_star_of_one_pattern_is_the_same_in_another() {
        let document = json!({ "i": [
            { "name": "a", "m": [{ "n": "x", "v": 1 }, { "n": "y", "v": 2 }] },
            { "name": "b", "m": [{ "n": "x", "v": 3 }] },
        ] });
        let value = pattern("/i/*/m/*/v");
        let name = pattern("/i/*/name");
        assert!(name.is_bound_by(&value));
        assert!(pattern("/i/*/m/*/n").is_bound_by(&value));
        assert!(pattern("/other").is_bound_by(&value));
        assert!(!pattern("/j/*/name").is_bound_by(&value));
        assert!(!value.is_bound_by(&name));
        let bindings = value.bindings(&document, 2);
        assert_eq!(bindings, [vec![0, 0], vec![0, 1], vec![1, 0]]);
        let names: Vec<_> = bindings
            .iter()
            .filter_map(|binding| name.resolve(&document, binding))
            .collect();
        assert_eq!(names, [&json!("a"), &json!("a"), &json!("b")]);
        assert_eq!(value.bindings(&document, 1), [vec![0], vec![1]]);
    }
}
