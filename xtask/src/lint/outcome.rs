//! What runs find, and the order it is told in.

use camino::Utf8Path;
use foldhash::HashSet;

use crate::finding::Finding;

/// What a run found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// By file, then by place.
    pub findings: Vec<Finding>,
    /// How many findings comments kept back.
    pub suppressed: usize,
}

/// Dockerfiles that were judged before, and what was found in them.
#[derive(Debug, Default)]
pub struct Judged {
    /// Which.
    pub paths: HashSet<String>,
    /// What.
    pub outcome: Outcome,
}

impl Outcome {
    /// Lays the findings of more files at the end; so many other files are still left.
    pub fn add(&mut self, parts: Vec<Self>, left: usize) {
        let more: usize = parts.iter().map(|part| part.findings.len()).sum();
        if self.findings.capacity() - self.findings.len() < more {
            // As many as those of the files that are left, if they are like these. To move a long list takes longer than
            // to make it, and room that nobody uses is no memory.
            let rest = more * left / parts.len().max(1);
            self.findings.reserve_exact(more + rest);
        }
        for part in parts {
            self.findings.extend(part.findings);
            self.suppressed += part.suppressed;
        }
    }
}

/// The order of every report; what several Dockerfiles found in the same place of a third file is one finding.
pub(super) fn in_order(findings: &mut Vec<Finding>) {
    fn key(finding: &Finding) -> (Option<&Utf8Path>, Option<(usize, usize)>, &str, &str) {
        let span = finding.location.as_ref().map(|location| location.span);
        (
            finding.path(),
            span.map(|span| (span.start, span.end)),
            &finding.code,
            &finding.message,
        )
    }
    let compare = |a: &Finding, b: &Finding| {
        let by_file = a.compare_files(b);
        let (a, b) = (key(a), key(b));
        by_file.then_with(|| (a.1, a.2, a.3).cmp(&(b.1, b.2, b.3)))
    };
    // To sort takes half as much memory again, and findings of many files mostly come in order.
    if !findings.is_sorted_by(|a, b| compare(a, b).is_le()) {
        findings.sort_by(compare);
    }
    findings.dedup_by(|a, b| {
        let (a, b) = (key(a), key(b));
        (a.1, a.2, a.3) == (b.1, b.2, b.3) && a.0 == b.0
    });
}
