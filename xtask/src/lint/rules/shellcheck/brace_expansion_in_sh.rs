use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::{each_posix_node, not_in_posix};
use crate::shell::{Node, WordPartKind, WordPlace};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `{a,b}` and `{1..3}` in text that `sh` runs.
    ///
    /// ## Why it is bad
    /// In `sh`, which is `dash` on Debian and Ubuntu, braces are plain characters: one file named `{a,b}` is made
    /// instead of two.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN mkdir -p /srv/{in,out}
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN mkdir -p /srv/in /srv/out
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC3009>
    pub(super) static RULE = Rule {
        code: "SC3009",
        name: "brace-expansion-in-sh",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "brace expansion in `sh`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    each_posix_node(subject, |node| {
        if let Node::Word(word, WordPlace::Command(..) | WordPlace::LoopItem) = node {
            for part in &word.parts {
                let from = part.span.start - word.span.start;
                if matches!(part.kind, WordPartKind::Literal(_))
                    && let Some((start, end)) = braces(word.span.of(text), from)
                    && word.span.start + start < part.span.end
                {
                    let span = Span::new(word.span.start + start, word.span.start + end);
                    not_in_posix(diagnostics, span, "brace expansion");
                    break;
                }
            }
        }
    });
}

/// Where the first pair of braces with a `,` or `..` stands in a word, from a place on.
fn braces(word: &str, from: usize) -> Option<(usize, usize)> {
    let rest = word.get(from..)?;
    let open = rest
        .find('{')
        .filter(|&at| !rest[..at].ends_with(['$', '\\']))?;
    let mut depth = 0_usize;
    let mut is_list = false;
    let bytes = rest.as_bytes();
    for (at, byte) in rest.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return is_list.then_some((from + open, from + at + 1));
                }
            }
            b',' => is_list |= depth == 1,
            b'.' => is_list |= depth == 1 && bytes.get(at + 1) == Some(&b'.'),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("echo {a,b} x{,.bak}", "2:10 2:17"),
            ("echo {1..3}", "2:10"),
            ("echo {a} {} '{a,b}' ${a}", ""),
            ("echo {a,$x}", "2:10"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
