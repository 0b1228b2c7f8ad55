//! From text to tree.

use super::{Expression, Operator, Value};

/// How deep parentheses and arguments may be nested.
const MAX_DEPTH: usize = 50;

/// How many operators and fields an expression may have: each makes the tree deeper.
const MAX_PARTS: usize = 1000;

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where, in bytes from the start of the text.
    pub at: usize,
    /// A lower-case clause.
    pub message: &'static str,
}

/// Reads an expression, without `${{` and `}}`.
///
/// # Errors
/// The text is none.
pub fn parse(text: &str) -> Result<Expression, Malformed> {
    let mut parser = Parser {
        text,
        at: 0,
        parts: 0,
    };
    let expression = parser.binary(0, 0)?;
    parser.blanks();
    if parser.at < text.len() {
        return Err(parser.malformed("nothing more is expected here"));
    }
    Ok(expression)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    parts: usize,
}

/// By precedence, the loosest first; longer operators before those they start with.
const LEVELS: [&[(&str, Operator)]; 4] = [
    &[("||", Operator::Or)],
    &[("&&", Operator::And)],
    &[("==", Operator::Equal), ("!=", Operator::Unequal)],
    &[
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
];

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    const fn malformed(&self, message: &'static str) -> Malformed {
        Malformed {
            at: self.at,
            message,
        }
    }

    const fn count(&mut self) -> Result<(), Malformed> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(self.malformed("it is too long"));
        }
        Ok(())
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str, message: &'static str) -> Result<(), Malformed> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.malformed(message))
        }
    }

    fn binary(&mut self, level: usize, depth: usize) -> Result<Expression, Malformed> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary(depth);
        };
        let mut left = self.binary(level + 1, depth)?;
        while let Some((_, operator)) = operators.iter().find(|(token, _)| self.eat(token)) {
            self.count()?;
            let right = self.binary(level + 1, depth)?;
            left = Expression::Binary(*operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self, depth: usize) -> Result<Expression, Malformed> {
        if depth > MAX_DEPTH {
            return Err(self.malformed("it is nested too deeply"));
        }
        self.blanks();
        if self.rest().starts_with('!') && !self.rest().starts_with("!=") {
            self.at += 1;
            return Ok(Expression::Not(Box::new(self.unary(depth + 1)?)));
        }
        if self.eat("(") {
            let inner = self.binary(0, depth + 1)?;
            self.expect(")", "`)` is missing")?;
            return self.fields(inner, depth);
        }
        match self.rest().bytes().next() {
            Some(b'\'') => self
                .quoted()
                .map(|text| Expression::Value(Value::Text(text))),
            Some(b'0'..=b'9' | b'-' | b'+' | b'.') => self.number(),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => self.named(depth),
            Some(b'"') => Err(self.malformed("texts are in single quotes")),
            _ => Err(self.malformed("a value is expected here")),
        }
    }

    fn quoted(&mut self) -> Result<String, Malformed> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(end) = self.rest().find('\'') {
            text.push_str(&self.rest()[..end]);
            self.at += end + 1;
            // Doubled, it means itself.
            if !self.rest().starts_with('\'') {
                return Ok(text);
            }
            text.push('\'');
            self.at += 1;
        }
        self.at = start;
        Err(self.malformed("the text does not end"))
    }

    fn number(&mut self) -> Result<Expression, Malformed> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | '+'))
            .unwrap_or(rest.len());
        let word = &rest[..end];
        let number = match word.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok().map(f64::from),
            None => word.parse().ok(),
        };
        let number = number.ok_or_else(|| self.malformed("this is no number"))?;
        self.at += end;
        Ok(Expression::Value(Value::Number(number)))
    }

    fn word(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'))
            .unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| &rest[..end])
    }

    fn named(&mut self, depth: usize) -> Result<Expression, Malformed> {
        let word = self.word().unwrap_or_default();
        match word {
            "null" => return Ok(Expression::Value(Value::Null)),
            "true" | "false" => return Ok(Expression::Value(Value::Switch(word == "true"))),
            "NaN" => return Ok(Expression::Value(Value::Number(f64::NAN))),
            "Infinity" => return Ok(Expression::Value(Value::Number(f64::INFINITY))),
            _ => {}
        }
        let name = word.to_ascii_lowercase();
        if !self.eat("(") {
            return self.fields(Expression::Context(name), depth);
        }
        let mut arguments = Vec::new();
        if !self.eat(")") {
            loop {
                arguments.push(self.binary(0, depth + 1)?);
                if self.eat(")") {
                    break;
                }
                self.expect(",", "`,` or `)` is missing")?;
            }
        }
        self.fields(Expression::Call(name, arguments), depth)
    }

    /// `.name`, `.*` and `[…]` behind something. What is behind a call or parentheses is only known at run time.
    fn fields(&mut self, of: Expression, depth: usize) -> Result<Expression, Malformed> {
        let mut expression = of;
        loop {
            let field = if self.eat(".") {
                self.count()?;
                self.blanks();
                if self.eat("*") {
                    "*".to_owned()
                } else {
                    let word = self.word();
                    word.ok_or_else(|| self.malformed("a name is expected behind the dot"))?
                        .to_ascii_lowercase()
                }
            } else if self.eat("[") {
                self.count()?;
                let index = if self.eat("*") {
                    None
                } else {
                    Some(self.binary(0, depth + 1)?)
                };
                self.expect("]", "`]` is missing")?;
                match index {
                    Some(Expression::Value(value @ (Value::Text(_) | Value::Number(_)))) => {
                        value.shown().to_ascii_lowercase()
                    }
                    _ => "*".to_owned(),
                }
            } else {
                return Ok(expression);
            };
            expression = Expression::Context(match expression {
                Expression::Context(name) => format!("{name}.{field}"),
                _ => format!("*.{field}"),
            });
        }
    }
}
