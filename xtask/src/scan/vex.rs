//! VEX: what somebody states about vulnerabilities of a product, so that nobody has to look at them again.
//!
//! Read are `OpenVEX`, `CycloneDX` (from 1.4 on) and CSAF 2.0; written is `OpenVEX`. Statements are taken at their word, and
//! every one that decides about a vulnerability is named in the report.

use serde_json::Value;

use super::exemption::{Exemption, Statement, Voice};
use super::purl::PackageUrl;
use crate::error::{Error, Result};
use crate::source::{Source, Span};

mod csaf;
mod cyclonedx;
mod openvex;
pub mod output;
#[cfg(test)]
mod tests;

/// The largest document that is read, in bytes.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Reads a document of any of the three kinds.
///
/// # Errors
/// It is no JSON, or of none of the kinds, or a statement in it makes no sense.
pub fn parse(source: &Source) -> Result<Vec<Exemption>> {
    let document: Value = serde_json::from_str(source.text()).map_err(|error| {
        let at = source.offset(error.line(), error.column());
        Error::usage("the VEX document cannot be read")
            .because(&error)
            .at(source.location(Span::new(at, at)))
    })?;
    let text = |key: &str| {
        document
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    if text("@context").starts_with("https://openvex.dev/ns") {
        openvex::parse(source, &document)
    } else if text("bomFormat") == "CycloneDX" {
        cyclonedx::parse(source, &document)
    } else if document.pointer("/document/csaf_version").is_some() {
        csaf::parse(source, &document)
    } else {
        Err(
            Error::usage("the file is no VEX document that is known here")
                .help("OpenVEX has `@context`, CycloneDX `bomFormat`, CSAF `document.csaf_version`")
                .at(source.location(Span::default())),
        )
    }
}

/// A statement that is about nothing yet. JSON that was read has no places any more: the name of the vulnerability is
/// looked for.
fn statement(source: &Source, ids: Vec<String>, statement: Statement) -> Exemption {
    let first = ids.first().map_or("", String::as_str);
    let quoted = Value::from(first).to_string();
    let at = source.text().find(&quoted);
    let span = at.map_or_else(Span::default, |at| Span::new(at, at + quoted.len()));
    Exemption {
        ids,
        statement,
        voice: Voice::Vex,
        location: source.location(span),
        package: None,
        purls: Vec::new(),
        paths: Vec::new(),
        images: Vec::new(),
        image_purls: Vec::new(),
        reason: None,
        owner: None,
        expires: None,
    }
}

/// Something in a document that makes no sense.
fn nonsense(source: &Source, number: usize, what: &str) -> Error {
    Error::usage(format!(
        "statement {} of the VEX document {what}",
        number + 1
    ))
    .at(source.location(Span::default()))
}

/// Files a product under images or packages; `false` if it is none that is known here.
fn file_under(exemption: &mut Exemption, product: &str) -> bool {
    match PackageUrl::parse(product) {
        Some(purl) if matches!(purl.kind.as_str(), "oci" | "docker") => {
            exemption.image_purls.push(purl);
            true
        }
        Some(purl) => {
            exemption.purls.push(purl);
            true
        }
        None => false,
    }
}

/// The texts of a list, or a text that stands for a list of one.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(|item| Some(item.as_str()?.to_owned()))
            .collect(),
        _ => Vec::new(),
    }
}
