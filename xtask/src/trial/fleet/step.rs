//! One step of a scenario: filled in with what is known so far, and held against what was answered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::project::manifest::Step;

/// What is known by name: `run`, `n`, and what earlier steps captured.
pub type Values = BTreeMap<String, Value>;

/// A step that is ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers, the body's type among them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
    status: Option<u16>,
    expect: Vec<(String, Value)>,
    capture: Vec<(String, String)>,
}

/// The names in braces that a step is filled in with.
#[must_use]
pub fn names(step: &Step) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut text = |text: &str| {
        // The answer does not matter; every name is asked for.
        let _ = filled(text, |name| {
            found.insert(name.to_owned());
            Some(String::new())
        });
    };
    text(step.path.as_deref().unwrap_or_default());
    step.headers.values().for_each(|value| text(value));
    let mut left: Vec<&Value> = step.json.iter().chain(step.expect.values()).collect();
    while let Some(value) = left.pop() {
        match value {
            Value::String(value) => text(value),
            Value::Array(items) => left.extend(items),
            Value::Object(table) => left.extend(table.values()),
            _ => {}
        }
    }
    found
}

/// Fills a step in.
///
/// # Errors
/// A name that is not known; a sentence.
pub fn prepare(step: &Step, values: &Values) -> Result<Prepared, String> {
    let mut headers = Vec::new();
    if step.json.is_some() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    for (name, value) in &step.headers {
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        headers.push((name.clone(), text(value, values)?));
    }
    let body = step
        .json
        .as_ref()
        .map(|json| fill(json, values))
        .transpose()?;
    let expect = step
        .expect
        .iter()
        .map(|(pointer, value)| Ok((pointer.clone(), fill(value, values)?)));
    let capture = step.capture.iter();
    Ok(Prepared {
        method: step.method.clone(),
        path: text(step.path.as_deref().unwrap_or("/"), values)?,
        headers,
        body: body.map(|body| body.to_string().into_bytes()),
        status: step.status,
        expect: expect.collect::<Result<_, String>>()?,
        capture: capture
            .map(|(name, pointer)| (name.clone(), pointer.clone()))
            .collect(),
    })
}

impl Prepared {
    /// Whether an answer has this status and the parts that are expected; what was captured from it. A request that a
    /// receiver took has no status.
    ///
    /// # Errors
    /// What is wrong with it; a sentence that goes on from "it".
    pub fn judge(&self, status: Option<u16>, body: &[u8]) -> Result<Values, String> {
        if let Some(status) = status {
            let good = self
                .status
                .map_or((200..300).contains(&status), |wanted| wanted == status);
            if !good {
                let wanted = self
                    .status
                    .map_or_else(|| "2xx".to_owned(), |wanted| wanted.to_string());
                return Err(format!(
                    "answered {status}, not {wanted}: {}",
                    excerpt(body)
                ));
            }
        }
        if self.expect.is_empty() && self.capture.is_empty() {
            return Ok(Values::new());
        }
        let answer: Value = serde_json::from_slice(body)
            .map_err(|_| format!("answered no JSON: {}", excerpt(body)))?;
        for (pointer, wanted) in &self.expect {
            match answer.pointer(pointer) {
                Some(found) if same(found, wanted) => {}
                Some(found) => return Err(format!("has {found} at `{pointer}`, not {wanted}")),
                None => {
                    let body = excerpt(body);
                    return Err(format!(
                        "has nothing at `{pointer}`, where {wanted} should be: {body}"
                    ));
                }
            }
        }
        let take = |(name, pointer): &(String, String)| {
            let found = answer.pointer(pointer).ok_or_else(|| {
                format!(
                    "has nothing at `{pointer}` to capture as `{name}`: {}",
                    excerpt(body)
                )
            })?;
            Ok((name.clone(), found.clone()))
        };
        self.capture.iter().map(take).collect()
    }
}

/// A number is the same however it is written.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let equal = |(key, value)| b.get(key).is_some_and(|other| same(value, other));
            a.len() == b.len() && a.iter().all(equal)
        }
        _ => a == b,
    }
}

/// The beginning of a body, on one line.
#[must_use]
pub fn excerpt(body: &[u8]) -> String {
    const LONGEST: usize = 200;
    let text = String::from_utf8_lossy(body);
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if line.is_empty() => "an empty body".to_owned(),
        None => line,
    }
}

