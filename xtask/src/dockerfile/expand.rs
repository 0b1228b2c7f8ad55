//! Variable expansion as `BuildKit`'s `shell/lex.go` does it: `$x`, `${x…}`, quotes and escapes.

use crate::dockerfile::pattern::Pattern;

/// A text with its variables expanded and its quotes and escapes removed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Expanded {
    /// The result.
    pub value: String,
    /// The variables that were asked for and are not set, each once, in order.
    pub undefined: Vec<String>,
}

/// Expands a text as one word: white space stays.
///
/// # Errors
/// A sentence about what is wrong with a `${…}`, an open quote, or the message of `${x:?message}`.
pub fn expand(
    text: &str,
    escape: char,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Expanded, String> {
    if is_plain(text, escape) {
        return Ok(Expanded {
            value: text.to_owned(),
            undefined: Vec::new(),
        });
    }
    let mut lexer = Lexer::new(text, escape, lookup);
    lexer.asked = Asked::Text;
    let (value, _) = lexer.run()?;
    Ok(Expanded {
        value,
        undefined: lexer.undefined,
    })
}

/// Expands a text and splits the result into words, as `EXPOSE` does: at white space that is not quoted.
///
/// # Errors
/// As [`expand`].
pub fn expand_words(
    text: &str,
    escape: char,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<String>, String> {
    if is_plain(text, escape) {
        return Ok(text.split_whitespace().map(str::to_owned).collect());
    }
    Ok(Lexer::new(text, escape, lookup).run()?.1)
}

/// Whether nothing in a text is expanded or taken away, as in most texts.
fn is_plain(text: &str, escape: char) -> bool {
    !text.contains(['$', '\'', '"', escape])
}

/// Expansions inside expansions. `BuildKit` knows no limit; no real Dockerfile comes near this one.
const MAX_DEPTH: usize = 64;
/// The most bytes the variables of one text may come to: `ENV A=$A$A` a few dozen times would fill the memory.
const MAX_EXPANDED: usize = 256 * 1024;

/// The lexer with the switches that `BuildKit` uses where it does not expand for good.
pub(super) struct Lexer<'a> {
    rest: &'a str,
    escape: char,
    lookup: &'a dyn Fn(&str) -> Option<String>,
    undefined: Vec<String>,
    depth: usize,
    /// Bytes that variables came to so far.
    expanded: usize,
    /// Quotes stay.
    pub(super) raw_quotes: bool,
    /// Escape characters stay.
    pub(super) raw_escapes: bool,
    /// Variables that are not set stay as they are.
    pub(super) keep_unset: bool,
    asked: Asked,
}

/// What a text is expanded for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Asked {
    Text,
    /// The words that it falls into, too.
    #[default]
    Words,
}

/// The result so far, and the words it falls into.
#[derive(Default)]
struct Output {
    text: String,
    /// Empty where nobody asks for them.
    words: Vec<String>,
    word: String,
    asked: Asked,
}

impl Output {
    fn push(&mut self, c: char) {
        self.text.push(c);
        self.push_to_word(c);
    }

    fn push_to_word(&mut self, c: char) {
        if self.asked == Asked::Text {
            return;
        }
        if c.is_whitespace() {
            self.end_word();
        } else {
            self.word.push(c);
        }
    }

    fn push_raw(&mut self, text: &str) {
        self.text.push_str(text);
        if self.asked == Asked::Words {
            self.word.push_str(text);
        }
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
    }
}

impl<'a> Lexer<'a> {
    pub(super) fn new(
        text: &'a str,
        escape: char,
        lookup: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        Self {
            rest: text,
            escape,
            lookup,
            undefined: Vec::new(),
            depth: 0,
            expanded: 0,
            raw_quotes: false,
            raw_escapes: false,
            keep_unset: false,
            asked: Asked::Words,
        }
    }

