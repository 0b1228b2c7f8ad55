//! The whole way from a file and what commands print to the page.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::source::Source;
use crate::timestamp::Timestamp;

/// A definition whose only row has this evidence; the commands are `one`, of this tool, and `tests`, of cargo.
fn definition(evidence: &str) -> Definition {
    let text = format!(
        "schema_version = 1\ntitle = \"T\"\n\
         [[commands]]\nname = \"one\"\nxtask = \"docker-one --format json\"\n\
         [[commands]]\nname = \"tests\"\ncargo = \"test -- --show-output\"\n\
         [[groups]]\nname = \"G\"\n[[groups.rows]]\nid = \"r\"\ntext = \"t\"\nsource = \"s\"\ngoal = \"g\"\n{evidence}"
    );
    Definition::parse(&Source::new("s", text)).unwrap()
}

fn exited(code: i32, stdout: &impl ToString, stderr: &str) -> Run {
    Run {
        ending: Ending::Exited {
            code,
            stdout: stdout.to_string(),
            stderr: stderr.to_owned(),
        },
        milliseconds: 5,
    }
}

/// Outcome, value and detail of the row where both commands left this.
fn judged(evidence: &str, run: &Run) -> (Outcome, String, String) {
    let definition = definition(&format!("[[groups.rows.evidence]]\n{evidence}"));
    let row = definition.rows().next().unwrap();
    let judgment = judge(row, &definition.commands, |_| Some(run));
    let value = judgment.value.map(|value| value.to_string());
    (judgment.outcome, value.unwrap_or_default(), judgment.detail)
}

const SIZES: &str = "command = \"one\"\nvalue = \"/images/*/bytes\"\npart = \"/images/*/name\"\nunit = \"bytes\"\nat_most = \"150 MB\"\n";

#[test]
fn each_part_is_held_to_the_goal_or_to_its_own_limit() {
    let images = |large: u64, limit: u64| {
        json!({ "images": [
            { "name": "small", "bytes": 90_000_000, "limit": null },
            { "name": "large", "bytes": large, "limit": limit, "why": "Python" },
        ] })
    };
    let own = format!("{SIZES}limit = \"/images/*/limit\"\nreason = \"/images/*/why\"");
    let (outcome, value, detail) = judged(&own, &exited(0, &images(149_000_000, 150_000_000), ""));
    assert_eq!((outcome, value.as_str()), (Outcome::Pass, "149.0 MB"));
    insta::assert_snapshot!(detail, @"2 measured, the most is 149.0 MB of large; the goal is at most 150.0 MB");
    // With an exit code that says that something is wrong the answer is one all the same.
    let (outcome, value, detail) = judged(&own, &exited(1, &images(180_000_000, 200_000_000), ""));
    assert_eq!((outcome, value.as_str()), (Outcome::Pass, "180.0 MB"));
    insta::assert_snapshot!(detail, @"2 measured, the most is 180.0 MB of large; the goal is at most 150.0 MB; large is within an exception (180.0 MB, held to 200.0 MB): Python");
    let (outcome, _, detail) = judged(&own, &exited(0, &images(201_000_000, 200_000_000), ""));
    assert_eq!(outcome, Outcome::Fail);
    insta::assert_snapshot!(detail, @"large has 201.0 MB, and its own goal is at most 200.0 MB");
    let (outcome, _, detail) = judged(SIZES, &exited(0, &images(180_000_000, 200_000_000), ""));
    assert_eq!(outcome, Outcome::Fail);
    insta::assert_snapshot!(detail, @"large has 180.0 MB, and the goal is at most 150.0 MB");
}

#[test]
fn what_could_not_be_measured_does_not_get_lost() {
    let document = json!({ "images": [{ "name": "a", "bytes": 1 }, { "name": "b", "bytes": null }, { "name": "c" }] });
    let (outcome, _, detail) = judged(SIZES, &exited(0, &document, ""));
    assert_eq!(outcome, Outcome::NotMeasured);
    assert!(detail.starts_with("no number for b, c; "), "{detail}");
    // A fault is told though something is missing besides.
    let document = json!({ "images": [{ "name": "a", "bytes": 151_000_000 }, { "name": "b" }] });
    assert_eq!(judged(SIZES, &exited(0, &document, "")).0, Outcome::Fail);
    let nested = "command = \"one\"\nvalue = \"/s/*/m/*/v\"\npart = \"/s/*/name\"\nunit = \"ms\"\nbelow = \"1 second\"\n\
                  where = { \"/s/*/m/*/n\" = \"start\" }\nunless = { \"/s/*/name\" = \"base\" }";
    let document = |last: serde_json::Value| {
        json!({ "s": [
            { "name": "base", "m": [] },
            { "name": "a", "m": [{ "n": "start", "v": 5.5 }, { "n": "stop", "v": 5000 }] },
            { "name": "b", "m": last },
        ] })
    };
    let all = judged(
        nested,
        &exited(0, &document(json!([{ "n": "start", "v": 7 }])), ""),
    );
    assert_eq!((all.0, all.1.as_str()), (Outcome::Pass, "7 ms"));
    for lacks in [json!([]), json!([{ "n": "stop", "v": 1 }]), json!(null)] {
        let (outcome, _, detail) = judged(nested, &exited(0, &document(lacks), ""));
        assert_eq!(outcome, Outcome::NotMeasured);
        assert!(detail.starts_with("no number for b; "), "{detail}");
    }
}

