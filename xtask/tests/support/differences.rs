//! The table of what we do differently from hadolint, and why.

use std::collections::BTreeSet;

use serde::Deserialize;
use xtask::dockerfile::Dockerfile;
use xtask::source::Span;

const TABLE: &str = include_str!("../../testdata/hadolint_differences.toml");

/// One Dockerfile that is compared.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) file: Dockerfile,
    pub(crate) instructions: Vec<Instruction>,
}

/// One instruction of it.
pub(crate) struct Instruction {
    pub(crate) line: usize,
    last_line: usize,
    /// Its text in one line, with single blanks.
    pub(crate) text: String,
    /// The base of its stage; empty before the first.
    base: String,
    /// Its stage, if it has one.
    stage: Option<usize>,
}

/// Who sees it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Direction {
    /// hadolint, and we do not.
    Missing,
    /// We, and hadolint does not.
    Extra,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    difference: Vec<Difference>,
}

/// A class of differences. What is not said need not hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Difference {
    /// With a `*` at the end: all that begin so.
    codes: Vec<String>,
    direction: Direction,
    /// Why; a sentence.
    reason: String,
    /// Patterns, one of which stands in the instruction: `*` is anything without blanks, `**` anything, `\*` a star.
    #[serde(default)]
    instruction: Vec<String>,
    /// Patterns, one of which stands in the file.
    #[serde(default)]
    file: Vec<String>,
    /// Patterns, one of which the base of the stage is.
    #[serde(default)]
    base_is: Vec<String>,
    /// Patterns, none of which the base of the stage is.
    #[serde(default)]
    base_is_not: Vec<String>,
    /// What else holds.
    when: Option<Condition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Condition {
    /// hadolint has another finding of `ShellCheck` for this instruction.
    AnotherShellcheckFinding,
    /// hadolint has this finding at another instruction of the file, and so have we.
    FoundElsewhere,
    /// The stage is not the last one.
    NotTheLastStage,
    /// `--from` names a stage that stands further down.
    FromALaterStage,
}

/// All of them.
pub(crate) struct Differences(Vec<Difference>);

impl Differences {
    pub(crate) fn load() -> Self {
        let table: Table = toml::from_str(TABLE).unwrap();
        Self(table.difference)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// One line for each.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .map(|it| format!("{} {:?}: {}", it.codes.join(" "), it.direction, it.reason))
    }

    /// Which of them explains that only one of the two has `code` at an instruction.
    pub(crate) fn explanation(
        &self,
        code: &str,
        direction: Direction,
        case: &Case,
        index: usize,
        theirs: &BTreeSet<(String, usize)>,
        ours: &BTreeSet<(String, usize)>,
    ) -> Option<usize> {
        let instruction = &case.instructions[index];
        let whole = one_line(case.file.source.text());
        let any = |patterns: &[String], text: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| stands_in(pattern, text))
        };
        self.0.iter().position(|it| {
            it.direction == direction
                && it.codes.iter().any(|own| is_code(own, code))
                && any(&it.instruction, &instruction.text)
                && any(&it.file, &whole)
                && (it.base_is.is_empty()
                    || it
                        .base_is
                        .iter()
                        .any(|pattern| is_all(pattern, &instruction.base)))
                && !it
                    .base_is_not
                    .iter()
                    .any(|pattern| is_all(pattern, &instruction.base))
                && match it.when {
                    None => true,
                    Some(Condition::AnotherShellcheckFinding) => {
                        theirs.iter().any(|(other, at)| {
                            *at == index && other != code && other.starts_with("SC")
                        })
                    }
                    Some(Condition::FoundElsewhere) => {
                        let has = |found: &BTreeSet<(String, usize)>| {
                            found.iter().any(|(other, _)| other == code)
                        };
                        has(theirs) && has(ours)
                    }
                    Some(Condition::NotTheLastStage) => instruction
                        .stage
                        .is_some_and(|stage| stage + 1 < case.file.stages.len()),
                    Some(Condition::FromALaterStage) => instruction.stage.is_some_and(|own| {
                        let later = case.file.stages.iter().skip(own + 1);
                        later.filter_map(|stage| stage.name.as_ref()).any(|name| {
                            stands_in(&format!("--from={} ", name.value), &instruction.text)
                        })
                    }),
                }
        })
    }
}

