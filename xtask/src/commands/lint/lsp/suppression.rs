//! The comment that keeps one finding from being reported.

use crate::dockerfile::Dockerfile;
use crate::edit::Edit;
use crate::finding::Finding;
use crate::source::{Span, line_ending, line_start};

/// Puts `# lint: allow(CODE)` above the instruction that a finding stands in; `None` where a comment has no effect.
pub(super) fn comment(finding: &Finding, file: &Dockerfile) -> Option<Edit> {
    let at = finding.location.as_ref()?.span.start;
    let text = file.source.text();
    let start = match instruction(file, at) {
        Some(span) => span.start,
        None => line(text, at, file.escape)?,
    };
    let indentation = &text[line_start(text, start)..start];
    // A mark at the head of the file stays there.
    let indentation = indentation.trim_start_matches('\u{feff}');
    if !indentation.trim().is_empty() {
        return None;
    }
    let line_break = line_ending(&text[start..]);
    Some(Edit {
        source: file.source.clone(),
        span: Span::new(start, start),
        replacement: format!("# lint: allow({}){line_break}{indentation}", finding.code),
    })
}

/// The instruction of a stage, its `FROM` included.
fn instruction(file: &Dockerfile, at: usize) -> Option<Span> {
    let spans = file.stages.iter().flat_map(|stage| {
        std::iter::once(stage.span).chain(stage.instructions.iter().map(|i| i.span))
    });
    spans
        .into_iter()
        .find(|span| span.start <= at && (at < span.end || at == span.start))
}

/// Where the line begins that an `ARG` before all stages, or what is no instruction, stands in; with those before that
/// continue into it. Comments and blank lines are none.
fn line(text: &str, at: usize, escape: char) -> Option<usize> {
    let mut start = line_start(text, at);
    while let Some(before) = text[..start].strip_suffix('\n')
        && before.trim_end_matches([' ', '\t', '\r']).ends_with(escape)
    {
        let above = line_start(text, before.len());
        if before[above..].trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    let line = text[start..].lines().next()?;
    let content = line.trim_start_matches([' ', '\t', '\u{feff}']);
    let is_instruction = !content.trim().is_empty() && !content.starts_with('#');
    is_instruction.then(|| start + line.len() - content.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::parse;
    use crate::edit::{Fix, Safety, apply};
    use crate::finding::Severity;
    use crate::source::Source;

    /// The text with the comment; `-` without one.
    fn commented(text: &str, marked: &str) -> String {
        let file = parse(&Source::new("Dockerfile", text));
        let start = text.find(marked).unwrap();
        let span = Span::new(start, start + marked.len());
        let finding = Finding::new("DX1", "x", Severity::Note, "x").at(file.source.location(span));
        let Some(edit) = comment(&finding, &file) else {
            return "-".to_owned();
        };
        let fix = Fix {
            message: "".into(),
            safety: Safety::Safe,
            edits: vec![edit],
        };
        apply(&[&fix]).files.remove(file.source.path()).unwrap().1
    }

    #[test]
    fn the_comment_stands_above_the_whole_instruction() {
        for (text, marked, expected) in [
            ("FROM a\n", "a", "# lint: allow(DX1)\nFROM a\n"),
            (
                "FROM a\r\n  RUN b \\\r\n    c\r\n",
                "c",
                "FROM a\r\n  # lint: allow(DX1)\r\n  RUN b \\\r\n    c\r\n",
            ),
            (
                "# syntax=x\nARG A=\\\n  1\nFROM a\n",
                "1",
                "# syntax=x\n# lint: allow(DX1)\nARG A=\\\n  1\nFROM a\n",
            ),
            (
                "FROM a\nNONE b\n",
                "NONE",
                "FROM a\n# lint: allow(DX1)\nNONE b\n",
            ),
            ("\u{feff}FROM a", "a", "\u{feff}# lint: allow(DX1)\nFROM a"),
            (
                "FROM a\nRUN <<E\n# inside\nE\n",
                "inside",
                "FROM a\n# lint: allow(DX1)\nRUN <<E\n# inside\nE\n",
            ),
            ("# syntax=x\nFROM a\n", "syntax", "-"),
            ("FROM a\n# c\n", "c", "-"),
            ("FROM a\n\t\n", "\t", "-"),
        ] {
            assert_eq!(commented(text, marked), expected, "{text:?}");
        }
    }
}
