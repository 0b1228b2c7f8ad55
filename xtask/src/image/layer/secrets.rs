//! Secrets in the content of a layer's files, hidden ones included.
//!
//! What a package manager installed is public: what looks like a secret there is an example, or a key for tests. Of such
//! files only tokens count whose form nothing else has. Manuals and the like are not looked at.

use crate::secrets::content::{Certainty, Format, Rule, Scanner};
use crate::secrets::names::{ByName, by_name, is_template};
use crate::source::LineColumn;

/// A secret in a file, without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretHere {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// Where it starts in the file.
    pub start: LineColumn,
    /// What may be shown of it: at most four characters that every secret of the rule has, and the length.
    pub redacted: String,
}

/// What is looked for in a file, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attention {
    /// Everything.
    Full,
    /// Everything, but a value counts by the name that it is given to only if the file is known for secrets.
    Form,
    /// Tokens whose form is certain.
    Certain,
}

/// Looks for secrets in a file as its bytes go by.
pub(super) struct Watch {
    scanner: Scanner,
    attention: Attention,
}

impl Watch {
    /// Of the file at a path; `None` if it is not worth looking.
    pub(super) fn new(path: &[u8]) -> Option<Self> {
        let path = String::from_utf8_lossy(path);
        Some(Self {
            attention: attention(&path)?,
            scanner: Scanner::new(Format::of(&path)),
        })
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.scanner.feed(bytes);
    }

    pub(super) fn finish(self) -> impl Iterator<Item = SecretHere> {
        let attention = self.attention;
        let matches = self.scanner.finish().matches.into_iter();
        let counted = matches.filter(move |found| attention.counts(found.rule));
        counted.map(|found| SecretHere {
            rule: found.rule,
            start: found.start,
            redacted: found.redacted,
        })
    }
}

impl Attention {
    fn counts(self, rule: &Rule) -> bool {
        let is_formed = rule.certainty >= Certainty::Likely && !rule.by_name;
        match self {
            Self::Full => true,
            Self::Form => is_formed,
            // Keys are in every package that can read keys, to test that it can.
            Self::Certain => {
                is_formed
                    && rule.certainty == Certainty::Certain
                    && !rule.id.ends_with("private-key")
            }
        }
    }
}

/// Folders of what nobody runs and everybody may read.
const MANUALS: [&str; 7] = [
    "usr/share/doc/",
    "usr/share/i18n/",
    "usr/share/info/",
    "usr/share/locale/",
    "usr/share/man/",
    "usr/share/unicode/",
    "usr/share/zoneinfo/",
];

fn attention(path: &str) -> Option<Attention> {
    if MANUALS.iter().any(|folder| path.starts_with(folder)) {
        return None;
    }
    if is_of_package(path) {
        return Some(Attention::Certain);
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_known_for_secrets = by_name(path)
        .is_some_and(|found| found.by_name != ByName::Suspicious)
        || Format::of(path) != Format::Text && !is_template(name);
    Some(if is_known_for_secrets {
        Attention::Full
    } else {
        Attention::Form
    })
}

/// Whether a package manager of a language installed it. What npm keeps beside the packages is its own: a lock file may
/// have logins in its addresses.
fn is_of_package(path: &str) -> bool {
    let mut parts = path.split('/').peekable();
    let mut above = "";
    while let Some(part) = parts.next() {
        let Some(next) = parts.peek() else {
            return false;
        };
        let is_package = match part {
            "node_modules" => !next.starts_with('.'),
            "site-packages" | "dist-packages" | "gems" => true,
            // The modules of Go and the crates of Cargo.
            "mod" => above == "pkg",
            "registry" => above == ".cargo",
            // Python's own modules.
            _ => {
                above == "lib"
                    && part
                        .strip_prefix("python")
                        .is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
            }
        };
        if is_package {
            return true;
        }
        above = part;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_how_closely_to_look() {
        for (path, expected) in [
            ("app/main.js", Some(Attention::Form)),
            ("app/.env", Some(Attention::Full)),
            ("app/.env.example", Some(Attention::Form)),
            ("app/.npmrc", Some(Attention::Full)),
            ("etc/app.conf", Some(Attention::Full)),
            ("app/node_modules/a/test/key.pem", Some(Attention::Certain)),
            ("app/node_modules/.package-lock.json", Some(Attention::Form)),
            ("app/node_modules/.cache/x", Some(Attention::Form)),
            ("app/node_modules", Some(Attention::Form)),
            (
                "usr/lib/python3.12/test/keycert.pem",
                Some(Attention::Certain),
            ),
            (
                "usr/lib/python3/dist-packages/a.py",
                Some(Attention::Certain),
            ),
            ("opt/lib/pythonic/a.py", Some(Attention::Form)),
            ("go/pkg/mod/a@v1/b.go", Some(Attention::Certain)),
            ("usr/share/doc/openssl/key.pem", None),
        ] {
            assert_eq!(attention(path), expected, "{path}");
        }
    }
}