/// Every instruction of a file, `FROM`s too, in order. There is at least one, for what belongs to none.
pub(crate) fn instructions(file: &Dockerfile) -> Vec<Instruction> {
    let text = file.source.text();
    let at = |span: Span, stage: Option<usize>| Instruction {
        line: file.source.line_column(span.start).line,
        last_line: file
            .source
            .line_column(span.end.max(span.start + 1) - 1)
            .line,
        text: one_line(span.of(text)),
        base: stage.map_or_else(String::new, |index| file.stages[index].base.value.clone()),
        stage,
    };
    let mut found = vec![Instruction {
        line: 0,
        last_line: 0,
        text: String::new(),
        base: String::new(),
        stage: None,
    }];
    for argument in &file.global_args {
        let name = argument.name.span;
        let end = argument.default.as_ref().map_or(name.end, |it| it.span.end);
        found.push(at(Span::new(name.start, end), None));
    }
    for stage in &file.stages {
        found.push(at(stage.span, Some(stage.index)));
        let own = stage.instructions.iter();
        found.extend(own.map(|instruction| at(instruction.span, Some(stage.index))));
    }
    found
}

/// The index of the instruction that a line is part of.
pub(crate) fn instruction_at(case: &Case, line: usize) -> usize {
    case.instructions
        .iter()
        .position(|instruction| (instruction.line..=instruction.last_line).contains(&line))
        .unwrap_or(0)
}

fn one_line(text: &str) -> String {
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    joined.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_code(pattern: &str, code: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => code.starts_with(start),
        None => pattern == code,
    }
}

/// Whether a pattern stands somewhere in a text; capitals count as small letters.
fn stands_in(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    (0..=text.len()).any(|start| rest_after(pattern, &text[start..]).is_some())
}

/// Whether a pattern is a whole text.
fn is_all(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (
        format!("{}\0", pattern.to_lowercase()),
        format!("{}\0", text.to_lowercase()),
    );
    rest_after(pattern.as_bytes(), text.as_bytes()).is_some()
}

/// What follows a pattern that a text begins with.
fn rest_after<'t>(pattern: &[u8], text: &'t [u8]) -> Option<&'t [u8]> {
    match pattern {
        [] => Some(text),
        [b'*', b'*', pattern @ ..] => {
            (0..=text.len()).find_map(|at| rest_after(pattern, &text[at..]))
        }
        [b'*', pattern @ ..] => (0..=text.len())
            .take_while(|at| *at == 0 || !text[at - 1].is_ascii_whitespace())
            .find_map(|at| rest_after(pattern, &text[at..])),
        [b'\\', byte @ b'*', pattern @ ..] | [byte, pattern @ ..] => match text {
            [first, text @ ..] if first == byte => rest_after(pattern, text),
            _ => None,
        },
    }
}

#[test]
fn patterns() {
    for (pattern, text, fits) in [
        ("--from=*/* ", "COPY --from=a/b /c", true),
        ("--from=*/* ", "COPY --from=a /b/c", false),
        ("yum ** /*.rpm", "RUN yum install -y /x.rpm", true),
        ("a**c", "xabbcx", true),
        ("A", "bab", true),
        (r"a\*b", "a*b", true),
        (r"a\*b", "axb", false),
        (r"C:\", r"cd c:\x", true),
    ] {
        assert_eq!(stands_in(pattern, text), fits, "{pattern} in {text}");
    }
    assert!(is_all("debian:*", "debian:12") && !is_all("debian", "debian:12"));
}
