//! Charts as SVG, with their numbers as text.

use std::fmt::Write as _;

use super::{class, html, short};
use crate::scorecard::card::{Outcome, Part, Point, Value};

/// The size of the small chart in a row's line.
const SPARK: (f64, f64) = (96.0, 24.0);
/// The size of the history.
const HISTORY: (f64, f64) = (640.0, 160.0);
/// Room at the left for the numbers of the axis, and around.
const MARGIN: (f64, f64) = (88.0, 14.0);

/// One bar, divided by how many came out how.
pub(super) fn shares(counts: &[(Outcome, usize)]) -> String {
    let all: usize = counts.iter().map(|(_, count)| count).sum();
    let mut bars = String::new();
    let mut left = 0.0;
    for (outcome, count) in counts {
        let width = *count as f64 / all.max(1) as f64 * 100.0;
        if *count > 0 {
            // Writing to a string cannot fail.
            let _ = write!(
                bars,
                "<rect class=\"{}\" x=\"{left:.2}\" y=\"0\" width=\"{width:.2}\" height=\"10\"></rect>",
                class(*outcome)
            );
        }
        left += width;
    }
    format!(
        "<svg class=\"shares\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{bars}</svg>"
    )
}

/// The parts of a value, each with a bar and the mark of its limit.
pub(super) fn parts(parts: &[Part]) -> String {
    let ends = parts
        .iter()
        .flat_map(|part| [Some(part.value), part.limit])
        .flatten()
        .map(|value| value.thousandths);
    let Some(most) = ends.max() else {
        return String::new();
    };
    let scale = |value: Value| (value.thousandths.max(0) as f64 / most.max(1) as f64) * 98.0;
    let mut text = "<table class=\"parts\">\n<thead><tr><th>Part</th><th>Measured</th><th>Limit</th><th></th></tr></thead>\n<tbody>\n".to_owned();
    for part in parts {
        let mark = part.limit.map_or_else(String::new, |limit| {
            format!(
                "<line class=\"limit\" x1=\"{at:.2}\" x2=\"{at:.2}\" y1=\"0\" y2=\"10\"></line>",
                at = scale(limit)
            )
        });
        let _ = writeln!(
            text,
            "<tr class=\"{class}\"><th scope=\"row\">{name}</th><td>{value}</td><td>{limit}</td><td class=\"bar\">\
             <svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{words}\">\
             <rect class=\"{class}\" x=\"0\" y=\"1\" width=\"{width:.2}\" height=\"8\"></rect>{mark}</svg></td></tr>",
            class = class(part.outcome),
            name = part_name(part),
            value = part.value,
            limit = part
                .limit
                .map_or_else(String::new, |limit| limit.to_string()),
            words = part.outcome.word(),
            width = scale(part.value),
        );
    }
    text.push_str("</tbody>\n</table>\n");
    text
}

/// With the reason for a limit of its own.
fn part_name(part: &Part) -> String {
    let reason = part.reason.as_deref().map_or_else(String::new, |reason| {
        format!("<span class=\"reason\">{}</span>", html(reason))
    });
    format!("{}{reason}", html(&part.name))
}

/// The points that have a number, placed in a box: the lowest value at the bottom, the first point at the left.
fn placed(points: &[Point], (width, height): (f64, f64)) -> Vec<(f64, f64, &Point, Value)> {
    let numbers: Vec<(&Point, Value)> = points
        .iter()
        .filter_map(|point| Some((point, point.value?)))
        .collect();
    let range = || numbers.iter().map(|(_, value)| value.thousandths);
    let (Some(least), Some(most)) = (range().min(), range().max()) else {
        return Vec::new();
    };
    let span = most.saturating_sub(least);
    let steps = numbers.len().saturating_sub(1).max(1) as f64;
    numbers
        .iter()
        .enumerate()
        .map(|(at, (point, value))| {
            let x = at as f64 / steps * width;
            let y = if span == 0 {
                height / 2.0
            } else {
                height - value.thousandths.saturating_sub(least) as f64 / span as f64 * height
            };
            (x, y, *point, *value)
        })
        .collect()
}

fn line(points: &[(f64, f64, &Point, Value)], (left, top): (f64, f64)) -> String {
    let at: Vec<String> = points
        .iter()
        .map(|(x, y, ..)| format!("{:.1},{:.1}", x + left, y + top))
        .collect();
    format!("<polyline points=\"{}\"></polyline>", at.join(" "))
}

/// A row's history in its line; an empty place if there is none.
pub(super) fn spark(history: &[Point]) -> String {
    let points = placed(history, (SPARK.0 - 8.0, SPARK.1 - 8.0));
    let Some((x, y, last, _)) = points.last().filter(|_| points.len() > 1) else {
        return "<span class=\"spark\"></span>".to_owned();
    };
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 {} {}\" aria-hidden=\"true\">{}<circle class=\"{}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"></circle></svg>",
        SPARK.0,
        SPARK.1,
        line(&points, (4.0, 4.0)),
        class(last.outcome),
        x + 4.0,
        y + 4.0,
    )
}

/// All that was measured of a row, as a line over commits and as a table.
pub(super) fn history(points: &[Point]) -> String {
    if points.is_empty() {
        return String::new();
    }
    let mut text = "<details class=\"history\"><summary>History</summary>\n".to_owned();
    let inner = (HISTORY.0 - MARGIN.0 - 12.0, HISTORY.1 - 2.0 * MARGIN.1);
    let marks = placed(points, inner);
    let by_value = |a: &&(f64, f64, &Point, Value), b: &&(f64, f64, &Point, Value)| {
        a.3.thousandths.cmp(&b.3.thousandths)
    };
    if let (Some(least), Some(most), true) = (
        marks.iter().min_by(by_value),
        marks.iter().max_by(by_value),
        marks.len() > 1,
    ) {
        let _ = write!(
            text,
            "<svg class=\"line\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"from {} to {}\">",
            HISTORY.0,
            HISTORY.1,
            marks
                .first()
                .map_or_else(String::new, |mark| mark.3.to_string()),
            marks
                .last()
                .map_or_else(String::new, |mark| mark.3.to_string()),
        );
        for (_, y, _, number) in [least, most] {
            let y = y + MARGIN.1;
            let _ = write!(
                text,
                "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"></line>\
                 <text x=\"{}\" y=\"{:.1}\">{}</text>",
                MARGIN.0,
                HISTORY.0,
                MARGIN.0 - 8.0,
                y + 4.0,
                number
            );
        }
        text.push_str(&line(&marks, MARGIN));
        for (x, y, point, number) in &marks {
            let _ = write!(
                text,
                "<circle class=\"{}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\"><title>{}: {}</title></circle>",
                class(point.outcome),
                x + MARGIN.0,
                y + MARGIN.1,
                point.measured.at,
                number
            );
        }
        text.push_str("</svg>\n");
    }
    text.push_str("<table>\n<thead><tr><th>When</th><th>Commit</th><th>Value</th><th>Outcome</th></tr></thead>\n<tbody>\n");
    // The newest is what people look for.
    for point in points.iter().rev() {
        let commit = point.measured.commit.as_deref().map_or("", short);
        let changed = if point.measured.changed {
            " with changes"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "<tr class=\"{}\"><td>{}</td><td><code>{}</code>{changed}</td><td>{}</td><td>{}</td></tr>",
            class(point.outcome),
            point.measured.at,
            html(commit),
            point
                .value
                .map_or_else(String::new, |value| value.to_string()),
            point.outcome.word()
        );
    }
    text.push_str("</tbody>\n</table>\n</details>\n");
    text
}
