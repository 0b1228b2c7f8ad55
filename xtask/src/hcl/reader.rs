//! Reading HCL: blocks and attributes with their places, and of expressions what is written out. Nothing is computed.

use crate::source::{Span, Spanned};

/// Deeper than this nothing is read: blocks, lists and maps within each other.
const MAX_DEPTH: usize = 64;

/// What stands between the braces of a block, or in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// `name = value`, in order.
    pub attributes: Vec<(Spanned<String>, Value)>,
    /// `kind "label" { … }`, in order.
    pub blocks: Vec<Block>,
}

/// `kind "label" { … }`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The word in front.
    pub kind: Spanned<String>,
    /// The words and texts behind it; quotes are not part of their places.
    pub labels: Vec<Spanned<String>>,
    /// What is in it.
    pub body: Body,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text without templates; quotes are not part of its place.
    Text(Spanned<String>),
    /// `[…]`
    List(Vec<Self>),
    /// `{ key = … }`; entries whose key has to be computed are left out.
    Map(Vec<(Spanned<String>, Self)>),
    /// What has to be computed: variables, calls, templates, numbers.
    Other,
}

/// Where reading ended, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The place.
    pub at: usize,
    /// A lower-case sentence.
    pub message: &'static str,
}

/// Reads a file.
///
/// # Errors
/// The first thing that is no HCL.
pub fn read(text: &str) -> Result<Body, SyntaxError> {
    let mut reader = Reader { text, at: 0 };
    let body = reader.body(0)?;
    match reader.peek() {
        None => Ok(body),
        Some(_) => Err(reader.error("a `}` that closes nothing")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

type Read<T> = Result<T, SyntaxError>;

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, token: &str) -> bool {
        let is_there = self.rest().starts_with(token);
        if is_there {
            self.at += token.len();
        }
        is_there
    }

    const fn error(&self, message: &'static str) -> SyntaxError {
        SyntaxError {
            at: self.at,
            message,
        }
    }

    /// Blanks and comments; line breaks too where they mean nothing.
    fn skip(&mut self, line_breaks: bool) {
        loop {
            let rest = self.rest();
            if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else if rest.starts_with('#') || rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else {
                match rest.chars().next() {
                    Some('\n') if !line_breaks => return,
                    Some(c) if c.is_whitespace() || c == '\u{feff}' => self.at += c.len_utf8(),
                    _ => return,
                }
            }
        }
    }

    fn name(&mut self) -> Option<Spanned<String>> {
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))
            .unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        Some(Spanned::new(
            rest[..length].to_owned(),
            Span::new(start, self.at),
        ))
    }

    fn body(&mut self, depth: usize) -> Read<Body> {
        if depth > MAX_DEPTH {
            return Err(self.error("too many blocks within each other"));
        }
        let mut body = Body::default();
        loop {
            self.skip(true);
            if self.peek().is_none_or(|c| c == '}') {
                return Ok(body);
            }
            let Some(name) = self.name() else {
                return Err(self.error("neither an attribute nor a block begins here"));
            };
            self.skip(false);
            if self.eat("=") {
                let value = self.value(true, depth)?;
                body.attributes.push((name, value));
                continue;
            }
            let mut labels = Vec::new();
            while !self.eat("{") {
                let label = match self.name() {
                    Some(label) => label,
                    None => self
                        .string()?
                        .ok_or_else(|| self.error("a label holds a template"))?,
                };
                labels.push(label);
                self.skip(false);
            }
            let inner = self.body(depth + 1)?;
            if !self.eat("}") {
                return Err(self.error("a block has no end"));
            }
            body.blocks.push(Block {
                kind: name,
                labels,
                body: inner,
            });
        }
    }

    /// An expression, up to the end of the line, or to what ends an element.
    fn value(&mut self, line_ends: bool, depth: usize) -> Read<Value> {
        if depth > MAX_DEPTH {
            return Err(self.error("too many lists and maps within each other"));
        }
        self.skip(!line_ends);
        let start = self.at;
        let value = match self.peek() {
            Some('"') => self.string()?.map_or(Value::Other, Value::Text),
            Some('[') => self.list(depth + 1)?,
            Some('{') => self.map(depth + 1)?,
            _ => Value::Other,
        };
        self.skip(!line_ends);
        let is_all = self.at > start
            && self
                .peek()
                .is_none_or(|c| matches!(c, '\n' | ',' | ']' | '}'));
        if is_all {
            return Ok(value);
        }
        // It is only the beginning of one that has to be computed.
        self.at = start;
        self.pass_over(line_ends)?;
        if self.at == start {
            return Err(self.error("a value is missing"));
        }
        Ok(Value::Other)
    }

    fn list(&mut self, depth: usize) -> Read<Value> {
        let start = self.at;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip(true);
            if self.eat("]") {
                return Ok(Value::List(items));
            }
            if self.is_comprehension() {
                return self.computed(start);
            }
            items.push(self.value(false, depth)?);
            self.skip(true);
            if !self.eat(",") && self.peek() != Some(']') {
                return Err(self.error("a list has no end"));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Read<Value> {
        let start = self.at;
        self.at += 1;
        let mut entries = Vec::new();
        loop {
            self.skip(true);
            if self.eat("}") {
                return Ok(Value::Map(entries));
            }
            if self.is_comprehension() {
                return self.computed(start);
            }
            let key = match self.peek() {
                Some('"') => self.string()?,
                Some('(') => {
                    self.brackets()?;
                    None
                }
                _ => Some(
                    self.name()
                        .ok_or_else(|| self.error("an entry has no key"))?,
                ),
            };
            self.skip(false);
            if !self.eat("=") && !self.eat(":") {
                return Err(self.error("an entry has no value"));
            }
            let value = self.value(true, depth)?;
            entries.extend(key.map(|key| (key, value)));
            self.skip(false);
            if !self.eat(",") && self.peek().is_none_or(|c| !matches!(c, '\n' | '}')) {
                return Err(self.error("a map has no end"));
            }
        }
    }

    /// `[for x in y : z]`
    fn is_comprehension(&self) -> bool {
        let rest = self.rest().strip_prefix("for");
        rest.is_some_and(|rest| rest.starts_with(char::is_whitespace))
    }

    fn computed(&mut self, start: usize) -> Read<Value> {
        self.at = start;
        self.brackets()?;
        Ok(Value::Other)
    }

    /// A text in quotes; `None` if it holds a template.
    fn string(&mut self) -> Read<Option<Spanned<String>>> {
        if self.peek() != Some('"') {
            return Err(self.error("a text is missing"));
        }
        let start = self.at + 1;
        self.quoted()?;
        let span = Span::new(start, self.at - 1);
        let mut text = String::new();
        let mut characters = span.of(self.text).chars();
        while let Some(c) = characters.next() {
            match c {
                '$' | '%' if characters.as_str().starts_with('{') => return Ok(None),
                '$' | '%' if characters.as_str().starts_with(&format!("{c}{{")) => {
                    text.push(c);
                    characters.nth(1);
                    text.push('{');
                }
                '\\' => match characters.next() {
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some('t') => text.push('\t'),
                    Some(letter @ ('u' | 'U')) => {
                        let length = if letter == 'u' { 4 } else { 8 };
                        let digits: String = characters.by_ref().take(length).collect();
                        let code = u32::from_str_radix(&digits, 16).ok();
                        text.extend(code.and_then(char::from_u32));
                    }
                    other => text.extend(other),
                },
                c => text.push(c),
            }
        }
        Ok(Some(Spanned::new(text, span)))
    }

    /// Passes over a text in quotes, with the templates in it and the texts in those.
    fn quoted(&mut self) -> Read<()> {
        let start = self.at;
        // For each template that is open: how many of its braces are.
        let mut templates: Vec<usize> = Vec::new();
        let mut in_text = false;
        let mut texts = 0_usize;
        loop {
            let Some(c) = self.peek() else {
                self.at = start;
                return Err(self.error("a text has no end"));
            };
            if in_text {
                if self.eat("$${") || self.eat("%%{") || self.eat("\\\\") || self.eat("\\\"") {
                    continue;
                }
                if self.eat("${") || self.eat("%{") {
                    templates.push(1);
                    in_text = false;
                    continue;
                }
                self.at += c.len_utf8();
                if c == '"' {
                    texts -= 1;
                    if texts == 0 {
                        return Ok(());
                    }
                    in_text = false;
                }
                continue;
            }
            self.at += c.len_utf8();
            match c {
                '"' => {
                    texts += 1;
                    in_text = true;
                }
                '{' => templates
                    .iter_mut()
                    .last()
                    .into_iter()
                    .for_each(|n| *n += 1),
                '}' => {
                    if let Some(open) = templates.last_mut() {
                        *open -= 1;
                        if *open == 0 {
                            templates.pop();
                            in_text = true;
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Passes over an expression.
    fn pass_over(&mut self, line_ends: bool) -> Read<()> {
        loop {
            self.skip(!line_ends);
            match self.peek() {
                None | Some('\n' | ',' | ']' | '}' | ')') => return Ok(()),
                Some('"') => self.quoted()?,
                Some('[' | '{' | '(') => self.brackets()?,
                Some('<') if self.rest().starts_with("<<") => self.heredoc()?,
                Some(c) => self.at += c.len_utf8(),
            }
        }
    }

    /// Passes over brackets and what is between them.
    fn brackets(&mut self) -> Read<()> {
        let start = self.at;
        let mut open = 0_usize;
        loop {
            self.skip(true);
            match self.peek() {
                None => {
                    self.at = start;
                    return Err(self.error("a bracket has no end"));
                }
                Some('"') => self.quoted()?,
                Some('<') if self.rest().starts_with("<<") => self.heredoc()?,
                Some(c) => {
                    self.at += c.len_utf8();
                    match c {
                        '[' | '{' | '(' => open += 1,
                        ']' | '}' | ')' => open -= 1,
                        _ => {}
                    }
                    if open == 0 {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Passes over `<<END`, its lines and the line `END`, but for its line break.
    fn heredoc(&mut self) -> Read<()> {
        let start = self.at;
        self.at += 2;
        self.eat("-");
        let Some(end) = self.name() else {
            // Two signs that compare.
            return Ok(());
        };
        loop {
            let rest = self.rest();
            let Some(length) = rest.find('\n') else {
                self.at = start;
                return Err(self.error("a text has no end"));
            };
            self.at += length + 1;
            let line = self.rest().lines().next().unwrap_or_default();
            if line.trim() == end.value {
                self.at += line.len();
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Names, labels and what is plain, in few characters.
    fn shown(body: &Body) -> String {
        fn value(it: &Value) -> String {
            match it {
                Value::Text(text) => format!("{:?}", text.value),
                Value::List(items) => {
                    format!(
                        "[{}]",
                        items.iter().map(value).collect::<Vec<_>>().join(",")
                    )
                }
                Value::Map(entries) => {
                    let entries = entries
                        .iter()
                        .map(|(key, it)| format!("{}={}", key.value, value(it)));
                    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
                }
                Value::Other => "?".to_owned(),
            }
        }
        let attributes = body
            .attributes
            .iter()
            .map(|(name, it)| format!("{}={}", name.value, value(it)));
        let blocks = body.blocks.iter().map(|block| {
            let labels: Vec<&str> = block.labels.iter().map(|it| it.value.as_str()).collect();
            format!(
                "{}({}){{{}}}",
                block.kind.value,
                labels.join(","),
                shown(&block.body)
            )
        });
        attributes.chain(blocks).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_is_written_out_is_read() {
        for (text, expected) in [
            ("", ""),
            (
                "a = \"b\" # c\n// d\n/* e\n*/ f = [\"g\",\n \"h\",]\n",
                r#"a="b"; f=["g","h"]"#,
            ),
            (
                "target \"a\" {\n  args = {\n    X = \"1\"\n    \"Y\" : \"\\\"2\\u0041\", Z = v\n  }\n}\n",
                r#"target(a){args={X="1",Y="\"2A",Z=?}}"#,
            ),
            ("a = \"$${x} ${y} b\"\nb = \"$${x}\"\n", r#"a=?; b="${x}""#),
            (
                "a = \"${f(\"}\", {b = \"c\"})}\"\nb = \"d\"\n",
                r#"a=?; b="d""#,
            ),
            ("a = x ? \"b\" : [\n 1]\nb = \"c\" == d\n", "a=?; b=?"),
            (
                "a = [for x in y : \"${x}]\"]\nb = {for k, v in y : k => v}\n",
                "a=?; b=?",
            ),
            ("a = <<-E\n  \"{\n  E\nb = \"c\"\n", r#"a=?; b="c""#),
            ("a = { (b) = \"c\", d = \"e\" }\n", r#"a={d="e"}"#),
            ("a b \"c\" {}\r\nd = []\r\n", "d=[]; a(b,c){}"),
            ("a = f(1, \"2\")[\"x\"].y\nb = -1", "a=?; b=?"),
        ] {
            assert_eq!(
                read(text).map(|body| shown(&body)),
                Ok(expected.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_hcl_is_told() {
        for (text, at, message) in [
            ("}", 0, "a `}` that closes nothing"),
            ("a {", 3, "a block has no end"),
            ("a = \"b", 4, "a text has no end"),
            ("a = [\"b\"", 8, "a list has no end"),
            ("a = f(", 5, "a bracket has no end"),
            ("a = \n", 4, "a value is missing"),
            ("= b", 0, "neither an attribute nor a block begins here"),
        ] {
            assert_eq!(read(text), Err(SyntaxError { at, message }), "{text}");
        }
        let deep = format!("a = {}", "[".repeat(100_000));
        assert!(read(&deep).is_err());
    }

    #[test]
    fn our_own_bake_file_is_read() {
        let text = include_str!("../../../docker/docker-bake.hcl");
        let body = read(text).unwrap();
        let count = |kind: &str| text.lines().filter(|line| line.starts_with(kind)).count();
        for kind in ["target ", "group ", "variable ", "function "] {
            let blocks = body.blocks.iter().filter(|it| it.kind.value == kind.trim());
            assert_eq!(blocks.count(), count(kind), "{kind}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(parts in prop::collection::vec(
            prop::sample::select(vec![
                "a", "=", "\"", "${", "%{", "{", "}", "[", "]", "(", ")", ",", "\n", " ", "<<E", "E", "#", "/*", "*/",
                "\\", "ä", ":", "for ", "$$", "-",
            ]),
            0..60,
        )) {
            let text = parts.concat();
            if let Err(error) = read(&text) {
                prop_assert!(text.get(error.at..).is_some());
            }
        }
    }
}
