//! The tables of `docs/dockerignore.md`, carried out.

use camino::Utf8Path;

use super::Patterns;
use crate::source::Source;

const PAGE: &str = include_str!("../../../docs/dockerignore.md");

/// The rows below every header whose second cell is `second`, as cells.
fn rows(second: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut is_inside = false;
    for line in PAGE.lines() {
        if !line.starts_with('|') {
            is_inside = false;
            continue;
        }
        let cells = cells(line);
        if cells.get(1).is_some_and(|cell| cell.trim() == second) {
            is_inside = true;
        } else if is_inside && !line.starts_with("|---") {
            found.push(cells);
        }
    }
    found
}

/// A `|` inside of a cell is written `\|`.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim_start_matches('|').trim_end_matches('|');
    let escaped = inner.replace("\\|", "\u{0}");
    escaped
        .split('|')
        .map(|cell| cell.replace('\u{0}', "|"))
        .collect()
}

/// What stands between backticks.
fn codes(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn patterns(cell: &str) -> Patterns {
    let text = codes(cell)[0].replace('⏎', "\n");
    let (patterns, errors) = Patterns::parse(&Source::new("x", text));
    assert_eq!(errors, [], "{cell}");
    patterns
}

#[test]
fn what_the_page_says_is_left_out_is() {
    let rows = rows("leaves out");
    assert!(rows.len() >= 50, "{}", rows.len());
    for row in rows {
        let patterns = patterns(&row[0]);
        let ignored = |path: &str| patterns.decide(Utf8Path::new(path)).ignored;
        for path in codes(&row[1]) {
            assert!(ignored(path), "{} leaves out {path}", row[0]);
        }
        for path in codes(&row[2]) {
            assert!(!ignored(path), "{} does not leave out {path}", row[0]);
        }
    }
}

#[test]
fn what_the_page_says_arrives_empty_does() {
    let rows = rows("arrives empty");
    assert_eq!(rows.len(), 3);
    for row in rows {
        let patterns = patterns(&row[0]);
        let empty = |path: &str| patterns.arrives_empty(Utf8Path::new(path));
        assert!(codes(&row[1]).into_iter().all(empty), "{row:?}");
        assert!(!codes(&row[2]).into_iter().any(empty), "{row:?}");
    }
}

#[test]
fn what_the_page_says_is_refused_is() {
    let rows = rows("because");
    assert_eq!(rows.len(), 8);
    for row in rows {
        let text = codes(&row[0])[0];
        let (_, errors) = Patterns::parse(&Source::new("x", text));
        assert_eq!(errors.len(), 1, "{row:?}");
    }
}
