//! Which part of a file a comment speaks of.

use super::pragma::Reach;
use crate::dockerfile::Dockerfile;
use crate::source::Span;

/// Where instructions and stages stand.
pub(super) struct Outline<'f> {
    file: &'f Dockerfile,
    /// Every instruction, `FROM` included, in order.
    instructions: Vec<Span>,
    /// By comment, the line below it that is none.
    below: Vec<Option<Span>>,
}

impl<'f> Outline<'f> {
    pub(super) fn new(file: &'f Dockerfile) -> Self {
        let instructions = file
            .stages
            .iter()
            .flat_map(|stage| {
                std::iter::once(stage.span).chain(stage.instructions.iter().map(|i| i.span))
            })
            .collect();
        Self {
            below: below(file),
            file,
            instructions,
        }
    }

    /// What a comment speaks of; empty if nothing stands below it.
    pub(super) fn scope(&self, comment: Span, reach: Reach) -> Span {
        let text = self.file.source.text();
        if reach == Reach::File {
            return Span::new(0, text.len());
        }
        let index = self
            .file
            .comments
            .partition_point(|other| other.start < comment.start);
        let Some(line) = self.below.get(index).copied().flatten() else {
            return Span::new(comment.end, comment.end);
        };
        if self.around(comment.start).is_some() {
            // Between the lines of an instruction: the line below, not the whole of it.
            return line;
        }
        if reach == Reach::Stage
            && let Some(stage) = self
                .file
                .stages
                .iter()
                .position(|stage| stage.span.start >= line.start && stage.span.start < line.end)
        {
            return self.stage(stage);
        }
        self.at_line(line)
            .unwrap_or_else(|| self.continued(text, line))
    }

    /// A stage, up to the next one.
    pub(super) fn stage(&self, index: usize) -> Span {
        let start = |index: usize| self.file.stages.get(index).map(|stage| stage.span.start);
        let end = start(index + 1).unwrap_or(self.file.source.text().len());
        Span::new(start(index).unwrap_or(end), end)
    }

    /// The instruction that an offset stands in.
    pub(super) fn around(&self, offset: usize) -> Option<Span> {
        let after = self
            .instructions
            .partition_point(|span| span.start <= offset);
        let span = *self.instructions.get(after.checked_sub(1)?)?;
        (offset < span.end).then_some(span)
    }

    fn at_line(&self, line: Span) -> Option<Span> {
        let at = self
            .instructions
            .partition_point(|span| span.start < line.start);
        self.instructions
            .get(at)
            .copied()
            .filter(|span| span.start < line.end)
    }

    /// A line with those that continue it: for `ARG` before the first `FROM` and for what could not be understood.
    fn continued(&self, text: &str, line: Span) -> Span {
        let mut end = line.end;
        while text[..end]
            .trim_end_matches([' ', '\t', '\r'])
            .ends_with(self.file.escape)
        {
            let Some(next) = next_line(text, end) else {
                break;
            };
            end = next.end;
        }
        Span::new(line.start, end)
    }
}

/// By comment, the first line below it that is no comment; `None` if a blank line or the end comes first. A block of
/// comments is looked at once, however long it is.
fn below(file: &Dockerfile) -> Vec<Option<Span>> {
    let text = file.source.text();
    let mut below: Vec<Option<Span>> = Vec::with_capacity(file.comments.len());
    for comment in file.comments.iter().rev() {
        let line = next_line(text, comment.end);
        let content = line.map_or("", |line| line.of(text).trim());
        below.push(if content.is_empty() {
            None
        } else if content.starts_with('#') {
            below.last().copied().flatten()
        } else {
            line
        });
    }
    below.reverse();
    below
}

/// The line after the one that `end` stands in, without its line break.
fn next_line(text: &str, end: usize) -> Option<Span> {
    let start = end + text[end..].find('\n')? + 1;
    if start == text.len() {
        return None;
    }
    let length = text[start..].find('\n').unwrap_or(text.len() - start);
    Some(Span::new(start, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::parse;
    use crate::source::Source;

    fn scopes(text: &str, reach: Reach) -> Vec<String> {
        let file = parse(&Source::new("Dockerfile", text));
        let outline = Outline::new(&file);
        file.comments
            .iter()
            .map(|comment| outline.scope(*comment, reach).of(text).to_owned())
            .collect()
    }

    #[test]
    fn the_next_instruction_is_meant_with_all_its_lines() {
        assert_eq!(
            scopes(
                "# first\nARG A=\\\n  1\n# second\n# third\nFROM a\n# lost\n\nRUN a \\\n  # inside\n  && b \\\n  && c\n# end\n",
                Reach::Next
            ),
            ["ARG A=\\\n  1", "FROM a", "FROM a", "", "  && b \\", ""]
        );
    }

    #[test]
    fn a_stage_ends_where_the_next_begins() {
        assert_eq!(
            scopes("# x\nFROM a\nRUN b\n# y\nFROM c\nRUN d", Reach::Stage),
            ["FROM a\nRUN b\n# y\n", "FROM c\nRUN d"]
        );
    }
}
