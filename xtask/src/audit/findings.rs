//! What is wrong with a trail, as findings.

use camino::Utf8Path;

use super::chain::{Problem, ProblemKind, Summary};
use crate::finding::{Finding, Severity};

/// Code, name, severity and what to do, by kind.
const fn kind(kind: ProblemKind) -> (&'static str, &'static str, Severity, &'static str) {
    match kind {
        ProblemKind::Malformed => (
            "DX7101",
            "audit-line-malformed",
            Severity::Error,
            "compare the file with a copy of it; nothing that writes trails writes such a line",
        ),
        ProblemKind::Changed => (
            "DX7102",
            "audit-entry-changed",
            Severity::Error,
            "compare the file with a copy of it: the entry is not what was recorded",
        ),
        ProblemKind::Broken => (
            "DX7103",
            "audit-chain-broken",
            Severity::Error,
            "compare the file with a copy of it: entries were removed, put in or moved",
        ),
        ProblemKind::Truncated => (
            "DX7104",
            "audit-trail-truncated",
            Severity::Error,
            "the newest entries are gone: look for them in a copy of the file",
        ),
        ProblemKind::AnchorMissing => (
            "DX7105",
            "audit-head-not-in-trail",
            Severity::Error,
            "this is another trail than the one the hash was taken of, or it was written anew",
        ),
        ProblemKind::Torn => (
            "DX7106",
            "audit-line-torn",
            Severity::Warning,
            "the next command that appends puts the fragment aside and records that it did",
        ),
        ProblemKind::Recovered => (
            "DX7107",
            "audit-recovered",
            Severity::Note,
            "`docker-audit list --action recovery` tells what was found",
        ),
    }
}

/// One finding for each problem, and one for those that are not listed.
#[must_use]
pub fn findings(file: &Utf8Path, summary: &Summary) -> Vec<Finding> {
    let mut findings: Vec<Finding> = summary
        .problems
        .iter()
        .map(|problem| finding(file, problem))
        .collect();
    if summary.more_problems > 0 {
        let (code, name, severity, help) = kind(ProblemKind::Broken);
        let message = format!("{} further problems are not listed", summary.more_problems);
        findings.push(
            Finding::new(code, name, severity, message)
                .in_file(file)
                .help(help),
        );
    }
    findings
}

fn finding(file: &Utf8Path, problem: &Problem) -> Finding {
    let (code, name, severity, help) = kind(problem.kind);
    let message = match problem.line {
        Some(line) => format!("line {line}: {}", problem.message),
        None => problem.message.clone(),
    };
    let finding = Finding::new(code, name, severity, message)
        .in_file(file)
        .help(help);
    match problem.line {
        Some(line) => finding.property("line", line),
        None => finding,
    }
}
