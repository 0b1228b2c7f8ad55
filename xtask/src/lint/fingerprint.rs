//! What a finding is recognized by after other lines have moved.

use std::fmt::Write as _;

use foldhash::HashMap;
use sha2::{Digest as _, Sha256};

use crate::dockerfile::{Dockerfile, parse};
use crate::finding::Finding;
use crate::source::{Location, Source, Span, touched_lines};

/// Gives every finding its fingerprint: a hash of its code, its file, the text of its instruction (its line in other
/// files) without regard to white space, and which one of that kind it is. `is_dockerfile` knows what is one.
pub fn assign(findings: &mut [Finding], is_dockerfile: &dyn Fn(&str) -> bool) {
    let mut seen: HashMap<String, usize> = HashMap::default();
    let mut last: Option<Place> = None;
    for finding in findings {
        let mut identity = format!(
            "{}\0{}\0",
            finding.code,
            finding.path().map_or("", |path| path.as_str())
        );
        match &finding.location {
            Some(location) => {
                let place = match last.take() {
                    Some(place) if place.holds(location) => place,
                    before => Place::of(location, before, is_dockerfile),
                };
                identity.push_str(&place.words);
                last = Some(place);
            }
            None if finding.details().subject.is_some() => {}
            None => identity.push_str(&finding.message),
        }
        if let Some(subject) = &finding.details().subject {
            identity.push('\0');
            identity.push_str(subject);
        }
        let count = seen.entry(identity.clone()).or_default();
        // Writing to a string cannot fail.
        let _ = write!(identity, "\0{count}");
        *count += 1;
        finding.details_mut().fingerprint = Some(hash(&identity));
    }
}

/// An instruction, which often has several findings.
struct Place {
    source: Source,
    file: Option<Dockerfile>,
    span: Span,
    /// The hash of its words: it may be long.
    words: String,
}

impl Place {
    fn of(location: &Location, before: Option<Self>, is_dockerfile: &dyn Fn(&str) -> bool) -> Self {
        let source = &location.source;
        let text = source.text();
        let at = location.span.start.min(text.len());
        let file = match before {
            Some(before) if before.source.is_same(source) => before.file,
            _ => is_dockerfile(source.path().as_str()).then(|| parse(source)),
        };
        let span = file
            .as_ref()
            .and_then(|file| instruction(file, at))
            .unwrap_or_else(|| touched_lines(text, Span::new(at, at)));
        let mut digest = Sha256::new();
        for word in span.of(text).split_whitespace() {
            digest.update(word.as_bytes());
            digest.update(b" ");
        }
        Self {
            source: source.clone(),
            file,
            span,
            words: hexadecimal(&digest.finalize()),
        }
    }

    fn holds(&self, location: &Location) -> bool {
        let at = location.span.start;
        self.source.is_same(&location.source) && (self.span.start..self.span.end).contains(&at)
    }
}

/// 128 bits are enough to tell findings apart.
fn hash(identity: &str) -> String {
    hexadecimal(&Sha256::digest(identity.as_bytes()))
}

fn hexadecimal(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = digest
        .iter()
        .take(16)
        .flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

fn instruction(file: &Dockerfile, at: usize) -> Option<Span> {
    let after = file.stages.partition_point(|stage| stage.span.start <= at);
    let stage = file.stages.get(after.checked_sub(1)?)?;
    let inside = |span: Span| (at < span.end || at == span.start).then_some(span);
    if let Some(span) = inside(stage.span) {
        return Some(span);
    }
    let after = stage
        .instructions
        .partition_point(|instruction| instruction.span.start <= at);
    inside(stage.instructions.get(after.checked_sub(1)?)?.span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::lint::baseline::Baseline;
    use crate::source::Source;

    /// One finding at every occurrence of `word`.
    fn findings(text: &str, word: &str) -> Vec<Finding> {
        let source = Source::new("Dockerfile", text);
        let mut findings: Vec<Finding> = text
            .match_indices(word)
            .map(|(at, _)| {
                Finding::new("X1", "x", Severity::Warning, "m")
                    .at(source.location(Span::new(at, at + word.len())))
            })
            .collect();
        assign(&mut findings, &|_| true);
        findings
    }

    fn prints(text: &str, word: &str) -> Vec<String> {
        findings(text, word)
            .into_iter()
            .map(|finding| finding.details().fingerprint.clone().unwrap())
            .collect()
    }

    #[test]
    fn moved_and_indented_lines_stay_the_same_and_others_do_not() {
        let before = prints("FROM a\nRUN x && \\\n  y\nRUN x\nRUN x\n", "x");
        let after = prints(
            "FROM a\n\n# more\nRUN   x  && \\\n    y\nRUN x\nENV A=1\nRUN x\n",
            "x",
        );
        assert_eq!(before, after);
        assert_ne!(before[1], before[2]);
        assert_ne!(
            before,
            prints("FROM a\nRUN x && \\\n  z\nRUN x\nRUN x\n", "x")
        );
        assert_eq!(before[0].len(), 32);
    }

    #[test]
    fn only_new_findings_are_left_and_gone_ones_are_told() {
        let baseline = Baseline::of(&findings("FROM a\nRUN x 1\nRUN x 2\n", "x"));
        let read = Baseline::parse(&Source::new("b.json", baseline.json())).unwrap();
        assert_eq!(read, baseline);
        let now = findings("FROM a\nRUN x 0\nRUN x 2\n", "x");
        let comparison = baseline.compare(now.clone(), &|_| true);
        assert_eq!(comparison.new, now[..1]);
        assert_eq!((comparison.known, comparison.stale.len()), (1, 1));
        assert!(baseline.compare(now, &|_| false).stale.is_empty());
    }

    #[test]
    fn a_broken_baseline_is_pointed_at() {
        let parse = |text: &str| Baseline::parse(&Source::new("b.json", text)).unwrap_err();
        let error = parse("{\n  \"schema_version\": 1,\n  \"finding\": []\n}");
        assert!(error.to_string().starts_with("b.json:3:11: "), "{error}");
        let error = parse("{\"schema_version\": 2, \"findings\": []}");
        assert!(error.to_string().contains("version 2"), "{error}");
    }
}
