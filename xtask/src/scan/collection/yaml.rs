//! Records in YAML, as pypa/advisory-database keeps them: the same fields as in JSON.

use camino::Utf8Path;
use serde_json::Value as Json;

use crate::scan::osv;
use crate::source::Source;
use crate::yaml::{Node, Value, parse};

/// Reads one record.
pub(super) fn read(text: &[u8]) -> Result<osv::Record, String> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8")?;
    let source = Source::new(Utf8Path::new("record"), text);
    let tree = parse(&source).map_err(|error| error.message)?;
    osv::read_value(json(&tree))
}

/// All scalars as texts: no field that matters is anything else.
fn json(node: &Node) -> Json {
    match &node.value {
        _ if node.is_null() => Json::Null,
        Value::Scalar(scalar) => Json::String(scalar.text.clone()),
        Value::Sequence(items) => Json::Array(items.iter().map(json).collect()),
        Value::Mapping(entries) => {
            let pair = |entry: &crate::yaml::Entry| {
                Some((entry.key.as_str()?.to_owned(), json(&entry.value)))
            };
            Json::Object(entries.iter().filter_map(pair).collect())
        }
    }
}
