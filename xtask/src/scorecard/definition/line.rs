//! A command line as a person types it, without a shell.

/// Its words: spaces part them, single and double quotes keep them together. `None` if a quote is not closed.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in text.chars() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                // `''` is a word, too.
                word.get_or_insert_default();
            }
            (None, space) if space.is_whitespace() => words.extend(word.take()),
            (_, other) => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn quotes_keep_words_together() {
        assert_eq!(
            words("  a 'b c'd \"e'f\" ''  g ").unwrap(),
            ["a", "b cd", "e'f", "", "g"]
        );
        assert_eq!(words("").unwrap(), [""; 0]);
        assert_eq!(words("a 'b"), None);
    }
}