    /// The whole text expanded, and its words.
    pub(super) fn run(&mut self) -> Result<(String, Vec<String>), String> {
        self.until(None, self.raw_escapes)
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn until(
        &mut self,
        stop: Option<char>,
        raw_escapes: bool,
    ) -> Result<(String, Vec<String>), String> {
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let result = self.until_inner(stop);
        self.raw_escapes = outer;
        result
    }

    fn until_inner(&mut self, stop: Option<char>) -> Result<(String, Vec<String>), String> {
        let mut output = Output {
            text: String::with_capacity(self.rest.len()),
            asked: self.asked,
            ..Output::default()
        };
        while let Some(c) = self.peek() {
            if Some(c) == stop {
                self.next();
                output.end_word();
                return Ok((output.text, output.words));
            }
            match c {
                '\'' => {
                    let text = self.single_quoted()?;
                    output.push_raw(&text);
                }
                '"' => {
                    let text = self.double_quoted()?;
                    output.push_raw(&text);
                }
                '$' => {
                    let text = self.dollar()?;
                    output.text.push_str(&text);
                    text.chars().for_each(|c| output.push_to_word(c));
                }
                _ if c == self.escape => {
                    self.next();
                    if self.raw_escapes {
                        output.push_raw(c.encode_utf8(&mut [0; 4]));
                    }
                    // At the end it is dropped.
                    if let Some(escaped) = self.next() {
                        output.push_raw(escaped.encode_utf8(&mut [0; 4]));
                    }
                }
                _ => match self.plain_length(stop) {
                    0 => {
                        self.next();
                        output.push(c);
                    }
                    length => {
                        let (plain, rest) = self.rest.split_at(length);
                        self.rest = rest;
                        output.push_raw(plain);
                    }
                },
            }
        }
        match stop {
            None => {
                output.end_word();
                Ok((output.text, output.words))
            }
            Some(stop) => Err(format!("the text ends before the closing `{stop}`")),
        }
    }

    /// How many of the next bytes mean nothing: letters and the like, without blanks.
    fn plain_length(&self, stop: Option<char>) -> usize {
        let is_special = |byte: &u8| {
            !byte.is_ascii_graphic()
                || matches!(byte, b'\'' | b'"' | b'$')
                || char::from(*byte) == self.escape
                || Some(char::from(*byte)) == stop
        };
        let special = self.rest.bytes().position(|byte| is_special(&byte));
        special.unwrap_or(self.rest.len())
    }

    fn single_quoted(&mut self) -> Result<String, String> {
        let length = self.rest[1..]
            .find('\'')
            .ok_or("a single quote is not closed")?
            + 2;
        let (quoted, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(if self.raw_quotes {
            quoted.to_owned()
        } else {
            quoted[1..length - 1].to_owned()
        })
    }

    fn double_quoted(&mut self) -> Result<String, String> {
        let mut result = String::new();
        self.next();
        if self.raw_quotes {
            result.push('"');
        }
        loop {
            match self.peek() {
                None => return Err("a double quote is not closed".to_owned()),
                Some('"') => {
                    self.next();
                    if self.raw_quotes {
                        result.push('"');
                    }
                    return Ok(result);
                }
                Some('$') => result.push_str(&self.dollar()?),
                Some(c) => {
                    self.next();
                    if c != self.escape {
                        result.push(c);
                        continue;
                    }
                    if self.raw_escapes {
                        result.push(c);
                    }
                    match self.peek() {
                        None => {}
                        // Only these can be escaped; before others the escape character is an ordinary one.
                        Some(escaped) if escaped == '"' || escaped == '$' || escaped == c => {
                            self.next();
                            result.push(escaped);
                        }
                        Some(_) => result.push(c),
                    }
                }
            }
        }
    }

    fn dollar(&mut self) -> Result<String, String> {
        if self.depth == MAX_DEPTH {
            return Err(format!(
                "more than {MAX_DEPTH} expansions inside each other"
            ));
        }
        self.depth += 1;
        let result = self.dollar_inner();
        self.depth -= 1;
        let text = result?;
        self.expanded += text.len();
        if self.expanded > MAX_EXPANDED {
            return Err(format!(
                "the variables come to more than {} KiB",
                MAX_EXPANDED / 1024
            ));
        }
        Ok(text)
    }

    fn dollar_inner(&mut self) -> Result<String, String> {
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            return Ok(match self.get(&name) {
                None if self.keep_unset => format!("${name}"),
                value => value.unwrap_or_default(),
            });
        }
        self.next();
        match self.peek() {
            None => return Err(missing_brace()),
            Some('{' | '}' | ':') => return Err("the `${…}` names no variable".to_owned()),
            Some(_) => {}
        }
        let name = self.name();
        match self.next() {
            None => Err(missing_brace()),
            Some('}') => Ok(match self.get(&name) {
                None if self.keep_unset => format!("${{{name}}}"),
                value => value.unwrap_or_default(),
            }),
            Some(':') => match self.next() {
                Some(modifier) => self.modified(&name, modifier, ":"),
                None => Err(missing_brace()),
            },
            Some(modifier @ ('+' | '-' | '?' | '#' | '%')) => self.modified(&name, modifier, ""),
            Some('/') => self.replaced(&name),
            Some(other) => Err(unsupported(other.encode_utf8(&mut [0; 4]))),
        }
    }

    /// `${name<modifier>word}`; with a colon, an empty value counts as unset.
    fn modified(&mut self, name: &str, modifier: char, colon: &str) -> Result<String, String> {
        let pattern = matches!(modifier, '#' | '%');
        let word = match self.until(Some('}'), pattern) {
            Ok((word, _)) => word,
            Err(_) if self.rest.is_empty() => return Err(missing_brace()),
            Err(error) => return Err(error),
        };
        let value = self.get(name);
        if self.keep_unset && value.is_none() {
            return Ok(format!("${{{name}{colon}{modifier}{word}}}"));
        }
        let set = value
            .as_ref()
            .is_some_and(|value| colon.is_empty() || !value.is_empty());
        let unset = value.is_none();
        let value = value.unwrap_or_default();
        match modifier {
            '-' => Ok(if set { value } else { word }),
            '+' => Ok(if set { word } else { String::new() }),
            '?' if set => Ok(value),
            '?' if !word.is_empty() => Err(format!("{name}: {word}")),
            '?' if unset => Err(format!("{name}: is not allowed to be unset")),
            '?' => Err(format!("{name}: is not allowed to be empty")),
            '#' | '%' => {
                let longest = word.strip_prefix(modifier);
                let pattern = Pattern::new(longest.unwrap_or(&word))?;
                Ok(if modifier == '#' {
                    pattern.without_prefix(&value, longest.is_some())
                } else {
                    pattern.without_suffix(&value, longest.is_some())
                })
            }
            other => Err(unsupported(&format!("{colon}{other}"))),
        }
    }

    /// `${name/pattern/replacement}`, or with two slashes at first all occurrences.
    fn replaced(&mut self, name: &str) -> Result<String, String> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let mut part = |stop, missing: &str| match self.until(Some(stop), true) {
            Ok((text, _)) => Ok(text),
            Err(_) if self.rest.is_empty() => Err(missing.to_owned()),
            Err(error) => Err(error),
        };
        let pattern = part('/', "the second `/` of a `${…}` is missing")?;
        let replacement = part('}', &missing_brace())?;
        let value = self.get(name);
        if self.keep_unset && value.is_none() {
            return Ok(format!("${{{name}/{pattern}/{replacement}}}"));
        }
        let value = value.unwrap_or_default();
        let pattern = Pattern::new(&pattern)?;
        Ok(if all {
            pattern.replace_all(&value, &replacement)
        } else {
            pattern.replace_first(&value, &replacement)
        })
    }

    /// A name, a number, or one of the shell's special parameters; empty if there is none.
    fn name(&mut self) -> String {
        let rest = self.rest;
        let length = match rest.chars().next() {
            Some(c) if is_digit(c) => rest.find(|c| !is_digit(c)).unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => rest
                .find(|c: char| !(c.is_alphabetic() || is_digit(c) || c == '_'))
                .unwrap_or(rest.len()),
        };
        let (name, rest) = rest.split_at(length);
        self.rest = rest;
        name.to_owned()
    }

    fn get(&mut self, name: &str) -> Option<String> {
        let value = (self.lookup)(name);
        if value.is_none() && !self.undefined.iter().any(|known| known == name) {
            self.undefined.push(name.to_owned());
        }
        value
    }
}

/// Decimal digits. Go also counts those of other scripts; Rust's numeric characters are more than digits.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn missing_brace() -> String {
    "the `}` of a `${…}` is missing".to_owned()
}

fn unsupported(modifier: &str) -> String {
    format!("`{modifier}` is no modifier of a `${{…}}`")
}

#[cfg(test)]
mod tests;