#[test]
fn what_is_not_there_is_not_measured() {
    let reading = |value: &str, take: &str| {
        format!(
            "command = \"one\"\nvalue = \"{value}\"\nunit = \"count\"\nequals = \"0\"\ntake = \"{take}\""
        )
    };
    for (value, take, document, expected) in [
        ("/n", "each", json!({}), "what it printed has no `/n`"),
        (
            "/n",
            "each",
            json!({ "n": "0" }),
            "what it printed has no number for ",
        ),
        (
            "/l/*",
            "max",
            json!({ "l": [] }),
            "what it printed has nothing in `/l/*` that is meant",
        ),
        ("/l/*", "count", json!({}), "what it printed has no `/l/*`"),
        (
            "/l/*",
            "count",
            json!({ "l": 3 }),
            "what it printed has no `/l/*`",
        ),
        (
            "/i/*/l/*",
            "count",
            json!({ "i": [] }),
            "what it printed has no `/i/*/l/*`",
        ),
        (
            "/i/*/l/*",
            "count",
            json!({ "i": [{ "l": [] }, {}] }),
            "what it printed does not tell for 1",
        ),
    ] {
        let (outcome, _, detail) = judged(&reading(value, take), &exited(0, &document, ""));
        assert_eq!(outcome, Outcome::NotMeasured, "{document}");
        assert_eq!(detail, expected);
    }
    // A list that is there and empty is an answer.
    let empty = judged(
        &reading("/i/*/l/*", "count"),
        &exited(0, &json!({ "i": [{ "l": [] }] }), ""),
    );
    assert_eq!((empty.0, empty.1.as_str()), (Outcome::Pass, "0"));
}

#[test]
fn one_number_is_taken_of_many() {
    let document = json!({ "v": [4, 1, 3, 2.5] });
    for (take, expected) in [
        ("max", "4"),
        ("min", "1"),
        ("sum", "10.5"),
        ("count", "4"),
        ("median", "2.75"),
        ("each", "4"),
    ] {
        let evidence = format!(
            "command = \"one\"\nvalue = \"/v/*\"\nunit = \"count\"\ntake = \"{take}\"\nat_most = \"100\""
        );
        assert_eq!(
            judged(&evidence, &exited(0, &document, "")).1,
            expected,
            "{take}"
        );
    }
    let least = "command = \"one\"\nvalue = \"/v/*\"\nunit = \"count\"\nat_least = \"2\"";
    let (outcome, value, _) = judged(least, &exited(0, &document, ""));
    assert_eq!((outcome, value.as_str()), (Outcome::Fail, "1"));
}

#[test]
fn words_are_verdicts_and_unknown_ones_are_not_measured() {
    let words = "command = \"one\"\nverdict = \"/s/*/o\"\npart = \"/s/*/n\"\nproves = \"all well\"\npass = [\"passed\"]\nfail = [\"failed\"]\nskip = [\"skipped\"]\n";
    let document = |outcomes: &[&str]| {
        let all: Vec<_> = outcomes
            .iter()
            .enumerate()
            .map(|(number, outcome)| json!({ "n": format!("s{number}"), "o": outcome }))
            .collect();
        json!({ "s": all })
    };
    for (outcomes, outcome, value, detail) in [
        (
            &["passed", "skipped"][..],
            Outcome::Pass,
            "100 %",
            "all well: 1 of 1 hold",
        ),
        (
            &["passed", "failed"],
            Outcome::Fail,
            "50 %",
            "all well: 1 of 2 hold; not s1",
        ),
        (
            &["passed", "odd"],
            Outcome::NotMeasured,
            "100 %",
            "all well: 1 of 1 hold; could not be told: s1 (odd)",
        ),
        (
            &["failed", "odd"],
            Outcome::Fail,
            "0 %",
            "all well: 0 of 1 hold; not s0; could not be told: s1 (odd)",
        ),
        (
            &["skipped"],
            Outcome::NotMeasured,
            "",
            "all well: nothing that was looked at applies",
        ),
        (
            &["odd"],
            Outcome::NotMeasured,
            "",
            "all well: could not be told: s0 (odd)",
        ),
        (
            &[],
            Outcome::NotMeasured,
            "",
            "all well: what it printed has nothing in `/s/*/o` that is meant",
        ),
    ] {
        let judged = judged(words, &exited(0, &document(outcomes), ""));
        assert_eq!(judged, (outcome, value.to_owned(), detail.to_owned()));
    }
    let share = format!("{words}above = \"60 %\"");
    let two_of_three = document(&["passed", "failed", "passed"]);
    assert_eq!(
        judged(&share, &exited(0, &two_of_three, "")).0,
        Outcome::Pass
    );
}

