//! For people: the sentence, the place in the file with a caret below it, what to do.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::Color;
use crate::error::Error;
use crate::finding::{Finding, Severity};
use crate::source::Location;

/// An error with its excerpt, its causes, what to do, and the failed tool's output below; ends in a line break.
#[must_use]
pub fn error(error: &Error, color: Color) -> String {
    let mut text = one_error(error, color);
    for other in error.others() {
        text.push('\n');
        text.push_str(&one_error(other, color));
    }
    text
}

fn one_error(error: &Error, color: Color) -> String {
    let mut group = Group::with_title(Level::ERROR.primary_title(error.message()));
    group = group.elements(error.location().map(excerpt));
    group = group.elements(
        error
            .causes()
            .iter()
            .map(|cause| Level::NOTE.message(cause)),
    );
    group = group.elements(error.helps().iter().map(|help| Level::HELP.message(help)));
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
            Severity::Note => Level::NOTE,
        };
        let id = format!("{} {}", finding.code, finding.name);
        let place: Option<Element<'_>> = match (&finding.location, &finding.path) {
            (Some(location), _) => Some(excerpt(location)),
            (None, Some(path)) => Some(Origin::path(path.as_str()).into()),
            (None, None) => None,
        };
        let group = Group::with_title(level.primary_title(&finding.message).id(id))
            .elements(place)
            .elements(finding.help.iter().map(|help| Level::HELP.message(help)));
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&renderer.render(&[group]));
        text.push('\n');
    }
    text
}

fn renderer(color: Color) -> Renderer {
    match color {
        Color::Styled => Renderer::styled(),
        Color::Plain => Renderer::plain(),
    }
    .decor_style(DecorStyle::Ascii)
}

/// The lines of a place. A span over several lines is shown by its first line: the rest says nothing more.
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
    let line_end = text[start..]
        .find(['\r', '\n'])
        .map_or(text.len(), |n| start + n);
    let end = inside(location.span.end).clamp(start, line_end);
    Snippet::source(text)
        .path(location.source.path().as_str())
        .annotation(AnnotationKind::Primary.span(start..end))
        .into()
}
