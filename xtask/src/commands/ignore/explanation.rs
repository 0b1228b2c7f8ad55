//! `--explain`: which pattern decides on a path, and who would take it.

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use crate::context::IgnoreFile;
use crate::error::Result;

/// What becomes of a path in one context under one ignore file.
#[derive(Serialize)]
pub(super) struct Explanation {
    /// From the context's root.
    pub(super) path: Utf8PathBuf,
    pub(super) context: Utf8PathBuf,
    /// Whom it counts for.
    pub(super) dockerfiles: Vec<Utf8PathBuf>,
    pub(super) ignore_file: Option<Utf8PathBuf>,
    pub(super) exists: bool,
    pub(super) ignored: bool,
    /// In order; the last one decides.
    pub(super) patterns: Vec<Say>,
    pub(super) taken_by: Vec<TakenBy>,
}

/// A pattern that has a say.
#[derive(Serialize)]
pub(super) struct Say {
    line: usize,
    pattern: String,
    /// The path, or a folder above it.
    matches: Utf8PathBuf,
    effect: Effect,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Effect {
    LeavesOut,
    TakesBack,
}

/// A step that takes the path.
#[derive(Serialize)]
pub(super) struct TakenBy {
    pub(super) dockerfile: Utf8PathBuf,
    pub(super) line: usize,
    pub(super) stage: String,
    pub(super) instruction: String,
}

#[derive(Serialize)]
struct Document<'e> {
    schema_version: u32,
    explanations: &'e [Explanation],
}

/// What an ignore file says of a path, pattern by pattern.
pub(super) fn says(ignore: Option<&IgnoreFile>, path: &Utf8Path) -> (bool, Vec<Say>) {
    let Some(ignore) = ignore else {
        return (false, Vec::new());
    };
    let says = ignore.patterns.trace(path).into_iter().map(|found| {
        let pattern = &ignore.patterns.patterns()[found.pattern];
        let span = pattern.span();
        Say {
            line: ignore.source.line_column(span.start).line,
            pattern: span.of(ignore.source.text()).to_owned(),
            matches: found.at,
            effect: if pattern.is_exception() {
                Effect::TakesBack
            } else {
                Effect::LeavesOut
            },
        }
    });
    (ignore.patterns.decide(path).ignored, says.collect())
}

/// As data.
pub(super) fn json(explanations: &[Explanation]) -> Result<String> {
    super::json(&Document {
        schema_version: 1,
        explanations,
    })
}

/// For people.
pub(super) fn plain(explanations: &[Explanation]) -> String {
    let mut text = String::new();
    for (index, explanation) in explanations.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        one(explanation, &mut text);
    }
    text
}

fn one(explanation: &Explanation, text: &mut String) {
    let Explanation {
        path,
        ignored,
        exists,
        ..
    } = explanation;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{path} {}{}",
        if *ignored {
            "is left out"
        } else {
            "enters the build"
        },
        if *exists {
            ""
        } else {
            " (there is no such file now)"
        },
    );
    let _ = writeln!(text, "  for {}", shortened(&explanation.dockerfiles));
    let Some(file) = &explanation.ignore_file else {
        text.push_str("  no ignore file counts here\n");
        taken(explanation, text);
        return;
    };
    if explanation.patterns.is_empty() {
        let _ = writeln!(
            text,
            "  no pattern of {file} matches it or a folder above it"
        );
    }
    let width = |cell: fn(&Say) -> usize| explanation.patterns.iter().map(cell).max().unwrap_or(0);
    let lines = width(|say| say.line.to_string().len());
    let patterns = width(|say| say.pattern.chars().count());
    let last = explanation.patterns.len();
    for (index, say) in explanation.patterns.iter().enumerate() {
        let effect = match say.effect {
            Effect::LeavesOut => "leaves out",
            Effect::TakesBack => "takes back",
        };
        let decides = if index + 1 == last {
            "  <- decides"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "  {file}:{:<lines$}  {:<patterns$}  {effect} {}{decides}",
            say.line, say.pattern, say.matches,
        );
    }
    taken(explanation, text);
}

fn taken(explanation: &Explanation, text: &mut String) {
    if explanation.taken_by.is_empty() && !explanation.ignored {
        text.push_str("  no step takes it\n");
    }
    for step in &explanation.taken_by {
        let _ = writeln!(
            text,
            "  taken by {}:{} in stage {}: {}",
            step.dockerfile, step.line, step.stage, step.instruction
        );
    }
}

/// `a/Dockerfile, b/Dockerfile and 5 others`.
pub(super) fn shortened(paths: &[Utf8PathBuf]) -> String {
    let shown: Vec<&str> = paths.iter().take(2).map(|path| path.as_str()).collect();
    let mut text = shown.join(", ");
    match paths.len().saturating_sub(shown.len()) {
        0 => {}
        1 => text.push_str(" and 1 other"),
        more => {
            let _ = write!(text, " and {more} others");
        }
    }
    text
}
