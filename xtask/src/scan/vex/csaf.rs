//! CSAF 2.0, profile VEX: <https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html>, section 4.5.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{file_under, nonsense, statement};
use crate::error::{Error, Result};
use crate::scan::exemption::{Exemption, Statement};
use crate::source::Source;

/// Lists of `product_status`, with what they state.
const STATUS: [(&str, Statement); 5] = [
    ("known_not_affected", Statement::NotAffected),
    ("fixed", Statement::Fixed),
    ("first_fixed", Statement::Fixed),
    ("known_affected", Statement::Affected),
    ("under_investigation", Statement::UnderInvestigation),
];

pub(super) fn parse(source: &Source, document: &Value) -> Result<Vec<Exemption>> {
    let mut products: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    if let Some(tree) = document.get("product_tree") {
        branches(tree, &mut products, 0);
        // A package as a part of a product: both must be meant.
        for relation in list(tree, "relationships") {
            let text = |pointer: &str| relation.pointer(pointer).and_then(Value::as_str);
            let parts = [
                text("/product_reference"),
                text("/relates_to_product_reference"),
            ];
            let purls = parts
                .into_iter()
                .flatten()
                .filter_map(|id| products.get(id))
                .flatten()
                .copied()
                .collect();
            if let Some(id) = text("/full_product_name/product_id") {
                products.insert(id, purls);
            }
        }
    }
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for (number, written) in list(document, "vulnerabilities").enumerate() {
        let mut ids: Vec<String> = written
            .get("cve")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .into_iter()
            .collect();
        ids.extend(
            list(written, "ids").filter_map(|id| Some(id.get("text")?.as_str()?.to_owned())),
        );
        if ids.is_empty() {
            errors.push(nonsense(source, number, "names no vulnerability"));
            continue;
        }
        for (key, status) in STATUS {
            let listed = written
                .get("product_status")
                .into_iter()
                .flat_map(|lists| list(lists, key));
            for id in listed.filter_map(Value::as_str) {
                let mut exemption = statement(source, ids.clone(), status);
                exemption.reason = reason(written, id);
                let purls = products.get(id).map_or(&[][..], Vec::as_slice);
                let mut is_known = false;
                for purl in purls {
                    is_known |= file_under(&mut exemption, purl);
                }
                if is_known {
                    found.push(exemption);
                }
            }
        }
    }
    Error::all(errors)?;
    Ok(found)
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The package URLs of each product.
fn branches<'v>(node: &'v Value, products: &mut BTreeMap<&'v str, Vec<&'v str>>, depth: usize) {
    let mut named: Vec<&Value> = list(node, "full_product_names").collect();
    named.extend(node.get("product"));
    for product in named {
        let id = product.get("product_id").and_then(Value::as_str);
        let purl = product
            .pointer("/product_identification_helper/purl")
            .and_then(Value::as_str);
        if let (Some(id), Some(purl)) = (id, purl) {
            products.entry(id).or_default().push(purl);
        }
    }
    if depth < 64 {
        for below in list(node, "branches") {
            branches(below, products, depth + 1);
        }
    }
}

/// Why a product is not affected: a flag about it, or what is said about its threat.
fn reason(vulnerability: &Value, product: &str) -> Option<String> {
    let is_about = |one: &&Value| {
        let mut ids = list(one, "product_ids").filter_map(Value::as_str);
        one.get("product_ids").is_none() || ids.any(|id| id == product)
    };
    let flag = list(vulnerability, "flags").find(is_about);
    let flag = flag.and_then(|flag| flag.get("label")?.as_str());
    let threat = list(vulnerability, "threats").find(is_about);
    let threat = threat.and_then(|threat| threat.get("details")?.as_str());
    match (flag, threat) {
        (Some(a), Some(b)) => Some(format!("{a}: {b}")),
        (a, b) => a.or(b).map(str::to_owned),
    }
}
