//! Steps that every commit gives another outcome: they see an argument that tells the commit or the time.

use crate::dockerfile::{Dockerfile, Instruction, InstructionKind};
use crate::source::Span;

/// The build arguments that are filled in anew for every commit.
pub const COMMIT_ARGUMENTS: [&str; 3] = ["BUILD_DATE", "VCS_REF", "VERSION"];

/// A step that sees one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VolatileStep {
    /// The step.
    pub span: Span,
    /// The argument.
    pub argument: &'static str,
}

/// What a stage hands down to those that start from it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heritage {
    /// The argument that one of its variables (`ENV`) is made of.
    pub argument: Option<&'static str>,
}

/// The first step among the stages (by index, in the order they start from each other) that is carried out anew for every
/// commit; `from` is what the first of them starts with. Also what the last one hands down.
///
/// A `RUN` sees every argument that is declared before it. Other steps see those they name.
#[must_use]
pub fn volatile_step(
    file: &Dockerfile,
    lineage: &[usize],
    from: Heritage,
) -> (Option<VolatileStep>, Heritage) {
    let mut heritage = from;
    let mut found = None;
    for stage in lineage.iter().filter_map(|index| file.stages.get(*index)) {
        // Arguments end with their stage, variables do not.
        let mut declared: Vec<&'static str> = Vec::new();
        for instruction in &stage.instructions {
            let text = instruction.span.of(file.source.text());
            let named = || declared.iter().copied().find(|name| names(text, name));
            match &instruction.kind {
                InstructionKind::Arg(arguments) => {
                    declared.extend(COMMIT_ARGUMENTS.iter().copied().filter(|name| {
                        arguments
                            .iter()
                            .any(|argument| argument.name.value == *name)
                    }));
                }
                InstructionKind::Env(_) => heritage.argument = heritage.argument.or(named()),
                InstructionKind::Run(_) => {
                    let seen = declared.first().copied().or(heritage.argument);
                    found = found.or_else(|| step(instruction, seen));
                }
                InstructionKind::Copy(_)
                | InstructionKind::Add(_)
                | InstructionKind::Workdir(_) => {
                    // Which variable is made of it, nobody looks up.
                    let seen = named().or(heritage.argument.filter(|_| text.contains('$')));
                    found = found.or_else(|| step(instruction, seen));
                }
                _ => {}
            }
        }
    }
    (found, heritage)
}

fn step(instruction: &Instruction, argument: Option<&'static str>) -> Option<VolatileStep> {
    argument.map(|argument| VolatileStep {
        span: instruction.span,
        argument,
    })
}

/// Whether a text has `$NAME` or `${NAME` in it.
fn names(text: &str, name: &str) -> bool {
    text.split('$').skip(1).any(|behind| {
        let behind = behind.strip_prefix('{').unwrap_or(behind);
        let rest = behind.strip_prefix(name);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::parse;
    use crate::source::Source;

    fn told(text: &str, from: Heritage) -> (String, bool) {
        let file = parse(&Source::new("Dockerfile", text));
        let lineage: Vec<usize> = (0..file.stages.len()).collect();
        let (found, heritage) = volatile_step(&file, &lineage, from);
        let found = found.map(|step| format!("{} {}", step.argument, step.span.of(text)));
        (found.unwrap_or_default(), heritage.argument.is_some())
    }

    #[test]
    fn steps_that_see_the_commit_are_found() {
        let none = Heritage::default();
        let some = Heritage {
            argument: Some("VCS_REF"),
        };
        for (text, from, expected) in [
            (
                "FROM x\nRUN a\nARG VCS_REF\nLABEL a=$VCS_REF\n",
                none,
                ("", false),
            ),
            (
                "FROM x\nARG VCS_REF\nRUN a\n",
                none,
                ("VCS_REF RUN a", false),
            ),
            ("FROM x\nARG VCS_REF=1\nCOPY a b\n", none, ("", false)),
            (
                "FROM x\nARG VERSION\nCOPY a /${VERSION}/\n",
                none,
                ("VERSION COPY a /${VERSION}/", false),
            ),
            (
                "FROM x\nARG VERSION\nCOPY a /$VERSIONS/\n",
                none,
                ("", false),
            ),
            (
                "FROM x AS a\nARG VCS_REF\nENV V=${VCS_REF}\nFROM a\nRUN b\n",
                none,
                ("VCS_REF RUN b", true),
            ),
            (
                "FROM x AS a\nARG VCS_REF\nFROM a\nRUN b\n",
                none,
                ("", false),
            ),
            ("FROM x\nRUN b\n", some, ("VCS_REF RUN b", true)),
            ("FROM x\nCOPY $V b\n", some, ("VCS_REF COPY $V b", true)),
            ("FROM x\nCOPY a b\n", some, ("", true)),
        ] {
            let (step, heritage) = told(text, from);
            assert_eq!((step.as_str(), heritage), expected, "{text}");
        }
    }
}
