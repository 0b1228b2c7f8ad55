//! JSON in one spelling: RFC 8785 (JCS), for whole numbers only.
//!
//! No white space; the keys of an object in the order of their UTF-16 code units; texts with the shortest escapes. Two
//! values that are equal have the same bytes, and anybody can compute them with a few lines of any language.

use std::cmp::Ordering;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The largest whole number that every JSON reader keeps exactly: 2⁵³ - 1.
const LARGEST: u64 = (1 << 53) - 1;

/// The canonical form.
///
/// # Errors
/// A number is no whole one between -(2⁵³ - 1) and 2⁵³ - 1: others are written differently by different languages.
pub fn canonical(value: &Value) -> Result<String, String> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

/// The canonical form of an object without one of its keys.
pub(super) fn canonical_without(object: &Map<String, Value>, key: &str) -> Result<String, String> {
    let mut text = String::new();
    write_object(object, Some(key), &mut text)?;
    Ok(text)
}

fn write(value: &Value, text: &mut String) -> Result<(), String> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => {
            let size = number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs));
            if size.is_none_or(|size| size > LARGEST) {
                return Err(format!(
                    "{number} is no whole number between -{LARGEST} and {LARGEST}"
                ));
            }
            // Writing to a string cannot fail.
            let _ = write!(text, "{number}");
        }
        Value::String(string) => write_string(string, text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text)?;
            }
            text.push(']');
        }
        Value::Object(object) => write_object(object, None, text)?,
    }
    Ok(())
}

fn write_object(
    object: &Map<String, Value>,
    without: Option<&str>,
    text: &mut String,
) -> Result<(), String> {
    let mut members: Vec<(&String, &Value)> = object
        .iter()
        .filter(|(key, _)| Some(key.as_str()) != without)
        .collect();
    members.sort_unstable_by(|a, b| compare_keys(a.0, b.0));
    text.push('{');
    for (index, (key, value)) in members.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_string(key, text);
        text.push(':');
        write(value, text)?;
    }
    text.push('}');
    Ok(())
}

/// By UTF-16 code units, which differs from the order of bytes beyond U+FFFF.
fn compare_keys(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a.cmp(b);
    }
    a.encode_utf16().cmp(b.encode_utf16())
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    let mut plain = 0;
    for (at, byte) in string.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            0x08 => "\\b",
            b'\t' => "\\t",
            b'\n' => "\\n",
            0x0c => "\\f",
            b'\r' => "\\r",
            0..0x20 => "",
            _ => continue,
        };
        text.push_str(&string[plain..at]);
        plain = at + 1;
        if escape.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\\u{byte:04x}");
        } else {
            text.push_str(escape);
        }
    }
    text.push_str(&string[plain..]);
    text.push('"');
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Any JSON value that has a canonical form.
    pub(in crate::audit) fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn keys_are_sorted_as_the_rfc_shows() {
        // RFC 8785, section 3.2.3.
        let value: Value = serde_json::from_str(
            r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
                "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#,
        )
        .unwrap();
        assert_eq!(
            canonical(&value).unwrap(),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"ö\":\"Latin Small Letter O With \
             Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With \
             Dagesh\"}"
        );
        let escapes =
            json!({"text": "\u{20ac}$\u{f}\nA'B\"\\\"/\u{7f}", "b": [true, null, -5, {}]});
        assert_eq!(
            canonical(&escapes).unwrap(),
            "{\"b\":[true,null,-5,{}],\"text\":\"€$\\u000f\\nA'B\\\"\\\\\\\"/\u{7f}\"}"
        );
    }

    #[test]
    fn numbers_that_languages_disagree_about_are_refused() {
        for text in [
            "1.5",
            "1e2",
            "-0",
            "9007199254740992",
            "-9007199254740992",
            "1e400",
        ] {
            if let Ok(value) = serde_json::from_str::<Value>(text) {
                assert!(canonical(&json!({ "a": [value] })).is_err(), "{text}");
            }
        }
        assert_eq!(
            canonical(&json!(9_007_199_254_740_991u64)).unwrap(),
            "9007199254740991"
        );
    }

    proptest! {
        #[test]
        fn the_form_is_read_as_the_same_value_and_is_its_own_form(value in values()) {
            let text = canonical(&value).unwrap();
            let read: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&read, &value);
            prop_assert_eq!(canonical(&read).unwrap(), text);
        }
    }
}
