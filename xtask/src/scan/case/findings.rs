//! Cases as findings: one for each vulnerability of a package at one place, whatever the number of images.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Case;
use crate::finding::{Finding, Severity};
use crate::scan::actors::{ActorKind, Change};
use crate::scan::exemption::Exemption;
use crate::scan::vulnerability::{Level, Status, Vulnerability};

/// The findings of cases, those that are exempt left out. `advice` tells what to do about a package and by whom.
#[must_use]
pub fn findings(cases: &[Case<'_>], exemptions: &[Exemption], changes: &[Change]) -> Vec<Finding> {
    let mut groups: BTreeMap<_, Vec<&Case<'_>>> = BTreeMap::new();
    for case in cases.iter().filter(|case| !case.is_exempt) {
        let package = &case.vulnerability.package;
        let key = (
            case.actor.key(),
            &package.manager,
            &package.name,
            &package.version,
            &case.vulnerability.id,
        );
        groups.entry(key).or_default().push(case);
    }
    groups
        .into_values()
        .map(|cases| finding(&cases, exemptions, changes))
        .collect()
}

fn finding(cases: &[&Case<'_>], exemptions: &[Exemption], changes: &[Change]) -> Finding {
    // The one that is worst off speaks for all of them.
    let case = cases
        .iter()
        .max_by_key(|case| (case.overdue, case.fails, case.vulnerability.level))
        .unwrap_or(&cases[0]);
    let vulnerability = case.vulnerability;
    let package = &vulnerability.package;
    let (code, name) = match (case.overdue, case.actor.kind()) {
        (Some(_), _) => ("DX6005", "overdue-vulnerability"),
        (None, ActorKind::BaseImage) => ("DX6001", "vulnerable-base-image"),
        (None, ActorKind::Line) => ("DX6002", "vulnerable-package"),
        (None, ActorKind::Dependency) => ("DX6003", "vulnerable-dependency"),
        (None, ActorKind::Elsewhere) => ("DX6004", "vulnerable-image"),
    };
    let mut images: Vec<&str> = cases.iter().map(|case| case.image.name.as_str()).collect();
    images.sort_unstable();
    images.dedup();
    let mut finding = Finding::new(code, name, severity(cases), message(case))
        .property("vulnerability", vulnerability.id.as_str())
        .property("level", vulnerability.level.name())
        .property("security-severity", security_severity(vulnerability))
        .property("package", format!("{} {}", package.name, package.version))
        .property("manager", package.manager.as_str())
        .property("images", images.clone())
        .property("actor", case.actor.kind().words())
        .property("first_seen", case.first_seen.to_string())
        .property("found_by", found_by(vulnerability));
    for (key, value) in [("fixed", &vulnerability.fixed), ("url", &vulnerability.url)] {
        if let Some(value) = value {
            finding = finding.property(key, value.as_str());
        }
    }
    if let Some(deadline) = case.deadline {
        finding = finding.property("deadline", deadline.to_string());
    }
    // What a place has is told apart by vulnerability and package; the version changes with every repair that fails.
    finding.details_mut().subject = Some(format!(
        "{} {} {}",
        vulnerability.id, package.manager, package.name
    ));
    if let Some(at) = case.actor.location() {
        finding = finding.at(at.clone());
    }
    let key = case.actor.key();
    let change = changes.iter().find(|change| {
        change.actor.key() == key
            && (
                &change.package.manager,
                &change.package.name,
                &change.package.version,
            ) == (&package.manager, &package.name, &package.version)
    });
    if let Some(change) = change {
        finding = finding.help(change.advice());
    }
    finding = finding.help(format!("in {}", images.join(", ")));
    if let Some(exemption) = case.exemption.and_then(|at| exemptions.get(at)) {
        finding = finding.help(format!(
            "{} states that it is {}",
            exemption.location,
            exemption.statement.words()
        ));
    }
    for disagreement in &vulnerability.disagreements {
        finding = finding.help(disagreement.clone());
    }
    finding
}

fn severity(cases: &[&Case<'_>]) -> Severity {
    if cases.iter().any(|case| case.is_error()) {
        return Severity::Error;
    }
    let worst = cases.iter().map(|case| case.vulnerability.level).max();
    match worst {
        Some(Level::Low | Level::Medium) => Severity::Note,
        // What nobody has judged may be anything.
        _ => Severity::Warning,
    }
}

fn message(case: &Case<'_>) -> String {
    let vulnerability = case.vulnerability;
    let package = &vulnerability.package;
    let mut text = format!(
        "{} {} has {} ({}{})",
        package.name,
        package.version,
        vulnerability.id,
        vulnerability.level,
        score(vulnerability)
    );
    // Titles are written by others and may be long or have line breaks.
    let title: Vec<&str> = vulnerability.title.split_whitespace().collect();
    let title = title.join(" ").replace(char::is_control, "");
    let title = title.trim_end_matches('.');
    if !title.is_empty() {
        let short: String = title.chars().take(120).collect();
        let dots = if short.len() < title.len() { "…" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(text, ": {short}{dots}");
    }
    match (&vulnerability.fixed, vulnerability.status) {
        (Some(fixed), _) => {
            let _ = write!(text, "; {fixed} is without it");
        }
        (None, Status::WillNotFix) => text.push_str("; its maintainers will not fix it"),
        (None, Status::EndOfLife) => text.push_str("; the release gets no fixes any more"),
        (None, Status::UnderInvestigation) => text.push_str("; it is being looked at"),
        (None, _) => text.push_str("; there is no fix yet"),
    }
    if let (Some(overdue), Some(deadline)) = (case.overdue, case.deadline) {
        let _ = write!(
            text,
            "; it should have been gone by {deadline}, {} ago",
            overdue.words()
        );
    }
    text
}

fn score(vulnerability: &Vulnerability) -> String {
    vulnerability
        .score
        .map(|tenths| format!(", {}.{}", tenths / 10, tenths % 10))
        .unwrap_or_default()
}

fn found_by(vulnerability: &Vulnerability) -> Vec<&'static str> {
    vulnerability
        .found_by
        .iter()
        .map(|one| one.name())
        .collect()
}

/// What code scanning sorts by: the score, else one that stands for the level.
fn security_severity(vulnerability: &Vulnerability) -> String {
    let tenths = vulnerability.score.unwrap_or(match vulnerability.level {
        Level::Critical => 95,
        Level::High => 80,
        Level::Medium => 55,
        Level::Low => 20,
        Level::Unknown => 0,
    });
    format!("{}.{}", tenths / 10, tenths % 10)
}
