//! JSON that reads well in a diff: what a list holds stands on one line each, if it holds no further lists.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

/// The value as text, with a line end.
pub(crate) fn json(value: &impl Serialize) -> String {
    // Plain data with texts as keys always serializes.
    let value = serde_json::to_value(value).unwrap_or_default();
    let mut text = String::new();
    write(&value, 0, false, &mut text);
    text.push('\n');
    text
}

fn write(value: &Value, depth: usize, in_list: bool, text: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            let entries = items.iter().map(|item| (None, item));
            spread(entries, ('[', ']'), depth, true, text);
        }
        Value::Object(fields) if !fields.is_empty() => {
            let entries = fields.iter().map(|(name, value)| (Some(name), value));
            let is_flat = fields
                .values()
                .all(|value| !value.is_array() && !value.is_object());
            if in_list && is_flat {
                text.push_str("{ ");
                for (index, (name, value)) in fields.iter().enumerate() {
                    if index > 0 {
                        text.push_str(", ");
                    }
                    let _ = write!(text, "{}: {value}", Value::from(name.as_str()));
                }
                text.push_str(" }");
            } else {
                spread(entries, ('{', '}'), depth, false, text);
            }
        }
        plain => text.push_str(&plain.to_string()),
    }
}

fn spread<'a>(
    entries: impl Iterator<Item = (Option<&'a String>, &'a Value)>,
    (open, close): (char, char),
    depth: usize,
    in_list: bool,
    text: &mut String,
) {
    text.push(open);
    for (index, (name, value)) in entries.enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(depth + 1));
        if let Some(name) = name {
            let _ = write!(text, "{}: ", Value::from(name.as_str()));
        }
        write(value, depth + 1, in_list, text);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(close);
}
