//! Instructions of which only the last one of a stage counts.

use crate::dockerfile::InstructionKind;
use crate::lint::Diagnostics;
use crate::lint::rule::Subject;
use crate::source::whole_lines;

/// Reports every such instruction that a later one of its stage replaces, with a fix that removes it.
pub(super) fn report_replaced(
    subject: &Subject<'_>,
    diagnostics: &mut Diagnostics<'_>,
    is_meant: fn(&InstructionKind) -> bool,
) {
    let source = &subject.model.file.source;
    for stage in &subject.model.file.stages {
        let mut meant = stage
            .instructions
            .iter()
            .filter(|instruction| is_meant(&instruction.kind))
            .peekable();
        while let (Some(replaced), Some(next)) = (meant.next(), meant.peek()) {
            let keyword = &replaced.keyword;
            let line = source.line_column(next.span.start).line;
            diagnostics
                .report(
                    keyword.span,
                    format!(
                        "this `{}` has no effect: line {line} replaces it",
                        keyword.value
                    ),
                )
                .help("keep the last one")
                .fix(
                    "remove it",
                    [(whole_lines(source.text(), replaced.span), String::new())],
                );
        }
    }
}
