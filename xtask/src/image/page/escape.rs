//! Foreign text inside HTML.

use std::fmt::Write as _;

use serde::Serialize;

/// As text between tags or as an attribute's value in double quotes.
pub(super) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            character => escaped.push(character),
        }
    }
    escaped
}

/// JSON between `<script type="application/json">` and its end. All that HTML sees there is `<`: it begins the end tag
/// and the comments that change how the rest is read. It occurs in strings only, so JSON's own escape is right. The
/// two line separators are escaped for tools that read JSON as JavaScript.
pub(super) fn json(value: &impl Serialize) -> String {
    // Maps have strings or numbers as keys and nothing here fails by itself: there is no error to hand on.
    serde_json::to_string(value)
        .unwrap_or_else(|_| "null".to_owned())
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// As a part of a link's fragment.
pub(super) fn fragment(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_stays_text() {
        assert_eq!(
            html("<img src=x onerror='a' title=\"b\"> &amp;"),
            "&lt;img src=x onerror=&#39;a&#39; title=&quot;b&quot;&gt; &amp;amp;"
        );
    }

    #[test]
    fn json_stays_in_its_element_and_reads_the_same() {
        let hostile = "</script><!--<script>\u{2028}\u{2029}\\u003c \"{{data}}\"";
        let escaped = json(&hostile);
        assert!(
            !escaped.contains(['<', '\u{2028}', '\u{2029}']),
            "{escaped}"
        );
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), hostile);
    }

    #[test]
    fn fragments_are_ascii() {
        assert_eq!(fragment("jts/a b:1 ü.-_"), "jts%2Fa%20b%3A1%20%C3%BC.-_");
    }
}
