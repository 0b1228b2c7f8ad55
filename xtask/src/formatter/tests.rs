use proptest::prelude::*;

use super::*;

fn formatted(text: &str) -> String {
    let file = parse(&Source::new("Dockerfile", text));
    let once = format(&file).unwrap();
    let again = format(&parse(&Source::new("Dockerfile", once.as_str()))).unwrap();
    assert_eq!(once, again, "a second time changes it again");
    once
}

#[test]
fn a_messy_file_becomes_a_tidy_one() {
    let messy = "\n\n# syntax=docker/dockerfile:1\n\n\narg  V=1\nfrom   alpine:$V  as  Base   \n  run   apk add   \\\n\n  # why\n      curl   \\\n        git   \n\n\n\ncopy a   b\n# the second\nFROM base\nENV A=1 \\\n\tB=\"x \\\n   y\"\nCMD [\"a\",  \"b\"]  ";
    insta::assert_snapshot!(formatted(messy), @r#"
    # syntax=docker/dockerfile:1

    ARG V=1
    FROM alpine:$V AS Base
    RUN apk add \
        # why
        curl \
          git

    COPY a b

    # the second
    FROM base
    ENV A=1 \
        B="x \
       y"
    CMD ["a", "b"]
    "#);
}

#[test]
fn what_counts_stays() {
    for text in [
        // White space inside of quotes and words that go on in the next line.
        "FROM a\nRUN echo \"a \\\n  b\" && foo\\\nbar\n",
        "FROM a\nENV KEY some value \\\n   with blanks\n",
        "FROM a\nLABEL a=\"x \\\n y\" \\\n    b=c\n",
        "FROM a\nRUN echo $'a\\n\\\nb'\\\n> /c && d\n",
        // Here-documents.
        "FROM a\nRUN <<EOF cat\n   two  blanks   \n\n\nEOF\n",
        // An empty line that keeps a comment from being a directive.
        "\n# escape=`\nFROM a\n",
        "FROM a\nSHELL [\"a\", \\\n  \"b\"]\n",
    ] {
        assert_eq!(formatted(text), text);
    }
}

#[test]
fn deeper_lines_stay_deeper() {
    assert_eq!(
        formatted("FROM a\nRUN if x; then \\\n\t\ty; \\\n\tfi\n"),
        "FROM a\nRUN if x; then \\\n        y; \\\n    fi\n"
    );
}

#[test]
fn line_breaks_and_byte_order_marks_are_kept() {
    assert_eq!(
        formatted("\u{feff}from a\r\nrun x \\\r\n  y\r\n"),
        "\u{feff}FROM a\r\nRUN x \\\r\n    y\r\n"
    );
    assert_eq!(formatted("FROM a"), "FROM a\n");
    assert_eq!(formatted("FROM a\n\n\n"), "FROM a\n");
}

#[test]
fn broken_files_are_left_alone() {
    let file = parse(&Source::new("Dockerfile", "FROM a\nCOPPY a b\n"));
    assert!(format(&file).unwrap_err().message.contains("COPPY"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever parses is laid out, keeps its meaning, and a second time changes nothing.
    #[test]
    fn formatting_is_stable(pieces in prop::collection::vec(prop::sample::select(vec![
        "FROM a AS b\n", "run ", "COPY a b\n", "env a=b", " c=\"d", "\"", "'", "\n", "\r\n", " \\\n", "\\\n", "   ", "\t", "x", "&&",
        "# c\n", "<<E\n", "E\n", "cmd [\"a\", ", "\"b\"]\n", "if x; then ", "fi", "$(", ")", ";", "# escape=`\n", "`\n", "\u{feff}",
    ]), 0..30)) {
        let text = format!("FROM x\n{}", pieces.concat());
        let file = parse(&Source::new("Dockerfile", text.as_str()));
        if file.errors.is_empty() {
            let once = format(&file);
            prop_assert!(once.is_ok(), "{:?}: {:?}", text, once);
            let once = once.unwrap();
            let again = format(&parse(&Source::new("Dockerfile", once.as_str()))).unwrap();
            prop_assert_eq!(once, again);
        }
    }
}
