//! For people: the sentence, the place in the file with a caret below it, what to do.

use std::borrow::Cow;
use std::fmt::Write as _;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet};

use super::Color;
use crate::edit::{Fix, Safety};
use crate::error::Error;
use crate::finding::{Finding, Related, Severity};
use crate::source::{Location, Span, line_start, touched_lines};

/// The most characters of a sentence; names from a broken file may be megabytes long.
const LONGEST: usize = 400;
/// The most bytes of a line that is shown.
const LONGEST_LINE: usize = 4_000;
/// How many further errors are shown: who has more mends these first.
const MOST_OTHERS: usize = 20;

/// A fix that spans more lines is named, not shown.
const MOST_LINES_OF_A_FIX: usize = 12;

/// An error with its excerpt, its causes, what to do, and the failed tool's output below; ends in a line break.
#[must_use]
pub fn error(error: &Error, color: Color) -> String {
    let mut text = one_error(error, color);
    for other in error.others().iter().take(MOST_OTHERS) {
        text.push('\n');
        text.push_str(&one_error(other, color));
    }
    if error.others().len() > MOST_OTHERS {
        let left = error.others().len() - MOST_OTHERS;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n… and {left} more errors");
    }
    text
}

fn one_error(error: &Error, color: Color) -> String {
    let mut group = Group::with_title(Level::ERROR.primary_title(shortened(error.message())));
    group = group.elements(error.location().map(excerpt));
    group = group.elements(
        error
            .causes()
            .iter()
            .map(|cause| Level::NOTE.message(shortened(cause))),
    );
    group = group.elements(
        error
            .helps()
            .iter()
            .map(|help| Level::HELP.message(shortened(help))),
    );
    let mut text = renderer(color).render(&[group]);
    text.push('\n');
    if let Some(output) = error.tool_output().filter(|o| !o.trim().is_empty()) {
        text.push('\n');
        text.push_str(output.trim_end());
        text.push('\n');
    }
    text
}

/// Findings one below the other; empty if there are none.
pub(super) fn findings(findings: &[&Finding], color: Color) -> String {
    let renderer = renderer(color);
    let mut text = String::new();
    for finding in findings {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Style | Severity::Note => Level::NOTE,
        };
        let id = format!("{} {}", finding.code, finding.name);
        let place: Option<Element<'_>> = match (&finding.location, finding.path()) {
            (Some(location), _) => Some(excerpt(location)),
            (None, Some(path)) => Some(Origin::path(path.as_str()).into()),
            (None, None) => None,
        };
        let group = Group::with_title(level.primary_title(shortened(&finding.message)).id(id))
            .elements(place)
            .elements(finding.details().related.iter().flat_map(related))
            .elements(finding.help.iter().map(|help| Level::HELP.message(&**help)));
        if !text.is_empty() {
            text.push('\n');
        }
        let mut groups = vec![group];
        groups.extend(
            finding
                .fix
                .as_ref()
                .and_then(|fix| suggestion(finding, fix)),
        );
        text.push_str(&renderer.render(&groups));
        text.push('\n');
    }
    text
}

/// What a fix would change, as lines removed and added.
fn suggestion<'f>(finding: &'f Finding, fix: &'f Fix) -> Option<Group<'f>> {
    let source = &fix.edits.first()?.source;
    let mut title = fix.message.clone();
    if fix.safety == Safety::Unsafe {
        title
            .to_mut()
            .push_str(" (look at the result: it may change what is built)");
    }
    let title = Level::HELP.secondary_title(shortened_owned(title.into_owned()));
    let one_file = fix.edits.iter().all(|edit| edit.source == *source);
    let text = source.text();
    let first = fix.edits.iter().map(|edit| edit.span.start).min()?;
    let last = fix.edits.iter().map(|edit| edit.span.end).max()?;
    text.get(first..last)?;
    let lines = touched_lines(text, Span::new(first, last));
    let start = lines.start;
    let excerpt = lines.of(text);
    if !one_file || excerpt.lines().count() > MOST_LINES_OF_A_FIX || excerpt.len() > LONGEST_LINE {
        return Some(Group::with_title(title).element(Origin::path(source.path().as_str())));
    }
    let path = (finding.path() != Some(source.path())).then(|| source.path().as_str());
    let patches = fix.edits.iter().map(|edit| {
        Patch::new(
            edit.span.start - start..edit.span.end - start,
            edit.replacement.as_str(),
        )
    });
    Some(
        Group::with_title(title).element(
            Snippet::source(excerpt)
                .line_start(source.line_column(start).line)
                .path(path)
                .patches(patches),
        ),
    )
}

fn shortened_owned(text: String) -> String {
    match shortened(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(short) => short,
    }
}

/// Without the middle of what is longer than anybody reads.
fn shortened(text: &str) -> Cow<'_, str> {
    // Bytes are at least as many as characters, and cheaper to count.
    if text.len() <= LONGEST {
        return text.into();
    }
    let half = LONGEST / 2;
    let Some((start, _)) = text.char_indices().nth(half) else {
        return text.into();
    };
    match text[start..].char_indices().nth_back(half - 1) {
        Some((end, _)) if end > 0 => format!("{}…{}", &text[..start], &text[start + end..]).into(),
        _ => text.into(),
    }
}

fn renderer(color: Color) -> Renderer {
    match color {
        Color::Styled => Renderer::styled(),
        Color::Plain => Renderer::plain(),
    }
    .decor_style(DecorStyle::Ascii)
}

/// The line of a place. A span over several lines is shown by its first line: the rest says nothing more. A line that
/// nobody could read is not shown at all.
/// Another place, below what it is.
fn related(related: &Related) -> [Element<'_>; 2] {
    [
        Level::NOTE.message(shortened(&related.message)).into(),
        excerpt(&related.location),
    ]
}

fn excerpt(location: &Location) -> Element<'_> {
    let text = location.source.text();
    let inside = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = inside(location.span.start);
    let line_start = line_start(text, start);
    let line_end = text[start..]
        .find(['\r', '\n'])
        .map_or(text.len(), |n| start + n);
    let end = inside(location.span.end).clamp(start, line_end);
    let path = location.source.path().as_str();
    let at = location.source.line_column(start);
    if line_end - line_start > LONGEST_LINE {
        return Origin::path(path)
            .line(at.line)
            .char_column(at.column)
            .into();
    }
    Snippet::source(&text[line_start..line_end])
        .line_start(at.line)
        .path(path)
        .annotation(AnnotationKind::Primary.span(start - line_start..end - line_start))
        .into()
}
