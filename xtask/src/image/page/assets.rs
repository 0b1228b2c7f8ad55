//! The page's own style and script, and the policy that lets nothing else in.

use sha2::{Digest, Sha256};

use crate::base64;

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
        base64::encode(&Sha256::digest(style.as_bytes())),
        base64::encode(&Sha256::digest(script.as_bytes())),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
