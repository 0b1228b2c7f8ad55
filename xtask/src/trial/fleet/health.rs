//! What services say of their health, in the shapes that are about: a list or a table of checks, each with a status.

use serde_json::Value;

/// One check of a health report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is called.
    pub name: String,
    /// Whether it passed.
    pub passed: bool,
    /// What it says, where it failed.
    pub said: String,
}

/// Where reports keep their checks: our own and `health+json` (`checks`), Spring Boot (`components`), Terminus and
/// ASP.NET (`details`, `entries`), others (`dependencies`).
const PLACES: [&str; 5] = ["checks", "components", "details", "entries", "dependencies"];

/// Statuses that mean all is well.
const WELL: [&str; 7] = ["healthy", "up", "ok", "pass", "passing", "true", "warn"];

/// The checks of a report, in its order; none where it is no JSON or tells none.
#[must_use]
pub fn checks(body: &[u8]) -> Vec<Check> {
    let report: Value = serde_json::from_slice(body).unwrap_or_default();
    let found = PLACES.iter().find_map(|place| {
        report
            .get(place)
            .filter(|checks| checks.is_array() || checks.is_object())
    });
    match found {
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(|item| check(item.get("name")?.as_str()?, item))
            .collect(),
        Some(Value::Object(table)) => table
            .iter()
            .flat_map(|(name, value)| match value {
                // `health+json` has several measurements under one name.
                Value::Array(items) => items.iter().filter_map(|item| check(name, item)).collect(),
                _ => Vec::from_iter(check(name, value)),
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn check(name: &str, value: &Value) -> Option<Check> {
    let status = match value {
        Value::Object(table) => table.get("status").or_else(|| table.get("healthy"))?,
        _ => value,
    };
    let status = match status {
        Value::String(text) => text.to_ascii_lowercase(),
        Value::Bool(passed) => passed.to_string(),
        _ => return None,
    };
    let said = ["error", "output", "message", "description"];
    let said = said.iter().find_map(|key| value.get(key)?.as_str());
    Some(Check {
        name: name.to_owned(),
        passed: WELL.contains(&status.as_str()),
        said: said.unwrap_or(&status).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, bool, String)> {
        let checks = checks(text.as_bytes()).into_iter();
        checks
            .map(|check| (check.name, check.passed, check.said))
            .collect()
    }

    #[test]
    fn every_shape_is_read() {
        let own = r#"{"status":"degraded","checks":[{"name":"db","status":"healthy"},
            {"name":"risk","status":"unhealthy","error":"ECONNREFUSED"}]}"#;
        let expected = vec![
            ("db".to_owned(), true, "healthy".to_owned()),
            ("risk".to_owned(), false, "ECONNREFUSED".to_owned()),
        ];
        assert_eq!(read(own), expected);
        let spring =
            r#"{"status":"DOWN","components":{"db":{"status":"UP"},"risk":{"status":"DOWN"}}}"#;
        assert_eq!(
            read(spring)[1],
            ("risk".to_owned(), false, "down".to_owned())
        );
        let json =
            r#"{"checks":{"db:time":[{"status":"pass"},{"status":"fail","output":"slow"}]}}"#;
        assert_eq!(
            read(json)[1],
            ("db:time".to_owned(), false, "slow".to_owned())
        );
        assert_eq!(
            read(r#"{"dependencies":{"a":true,"b":"ok","c":false}}"#).len(),
            3
        );
    }

    #[test]
    fn what_tells_no_checks_has_none() {
        for text in [
            "",
            "ok",
            "[]",
            "{}",
            r#"{"checks":3}"#,
            r#"{"checks":[{"name":"x"},1]}"#,
        ] {
            assert_eq!(read(text), Vec::new(), "{text}");
        }
    }
}
