//! What is known of a value.

use super::{Expression, Operator, Value};

/// What is behind a context such as `github.event_name` (in lower case); `None` if that is not known.
pub type Lookup<'l> = &'l dyn Fn(&str) -> Option<Value>;

impl Expression {
    /// Its value, if what decides it is known.
    #[must_use]
    pub fn value(&self, lookup: Lookup<'_>) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::Context(name) => lookup(name),
            Self::Not(inner) => inner.holds(lookup).map(|holds| Value::Switch(!holds)),
            Self::Call(name, arguments) => call(name, arguments, lookup),
            Self::Binary(Operator::And, left, right) => match left.holds(lookup) {
                Some(true) => right.value(lookup),
                Some(false) => left.value(lookup).or(Some(Value::Switch(false))),
                None => None,
            },
            Self::Binary(Operator::Or, left, right) => match left.holds(lookup) {
                Some(true) => left.value(lookup),
                Some(false) => right.value(lookup),
                None => None,
            },
            Self::Binary(operator, left, right) => {
                let (left, right) = (left.value(lookup)?, right.value(lookup)?);
                Some(Value::Switch(compare(*operator, &left, &right)))
            }
        }
    }

    /// Whether it holds as a condition, if what decides that is known: `unknown && false` does not.
    #[must_use]
    pub fn holds(&self, lookup: Lookup<'_>) -> Option<bool> {
        match self {
            Self::Not(inner) => inner.holds(lookup).map(|holds| !holds),
            Self::Binary(Operator::And, left, right) => {
                match (left.holds(lookup), right.holds(lookup)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            Self::Binary(Operator::Or, left, right) => {
                match (left.holds(lookup), right.holds(lookup)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                }
            }
            _ => self.value(lookup).map(|value| value.is_true()),
        }
    }
}

fn call(name: &str, arguments: &[Expression], lookup: Lookup<'_>) -> Option<Value> {
    match (name, arguments) {
        // As if nothing had failed and nobody had stopped the run.
        ("success" | "always", []) => Some(Value::Switch(true)),
        ("failure" | "cancelled", []) => Some(Value::Switch(false)),
        ("contains" | "startswith" | "endswith", [text, part]) => {
            let text = text.value(lookup)?.shown().to_lowercase();
            let part = part.value(lookup)?.shown().to_lowercase();
            Some(Value::Switch(match name {
                "contains" => text.contains(&part),
                "startswith" => text.starts_with(&part),
                _ => text.ends_with(&part),
            }))
        }
        ("fromjson", [text]) => match text.value(lookup)?.shown().trim() {
            "true" => Some(Value::Switch(true)),
            "false" => Some(Value::Switch(false)),
            "null" => Some(Value::Null),
            number => number.parse().ok().map(Value::Number),
        },
        _ => None,
    }
}

/// Texts are compared without regard to case, values of different kinds as numbers.
fn compare(operator: Operator, left: &Value, right: &Value) -> bool {
    use std::cmp::Ordering;
    let order = match (left, right) {
        (Value::Text(left), Value::Text(right)) => {
            Some(left.to_lowercase().cmp(&right.to_lowercase()))
        }
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        _ => number(left).partial_cmp(&number(right)),
    };
    match operator {
        Operator::Equal => order == Some(Ordering::Equal),
        Operator::Unequal => order != Some(Ordering::Equal),
        Operator::Less => order == Some(Ordering::Less),
        Operator::LessOrEqual => order.is_some_and(Ordering::is_le),
        Operator::Greater => order == Some(Ordering::Greater),
        Operator::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        Operator::And | Operator::Or => false,
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Null => 0.0,
        Value::Switch(is_true) => f64::from(u8::from(*is_true)),
        Value::Number(number) => *number,
        Value::Text(text) if text.trim().is_empty() => 0.0,
        Value::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
    }
}