#[test]
fn exit_codes_say_what_they_mean_and_nothing_else() {
    let exit = "command = \"one\"\nproves = \"it holds\"";
    let line = "`cargo xtask docker-one --format json`";
    for (run, outcome, detail) in [
        (exited(0, &"", ""), Outcome::Pass, "it holds".to_owned()),
        (
            exited(1, &"", ""),
            Outcome::Fail,
            format!("it holds: {line} exited with 1"),
        ),
        (
            exited(4, &"", "note\nerror: broken\n  more\n"),
            Outcome::Fail,
            format!("it holds: {line} exited with 4: broken"),
        ),
        (
            exited(3, &"", "error: no engine\n"),
            Outcome::NotMeasured,
            format!("it holds: could not be told, as {line} exited with 3: no engine"),
        ),
        (
            exited(2, &"", "error: unknown option\n"),
            Outcome::NotMeasured,
            format!("{line} went wrong, which shows nothing: it exited with 2: unknown option"),
        ),
        (
            Run {
                ending: Ending::Killed {
                    stderr: "half\n".to_owned(),
                },
                milliseconds: 1,
            },
            Outcome::NotMeasured,
            format!("{line} was killed by a signal; the last it said: half"),
        ),
        (
            Run {
                ending: Ending::NotRun("it did not start".to_owned()),
                milliseconds: 1,
            },
            Outcome::NotMeasured,
            "it did not start".to_owned(),
        ),
    ] {
        let (found, _, told) = judged(exit, &run);
        assert_eq!((found, told), (outcome, detail));
    }
}

#[test]
fn tests_that_skip_or_are_not_there_show_nothing() {
    let tests = "command = \"tests\"\nproves = \"it holds\"";
    let result = |passed: u32| format!("test result: ok. {passed} passed; 0 failed; 0 ignored\n");
    assert_eq!(
        judged(tests, &exited(0, &result(3), "")).2,
        "it holds (3 tests passed)"
    );
    for (run, outcome, expected) in [
        (
            exited(0, &result(0), ""),
            Outcome::NotMeasured,
            "`cargo test -- --show-output` ran no test",
        ),
        (
            exited(0, &format!("skipped: no engine\n{}", result(3)), ""),
            Outcome::NotMeasured,
            "it holds: tests were skipped: no engine",
        ),
        (
            exited(101, &"", "error: test failed\n"),
            Outcome::Fail,
            "it holds: `cargo test -- --show-output` exited with 101: test failed",
        ),
        (
            exited(1, &"", ""),
            Outcome::NotMeasured,
            "`cargo test -- --show-output` went wrong, which shows nothing: it exited with 1",
        ),
    ] {
        let (found, _, told) = judged(tests, &run);
        assert_eq!((found, told.as_str()), (outcome, expected));
    }
}

#[test]
fn what_is_no_json_is_told_and_what_stands_before_it_is_passed_over() {
    let value = "command = \"one\"\nvalue = \"/n\"\nunit = \"count\"\nequals = \"1\"";
    let (outcome, _, detail) = judged(value, &exited(3, &"", "error: cosign is not installed\n"));
    assert_eq!(outcome, Outcome::NotMeasured);
    assert_eq!(
        detail,
        "`cargo xtask docker-one --format json` printed no JSON, and exited with 3: cosign is not installed"
    );
    let (outcome, _, detail) = judged(value, &exited(0, &"{ \"n\": ", ""));
    assert_eq!(outcome, Outcome::NotMeasured);
    assert!(
        detail.contains("printed no JSON (EOF while parsing"),
        "{detail}"
    );
    assert_eq!(
        judged(value, &exited(0, &"> npm run\n\n{ \"n\": 1 }\n", "")).0,
        Outcome::Pass
    );
    // The answer of a command that went wrong is none.
    assert_eq!(
        judged(value, &exited(2, &"{ \"n\": 1 }\n", "")).0,
        Outcome::NotMeasured
    );
}

