//! The head of a page that is one file, and may do nothing but show itself.

use sha2::{Digest as _, Sha256};

use super::table::html;
use crate::base64;

/// From the first byte to the beginning of the body. Nothing is loaded, nothing is run, and `style`, which stands in it, is
/// the only style that counts.
#[must_use]
pub fn head(title: &str, style: &str) -> String {
    let digest = base64::encode(&Sha256::digest(style.as_bytes()));
    let title = html(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
    )
}
