//! `CycloneDX`, from 1.4 on: <https://cyclonedx.org/docs/1.6/json/#vulnerabilities>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{file_under, nonsense, statement};
use crate::error::{Error, Result};
use crate::scan::exemption::{Exemption, Statement};
use crate::source::Source;

pub(super) fn parse(source: &Source, document: &Value) -> Result<Vec<Exemption>> {
    let mut purls = BTreeMap::new();
    let main = document.pointer("/metadata/component");
    for component in main.into_iter().chain(list(document, "components")) {
        components(component, &mut purls, 0);
    }
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for (number, written) in list(document, "vulnerabilities").enumerate() {
        match one(source, written, &purls) {
            Ok(all) => found.extend(all),
            Err(what) => errors.push(nonsense(source, number, what)),
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

/// The package URL of each component by its reference, components of components included.
fn components<'v>(component: &'v Value, purls: &mut BTreeMap<&'v str, &'v str>, depth: usize) {
    let text = |key: &str| component.get(key).and_then(Value::as_str);
    if let (Some(reference), Some(purl)) = (text("bom-ref"), text("purl")) {
        purls.insert(reference, purl);
    }
    // Nobody nests deeper, and JSON as deep as that was refused before.
    if depth < 64 {
        for below in list(component, "components") {
            components(below, purls, depth + 1);
        }
    }
}

fn one(
    source: &Source,
    written: &Value,
    purls: &BTreeMap<&str, &str>,
) -> Result<Vec<Exemption>, &'static str> {
    let Some(id) = written
        .get("id")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty())
    else {
        return Err("names no vulnerability");
    };
    let mut ids = vec![id.to_owned()];
    let others = list(written, "references").filter_map(|other| other.get("id")?.as_str());
    ids.extend(others.map(str::to_owned));
    // Without an analysis, it says that there is a vulnerability, and nothing about it.
    let Some(analysis) = written.get("analysis") else {
        return Ok(Vec::new());
    };
    let text = |key: &str| analysis.get(key).and_then(Value::as_str).map(str::to_owned);
    let status = match text("state").as_deref() {
        Some("not_affected" | "false_positive") => Statement::NotAffected,
        Some("resolved" | "resolved_with_pedigree") => Statement::Fixed,
        Some("in_triage") => Statement::UnderInvestigation,
        Some("exploitable") => Statement::Affected,
        None => return Ok(Vec::new()),
        Some(_) => return Err("has a state of its analysis that CycloneDX does not know"),
    };
    let mut base = statement(source, ids, status);
    base.reason = match (text("justification"), text("detail")) {
        (Some(a), Some(b)) => Some(format!("{a}: {b}")),
        (a, b) => a.or(b),
    };
    let affects = list(written, "affects").filter_map(|one| one.get("ref")?.as_str());
    Ok(affects
        .filter_map(|reference| {
            let mut exemption = base.clone();
            // `urn:cdx:SERIAL/VERSION#REF` points into another document by its reference.
            let local = reference
                .strip_prefix("urn:cdx:")
                .and_then(|rest| rest.split_once('#'))
                .map_or(reference, |(_, local)| local);
            let purl = purls.get(local).copied().unwrap_or(local);
            let decoded = purl.replace("%3A", ":").replace("%2F", "/");
            let is_known = file_under(&mut exemption, purl) || file_under(&mut exemption, &decoded);
            is_known.then_some(exemption)
        })
        .collect())
}
