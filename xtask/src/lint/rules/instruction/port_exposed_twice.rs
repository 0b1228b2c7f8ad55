use std::collections::BTreeMap;

use super::exposed_ports::{container_part, exposed_words, range, values};
use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::lines::with_blanks_after;
use crate::lint::{Diagnostics, Step};
use crate::source::{Span, Spanned, whole_lines};

declare! {
    /// ## What it does
    /// Reports a port that the same stage has exposed before, alone or within a range. `tcp` is meant where no protocol
    /// is written.
    ///
    /// ## Why it is bad
    /// Once is enough. A second `EXPOSE` of the same port often was to be another port, or udp.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 53/tcp
    /// EXPOSE 53
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 53/tcp
    /// EXPOSE 53/udp
    /// ```
    ///
    /// ## Fix safety
    /// Safe: what has no effect is removed.
    pub(super) static RULE = Rule {
        code: "DX1803",
        name: "port-exposed-twice",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Style,
        summary: "a port is exposed twice",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

/// The ranges of one stage and protocol, by their first port: last port and place. None is within another.
type Ranges = BTreeMap<u16, (u16, Span)>;

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let source = &subject.model.file.source;
    let mut seen: BTreeMap<(usize, String), Ranges> = BTreeMap::new();
    for (step, word) in exposed_words(subject.model) {
        if step.is_onbuild() {
            continue;
        }
        let values = values(step, word);
        let [value] = values.as_slice() else { continue };
        let (ports, protocol) = container_part(value);
        let Ok((first, last)) = range(ports) else {
            continue;
        };
        let protocol = protocol.unwrap_or("tcp").to_ascii_lowercase();
        let ranges = seen.entry((step.stage.index, protocol)).or_default();
        let Some(earlier) = covering(ranges, first, last) else {
            insert(ranges, first, last, word.span);
            continue;
        };
        let line = source.line_column(earlier.start).line;
        let found = diagnostics
            .report(
                word.span,
                format!("`{value}` is exposed in line {line} already"),
            )
            .help("expose each port once");
        if let Some(gone) = removal(step, word, source.text()) {
            found.fix("remove it", [(gone, String::new())]);
        }
    }
}

/// The place of a range that has all of these ports.
fn covering(ranges: &Ranges, first: u16, last: u16) -> Option<Span> {
    // As none is within another, the one that begins last ends last.
    let (_, (end, place)) = ranges.range(..=first).next_back()?;
    (last <= *end).then_some(*place)
}

fn insert(ranges: &mut Ranges, first: u16, last: u16, place: Span) {
    let within: Vec<u16> = ranges
        .range(first..=last)
        .filter(|(_, (end, _))| *end <= last)
        .map(|(start, _)| *start)
        .collect();
    for start in within {
        ranges.remove(&start);
    }
    ranges.insert(first, (last, place));
}

/// The word with the blanks that part it from the others, or the whole instruction if it is the only one.
fn removal(step: Step<'_>, word: &Spanned<String>, text: &str) -> Option<Span> {
    let InstructionKind::Expose(words) = step.kind() else {
        return None;
    };
    if words.len() == 1 {
        return Some(whole_lines(text, step.written().span));
    }
    if words.last().is_some_and(|last| last.span == word.span) {
        let before = &words[words.len() - 2];
        return Some(Span::new(before.span.end, word.span.end));
    }
    // Behind the keyword the next word would be read as a flag.
    let becomes_flag = words[0].span == word.span
        && words
            .get(1)
            .is_some_and(|next| next.value.starts_with("--"));
    (!becomes_flag).then(|| with_blanks_after(text, word.span))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn other_protocols_stages_and_unknown_ports_are_fine() {
        for text in [
            "FROM a:1\nEXPOSE 53 53/udp\n",
            "FROM a:1 AS b\nEXPOSE 80\nFROM b\nEXPOSE 80\n",
            "FROM a:1\nEXPOSE $A $A\n",
            "FROM a:1\nEXPOSE 80 80-81\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn the_second_one_goes() {
        assert_eq!(
            found(&RULE, "FROM a:1\nEXPOSE 80-90\nEXPOSE 85/TCP 91\n"),
            "3:8 `85/TCP` is exposed in line 2 already"
        );
        assert_eq!(
            fixed(
                &RULE,
                "FROM a:1\nEXPOSE 80  80 81\nEXPOSE 82 \\\n  81\n# c\nEXPOSE 82\nUSER 1\n"
            ),
            "FROM a:1\nEXPOSE 80  81\nEXPOSE 82\n# c\nUSER 1\n"
        );
    }

    #[test]
    fn nothing_goes_whose_neighbor_would_become_a_flag() {
        let text = "FROM a:1\nEXPOSE 80\nEXPOSE 80 --x 81\n";
        assert_ne!(found(&RULE, text), "");
        assert_eq!(fixed(&RULE, text), text);
    }
}
