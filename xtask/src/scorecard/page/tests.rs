use super::*;
use crate::scorecard::card::{Measured, Part, Point, Unit, Value};
use crate::timestamp::Timestamp;

fn moment(day: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_795_000_000 + day * 86_400)
}

fn bytes(number: i64) -> Value {
    Value {
        thousandths: number * 1000,
        unit: Unit::Bytes,
    }
}

fn measured(day: i64) -> Measured {
    Measured {
        at: moment(day),
        commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        changed: day == 0,
        milliseconds: 61_500,
    }
}

fn row(id: &str, outcome: Outcome) -> Row {
    Row {
        id: id.to_owned(),
        text: format!("{id} is <b>asked</b> for"),
        source: "Success Metrics".to_owned(),
        goal: "at most 150 MB".to_owned(),
        outcome,
        value: None,
        parts: Vec::new(),
        detail: "why & how".to_owned(),
        command: "cargo xtask docker-build --offline".to_owned(),
        docs: Vec::new(),
        measured: None,
        commits_since: None,
        history: Vec::new(),
    }
}

fn card() -> Card {
    let sizes = Row {
        value: Some(bytes(186_300_000)),
        parts: vec![
            Part {
                name: "strategy-engine".to_owned(),
                value: bytes(186_300_000),
                limit: Some(bytes(200_000_000)),
                reason: Some("numpy & pandas".to_owned()),
                outcome: Outcome::Pass,
            },
            Part {
                name: "base".to_owned(),
                value: bytes(103_700_000),
                limit: Some(bytes(150_000_000)),
                reason: None,
                outcome: Outcome::Pass,
            },
        ],
        docs: vec!["docs/size.md".to_owned()],
        measured: Some(measured(2)),
        commits_since: Some(3),
        history: (0..3)
            .map(|day| Point {
                measured: measured(day),
                outcome: if day == 0 {
                    Outcome::Fail
                } else {
                    Outcome::Pass
                },
                value: Some(bytes(210_000_000 - 10_000_000 * day)),
            })
            .collect(),
        ..row("sizes", Outcome::Pass)
    };
    Card::new(
        "shop".to_owned(),
        moment(3),
        Some("fedcba9876543210fedcba9876543210fedcba98".to_owned()),
        vec![
            Group {
                name: "Success Metrics".to_owned(),
                rows: vec![sizes, row("health", Outcome::Fail)],
            },
            Group {
                name: "Notes".to_owned(),
                rows: vec![row("apm", Outcome::NotMeasured)],
            },
            Group {
                name: "Nothing yet".to_owned(),
                rows: Vec::new(),
            },
        ],
    )
}

#[test]
fn the_page_says_what_the_card_says() {
    insta::assert_snapshot!(render(&card()).replace(STYLE, "…"));
}

#[test]
fn foreign_text_stays_text() {
    let mut hostile = card();
    let script = "</title></style><script>alert(1)</script>\"'>";
    hostile.title = script.to_owned();
    hostile.commit = Some(script.to_owned());
    for group in &mut hostile.groups {
        group.name = script.to_owned();
        for row in &mut group.rows {
            for text in [
                &mut row.id,
                &mut row.text,
                &mut row.source,
                &mut row.goal,
                &mut row.detail,
                &mut row.command,
            ] {
                *text = script.to_owned();
            }
            row.docs = vec![script.to_owned()];
            for part in &mut row.parts {
                part.name = script.to_owned();
                part.reason = Some(script.to_owned());
            }
            for point in &mut row.history {
                point.measured.commit = Some(script.to_owned());
            }
        }
    }
    let page = render(&hostile);
    assert!(!page.contains("<script"));
    assert_eq!(page.matches("</style>").count(), 1);
    assert_eq!(
        page.matches("</title>").count(),
        3 + 1,
        "a point has a title of its own"
    );
}

#[test]
fn marks_of_markdown_are_no_text() {
    assert_eq!(strong("**A <b>**: c"), "<strong>A &lt;b&gt;</strong>: c");
    assert_eq!(strong("2 ** 3 & 4"), "2 ** 3 &amp; 4");
    assert_eq!(strong("plain"), "plain");
}

#[test]
fn the_style_loads_nothing_and_does_not_end_early() {
    for sink in ["<", "url(", "@import", "http:", "https:"] {
        assert!(!STYLE.contains(sink), "{sink}");
    }
}

#[test]
fn values_that_never_change_and_extremes_are_drawn() {
    let point = |thousandths| Point {
        measured: measured(1),
        outcome: Outcome::Pass,
        value: Some(Value {
            thousandths,
            unit: Unit::Count,
        }),
    };
    for values in [vec![5, 5, 5], vec![i64::MIN, i64::MAX], vec![0]] {
        let points: Vec<Point> = values.into_iter().map(point).collect();
        let drawn = format!("{}{}", chart::spark(&points), chart::history(&points));
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
    }
}