fn fill(value: &Value, values: &Values) -> Result<Value, String> {
    Ok(match value {
        Value::String(written) => {
            let whole = written
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            match whole.and_then(|name| values.get(name)) {
                // Alone, it keeps its type: a number stays one.
                Some(value) => value.clone(),
                None => Value::String(text(written, values)?),
            }
        }
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| fill(item, values))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(table) => Value::Object(
            table
                .iter()
                .map(|(key, value)| Ok((key.clone(), fill(value, values)?)))
                .collect::<Result<_, String>>()?,
        ),
        _ => value.clone(),
    })
}

fn text(written: &str, values: &Values) -> Result<String, String> {
    filled(written, |name| {
        Some(match values.get(name)? {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        })
    })
}

/// Replaces each name in braces; braces around anything else stay.
fn filled(written: &str, mut value: impl FnMut(&str) -> Option<String>) -> Result<String, String> {
    let mut result = String::new();
    let mut rest = written;
    while let Some(open) = rest.find('{') {
        result.push_str(&rest[..open]);
        let inner = &rest[open + 1..];
        let name = inner.split('}').next().unwrap_or_default();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.len() < inner.len() && !name.is_empty() && name.chars().all(is_name) {
            let value = value(name).ok_or_else(|| format!("nothing is known as `{{{name}}}`"))?;
            result.push_str(&value);
            rest = &inner[name.len() + 1..];
        } else {
            result.push('{');
            rest = inner;
        }
    }
    result.push_str(rest);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn step(text: &str) -> Step {
        toml::from_str(text).unwrap()
    }

    fn values() -> Values {
        [("run".to_owned(), json!("r1")), ("id".to_owned(), json!(7))].into()
    }

    #[test]
    fn names_are_filled_in_everywhere_and_keep_their_type_alone() {
        let step = step(
            r#"
            path = "/orders/{id}?x={run}"
            headers = { Idempotency-Key = "k-{run}" }
            json = { id = "{id}", text = "{id}-{run}", list = ["{run}", { a = 1.5 }], odd = "{ no } {" }
            expect = { "/id" = "{id}" }
            "#,
        );
        let prepared = prepare(&step, &values()).unwrap();
        assert_eq!(prepared.path, "/orders/7?x=r1");
        assert_eq!(
            prepared.headers[1],
            ("Idempotency-Key".to_owned(), "k-r1".to_owned())
        );
        let body: Value = serde_json::from_slice(&prepared.body.clone().unwrap()).unwrap();
        let expected =
            json!({"id": 7, "text": "7-r1", "list": ["r1", {"a": 1.5}], "odd": "{ no } {"});
        assert_eq!(body, expected);
        assert_eq!(
            prepared.judge(Some(200), br#"{"id": 7.0}"#),
            Ok(Values::new())
        );
        assert_eq!(names(&step), ["id".to_owned(), "run".to_owned()].into());
        let unknown = prepare(&self::step("path = '/{nobody}'"), &values()).unwrap_err();
        assert_eq!(unknown, "nothing is known as `{nobody}`");
    }

    #[test]
    fn answers_are_held_against_what_is_expected() {
        let step =
            step("path = '/'\nstatus = 201\nexpect = { '/a/0' = 'x' }\ncapture = { id = '/id' }");
        let prepared = prepare(&step, &values()).unwrap();
        let judged = |status, body: &str| prepared.judge(status, body.as_bytes());
        assert_eq!(
            judged(Some(201), r#"{"a":["x"],"id":3}"#),
            Ok([("id".to_owned(), json!(3))].into())
        );
        for (status, body, expected) in [
            (200, "{}", "answered 200, not 201: {}"),
            (201, "<html>", "answered no JSON: <html>"),
            (201, r#"{"a":["y"]}"#, "has \"y\" at `/a/0`, not \"x\""),
            (
                201,
                "{}",
                "has nothing at `/a/0`, where \"x\" should be: {}",
            ),
            (
                201,
                r#"{"a":["x"]}"#,
                "has nothing at `/id` to capture as `id`: {\"a\":[\"x\"]}",
            ),
        ] {
            assert_eq!(judged(Some(status), body), Err(expected.to_owned()));
        }
        let any = prepare(&self::step("path = '/'"), &values()).unwrap();
        assert_eq!(any.judge(Some(204), b""), Ok(Values::new()));
        any.judge(Some(302), b"").unwrap_err();
    }

    proptest! {
        #[test]
        fn texts_without_braces_stay_as_they_are(text in "[^{}]{0,40}") {
            prop_assert_eq!(filled(&text, |_| None), Ok(text));
        }

        #[test]
        fn no_text_is_too_odd(text in "[{}a-z-ä ]{0,40}") {
            let _ = filled(&text, |name| Some(name.to_owned()));
        }
    }
}
