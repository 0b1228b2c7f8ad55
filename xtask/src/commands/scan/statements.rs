//! `--vex-out`: what is known of the vulnerabilities of images, for others.

use std::collections::BTreeSet;

use super::answer::Answer;
use crate::image::inventory::purl;
use crate::scan::case::Case;
use crate::scan::exemption::Statement;
use crate::scan::vex::output::{Said, openvex as write};

/// The document.
pub(super) fn openvex(answer: &Answer<'_>, author: &str) -> String {
    let mut seen = BTreeSet::new();
    let said: Vec<Said> = answer
        .cases
        .iter()
        .map(|case| said(case, answer))
        .filter(|one| seen.insert((one.image.clone(), one.package.clone(), one.id.clone())))
        .collect();
    write(author, answer.now, &said)
}

fn said(case: &Case<'_>, answer: &Answer<'_>) -> Said {
    let vulnerability = case.vulnerability;
    let image = case.image;
    let exemption = case.exemption.and_then(|at| answer.exemptions.get(at));
    let statement = exemption.map_or(Statement::Affected, |one| one.statement);
    let reason = exemption.and_then(|one| one.reason.clone());
    let advice = || {
        let change = answer.changes.iter().find(|change| {
            change.package == vulnerability.package && change.actor.key() == case.actor.key()
        });
        change.map(crate::scan::actors::Change::advice)
    };
    let words = match (statement, exemption) {
        (Statement::Accepted, Some(one)) => {
            let until = one
                .expires
                .map(|day| format!(" until {day}"))
                .unwrap_or_default();
            Some(format!("accepted{until}: {}", reason.unwrap_or_default()))
        }
        (Statement::Affected, _) => advice().or(reason),
        _ => reason,
    };
    let package = image.package(&vulnerability.package);
    Said {
        id: vulnerability.id.clone(),
        aliases: vulnerability.aliases.iter().cloned().collect(),
        title: vulnerability.title.clone(),
        image: image_purl(case),
        package: package
            .map(|package| purl(package, &image.distribution))
            .unwrap_or_default(),
        statement,
        words: words.unwrap_or_else(|| "no reason is given".to_owned()),
    }
}

/// `pkg:oci/NAME@sha256%3A…?repository_url=…`: the digest tells which image it is, whatever it is called.
fn image_purl(case: &Case<'_>) -> String {
    let image = case.image;
    let reference = image.image.names.first().unwrap_or(&image.name);
    let repository = without_tag(reference);
    let name = repository
        .rsplit('/')
        .next()
        .unwrap_or(repository)
        .to_lowercase();
    let digest = image.digest().replace(':', "%3A");
    format!(
        "pkg:oci/{}@{digest}?repository_url={}",
        escaped(&name),
        escaped(repository)
    )
}

fn without_tag(reference: &str) -> &str {
    let reference = reference.split('@').next().unwrap_or(reference);
    match reference.rfind(':') {
        Some(at) if !reference[at..].contains('/') => &reference[..at],
        _ => reference,
    }
}

/// As a package URL writes a part: letters, digits, `.-_~` and, in a qualifier, `/`.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
