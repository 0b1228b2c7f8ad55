//! GitHub's expressions, as far as our actions use them. What is not known is an error: a runner that takes it for
//! nothing would hide a mistake.

/// Where names lead.
pub(crate) trait Contexts {
    /// The value of `inputs.sarif`; `None` if there is no such thing.
    fn value(&self, path: &str) -> Option<String>;
    /// Whether a step has failed so far.
    fn has_failed(&self) -> bool;
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    Flag(bool),
}

impl Value {
    fn is_true(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Flag(flag) => *flag,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

/// The text with every `${{ … }}` in it replaced.
pub(crate) fn substituted(text: &str, contexts: &dyn Contexts) -> Result<String, String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, behind) = after
            .split_once("}}")
            .ok_or_else(|| format!("no `}}}}` follows in `{text}`"))?;
        result.push_str(before);
        result.push_str(&evaluate(expression, contexts)?.text());
        rest = behind;
    }
    Ok(result + rest)
}

/// Whether an `if:` holds. Unless it asks for the outcome itself, it is `success() && …`.
pub(crate) fn holds(condition: &str, contexts: &dyn Contexts) -> Result<bool, String> {
    let inner = condition.trim();
    let inner = inner
        .strip_prefix("${{")
        .and_then(|inner| inner.strip_suffix("}}"))
        .unwrap_or(inner);
    let asks = ["always()", "failure()", "success()"].map(|function| inner.contains(function));
    let goes_on = asks.contains(&true) || !contexts.has_failed();
    Ok(evaluate(inner, contexts)?.is_true() && goes_on)
}

fn evaluate(text: &str, contexts: &dyn Contexts) -> Result<Value, String> {
    let mut reader = Reader {
        whole: text,
        rest: text,
        contexts,
    };
    let value = reader.either()?;
    reader.rest = reader.rest.trim_start();
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(reader.unknown())
    }
}

struct Reader<'t> {
    whole: &'t str,
    rest: &'t str,
    contexts: &'t dyn Contexts,
}

impl Reader<'_> {
    fn unknown(&self) -> String {
        format!(
            "the runner of this test does not know `{}` in `{}`",
            self.rest, self.whole
        )
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn either(&mut self) -> Result<Value, String> {
        let mut value = self.both()?;
        while self.take("||") {
            let other = self.both()?;
            value = if value.is_true() { value } else { other };
        }
        Ok(value)
    }

    fn both(&mut self) -> Result<Value, String> {
        let mut value = self.comparison()?;
        while self.take("&&") {
            let other = self.comparison()?;
            value = if value.is_true() { other } else { value };
        }
        Ok(value)
    }

    fn comparison(&mut self) -> Result<Value, String> {
        let left = self.one()?;
        let wanted = if self.take("==") {
            true
        } else if self.take("!=") {
            false
        } else {
            return Ok(left);
        };
        match (left, self.one()?) {
            (Value::Text(left), Value::Text(right)) => {
                let same = left.to_lowercase() == right.to_lowercase();
                Ok(Value::Flag(same == wanted))
            }
            (Value::Flag(left), Value::Flag(right)) => Ok(Value::Flag((left == right) == wanted)),
            // They would become numbers.
            _ => Err(self.unknown()),
        }
    }

    fn one(&mut self) -> Result<Value, String> {
        if self.take("!") {
            return Ok(Value::Flag(!self.one()?.is_true()));
        }
        if self.take("(") {
            let value = self.either()?;
            return if self.take(")") {
                Ok(value)
            } else {
                Err(self.unknown())
            };
        }
        if self.take("'") {
            let mut text = String::new();
            loop {
                let (part, rest) = self.rest.split_once('\'').ok_or_else(|| self.unknown())?;
                text.push_str(part);
                self.rest = rest;
                // Two of them are one.
                match self.rest.strip_prefix('\'') {
                    Some(rest) => self.rest = rest,
                    None => return Ok(Value::Text(text)),
                }
                text.push('\'');
            }
        }
        self.name()
    }

    fn name(&mut self) -> Result<Value, String> {
        let unknown = self.unknown();
        let rest = self.rest.trim_start();
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(length);
        let failed = self.contexts.has_failed();
        let value = match (name, rest.strip_prefix("()")) {
            ("always", Some(_)) | ("true", None) => Value::Flag(true),
            ("success", Some(_)) => Value::Flag(!failed),
            ("failure", Some(_)) => Value::Flag(failed),
            ("false", None) => Value::Flag(false),
            (_, None) => Value::Text(self.contexts.value(name).ok_or(unknown)?),
            (_, Some(_)) => return Err(unknown),
        };
        self.rest = rest.strip_prefix("()").unwrap_or(rest);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Example {
        failed: bool,
    }

    impl Contexts for Example {
        fn value(&self, path: &str) -> Option<String> {
            match path {
                "inputs.a" => Some("A".to_owned()),
                "inputs.empty" => Some(String::new()),
                _ => None,
            }
        }

        fn has_failed(&self) -> bool {
            self.failed
        }
    }

    #[test]
    fn values_take_the_place_of_expressions() {
        for (text, expected) in [
            ("x", "x"),
            ("${{ inputs.a }}-${{inputs.empty}}-", "A--"),
            ("${{ inputs.empty || 'it''s' }}", "it's"),
            ("${{ inputs.a == 'a' }}", "true"),
            ("${{ (inputs.a && 'b') != 'b' }}", "false"),
        ] {
            let result = substituted(text, &Example { failed: false });
            assert_eq!(result.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn conditions_hold_while_nothing_failed_unless_they_ask() {
        for (condition, expected, after_failure) in [
            ("inputs.a != ''", true, false),
            ("${{ inputs.empty }}", false, false),
            ("always()", true, true),
            ("failure() && inputs.a != ''", false, true),
            ("!inputs.a", false, false),
        ] {
            for (failed, expected) in [(false, expected), (true, after_failure)] {
                assert_eq!(
                    holds(condition, &Example { failed }),
                    Ok(expected),
                    "{condition}"
                );
            }
        }
    }

    #[test]
    fn what_is_not_known_is_never_passed_over() {
        for text in [
            "${{ inputs.b }}",
            "${{ github.token }}",
            "${{ hashFiles('**') }}",
            "${{ inputs.a",
            "${{ inputs.a 'b' }}",
            "${{ 1 < 2 }}",
            "${{ inputs.a == true }}",
            "${{ fromJSON(inputs.a) }}",
            "${{ }}",
        ] {
            let result = substituted(text, &Example { failed: false });
            assert!(result.is_err(), "{text}: {result:?}");
        }
    }
}
