//! The page's own style and script, and the policy that lets nothing else in.

use sha2::{Digest, Sha256};

/// In the order of the cascade.
const STYLES: &[&str] = &[
    include_str!("style/base.css"),
    include_str!("style/overview.css"),
    include_str!("style/image.css"),
    include_str!("style/treemap.css"),
    include_str!("style/tables.css"),
    include_str!("style/print.css"),
];

/// Functions first, then what starts.
const SCRIPTS: &[&str] = &[
    include_str!("script/dom.js"),
    include_str!("script/format.js"),
    include_str!("script/layers.js"),
    include_str!("script/table.js"),
    include_str!("script/squarify.js"),
    include_str!("script/treemap.js"),
    include_str!("script/dockerfile.js"),
    include_str!("script/lists.js"),
    include_str!("script/chart.js"),
    include_str!("script/image.js"),
    include_str!("script/start.js"),
];

/// The style sheet.
pub(super) fn style() -> String {
    STYLES.concat()
}

/// The script: its parts share one scope that is not the page's.
pub(super) fn script() -> String {
    format!("(() => {{\n'use strict';\n{}}})();\n", SCRIPTS.concat())
}

/// Nothing is loaded; this style and this script alone are obeyed.
pub(super) fn policy(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(style.as_bytes())),
        base64(&Sha256::digest(script.as_bytes())),
    )
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= chunk.len() {
                let index = (bits >> (18 - 6 * digit)) & 63;
                text.push(char::from(DIGITS[index as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 4648, section 10.
    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn nothing_ends_its_element_early() {
        assert!(!style().contains('<'));
        let script = script();
        assert!(!script.contains("</") && !script.contains("<!--"));
    }

    #[test]
    fn nothing_names_a_place_elsewhere() {
        for text in [style(), script()] {
            let rest = text.replace("http://www.w3.org/2000/svg", "");
            for elsewhere in [
                "http:", "https:", "//cdn", "url(", "@import", "import(", "fetch(",
            ] {
                let own = rest.replace("url(#", "");
                assert!(!own.contains(elsewhere), "{elsewhere}");
            }
        }
    }

    #[test]
    fn foreign_text_is_never_read_as_markup_or_code() {
        for sink in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "setAttribute('style'",
        ] {
            assert!(!script().contains(sink), "{sink}");
        }
    }
}
