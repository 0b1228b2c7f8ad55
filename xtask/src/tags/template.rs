//! Texts with `{{expressions}}` in them, as far as Handlebars (<https://handlebarsjs.com/guide/expressions.html>) is of
//! use in a tag: no blocks, no partials. Nothing is escaped for HTML.

use std::borrow::Cow;

/// A text with expressions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Expression(Expression),
}

/// `{{date 'YYYY' tz='UTC'}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Expression {
    /// `date`.
    pub(super) name: String,
    /// `YYYY`.
    pub(super) arguments: Vec<String>,
    /// `tz` and `UTC`.
    pub(super) options: Vec<(String, String)>,
}

impl Template {
    /// Reads it.
    ///
    /// # Errors
    /// Why it is none, as a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let before = &rest[..start];
            if let Some(before) = before.strip_suffix('\\') {
                literal.push_str(before);
                literal.push_str("{{");
                rest = &rest[start + 2..];
                continue;
            }
            literal.push_str(before);
            let opened = &rest[start..];
            if opened.starts_with("{{!") {
                rest = behind_comment(opened)?;
                continue;
            }
            let (inside, behind) = inside(opened)?;
            // `{{~` takes the white space away that stands before, `~}}` that behind.
            let inside = match inside.strip_prefix('~') {
                Some(inside) => {
                    literal.truncate(literal.trim_end().len());
                    inside
                }
                None => inside,
            };
            let (inside, behind) = match inside.strip_suffix('~') {
                Some(inside) => (inside, behind.trim_start()),
                None => (inside, behind),
            };
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Expression(Expression::parse(inside)?));
            rest = behind;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Self { pieces })
    }

    /// The text that it stands for.
    ///
    /// # Errors
    /// Of `value`.
    pub(super) fn render(
        &self,
        value: &mut dyn FnMut(&Expression) -> Result<String, String>,
    ) -> Result<String, String> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Expression(expression) => text.push_str(&value(expression)?),
            }
        }
        Ok(text)
    }

    /// It is nothing but this expression.
    pub(super) fn is_only(&self, name: &str) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Expression(one)] if one.name == name)
    }

    /// It says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

/// What stands between the braces, and what behind them.
fn inside(opened: &str) -> Result<(&str, &str), String> {
    let (start, end) = if opened.starts_with("{{{") {
        ("{{{", "}}}")
    } else {
        ("{{", "}}")
    };
    let inside = &opened[start.len()..];
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in inside.char_indices() {
        let was_escaped = is_escaped;
        is_escaped = c == '\\' && !was_escaped;
        match quote {
            Some(open) if c == open && !was_escaped => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if inside[at..].starts_with(end) => {
                return Ok((&inside[..at], &inside[at + end.len()..]));
            }
            Some(_) | None => {}
        }
    }
    Err(format!(
        "`{opened}` has no `{end}` that ends the expression"
    ))
}

fn behind_comment(opened: &str) -> Result<&str, String> {
    let end = if opened.starts_with("{{!--") {
        "--}}"
    } else {
        "}}"
    };
    let behind = opened.split_once(end).map(|(_, behind)| behind);
    behind.ok_or_else(|| format!("`{opened}` has no `{end}` that ends the comment"))
}

impl Expression {
    fn parse(inside: &str) -> Result<Self, String> {
        let text = inside.strip_prefix('&').unwrap_or(inside).trim();
        if let Some(sign) = text.chars().next().filter(|c| "#/^>*(".contains(*c)) {
            return Err(format!(
                "`{{{{{text}}}}}`: expressions with `{sign}` (blocks, partials, calls within calls) are not known here"
            ));
        }
        let mut words = words(text)?.into_iter();
        let name = match words.next() {
            Some(Word::Plain(name)) => name.into_owned(),
            Some(_) => return Err(format!("`{{{{{text}}}}}` does not begin with a name")),
            None => return Err("`{{}}` names no expression".to_owned()),
        };
        let mut expression = Self {
            name,
            ..Self::default()
        };
        for word in words {
            match word {
                Word::Option(key, value) => expression.options.push((key.to_owned(), value)),
                Word::Quoted(value) => expression.arguments.push(value),
                Word::Plain(word) => {
                    return Err(format!(
                        "`{word}` in `{{{{{text}}}}}` lacks quotes around it"
                    ));
                }
            }
        }
        Ok(expression)
    }
}

enum Word<'t> {
    Plain(Cow<'t, str>),
    Quoted(String),
    Option(&'t str, String),
}

fn words(text: &str) -> Result<Vec<Word<'_>>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let (value, behind) = quoted(rest, first)?;
            words.push(Word::Quoted(value));
            rest = behind.trim_start();
            continue;
        }
        let end = rest
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        rest = behind.trim_start();
        let Some(value) = behind.strip_prefix('=') else {
            words.push(Word::Plain(Cow::Borrowed(word)));
            continue;
        };
        let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'');
        let Some(quote) = quote else {
            return Err(format!("the value of `{word}` lacks quotes around it"));
        };
        let (value, behind) = quoted(value, quote)?;
        words.push(Word::Option(word, value));
        rest = behind.trim_start();
    }
    Ok(words)
}

/// A text in quotes, in which a backslash takes a quote along.
fn quoted(text: &str, quote: char) -> Result<(String, &str), String> {
    let inside = &text[1..];
    let mut value = String::new();
    let mut characters = inside.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if c == quote {
            return Ok((value, &inside[at + 1..]));
        }
        match characters.peek() {
            Some((_, next)) if c == '\\' && *next == quote => {
                value.push(quote);
                characters.next();
            }
            _ => value.push(c),
        }
    }
    Err(format!("the quote of `{text}` does not end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each expression as `<name argument… key=value…>`.
    fn rendered(text: &str) -> Result<String, String> {
        Template::parse(text)?.render(&mut |expression| {
            let mut told = vec![expression.name.clone()];
            told.extend(expression.arguments.iter().cloned());
            told.extend(expression.options.iter().map(|(k, v)| format!("{k}={v}")));
            Ok(format!("<{}>", told.join(" ")))
        })
    }

    #[test]
    fn expressions_are_found() {
        for (text, expected) in [
            ("", ""),
            ("plain {x} }}", "plain {x} }}"),
            ("{{a}}-{{ b }}", "<a>-<b>"),
            ("{{{a}}}x{{&b}}", "<a>x<b>"),
            ("a {{~b~}} c", "a<b>c"),
            (r"\{{a}}", "{{a}}"),
            ("x{{! no }}y{{!-- }} --}}z", "xyz"),
            ("{{date 'YYYY MM' tz=\"A/B\"}}", "<date YYYY MM tz=A/B>"),
            (r"{{date '\'}}' }}", "<date '}}>"),
            ("{{prerelease.[0]}}", "<prerelease.[0]>"),
        ] {
            assert_eq!(rendered(text).as_deref(), Ok(expected), "{text}");
        }
        for text in [
            "{{",
            "{{a",
            "{{{a}}",
            "{{}}",
            "{{#if x}}",
            "{{> p}}",
            "{{(a)}}",
            "{{a b}}",
            "{{a b=c}}",
            "{{'a'}}",
            "{{a 'b}}",
            "{{! a",
        ] {
            assert!(rendered(text).is_err(), "{text}");
        }
    }
}
