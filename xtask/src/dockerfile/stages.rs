//! A whole file: instructions in order, grouped into stages.

use foldhash::HashMap;

use crate::dockerfile::logical_lines::{LogicalLine, Reader};
use crate::dockerfile::statement::Statement;
use crate::dockerfile::{
    Dockerfile, Heredoc, InstructionKind, Stage, SyntaxError, directives, heredoc,
};
use crate::source::{Source, Span};

/// Few stages have more. What is too much is given back once the file is read.
const USUAL_INSTRUCTIONS: usize = 16;

/// Parses a Dockerfile. Whatever cannot be understood is in [`Dockerfile::errors`] and costs that instruction only.
#[must_use]
pub fn parse(source: &Source) -> Dockerfile {
    let mut reader = Reader::new(source.text());
    let mut file = Dockerfile {
        source: source.clone(),
        escape: '\\',
        syntax: directives::syntax(source.text()),
        check: None,
        comments: Vec::new(),
        blank_continuations: Vec::new(),
        global_args: Vec::new(),
        stages: Vec::new(),
        errors: Vec::new(),
        names: HashMap::default(),
    };
    let mut empty = true;
    while let Some(line) = reader.logical() {
        empty = false;
        read(&mut file, &mut reader, &line);
    }
    // Of many files all are held until the first is judged.
    for stage in &mut file.stages {
        stage.instructions.shrink_to_fit();
    }
    file.stages.shrink_to_fit();
    reader.comments.shrink_to_fit();
    let named = file.stages.iter();
    file.names = named
        .filter_map(|stage| Some((stage.lower_name()?, stage.index)))
        .collect();
    file.escape = reader.directives.escape;
    file.check = reader.directives.check;
    file.comments = reader.comments;
    file.blank_continuations = reader.blank_continuations;
    file.errors.append(&mut reader.errors);
    file.errors.sort_by_key(|error| error.span);
    if file.stages.is_empty() && file.errors.is_empty() {
        file.errors.push(SyntaxError {
            span: Span::default(),
            message: if empty {
                "the file has no instructions".to_owned()
            } else {
                "the file has no FROM, so there is nothing to build".to_owned()
            },
        });
    }
    file
}

fn read(file: &mut Dockerfile, reader: &mut Reader<'_>, line: &LogicalLine<'_>) {
    let statement = Statement::new(line, &line.trimmed(), reader.directives.escape);
    let (heredocs, end) = if statement.takes_heredocs() {
        match bodies(line, reader) {
            Ok(found) => found,
            Err(error) => {
                file.errors.push(error);
                return;
            }
        }
    } else {
        (Vec::new(), None)
    };
    if statement.name == "FROM" {
        let head = statement.stage_head().unwrap_or_else(|error| {
            file.errors.push(error);
            statement.lenient_stage_head()
        });
        file.stages.push(Stage {
            index: file.stages.len(),
            name: head.name,
            base: head.base,
            platform: head.platform,
            instructions: Vec::with_capacity(USUAL_INSTRUCTIONS),
            span: line.span(&line.trimmed()),
        });
        return;
    }
    let mut instruction = match statement.instruction(heredocs) {
        Ok(instruction) => instruction,
        Err(error) => {
            file.errors.push(error);
            return;
        }
    };
    if let Some(end) = end {
        instruction.span.end = end;
        if let InstructionKind::Onbuild(onbuild) = &mut instruction.kind
            && let Ok(trigger) = &mut onbuild.trigger
        {
            trigger.span.end = end;
        }
    }
    match (file.stages.last_mut(), instruction.kind) {
        (None, InstructionKind::Arg(declarations)) => file.global_args.extend(declarations),
        (None, _) => file.errors.push(SyntaxError {
            span: instruction.span,
            message: format!(
                "{} stands before the first FROM; only ARG can",
                statement.name
            ),
        }),
        (Some(stage), kind) => {
            instruction.kind = kind;
            stage.instructions.push(instruction);
        }
    }
}

