//! Secrets by content: named rules over bytes, fed in chunks of any size.
//!
//! One pass looks for anchors: texts that every secret of a rule has in or before it (`ghp_`, `-----BEGIN `, `token`).
//! Where one stands, its rule looks at a window of bounded size around it. So what is found does not depend on how the
//! bytes were cut, lines may have any length, and memory is bounded.
//!
//! Sources: the services' own documentation of their token formats.

mod anchors;
mod assignment;
mod credentials;
mod detectors;
mod encoded;
mod private_key;
mod scanner;
mod token;
mod tokens;
mod url;
mod window;

use std::fmt;

pub use scanner::{MAX_MATCHES, Outcome, Scanner};

use crate::source::{LineColumn, Span};
use crate::text_search::last_part;

/// How certain a match of a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// A value that is probably secret, by its name and how random it is.
    Possible,
    /// A secret by its form; it may be one that may be known, is locked or is over.
    Likely,
    /// A secret by its form, which nothing else has.
    Certain,
}

/// What a match is an instance of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Its name: `github-token`.
    pub id: &'static str,
    /// What it finds, for a message: `a token of GitHub`.
    pub description: &'static str,
    /// How certain its matches are.
    pub certainty: Certainty,
    /// The name of the value says that it is secret, not its form. Another rule that knows the form comes first.
    pub by_name: bool,
}

/// A secret that was found, without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// The bytes of the secret, from the start of everything that was fed.
    pub span: Span,
    /// Where it starts. Columns count characters; a byte that is no UTF-8 is none of its own.
    pub start: LineColumn,
    /// What may be shown: at most four characters that every secret of the rule has, and the length.
    pub redacted: String,
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {} ({})",
            self.start.line, self.start.column, self.rule.description, self.redacted
        )
    }
}

/// How a file writes values down, as far as rules need to know it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Source code, or not known: a value is quoted or alone on its line, and counts if it looks random.
    #[default]
    Text,
    /// Settings of a program, as in `my.cnf`: a value counts unless it is a word.
    Settings,
    /// Names and values, as in `.env`: every value counts whose name says that it is secret.
    Variables,
    /// `machine host login name password secret`.
    Netrc,
}

impl Format {
    /// The format of a file by its path.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let name = last_part(path);
        let lower = name.to_ascii_lowercase();
        let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
        let holds_secrets = lower.starts_with("secret") || lower.starts_with("credentials");
        match lower.as_str() {
            ".netrc" | "_netrc" | ".authinfo" => Self::Netrc,
            ".pypirc" | ".s3cfg" | ".boto" | ".flaskenv" | ".dev.vars" | "credentials" => {
                Self::Variables
            }
            _ if lower == ".env" || lower.starts_with(".env.") => Self::Variables,
            _ => match ending {
                "env" | "tfvars" => Self::Variables,
                "yml" | "yaml" | "toml" | "ini" if holds_secrets => Self::Variables,
                "ini" | "cfg" | "cnf" | "conf" | "properties" => Self::Settings,
                _ => Self::Text,
            },
        }
    }
}

/// Everything that is secret in bytes that are at hand.
#[must_use]
pub fn scan(format: Format, bytes: &[u8]) -> Outcome {
    let mut scanner = Scanner::new(format);
    scanner.feed(bytes);
    scanner.finish()
}

/// All rules, by id.
#[must_use]
pub fn rules() -> Vec<&'static Rule> {
    detectors::rules()
}

/// Whether the secrets of a rule are known by their form alone, wherever they stand: a start that nothing else has, and
/// often a checksum. Other rules go by what stands around them.
#[must_use]
pub fn is_token(rule: &Rule) -> bool {
    let mut tokens = tokens::TOKENS.iter();
    tokens.any(|token| token.rule.id == rule.id)
}

#[cfg(test)]
mod tests;
