//! `RUN --mount=`: comma-separated fields as Go's `encoding/csv` reads one record.

use crate::dockerfile::{Flag, Mount, SyntaxError, flags};
use crate::source::Span;

/// Reads the fields. Only what `BuildKit` refuses while parsing is an error; it looks at most fields when it builds.
pub(super) fn parse(flag: &Flag, value: &str, span: Span) -> Result<Mount, SyntaxError> {
    let error = |message: String| SyntaxError { span, message };
    if value.is_empty() {
        return Err(error("`--mount=` lacks its fields".to_owned()));
    }
    let mut fields = Vec::new();
    for record in csv(value).map_err(|message| error(message.to_owned()))? {
        let (key, value) = match record.split_once('=') {
            Some((key, value)) => (key.to_lowercase(), Some(value.to_owned())),
            None => (record.to_lowercase(), None),
        };
        if key == "from" && value.as_deref().is_some_and(has_variable) {
            return Err(error(
                "`from` of a mount cannot hold a variable: name a stage `FROM $image AS name` and use that"
                    .to_owned(),
            ));
        }
        fields.push((key, value));
    }
    Ok(Mount {
        span: flags::span_of(flag),
        fields,
    })
}

fn has_variable(value: &str) -> bool {
    value
        .find('$')
        .is_some_and(|at| value[at + 1..].chars().next().is_some_and(|c| c != '\n'))
}

fn csv(text: &str) -> Result<Vec<String>, &'static str> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, after) = match rest.split_once(',') {
                Some((field, after)) => (field, Some(after)),
                None => (rest, None),
            };
            if field.contains('"') {
                return Err("a quote in the middle of a mount's field");
            }
            fields.push(field.to_owned());
            match after {
                Some(after) => rest = after,
                None => return Ok(fields),
            }
            continue;
        };
        let mut field = String::new();
        rest = quoted;
        loop {
            let (part, after) = rest
                .split_once('"')
                .ok_or("a quote in a mount's field is not closed")?;
            field.push_str(part);
            rest = after;
            let Some(after) = after.strip_prefix('"') else {
                break;
            };
            field.push('"');
            rest = after;
        }
        fields.push(field);
        if rest.is_empty() {
            return Ok(fields);
        }
        rest = rest
            .strip_prefix(',')
            .ok_or("text after the closing quote of a mount's field")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_comma_separated_values() {
        assert_eq!(csv("a=b,c").unwrap(), ["a=b", "c"]);
        assert_eq!(csv(r#""a=b,c",d="#).unwrap(), ["a=b,c", "d="]);
        assert_eq!(csv(r#""a""b",,"#).unwrap(), ["a\"b", "", ""]);
        for bad in [r#"a"b"#, r#""a"#, r#""a"b"#] {
            assert!(csv(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_dollar_at_the_end_is_no_variable() {
        assert!(
            has_variable("a$b") && has_variable("$$") && !has_variable("a$") && !has_variable("")
        );
    }
}
