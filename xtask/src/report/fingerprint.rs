//! What identifies a finding from one version of a file to the next: not its line, which moves.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::finding::Finding;
use crate::source::touched_lines;

/// For each finding 32 hexadecimal digits, made of its code, its file, the text of the lines it points at (white
/// space aside), its subject, and how many findings before it have the same.
///
/// `findings` are in the order of [`crate::finding::sorted`].
#[must_use]
pub fn fingerprints(findings: &[&Finding]) -> Vec<String> {
    let mut seen: HashMap<[u8; 32], usize> = HashMap::new();
    findings
        .iter()
        .map(|finding| {
            let mut hash = Sha256::new();
            let mut part = |text: &str| {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text);
            };
            part(&finding.code);
            part(finding.path().map_or("", |path| path.as_str()));
            match &finding.location {
                Some(location) => {
                    let text = location.source.text();
                    let lines = touched_lines(text, location.span);
                    for word in lines.of(text).split_whitespace() {
                        part(word);
                    }
                }
                None if finding.details().subject.is_some() => {}
                None => part(&finding.message),
            }
            if let Some(subject) = &finding.details().subject {
                part(subject);
            }
            let digest: [u8; 32] = hash.finalize().into();
            let count = seen.entry(digest).or_default();
            *count += 1;
            let mut hash = Sha256::new();
            hash.update(digest);
            hash.update((*count as u64).to_le_bytes());
            hash.finalize()[..16]
                .iter()
                .fold(String::new(), |mut text, byte| {
                    use std::fmt::Write as _;
                    // Writing to a string cannot fail.
                    let _ = write!(text, "{byte:02x}");
                    text
                })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::source::{Source, Span};

    fn of(text: &str, spans: &[(usize, usize)]) -> Vec<String> {
        let source = Source::new("Dockerfile", text);
        let findings: Vec<Finding> = spans
            .iter()
            .map(|&(start, end)| {
                Finding::new("X", "x", Severity::Note, "m")
                    .at(source.location(Span::new(start, end)))
            })
            .collect();
        fingerprints(&findings.iter().collect::<Vec<_>>())
    }

    #[test]
    fn moving_or_indenting_a_line_changes_nothing() {
        let before = of("FROM a\nRUN  x\n", &[(7, 13)]);
        assert_eq!(before, of("# new\nFROM a\n\n  RUN x \n", &[(16, 21)]));
        assert_ne!(before, of("FROM a\nRUN y\n", &[(7, 12)]));
        assert_eq!(before[0].len(), 32);
    }

    #[test]
    fn what_is_about_one_line_is_told_apart_by_its_subject() {
        let source = Source::new("Dockerfile", "FROM a\n");
        let of = |subjects: &[&str]| {
            let findings: Vec<Finding> = subjects
                .iter()
                .map(|subject| {
                    Finding::new("X", "x", Severity::Note, format!("{subject} here"))
                        .at(source.location(Span::new(0, 6)))
                        .about(*subject)
                })
                .collect();
            fingerprints(&findings.iter().collect::<Vec<_>>())
        };
        let (all, rest) = (of(&["a", "b", "c"]), of(&["b", "c"]));
        assert_eq!(all[1..], rest);
        assert_ne!(all[0], all[1]);
    }

    #[test]
    fn the_same_line_twice_is_two() {
        let both = of("RUN x\nRUN x\n", &[(0, 5), (6, 11)]);
        assert_ne!(both[0], both[1]);
    }
}
