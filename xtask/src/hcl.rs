//! Writing HCL (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>) as `hclfmt` would, for bake files; and
//! [reading](reader) it.

use std::fmt::Write as _;

pub mod reader;

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A text; nothing in it is a template.
    Text(String),
    /// Anything else, as it is written: `JTS_TAG`, `split(",", X)`, `"${X}:1"`.
    Raw(String),
    /// `[…]`
    List(Vec<Expression>),
    /// `{ "key" = … }`; keys are texts.
    Map(Vec<(String, Expression)>),
}

impl Expression {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An expression as it is written.
    pub fn raw(text: impl Into<String>) -> Self {
        Self::Raw(text.into())
    }

    /// A list of texts.
    pub fn texts<S: Into<String>>(texts: impl IntoIterator<Item = S>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }
}

/// A thing in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `name = value`
    Attribute(String, Expression),
    /// `name "label" { … }`
    Block(Block),
    /// `# …`, one line each.
    Comment(String),
    /// An empty line.
    Blank,
}

/// `name "label" { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What kind of block.
    pub name: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// What it holds.
    pub body: Vec<Item>,
}

impl Block {
    /// A block with one label, and nothing in it yet.
    pub fn new(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            labels: vec![label.into()],
            body: Vec::new(),
        }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: Expression) -> Self {
        self.body.push(Item::Attribute(name.into(), value));
        self
    }

    /// Adds a list or map unless it is empty.
    #[must_use]
    pub fn with_some(self, name: impl Into<String>, value: Expression) -> Self {
        match &value {
            Expression::List(items) if items.is_empty() => self,
            Expression::Map(entries) if entries.is_empty() => self,
            _ => self.with(name, value),
        }
    }
}

/// The text of a file; ends in a line break.
#[must_use]
pub fn write(items: &[Item]) -> String {
    let mut text = String::new();
    body(&mut text, items, 0);
    text
}

/// A quoted text in which `${` and `%{` mean themselves.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                quoted.push(c);
                quoted.push(c);
            }
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn indent(text: &mut String, depth: usize) {
    text.extend(std::iter::repeat_n("  ", depth));
}

fn body(text: &mut String, items: &[Item], depth: usize) {
    let mut index = 0;
    while index < items.len() {
        match &items[index] {
            Item::Attribute(..) => {
                // `hclfmt` aligns the equals signs of neighbors that fit on one line each.
                let run = items[index..]
                    .iter()
                    .take_while(|item| matches!(item, Item::Attribute(_, v) if !is_long(v)))
                    .count();
                let width = items[index..index + run]
                    .iter()
                    .filter_map(|item| match item {
                        Item::Attribute(name, _) => Some(name.chars().count()),
                        _ => None,
                    })
                    .max()
                    .unwrap_or_default();
                for item in &items[index..index + run.max(1)] {
                    if let Item::Attribute(name, value) = item {
                        indent(text, depth);
                        let _ = write!(text, "{name:width$} = ");
                        expression(text, value, depth);
                        text.push('\n');
                    }
                }
                index += run.max(1);
                continue;
            }
            Item::Block(block) => {
                indent(text, depth);
                text.push_str(&block.name);
                for label in &block.labels {
                    text.push(' ');
                    text.push_str(&quote(label));
                }
                text.push_str(" {\n");
                body(text, &block.body, depth + 1);
                indent(text, depth);
                text.push_str("}\n");
            }
            Item::Comment(comment) => {
                for line in comment.lines() {
                    indent(text, depth);
                    text.push_str(format!("# {line}").trim_end());
                    text.push('\n');
                }
            }
            Item::Blank => text.push('\n'),
        }
        index += 1;
    }
}

/// Longer lists are written one item a line.
const LINE: usize = 100;

fn is_long(value: &Expression) -> bool {
    match value {
        Expression::Text(_) | Expression::Raw(_) => false,
        Expression::List(_) => flat(value).is_none_or(|text| text.chars().count() > LINE),
        Expression::Map(entries) => !entries.is_empty(),
    }
}

/// On one line, unless a map stands in it.
fn flat(value: &Expression) -> Option<String> {
    match value {
        Expression::Text(text) => Some(quote(text)),
        Expression::Raw(text) => Some(text.clone()),
        Expression::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(flat).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Expression::Map(entries) if entries.is_empty() => Some("{}".to_owned()),
        Expression::Map(_) => None,
    }
}