#[test]
fn the_worst_of_several_counts_and_pages_show_nothing() {
    let definition = definition(
        "[[groups.rows.evidence]]\ncommand = \"one\"\nproves = \"it holds\"\n\
         [[groups.rows.evidence]]\ndocument = \"docs/a.md\"\nsays = \"all is well\"\n\
         [[groups.rows.evidence]]\nnot_measured = \"no cluster\"\nneeds = \"one\"\n",
    );
    let row = definition.rows().next().unwrap();
    let judge = |code| {
        let run = exited(code, &"", "");
        let judgment = judge(row, &definition.commands, |_| Some(&run));
        (judgment.outcome, judgment.detail)
    };
    assert_eq!(
        judge(0),
        (
            Outcome::NotMeasured,
            "written down in docs/a.md, which nothing holds to the truth: all is well; no cluster; needed: one; it holds".to_owned()
        )
    );
    assert_eq!(judge(1).0, Outcome::Fail);
    assert_eq!(row.docs[0].0, "docs/a.md");
}

#[test]
fn the_page_shows_what_was_measured_last_and_of_which_goal() {
    let definition = definition(&format!("[[groups.rows.evidence]]\n{SIZES}"));
    let row = definition.rows().next().unwrap();
    let facts = Facts {
        now: Timestamp::from_unix_seconds(1_796_100_000),
        commit: Some("c9".to_owned()),
        since: BTreeMap::from([("c1".to_owned(), 3)]),
    };
    let shown = |history: &History| {
        let card = assemble(&definition, history, &facts, |_| true);
        card.groups[0].rows[0].clone()
    };
    let never = shown(&History::default());
    assert_eq!(never.outcome, Outcome::NotMeasured);
    assert_eq!(
        never.detail,
        "was never measured: `cargo xtask docker-report --measure r` does it"
    );
    let measured = |second: i64, commit: &str, fingerprint: &str| {
        let at = Timestamp::from_unix_seconds(1_796_000_000 + second);
        let measured = Measured {
            at,
            commit: Some(commit.to_owned()),
            changed: false,
            milliseconds: 9,
        };
        let judgment = Judgment::plain(Outcome::Pass, format!("on {commit}"));
        Measurement::new("r", fingerprint, measured, judgment)
    };
    let mut history = History::default();
    history.add([
        measured(1, "c0", &row.fingerprint),
        measured(2, "c1", &row.fingerprint),
    ]);
    let then = shown(&history);
    assert_eq!((then.outcome, then.commits_since), (Outcome::Pass, Some(3)));
    assert_eq!((then.detail.as_str(), then.history.len()), ("on c1", 2));
    history.add([measured(3, "c9", "another goal")]);
    let changed = shown(&history);
    assert_eq!(
        (changed.outcome, changed.commits_since),
        (Outcome::NotMeasured, Some(0))
    );
    assert_eq!(
        changed.detail,
        "goal or evidence changed since it was measured; then it was: on c9"
    );
}

#[test]
fn badges_are_of_all_of_each_group_and_of_each_row() {
    let definition = definition("[[groups.rows.evidence]]\nnot_measured = \"x\"\n");
    let card = assemble(&definition, &History::default(), &Facts::default(), |_| {
        true
    });
    let badges = badge::badges(&card);
    let names: Vec<&str> = badges.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["all.json", "group-g.json", "row-r.json"]);
    let text: Vec<String> = badges
        .iter()
        .map(|(_, badge)| serde_json::to_string(badge).unwrap())
        .collect();
    insta::assert_snapshot!(text.join("\n"), @r#"
    {"schemaVersion":1,"label":"T","message":"0 of 1","color":"lightgrey"}
    {"schemaVersion":1,"label":"G","message":"0 of 1","color":"lightgrey"}
    {"schemaVersion":1,"label":"r","message":"not measured","color":"lightgrey"}
    "#);
}

/// The scorecard of this repository.
#[test]
fn the_scorecard_of_this_repository_has_every_goal_of_its_specification() {
    let root = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let source = Source::read(&root, camino::Utf8Path::new("docker/scorecard.toml")).unwrap();
    let definition = Definition::parse(&source).unwrap();
    let rows = definition.groups.iter().map(|group| group.rows.len());
    assert_eq!(rows.collect::<Vec<_>>(), [10, 16, 12, 12]);
    for (page, location) in definition.rows().flat_map(|row| &row.docs) {
        assert!(root.join(page).exists(), "{location}: there is no {page}");
    }
}

/// Each key of the file is explained.
#[test]
fn the_page_about_scorecards_names_every_key() {
    fn all(keys: &[crate::project::manifest::Key], names: &mut Vec<&'static str>) {
        for key in keys {
            names.push(key.name);
            if let crate::project::manifest::Kind::Tables(below) = key.kind {
                all(below, names);
            }
        }
    }
    let mut names = Vec::new();
    all(super::keys::FILE, &mut names);
    let page = include_str!("../../../docs/report.md");
    let missing: Vec<_> = names
        .iter()
        .filter(|name| !page.contains(&format!("`{name}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/report.md does not name {missing:?}"
    );
}
