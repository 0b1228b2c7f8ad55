//! JSON-RPC: what comes in, what goes out.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A message of the editor.
#[derive(Debug)]
pub(super) enum Incoming {
    /// It wants an answer.
    Request {
        id: Value,
        method: String,
        params: Value,
    },
    /// It does not.
    Notification { method: String, params: Value },
    /// The answer to a request of ours.
    Response,
}

/// Why there is no result.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    code: i32,
    message: String,
}

impl Failure {
    pub(super) fn parse(message: impl Into<String>) -> Self {
        Self::new(-32700, message)
    }

    pub(super) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(-32600, message)
    }

    pub(super) fn method_not_found(method: &str) -> Self {
        Self::new(-32601, format!("there is no method {method:.80}"))
    }

    pub(super) fn invalid_params(why: impl std::fmt::Display) -> Self {
        Self::new(-32602, why.to_string())
    }

    pub(super) fn not_initialized() -> Self {
        Self::new(-32002, "`initialize` comes first")
    }

    fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl Incoming {
    /// Reads a body; otherwise whom to answer, and what.
    pub(super) fn read(body: &[u8]) -> Result<Self, (Value, Failure)> {
        let message: Value = serde_json::from_slice(body)
            .map_err(|error| (Value::Null, Failure::parse(error.to_string())))?;
        let Value::Object(mut message) = message else {
            let failure = Failure::invalid_request("a message is an object");
            return Err((Value::Null, failure));
        };
        let id = message.remove("id");
        let params = message.remove("params").unwrap_or_default();
        match (message.remove("method"), id) {
            (Some(Value::String(method)), Some(id)) if id.is_string() || id.is_number() => {
                Ok(Self::Request { id, method, params })
            }
            (Some(Value::String(method)), None) => Ok(Self::Notification { method, params }),
            (None, Some(_)) if message.contains_key("result") || message.contains_key("error") => {
                Ok(Self::Response)
            }
            (_, id) => Err((
                id.filter(|id| id.is_string() || id.is_number())
                    .unwrap_or_default(),
                Failure::invalid_request("neither a request nor a notification nor an answer"),
            )),
        }
    }
}

/// Reads the parameters of a request.
pub(super) fn params<T: DeserializeOwned>(params: Value) -> Result<T, Failure> {
    serde_json::from_value(params).map_err(Failure::invalid_params)
}

/// The answer to a request.
pub(super) fn response(id: &Value, result: Result<Value, Failure>) -> Value {
    match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(Failure { code, message }) => json!({
            "jsonrpc": "2.0",
            "id": id,
            "error": { "code": code, "message": message },
        }),
    }
}

/// A request of ours.
pub(super) fn request(id: &str, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

/// Something the editor is told.
pub(super) fn notification(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> String {
        match Incoming::read(body.as_bytes()) {
            Ok(Incoming::Request { id, method, params }) => format!("{id} {method} {params}"),
            Ok(Incoming::Notification { method, params }) => format!("{method} {params}"),
            Ok(Incoming::Response) => "response".to_owned(),
            Err((id, failure)) => format!("! {id} {}", failure.code),
        }
    }

    #[test]
    fn messages_are_told_apart() {
        for (body, expected) in [
            (r#"{"id":1,"method":"a","params":[2]}"#, "1 a [2]"),
            (r#"{"id":"x","method":"a"}"#, "\"x\" a null"),
            (r#"{"method":"a","params":{}}"#, "a {}"),
            (r#"{"id":1,"result":null}"#, "response"),
            (r#"{"id":1,"error":{}}"#, "response"),
            (r#"{"id":null,"method":"a"}"#, "! null -32600"),
            (r#"{"id":7,"method":8}"#, "! 7 -32600"),
            ("{}", "! null -32600"),
            ("[]", "! null -32600"),
            ("{", "! null -32700"),
            ("\u{0}", "! null -32700"),
        ] {
            assert_eq!(read(body), expected, "{body}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(read(&deep), "! null -32700");
    }
}
