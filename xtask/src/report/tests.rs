use super::*;
use crate::error::Error;
use crate::finding::Severity;
use crate::source::{Source, Span};

fn some() -> Vec<Finding> {
    let source = Source::new("apps/a b/Dockerfile", "FROM x\nRUN é <&>\n");
    vec![
        Finding::new(
            "B002",
            "image-over-budget",
            Severity::Error,
            "100% | full\n<now>",
        )
        .property("bytes", 3),
        Finding::new(
            "B001",
            "stage-missing",
            Severity::Warning,
            "no stage, \"x\"",
        )
        .at(source.location(Span::new(11, 13)))
        .help("name it"),
        Finding::new("B003", "only-a-note", Severity::Note, "by the way").in_file("z"),
    ]
}

#[test]
fn terminal_shows_the_place() {
    insta::assert_snapshot!(render(&some(), Format::Terminal, Color::Plain), @r#"
    error[B002 image-over-budget]: 100% | full
                                   <now>

    warning[B001 stage-missing]: no stage, "x"
     --> apps/a b/Dockerfile:2:5
      |
    2 | RUN é <&>
      |     ^
      |
      = help: name it

    note[B003 only-a-note]: by the way
    --> z
    "#);
}

#[test]
fn colors_only_when_asked() {
    let error = Error::usage("x").help("y");
    assert!(!terminal::error(&error, Color::Plain).contains('\u{1b}'));
    assert!(terminal::error(&error, Color::Styled).contains('\u{1b}'));
}

#[test]
fn errors_show_place_cause_help_output_and_each_other() {
    let source = Source::new("docker/docker.toml", "a = 1\r\nb = \"two\"\r\n");
    let first = Error::usage("unknown key `b`")
        .because("it is misspelled")
        .help("did you mean `c`?")
        .at(source.location(Span::new(7, 16)));
    let second = Error::failed("`docker` exited with 1").details("line one\nline two\n");
    let error = Error::all([first, second]).unwrap_err();
    insta::assert_snapshot!(terminal::error(&error, Color::Plain), @r#"
    error: unknown key `b`
     --> docker/docker.toml:2:1
      |
    2 | b = "two"
      | ^^^^^^^^^
      |
      = note: it is misspelled
      = help: did you mean `c`?

    error: `docker` exited with 1

    line one
    line two
    "#);
}

#[test]
fn a_span_that_does_not_fit_its_text_is_still_shown() {
    let source = Source::new("x", "é");
    for span in [Span::new(1, 1), Span::new(2, 9), Span::new(7, 3)] {
        let text = terminal::error(&Error::usage("odd").at(source.location(span)), Color::Plain);
        assert!(text.contains("x:1"), "{text}");
    }
}

#[test]
fn json_is_versioned() {
    insta::assert_snapshot!(render(&some(), Format::Json, Color::Plain), @r#"
    {
      "schema_version": 1,
      "findings": [
        {
          "code": "B002",
          "name": "image-over-budget",
          "severity": "error",
          "message": "100% | full\n<now>",
          "path": null,
          "line": null,
          "column": null,
          "end_line": null,
          "end_column": null,
          "help": [],
          "properties": {
            "bytes": 3
          }
        },
        {
          "code": "B001",
          "name": "stage-missing",
          "severity": "warning",
          "message": "no stage, \"x\"",
          "path": "apps/a b/Dockerfile",
          "line": 2,
          "column": 5,
          "end_line": 2,
          "end_column": 6,
          "help": [
            "name it"
          ],
          "properties": {}
        },
        {
          "code": "B003",
          "name": "only-a-note",
          "severity": "note",
          "message": "by the way",
          "path": "z",
          "line": null,
          "column": null,
          "end_line": null,
          "end_column": null,
          "help": [],
          "properties": {}
        }
      ]
    }
    "#);
}

#[test]
fn sarif_has_rules_and_regions() {
    insta::assert_snapshot!(render(&some(), Format::Sarif, Color::Plain), @r#"
    {
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        {
          "tool": {
            "driver": {
              "name": "cargo-xtask-docker",
              "version": "0.1.0",
              "rules": [
                {
                  "id": "B001",
                  "name": "stage-missing"
                },
                {
                  "id": "B002",
                  "name": "image-over-budget"
                },
                {
                  "id": "B003",
                  "name": "only-a-note"
                }
              ]
            }
          },
          "columnKind": "unicodeCodePoints",
          "results": [
            {
              "ruleId": "B002",
              "ruleIndex": 1,
              "level": "error",
              "message": {
                "text": "100% | full\n<now>"
              },
              "properties": {
                "bytes": 3
              }
            },
            {
              "ruleId": "B001",
              "ruleIndex": 0,
              "level": "warning",
              "message": {
                "text": "no stage, \"x\"\nHelp: name it"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "apps/a%20b/Dockerfile"
                    },
                    "region": {
                      "startLine": 2,
                      "startColumn": 5,
                      "endLine": 2,
                      "endColumn": 6
                    }
                  }
                }
              ]
            },
            {
              "ruleId": "B003",
              "ruleIndex": 2,
              "level": "note",
              "message": {
                "text": "by the way"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "z"
                    }
                  }
                }
              ]
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn github_commands_are_escaped() {
    insta::assert_snapshot!(render(&some(), Format::Github, Color::Plain), @r#"
    ::error title=B002 image-over-budget::100%25 | full%0A<now>
    ::warning file=apps/a b/Dockerfile,line=2,col=5,endLine=2,endColumn=6,title=B001 stage-missing::no stage, "x"%0Aname it
    ::notice file=z,title=B003 only-a-note::by the way
    "#);
}

#[test]
fn markdown_cells_hold_their_text() {
    insta::assert_snapshot!(render(&some(), Format::Markdown, Color::Plain), @r#"
    | | Where | What | Help |
    |---|---|---|---|
    | error |  | **B002** 100% \| full<br>&lt;now> |  |
    | warning | `apps/a b/Dockerfile:2:5` | **B001** no stage, "x" | name it |
    | note | `z` | **B003** by the way |  |
    "#);
}

#[test]
fn junit_is_escaped() {
    insta::assert_snapshot!(render(&some(), Format::Junit, Color::Plain), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites>
      <testsuite name="cargo-xtask-docker" tests="3" failures="2">
        <testcase classname="cargo-xtask-docker" name="B002 image-over-budget">
          <failure type="error" message="100% | full&#10;&lt;now&gt;">100% | full&#10;&lt;now&gt;</failure>
        </testcase>
        <testcase classname="apps/a b/Dockerfile" name="B001 stage-missing apps/a b/Dockerfile:2:5">
          <failure type="warning" message="no stage, &quot;x&quot;">apps/a b/Dockerfile:2:5: no stage, &quot;x&quot;&#10;help: name it</failure>
        </testcase>
        <testcase classname="z" name="B003 only-a-note z">
          <system-out>z: by the way</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn the_order_does_not_depend_on_the_order_found() {
    let mut reversed = some();
    reversed.reverse();
    for format in Format::value_variants() {
        assert_eq!(
            render(&some(), *format, Color::Plain),
            render(&reversed, *format, Color::Plain)
        );
    }
}

#[test]
fn names_of_megabytes_are_shown_in_part() {
    let long = "é".repeat(3_000_000);
    let source = Source::new("docker.toml", format!("{long} = 1\n"));
    let location = source.location(Span::new(0, long.len()));
    let shown = terminal::error(
        &Error::usage(format!("unknown key `{long}`"))
            .because(&long)
            .help(&long)
            .at(location),
        Color::Plain,
    );
    assert!(
        shown.starts_with("error: unknown key `éé"),
        "{} bytes",
        shown.len()
    );
    assert!(shown.contains("é…é"));
    assert!(shown.len() < 5_000, "{} bytes", shown.len());
}
