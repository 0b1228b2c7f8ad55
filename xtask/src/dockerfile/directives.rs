//! `# syntax=`, `# escape=` and `# check=`: comments at the head of the file that are instructions to the parser.

use crate::dockerfile::SyntaxError;
use crate::source::{Span, Spanned};

/// What the directives so far said.
#[derive(Debug)]
pub(super) struct Directives {
    pub(super) escape: char,
    pub(super) check: Option<Spanned<String>>,
    seen: Vec<String>,
    done: bool,
}

impl Default for Directives {
    fn default() -> Self {
        Self {
            escape: '\\',
            check: None,
            seen: Vec::new(),
            done: false,
        }
    }
}

impl Directives {
    /// As after the head of a file that chose this escape character.
    pub(super) fn end(&mut self, escape: char) {
        self.escape = escape;
        self.done = true;
    }

    /// Takes note of a line without leading blanks; whether it was a directive. The first line that is none ends
    /// the head of the file.
    pub(super) fn line(&mut self, text: &str, start: usize) -> Result<bool, SyntaxError> {
        if self.done {
            return Ok(false);
        }
        let Some((name, value)) = text
            .strip_prefix('#')
            .and_then(|rest| split(rest, start + 1))
        else {
            self.done = true;
            return Ok(false);
        };
        let error = |message: String| SyntaxError {
            span: Span::new(start, start + text.len()),
            message,
        };
        if self.seen.contains(&name) {
            return Err(error(format!("only one `# {name}=` directive can be used")));
        }
        match name.as_str() {
            "escape" => match value.value.as_str() {
                "\\" => self.escape = '\\',
                "`" => self.escape = '`',
                other => {
                    let message = format!("`{other}` cannot be the escape character: use ` or \\");
                    return Err(SyntaxError {
                        span: value.span,
                        message,
                    });
                }
            },
            "check" => self.check = Some(value),
            _ => {}
        }
        self.seen.push(name);
        Ok(true)
    }
}

/// `name = value`, where the name is a known directive. The name comes in lower case.
fn split(text: &str, start: usize) -> Option<(String, Spanned<String>)> {
    let is_space = |c: char| matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ');
    let trimmed = text.trim_start();
    let (name, rest) = trimmed.split_once('=')?;
    let name = name.trim_end_matches(is_space).to_ascii_lowercase();
    if !matches!(name.as_str(), "syntax" | "escape" | "check") || rest.is_empty() {
        return None;
    }
    let value = rest.trim_start_matches(is_space);
    // A value of blanks only is its last blank: the value must have a character.
    let value = if value.is_empty() {
        &rest[rest.len() - 1..]
    } else {
        value
    };
    let at = start + (text.len() - value.len());
    let value = if value.len() == 1 {
        value
    } else {
        value.trim_end_matches(is_space)
    };
    Some((
        name,
        Spanned::new(value.to_owned(), Span::new(at, at + value.len())),
    ))
}

/// The frontend image that `# syntax=` (or `// syntax=`) asks for. Unlike the other directives it may stand after a
/// `#!` line and must start its line.
pub(super) fn syntax(text: &str) -> Option<Spanned<String>> {
    let mut start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    if text[start..].starts_with("#!") {
        start += text[start..].find('\n')? + 1;
    }
    ["#", "//"]
        .into_iter()
        .find_map(|comment| syntax_after(comment, text, start))
}

fn syntax_after(comment: &str, text: &str, start: usize) -> Option<Spanned<String>> {
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']).strip_prefix(comment)?;
        let (name, value) = split(content, at + comment.len())?;
        if name == "syntax" {
            let first = value.value.split(' ').next().unwrap_or_default().to_owned();
            let span = Span::new(value.span.start, value.span.start + first.len());
            return Some(Spanned::new(first, span));
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> (char, Vec<String>) {
        let mut directives = Directives::default();
        let mut errors = Vec::new();
        for line in text.lines() {
            if let Err(error) = directives.line(line.trim_start(), 0) {
                errors.push(error.message);
            }
        }
        (directives.escape, errors)
    }

    #[test]
    fn directives_end_at_the_first_other_line() {
        assert_eq!(head("# syntax=a\n#ESCAPE = `\nFROM a").0, '`');
        assert_eq!(head("# a comment\n# escape=`").0, '\\');
        assert_eq!(head("\n# escape=`").0, '\\');
        assert_eq!(head("#!/bin/x\n# escape=`").0, '\\');
        assert_eq!(head("# unknown=1\n# escape=`").0, '\\');
        assert_eq!(head("# escape=").0, '\\');
    }

    #[test]
    fn repeated_and_impossible_directives_are_errors() {
        assert_eq!(
            head("# escape=`\n# escape=`").1,
            ["only one `# escape=` directive can be used"]
        );
        assert_eq!(
            head("# escape=x").1,
            ["`x` cannot be the escape character: use ` or \\"]
        );
    }

    #[test]
    fn syntax_may_follow_a_shebang() {
        let found =
            |text: &str| syntax(text).map(|s| (s.value.clone(), s.span.of(text).to_owned()));
        let expected = Some((
            "docker/dockerfile:1".to_owned(),
            "docker/dockerfile:1".to_owned(),
        ));
        for text in [
            "# syntax=docker/dockerfile:1\n",
            "#!/usr/bin/env x\n# syntax = docker/dockerfile:1 and more\n",
            "\u{feff}#escape=`\n#Syntax=docker/dockerfile:1\r\n",
            "// syntax=docker/dockerfile:1",
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
        assert_eq!(found(" # syntax=a"), None);
        assert_eq!(found("FROM a\n# syntax=a"), None);
    }
}
