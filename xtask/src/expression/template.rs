//! Texts with expressions in them.

use super::{Lookup, Value, parse};

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// As it stands.
    Text(&'t str),
    /// What stands between `${{` and `}}`, without the blanks around it.
    Expression(&'t str),
}

/// The parts of a text, in order. An expression that does not end is text.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${{") {
        let Some(end) = end_of_expression(&rest[start + 3..]) else {
            break;
        };
        if start > 0 {
            pieces.push(Piece::Text(&rest[..start]));
        }
        pieces.push(Piece::Expression(rest[start + 3..start + 3 + end].trim()));
        rest = &rest[start + 3 + end + 2..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Where `}}` stands outside of quotes.
fn end_of_expression(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'}' if !quoted && text[at..].starts_with("}}") => return Some(at),
            _ => {}
        }
    }
    None
}

/// The value of a text with expressions in it, if it is known: that of its expression where the text is nothing else,
/// otherwise the text with all values put in.
#[must_use]
pub fn value(text: &str, lookup: Lookup<'_>) -> Option<Value> {
    let pieces = pieces(text);
    if let [Piece::Expression(expression)] = pieces[..] {
        return parse(expression).ok()?.value(lookup);
    }
    let mut whole = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => whole.push_str(text),
            Piece::Expression(expression) => {
                whole.push_str(&parse(expression).ok()?.value(lookup)?.shown());
            }
        }
    }
    Some(Value::Text(whole))
}
