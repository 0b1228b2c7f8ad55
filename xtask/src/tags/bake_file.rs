//! A bake file in JSON that lies over the generated one: tags, labels and annotations of every target.

use serde_json::{Map, Value, json};

use super::labels::Pairs;

/// What is known of one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedTarget {
    /// The target of the bake file.
    pub target: String,
    /// Names with tags.
    pub references: Vec<String>,
    /// Labels.
    pub labels: Pairs,
    /// `manifest:name=value`.
    pub annotations: Vec<String>,
    /// Build arguments.
    pub arguments: Pairs,
}

/// Which parts of it are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Tags and build arguments.
    pub tags: bool,
    /// Labels.
    pub labels: bool,
    /// Annotations.
    pub annotations: bool,
}

/// The text of the file. A target without tags is left out: it keeps what the bake file before says.
#[must_use]
pub fn bake_file(targets: &[NamedTarget], parts: Parts) -> String {
    let mut written = Map::new();
    for target in targets
        .iter()
        .filter(|target| !target.references.is_empty())
    {
        let mut body = Map::new();
        if parts.tags {
            body.insert("tags".to_owned(), texts(&target.references));
            if !target.arguments.is_empty() {
                body.insert("args".to_owned(), map(&target.arguments));
            }
        }
        if parts.labels {
            body.insert("labels".to_owned(), map(&target.labels));
        }
        if parts.annotations {
            body.insert("annotations".to_owned(), texts(&target.annotations));
        }
        written.insert(target.target.clone(), Value::Object(body));
    }
    format!("{:#}\n", json!({ "target": written }))
}

fn texts(texts: &[String]) -> Value {
    texts
        .iter()
        .map(|text| Value::String(escaped(text)))
        .collect()
}

fn map(pairs: &Pairs) -> Value {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.clone(), Value::String(escaped(value))));
    Value::Object(pairs.collect())
}

/// Bake reads templates in texts of JSON, too.
fn escaped(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_of_bake_are_escaped_and_parts_left_out() {
        let target = NamedTarget {
            target: "api".to_owned(),
            references: vec!["r/api:1".to_owned()],
            labels: [("a".to_owned(), "${X} %{if}".to_owned())].into(),
            annotations: vec!["manifest:a=b".to_owned()],
            arguments: Pairs::new(),
        };
        let none = NamedTarget::default();
        let parts = Parts {
            tags: true,
            labels: true,
            annotations: false,
        };
        insta::assert_snapshot!(bake_file(&[target, none], parts), @r#"
        {
          "target": {
            "api": {
              "tags": [
                "r/api:1"
              ],
              "labels": {
                "a": "$${X} %%{if}"
              }
            }
          }
        }
        "#);
    }
}
