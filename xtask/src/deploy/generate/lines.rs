//! Writing YAML line by line.

/// Lines of YAML.
#[derive(Debug)]
pub(super) struct Lines(String);

impl Lines {
    pub(super) const fn new() -> Self {
        Self(String::new())
    }

    /// Adds a line, so many levels deep.
    pub(super) fn at(&mut self, level: usize, line: impl AsRef<str>) {
        for _ in 0..level {
            self.0.push_str("  ");
        }
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    /// All of them.
    pub(super) fn text(self) -> String {
        self.0
    }
}

/// A text as a value: plain where YAML takes it for a text, else quoted.
pub(super) fn value(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-@".contains(c))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
        );
    if is_plain {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A text in quotes: single ones, unless it needs escapes.
pub(super) fn quoted(text: &str) -> String {
    if text.chars().any(char::is_control) || text.contains('\'') {
        // JSON's texts are YAML's, too.
        serde_json::Value::from(text).to_string()
    } else {
        format!("'{text}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml::{Style, parse};

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "\\PC{0,20}|[a-z]{1,5}|[0-9.e]{1,5}|~|'\"|a\nb") {
            let source = Source::new("x", format!("a: {}\n", value(&text)));
            let node = parse(&source).unwrap();
            let value = node.get("a").unwrap();
            assert_eq!(value.as_str(), Some(text.as_str()), "{}", source.text());
            let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
            let crate::yaml::Value::Scalar(scalar) = &value.value else { panic!() };
            assert!(is_word || scalar.style == Style::Quoted, "{text}");
        }
    }
}
