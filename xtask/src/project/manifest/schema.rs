//! The manifest's JSON schema, made from the table of keys, for editors and other programs.

use serde_json::{Map, Value, json};

use super::keys::MANIFEST;
use super::kind::{Key, Kind, Presence};
use super::value::LABELS;

/// The JSON schema (draft 2020-12) as text.
#[must_use]
pub fn json_schema() -> String {
    let mut schema = table(MANIFEST);
    let mut document = Map::new();
    document.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    document.insert("title".to_owned(), json!("docker.toml"));
    document.append(&mut schema);
    serde_json::to_string_pretty(&Value::Object(document)).unwrap_or_default() + "\n"
}

fn table(keys: &[Key]) -> Map<String, Value> {
    let mut properties = Map::new();
    for key in keys {
        let mut schema = of(key.kind);
        schema.insert("description".to_owned(), json!(plain(key.doc)));
        if let Presence::Default(text) = key.presence {
            schema.insert("default".to_owned(), default(text));
        }
        properties.insert(key.name.to_owned(), Value::Object(schema));
    }
    let required: Vec<&str> = keys
        .iter()
        .filter(|key| key.presence == Presence::Required)
        .map(|key| key.name)
        .collect();
    // Moved, where `json!` would copy all that is below once for each level.
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

fn of(kind: Kind) -> Map<String, Value> {
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    object(match kind {
        Kind::Version => json!({ "const": 1 }),
        Kind::Text | Kind::Template => json!({ "type": "string", "minLength": 1 }),
        Kind::Name => text("^[A-Za-z0-9][A-Za-z0-9_-]*$"),
        Kind::Prefix => text("^[a-z][a-z0-9_-]*$"),
        Kind::Variable => text("^[A-Za-z_][A-Za-z0-9_]*$"),
        Kind::Host => text("^[A-Za-z0-9.:\\[\\]-]+$"),
        Kind::ImagePath => text("^[a-z0-9]([a-z0-9._/-]*[a-z0-9])?$"),
        Kind::ImageTemplate => text("\\{name\\}"),
        Kind::Label => {
            let short: Vec<String> = LABELS.iter().map(|label| format!("^{label}$")).collect();
            text(&format!("\\.|{}", short.join("|")))
        }
        Kind::Path | Kind::Glob => text("^[^/\\\\]"),
        Kind::UrlPath => text("^/"),
        Kind::Size => text("^[0-9_]+(\\.[0-9]+)? *([kKMG]i?)?[bB]$"),
        Kind::SizeOrShare => {
            text("^([0-9_]+(\\.[0-9]+)? *([kKMG]i?)?[bB]|[0-9]{1,5}(\\.[0-9]{1,2})? *%)$")
        }
        Kind::Period => text("^[0-9]+ *(w|weeks?|d|days?|h|hours?|m|minutes?|s|seconds?)$"),
        Kind::ExitCode => json!({ "type": "integer", "minimum": 0, "maximum": 255 }),
        Kind::Port => json!({ "type": "integer", "minimum": 1, "maximum": 65535 }),
        Kind::Platform => text("^[a-z0-9]+/[a-z0-9]+(/[a-z0-9]+)?$"),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::CountFromZero => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        Kind::Digest => text("^sha256:[0-9a-f]{64}$"),
        Kind::TagPattern => text("^([A-Za-z0-9_.*?-]+|/.+/)$"),
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Choice(choices) => json!({ "enum": choices }),
        Kind::Scalar => json!({ "type": ["string", "integer", "boolean"] }),
        Kind::List(item) => {
            let mut schema = array(of(*item));
            schema.insert("uniqueItems".to_owned(), Value::Bool(true));
            return schema;
        }
        Kind::Table(keys) => return table(keys),
        Kind::Tables(keys) => return array(table(keys)),
        Kind::OneOrMore(keys) => {
            let one = table(keys);
            let more = array(one.clone());
            let either = Value::Array(vec![Value::Object(one), Value::Object(more)]);
            return Map::from_iter([("oneOf".to_owned(), either)]);
        }
        Kind::Map(_, key, value) => {
            return Map::from_iter([
                ("type".to_owned(), json!("object")),
                ("propertyNames".to_owned(), Value::Object(of(*key))),
                ("additionalProperties".to_owned(), Value::Object(of(*value))),
            ]);
        }
        Kind::Opaque => json!({ "type": "object" }),
        Kind::Count => json!({ "type": "integer", "minimum": 1, "maximum": 1_000_000_000 }),
        Kind::Percent => json!({ "type": "integer", "minimum": 1, "maximum": 100 }),
        Kind::Pointer => text("^(/.*)?$"),
        Kind::Json => json!({}),
    })
}

fn array(items: Map<String, Value>) -> Map<String, Value> {
    Map::from_iter([
        ("type".to_owned(), json!("array")),
        ("items".to_owned(), Value::Object(items)),
    ])
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// A default as JSON; the table's defaults are texts, switches and lists of texts.
fn default(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// Without Markdown's backticks.
fn plain(doc: &str) -> String {
    doc.replace('`', "'")
}
