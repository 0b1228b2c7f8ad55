//! The expressions of GitHub's workflows: what stands between `${{` and `}}`, and what is known of its value when only
//! some of what it asks for is known.
//!
//! Reference: <https://docs.github.com/en/actions/reference/workflows-and-actions/expressions>.

mod evaluation;
mod parser;
mod template;
#[cfg(test)]
mod tests;

pub use evaluation::Lookup;
pub use parser::{Malformed, parse};
pub use template::{Piece, pieces, value};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A value that is written out.
    Value(Value),
    /// `github.event_name`, `env['NAME']`: names in lower case, joined by dots; `*` for what is only known at run time.
    Context(String),
    /// A function, in lower case, with its arguments.
    Call(String, Vec<Self>),
    /// `!a`.
    Not(Box<Self>),
    /// `a == b`.
    Binary(Operator, Box<Self>, Box<Self>),
}

/// What joins two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `==`.
    Equal,
    /// `!=`.
    Unequal,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, and what is not there.
    Null,
    /// `true` and `false`.
    Switch(bool),
    /// Every number is a floating one.
    Number(f64),
    /// A text.
    Text(String),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Whether a condition with this value holds: not so for `false`, `0`, `''` and `null`.
    #[must_use]
    pub fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Switch(is_true) => *is_true,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
        }
    }

    /// As it is put into a text.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Switch(is_true) => is_true.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Expression {
    /// Every context it asks for, at any depth.
    #[must_use]
    pub fn contexts(&self) -> Vec<&str> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(expression) = open.pop() {
            match expression {
                Self::Value(_) => {}
                Self::Context(name) => found.push(name.as_str()),
                Self::Call(_, arguments) => open.extend(arguments.iter().rev()),
                Self::Not(inner) => open.push(inner),
                Self::Binary(_, left, right) => open.extend([&**right, &**left]),
            }
        }
        found
    }

    /// Whether a function is called in it, at any depth; `name` in lower case.
    #[must_use]
    pub fn calls(&self, name: &str) -> bool {
        match self {
            Self::Value(_) | Self::Context(_) => false,
            Self::Call(own, arguments) => {
                own == name || arguments.iter().any(|argument| argument.calls(name))
            }
            Self::Not(inner) => inner.calls(name),
            Self::Binary(_, left, right) => left.calls(name) || right.calls(name),
        }
    }
}
