use super::*;

fn lookup(name: &str) -> Option<Value> {
    match name {
        "github.event_name" => Some(Value::text("pull_request")),
        "github.ref" => Some(Value::text("refs/pull/7/merge")),
        "github.base.fork" => Some(Value::Switch(true)),
        "github.head_ref" => Some(Value::Null),
        _ => None,
    }
}

fn holds(text: &str) -> Option<bool> {
    parse(text).unwrap().holds(&lookup)
}

#[test]
fn conditions_hold_as_far_as_what_decides_them_is_known() {
    for (text, expected) in [
        ("github.event_name == 'push'", Some(false)),
        ("github.event_name != 'pull_request'", Some(false)),
        ("GitHub.Event_Name == 'PULL_request'", Some(true)),
        ("github['event_name'] == 'pull_request'", Some(true)),
        ("startsWith(github.ref, 'refs/pull/')", Some(true)),
        ("!startsWith(github.ref, 'refs/pull/')", Some(false)),
        (
            "contains(github.ref, 'merge') && github.base.fork",
            Some(true),
        ),
        ("github.head_ref", Some(false)),
        ("secrets.X != ''", None),
        ("secrets.X && github.event_name == 'push'", Some(false)),
        (
            "secrets.X || github.event_name == 'pull_request'",
            Some(true),
        ),
        ("(secrets.X || true) && !false", Some(true)),
        ("always()", Some(true)),
        ("failure() || cancelled()", Some(false)),
        ("github.event_name == 'push' && 'a' || 'b'", Some(true)),
        ("1 < 2 && 2 >= 2 && 0x10 == 16 && -1 < 0", Some(true)),
        ("1 == '1' && null == 0 && true == 1", Some(true)),
        ("'it''s' == 'IT''S'", Some(true)),
        ("NaN == NaN", Some(false)),
        ("fromJSON('true')", Some(true)),
        ("toJSON(github).x", None),
        ("github.event.commits.*.id", None),
        ("github.event[github.ref]", None),
    ] {
        assert_eq!(holds(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_expression_is_told_where() {
    for (text, at) in [
        ("", 0),
        ("a ==", 4),
        ("a b", 2),
        ("\"a\"", 0),
        ("'a", 0),
        ("f(a", 3),
        ("a.", 2),
        ("a[1", 3),
        ("(a", 2),
        ("1x", 0),
        ("a = b", 2),
    ] {
        assert_eq!(parse(text).unwrap_err().at, at, "{text}");
    }
    let deep = "(".repeat(10_000);
    assert_eq!(parse(&deep).unwrap_err().message, "it is nested too deeply");
    let long = "a||".repeat(10_000) + "a";
    assert_eq!(parse(&long).unwrap_err().message, "it is too long");
    let deep = "!".repeat(10_000);
    assert_eq!(parse(&deep).unwrap_err().message, "it is nested too deeply");
}

#[test]
fn a_text_is_its_expression_or_put_together() {
    let text = "a ${{ github.ref }} ${{ format('}}', 'x') }} b ${{ c";
    assert_eq!(
        pieces(text),
        [
            Piece::Text("a "),
            Piece::Expression("github.ref"),
            Piece::Text(" "),
            Piece::Expression("format('}}', 'x')"),
            Piece::Text(" b ${{ c"),
        ]
    );
    assert_eq!(
        value("${{ github.event_name != 'push' }}", &lookup),
        Some(Value::Switch(true))
    );
    assert_eq!(
        value("x/${{ github.event_name }}", &lookup),
        Some(Value::text("x/pull_request"))
    );
    assert_eq!(value("x/${{ matrix.a }}", &lookup), None);
    assert_eq!(value("plain", &lookup), Some(Value::text("plain")));
}

#[test]
fn contexts_and_calls_are_found_at_any_depth() {
    let expression = parse("!(a.b == 'x') && f(c, always()) || d").unwrap();
    assert_eq!(expression.contexts(), ["a.b", "c", "d"]);
    assert!(expression.calls("always"));
    assert!(!expression.calls("success"));
}

mod properties {
    use proptest::prelude::*;

    use crate::expression::{parse, pieces, value};

    proptest! {
        #[test]
        fn nothing_stops_the_parser(text in "[a-z0-9_.'!=&|<>()\\[\\]{}$*, \"-]{0,60}") {
            if let Ok(expression) = parse(&text) {
                // What is known as a value is known as a condition, and says the same.
                let lookup = |name: &str| super::lookup(name);
                if let Some(value) = expression.value(&lookup) {
                    prop_assert_eq!(expression.holds(&lookup), Some(value.is_true()));
                }
            }
            let _ = pieces(&text);
            let _ = value(&text, &super::lookup);
        }
    }
}
