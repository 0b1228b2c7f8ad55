//! `OpenVEX` 0.0.1 to 0.2.0: <https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>.

use serde_json::Value;

use super::{file_under, nonsense, statement, texts};
use crate::error::{Error, Result};
use crate::scan::exemption::{Exemption, Statement};
use crate::source::Source;

pub(super) fn parse(source: &Source, document: &Value) -> Result<Vec<Exemption>> {
    let Some(statements) = document.get("statements").and_then(Value::as_array) else {
        return Err(nonsense(
            source,
            0,
            "is missing: it has no list of `statements`",
        ));
    };
    let mut found: Vec<(&str, Exemption)> = Vec::new();
    let mut errors = Vec::new();
    for (number, written) in statements.iter().enumerate() {
        match one(source, written) {
            Ok(all) => {
                let own = written.get("timestamp").or(document.get("timestamp"));
                let time = own.and_then(Value::as_str).unwrap_or_default();
                found.extend(all.into_iter().map(|one| (time, one)));
            }
            Err(what) => errors.push(nonsense(source, number, what)),
        }
    }
    Error::all(errors)?;
    // What is said later replaces what was said before; RFC 3339 in UTC sorts as text does.
    found.sort_by(|a, b| a.0.cmp(b.0));
    Ok(found.into_iter().map(|(_, one)| one).collect())
}

fn one(source: &Source, written: &Value) -> Result<Vec<Exemption>, &'static str> {
    let vulnerability = written.get("vulnerability");
    let mut ids = match vulnerability {
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Object(fields)) => {
            let name = fields.get("name").or(fields.get("@id"));
            let mut ids = texts(name);
            ids.extend(texts(fields.get("aliases")));
            ids
        }
        _ => Vec::new(),
    };
    ids.retain(|id| !id.is_empty());
    if ids.is_empty() {
        return Err("names no vulnerability");
    }
    let status = match written.get("status").and_then(Value::as_str) {
        Some("not_affected") => Statement::NotAffected,
        Some("fixed") => Statement::Fixed,
        Some("under_investigation") => Statement::UnderInvestigation,
        Some("affected") => Statement::Affected,
        _ => {
            return Err(
                "has a `status` that is none of not_affected, affected, fixed and under_investigation",
            );
        }
    };
    let text = |key: &str| written.get(key).and_then(Value::as_str).map(str::to_owned);
    let (justification, impact) = (text("justification"), text("impact_statement"));
    if status == Statement::NotAffected && justification.is_none() && impact.is_none() {
        return Err("says that a product is not affected, and not why (`justification`)");
    }
    let mut base = statement(source, ids, status);
    base.reason = match (justification, impact) {
        (Some(a), Some(b)) => Some(format!("{a}: {b}")),
        (a, b) => a
            .or(b)
            .or_else(|| text("action_statement"))
            .or_else(|| text("status_notes")),
    };
    base.owner = text("supplier");
    let products = written.get("products").and_then(Value::as_array);
    let products = products.map_or(&[][..], Vec::as_slice);
    if products.is_empty() {
        // The product is whatever the document is attached to; here that would be everything.
        return Err("names no product");
    }
    let mut all = Vec::new();
    for product in products {
        let mut exemption = base.clone();
        let mut is_known = file(&mut exemption, product);
        if let Some(components) = product.get("subcomponents").and_then(Value::as_array) {
            for component in components {
                is_known |= file(&mut exemption, component);
            }
        }
        // A product of another world is none of ours.
        if is_known {
            all.push(exemption);
        }
    }
    Ok(all)
}

/// A product by its identifiers: all of them name the same thing, so the first that is known will do.
fn file(exemption: &mut Exemption, product: &Value) -> bool {
    let purl = product.pointer("/identifiers/purl").and_then(Value::as_str);
    let id = product.get("@id").and_then(Value::as_str);
    let named = product.as_str();
    purl.into_iter()
        .chain(id)
        .chain(named)
        .any(|name| file_under(exemption, name))
}