fn expression(text: &mut String, value: &Expression, depth: usize) {
    if !is_long(value) {
        text.push_str(&flat(value).unwrap_or_default());
        return;
    }
    match value {
        Expression::List(items) => {
            text.push_str("[\n");
            for item in items {
                indent(text, depth + 1);
                expression(text, item, depth + 1);
                text.push_str(",\n");
            }
            indent(text, depth);
            text.push(']');
        }
        Expression::Map(entries) => {
            text.push_str("{\n");
            map(text, entries, depth + 1);
            indent(text, depth);
            text.push('}');
        }
        Expression::Text(_) | Expression::Raw(_) => {}
    }
}

fn map(text: &mut String, entries: &[(String, Expression)], depth: usize) {
    let mut index = 0;
    while index < entries.len() {
        let run = entries[index..]
            .iter()
            .take_while(|(_, value)| !is_long(value))
            .count()
            .max(1);
        let keys: Vec<String> = entries[index..index + run]
            .iter()
            .map(|(key, _)| quote(key))
            .collect();
        let width = keys.iter().map(|k| k.chars().count()).max().unwrap_or(0);
        for (key, (_, value)) in keys.iter().zip(&entries[index..]) {
            indent(text, depth);
            let _ = write!(text, "{key:width$} = ");
            expression(text, value, depth);
            text.push('\n');
        }
        index += run;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hcl_edit::expr::Expression as Parsed;
    use hcl_edit::structure::Body;
    use proptest::prelude::*;

    #[test]
    fn it_looks_as_hclfmt_would_write_it() {
        let target = Block::new("target", "api")
            .with("context", Expression::text("."))
            .with("platforms", Expression::raw("split(\",\", X)"))
            .with(
                "labels",
                Expression::Map(vec![
                    ("a.b".into(), Expression::text("1")),
                    ("title".into(), Expression::raw("\"${X}\"")),
                ]),
            )
            .with("tags", Expression::texts(["x"]))
            .with_some("args", Expression::Map(vec![]));
        let long = Expression::texts(["a".repeat(60), "b".repeat(60)]);
        let items = [
            Item::Comment("one\n\ntwo".into()),
            Item::Blank,
            Item::Block(target),
            Item::Attribute("long".into(), long),
        ];
        insta::assert_snapshot!(write(&items), @r#"
        # one
        #
        # two

        target "api" {
          context   = "."
          platforms = split(",", X)
          labels = {
            "a.b"   = "1"
            "title" = "${X}"
          }
          tags = ["x"]
        }
        long = [
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        ]
        "#);
    }

    fn value() -> impl Strategy<Value = Expression> {
        let text =
            prop_oneof![any::<String>(), "[$%{}\"\\\\\n\r\ta~]{0,12}",].prop_map(Expression::Text);
        text.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Expression::List),
                proptest::collection::btree_map("[a-z$%{}\".: /]{1,8}", inner, 0..4)
                    .prop_map(|m| Expression::Map(m.into_iter().collect())),
            ]
        })
    }

    /// What an independent reader makes of it.
    fn read(parsed: &Parsed) -> Expression {
        match parsed {
            Parsed::String(text) => Expression::text(text.value().as_str()),
            Parsed::StringTemplate(template) => {
                // Only escaped literals may remain in it.
                let mut text = String::new();
                for element in template {
                    match element {
                        hcl_edit::template::Element::Literal(literal) => {
                            text.push_str(literal.value());
                        }
                        other => panic!("a template: {other:?}"),
                    }
                }
                Expression::Text(text)
            }
            Parsed::Array(items) => Expression::List(items.iter().map(read).collect()),
            Parsed::Object(entries) => Expression::Map(
                entries
                    .iter()
                    .map(|(key, value)| {
                        let key = match key {
                            hcl_edit::expr::ObjectKey::Expression(key) => match read(key) {
                                Expression::Text(text) => text,
                                other => panic!("{other:?}"),
                            },
                            hcl_edit::expr::ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                        };
                        (key, read(value.expr()))
                    })
                    .collect(),
            ),
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn an_independent_reader_gets_the_same_values(values in proptest::collection::vec(value(), 1..4)) {
            let mut block = Block::new("target", "x");
            for (index, value) in values.iter().enumerate() {
                block = block.with(format!("a{index}"), value.clone());
            }
            let text = write(&[Item::Block(block)]);
            let body: Body = text.parse().map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
            let block = body.into_blocks().next().ok_or_else(|| TestCaseError::fail("no block"))?;
            let read: Vec<Expression> = block.body.attributes().map(|a| read(&a.value)).collect();
            prop_assert_eq!(read, values, "{}", text);
        }
    }
}
