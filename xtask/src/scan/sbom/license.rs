//! Licenses, as far as records say.

/// What a record says of a license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum License<'a> {
    /// An SPDX expression.
    Expression(&'a str),
    /// Anything else: the name of one, or words.
    Named(&'a str),
}

/// What the text of a record is. Identifiers that are no longer used (`GPL-2.0`) are identifiers all the same.
pub(super) fn license(text: &str) -> License<'_> {
    let mode = spdx::ParseMode {
        allow_deprecated: true,
        ..spdx::ParseMode::STRICT
    };
    match spdx::Expression::parse_mode(text, mode) {
        // Licenses that somebody has defined elsewhere are words here.
        Ok(_) if !text.contains("LicenseRef-") => License::Expression(text),
        _ => License::Named(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_told_from_words() {
        for text in [
            "MIT",
            "GPL-2.0",
            "MIT AND (Apache-2.0 OR BSD-3-Clause)",
            "GPL-2.0-only WITH Classpath-exception-2.0",
        ] {
            assert_eq!(license(text), License::Expression(text));
        }
        for text in [
            "",
            "GPL2",
            "BSD",
            "mit",
            "SEE LICENSE IN x",
            "MIT/Apache-2.0",
            "custom:multiple",
            "MIT AND",
        ] {
            assert_eq!(license(text), License::Named(text));
        }
    }
}
