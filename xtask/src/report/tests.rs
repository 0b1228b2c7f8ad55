use super::*;
use crate::edit::{Edit, Fix, Safety};
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
              "partialFingerprints": {
                "findingHash/v1": "d4cd971fb6da30f8ca211bc32bfed440"
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
              "partialFingerprints": {
                "findingHash/v1": "4b5f5b2acd8abce0b2bb2dc40bd402e3"
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
              "partialFingerprints": {
                "findingHash/v1": "341147058c6182f9bdc5847c79f9eed3"
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

fn with_fix() -> Vec<Finding> {
    let source = Source::new("Dockerfile", "FROM x\nRUN apk add \\\n    curl\nRUN y\n");
    let insert = Edit {
        source: source.clone(),
        span: Span::new(18, 18),
        replacement: " --no-cache".to_owned(),
    };
    let mut finding = Finding::new(
        "DL3019",
        "apk-cache-kept",
        Severity::Note,
        "the index stays",
    )
    .at(source.location(Span::new(11, 18)));
    finding.aliases = &["Other"];
    finding.fix = Some(Box::new(Fix {
        message: "add `--no-cache`".into(),
        safety: Safety::Unsafe,
        edits: vec![insert],
    }));
    vec![finding]
}

#[test]
fn terminal_shows_what_a_fix_changes() {
    insta::assert_snapshot!(render(&with_fix(), Format::Terminal, Color::Plain), @r"
    note[DL3019 apk-cache-kept]: the index stays
     --> Dockerfile:2:5
      |
    2 | RUN apk add \
      |     ^^^^^^^
      |
    help: add `--no-cache` (look at the result: it may change what is built)
      |
    2 | RUN apk add --no-cache \
      |             ++++++++++
    ");
}

#[test]
fn json_and_sarif_carry_fixes() {
    let json: serde_json::Value =
        serde_json::from_str(&render(&with_fix(), Format::Json, Color::Plain)).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(finding["aliases"][0], "Other");
    assert_eq!(finding["fix"]["safe"], false);
    assert_eq!(finding["fix"]["edits"][0]["line"], 2);
    assert_eq!(finding["fix"]["edits"][0]["start_offset"], 18);
    let rule = RuleDescription {
        code: "DL3019".to_owned(),
        summary: "the index stays in the image".to_owned(),
        page: "## What it does".to_owned(),
        severity: Severity::Note,
        tags: vec!["size".to_owned()],
    };
    let sarif: serde_json::Value = serde_json::from_str(&render_with_rules(
        &with_fix(),
        &[rule],
        Format::Sarif,
        Color::Plain,
    ))
    .unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(
        run["tool"]["driver"]["rules"][0]["help"]["markdown"],
        "## What it does"
    );
    let result = &run["results"][0];
    assert_eq!(
        result["partialFingerprints"]["findingHash/v1"]
            .as_str()
            .unwrap()
            .len(),
        32
    );
    let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["deletedRegion"]["startColumn"], 12);
    assert_eq!(replacement["insertedContent"]["text"], " --no-cache");
}

#[test]
fn checkstyle_groups_by_file() {
    insta::assert_snapshot!(render(&some(), Format::Checkstyle, Color::Plain), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <checkstyle version="4.3">
      <file name="">
        <error severity="error" message="100% | full&#10;&lt;now&gt;" source="B002"/>
      </file>
      <file name="apps/a b/Dockerfile">
        <error line="2" column="5" severity="warning" message="no stage, &quot;x&quot;&#10;name it" source="B001"/>
      </file>
      <file name="z">
        <error severity="info" message="by the way" source="B003"/>
      </file>
    </checkstyle>
    "#);
}

#[test]
fn gitlab_has_what_it_requires() {
    let issues: serde_json::Value =
        serde_json::from_str(&render(&some(), Format::Gitlab, Color::Plain)).unwrap();
    for issue in issues.as_array().unwrap() {
        assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
        for key in ["description", "check_name", "fingerprint", "severity"] {
            assert!(!issue[key].as_str().unwrap().is_empty(), "{issue}");
        }
    }
    assert_eq!(issues[0]["location"]["path"], ".");
}
