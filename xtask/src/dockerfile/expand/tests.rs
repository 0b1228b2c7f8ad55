use super::*;

fn variable(name: &str) -> Option<String> {
    let value = match name {
        "A" => "xxyy",
        "B" => "a/b/c.txt",
        "S" => "two words",
        "E" => "",
        _ => return None,
    };
    Some(value.to_owned())
}

fn value(text: &str) -> String {
    expand(text, '\\', &variable).map_or_else(|error| format!("error: {error}"), |e| e.value)
}

// `tests/dockerfile_oracle.rs` asks BuildKit for more of these.
#[test]
fn expansions() {
    for (text, expected) in [
        ("$A-${A}-$N-${N}x", "xxyy-xxyy--x"),
        ("'$A' \"$A\" \\$A \"\\n\\\"\"", "$A xxyy $A \\n\""),
        ("${A:-w} ${E:-w} ${N:-w} ${E-w} ${N-w}", "xxyy w w  w"),
        ("${A:+w} ${E:+w} ${E+w} ${N+w}", "w  w "),
        ("${N:-${E:-\"$A }\"}}", "xxyy }"),
        ("${B#*/} ${B##*/} ${B%/*} ${B%%/*}", "b/c.txt c.txt a/b a"),
        (
            "${B//\\//_} ${B/?/X} ${A//x/'$$'}",
            "a_b_c.txt X/b/c.txt $$yy",
        ),
        ("$", "$"),
        ("${A", "error: the `}` of a `${…}` is missing"),
        ("${N:?no $A}", "error: N: no xxyy"),
        ("${A^}", "error: `^` is no modifier of a `${…}`"),
        ("\"", "error: a double quote is not closed"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn undefined_names_are_reported_once_even_with_a_default() {
    let expanded = expand("$X ${Y:-1} $A $X", '\\', &variable).unwrap();
    assert_eq!(expanded.undefined, ["X", "Y"]);
}

#[test]
fn words_split_at_unquoted_white_space_after_expansion() {
    let words = expand_words("80 $S \"$S\" a\\ b $E ''", '\\', &variable).unwrap();
    assert_eq!(words, ["80", "two", "words", "two words", "a b"]);
}

#[test]
fn the_other_escape_character() {
    let expanded = expand("C:\\$A`$A\"`\"\\\"", '`', &variable).unwrap();
    assert_eq!(expanded.value, "C:\\xxyy$A\"\\");
}

#[test]
fn endless_nesting_is_an_error() {
    assert!(expand(&"${A:-".repeat(100_000), '\\', &variable).is_err());
}

#[test]
fn what_variables_come_to_is_limited() {
    let large = "x".repeat(100 * 1024);
    let lookup = |_: &str| Some(large.clone());
    assert!(expand("$A$A", '\\', &lookup).is_ok());
    let error = expand("$A\"$A\"$A", '\\', &lookup).unwrap_err();
    assert_eq!(error, "the variables come to more than 256 KiB");
}