/// The bodies of the here-documents that a line announces, and where the last one's terminator ends.
pub(super) fn bodies(
    line: &LogicalLine<'_>,
    reader: &mut Reader<'_>,
) -> Result<(Vec<Heredoc>, Option<usize>), SyntaxError> {
    let whole = line.trimmed();
    let announced =
        heredoc::announced(&line.text).map_err(|message| line.error(&whole, message))?;
    let mut heredocs = Vec::new();
    let mut end = None;
    for announced in announced {
        let (heredoc, terminator_end) =
            heredoc::body(reader, announced).map_err(|message| line.error(&whole, message))?;
        heredocs.push(heredoc);
        end = Some(terminator_end);
    }
    Ok((heredocs, end))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use insta::assert_snapshot;

    use super::*;
    use crate::dockerfile::{CommandLine, Instruction};

    /// A compact picture of a file, with the text each span covers.
    fn show(text: &str) -> String {
        let source = Source::new("Dockerfile", text);
        let file = parse(&source);
        let mut out = String::new();
        for arg in &file.global_args {
            let _ = writeln!(out, "global {}", arg.name.value);
        }
        for stage in &file.stages {
            let name = stage.name.as_ref().map_or("-", |name| &name.value);
            let _ = writeln!(out, "stage {} {name} {}", stage.index, stage.base.value);
            for instruction in &stage.instructions {
                let _ = writeln!(out, "  {}", show_instruction(text, instruction));
            }
        }
        for error in &file.errors {
            let _ = writeln!(out, "error {:?}: {}", error.span.of(text), error.message);
        }
        out
    }

    fn show_instruction(text: &str, instruction: &Instruction) -> String {
        use InstructionKind as Kind;
        let what = match &instruction.kind {
            Kind::Run(run) => format!(
                "RUN {} {:?}",
                command(&run.command),
                run.heredocs
                    .iter()
                    .map(|h| (&h.name, &h.content.value, h.span.of(text), h.expand))
                    .collect::<Vec<_>>()
            ),
            Kind::Copy(copy) => format!(
                "COPY {:?} {:?} {:?} {:?}",
                copy.flags
                    .iter()
                    .map(|f| (&f.name.value, f.value.as_ref().map(|v| v.span.of(text))))
                    .collect::<Vec<_>>(),
                copy.sources.iter().map(|s| &s.value).collect::<Vec<_>>(),
                copy.destination.value,
                copy.heredocs
                    .iter()
                    .map(|h| &h.content.value)
                    .collect::<Vec<_>>(),
            ),
            Kind::Env(pairs) | Kind::Label(pairs) => pairs
                .iter()
                .map(|p| format!("{}={}", p.key.value, p.value.value))
                .collect::<Vec<_>>()
                .join(" | "),
            Kind::Cmd(c) | Kind::Entrypoint(c) => command(c),
            other => format!("{other:?}").chars().take(60).collect(),
        };
        format!("{:?} => {what}", instruction.span.of(text))
    }

    fn command(command: &CommandLine) -> String {
        match command {
            CommandLine::Shell(text) => format!("sh {:?}", text.value),
            CommandLine::Exec(words) => {
                format!(
                    "exec {:?}",
                    words.iter().map(|w| &w.value).collect::<Vec<_>>()
                )
            }
        }
    }

    #[test]
    fn continuations_comments_and_line_ends_vanish_but_spans_stay_exact() {
        assert_snapshot!(show("\u{feff}ARG A\r\nFROM a\r\nR\\\r\nUN x \\ \t\r\n  # no\r\n\r\n  y\\\r\nz  \r\nENV a=\\\n"), @r#"
        global A
        stage 0 - a
          "R\\\r\nUN x \\ \t\r\n  # no\r\n\r\n  y\\\r\nz" => RUN sh "x   yz" []
          "ENV a=" => a=
        "#);
    }

    #[test]
    fn heredocs_belong_to_their_instruction() {
        let text = "FROM a\nRUN <<A cat >x && <<-'B' cat\na $x\nA\n\tb\n\t\tc\n\tB\n# c\nCOPY <<e --x <<\"f\" /d/\n1\ne\n2\nf\nCMD [\"x\"]";
        assert_snapshot!(show(text), @r#"
        stage 0 - a
          "RUN <<A cat >x && <<-'B' cat\na $x\nA\n\tb\n\t\tc\n\tB" => RUN sh "<<A cat >x && <<-'B' cat" [("A", "a $x\n", "a $x\n", true), ("B", "b\nc\n", "\tb\n\t\tc\n", false)]
          "COPY <<e --x <<\"f\" /d/\n1\ne\n2\nf" => COPY [] ["<<e", "--x", "<<\"f\""] "/d/" ["1\n", "2\n"]
          "CMD [\"x\"]" => exec ["x"]
        "#);
    }

    #[test]
    fn a_bad_instruction_costs_only_itself() {
        let text = "RUN x\nFROM a AS 1\nFRM b\nCOPY a\nENV x\nRUN --mount=a\\\"b x\nRUN [1]\nUSER u\nFROM\nUSER v\nRUN <<E\nx";
        assert_snapshot!(show(text), @r#"
        stage 0 - a
          "USER u" => User(Spanned { value: "u", span: Span { start: 69, end: 70 }
        stage 1 - 
          "USER v" => User(Spanned { value: "v", span: Span { start: 81, end: 82 }
        error "RUN x": RUN stands before the first FROM; only ARG can
        error "1": `1` cannot name a stage: a letter, then letters, digits, `-`, `_` and `.`
        error "FRM": unknown instruction `FRM`; did you mean FROM?
        error "COPY a": COPY requires at least one source and a destination
        error "ENV x": ENV requires a name and a value
        error "a\\\"b": a quote in the middle of a mount's field
        error "[1]": a JSON array here must consist of strings only
        error "FROM": FROM takes an image, or an image followed by `AS` and a name
        error "RUN <<E": the here-document `E` is not ended: no line consists of `E` only
        "#);
    }
}
