//! `docker-report` as people and pipelines use it: a small repository whose goals are shown by real commands, good ones and
//! such as fail, are missing, take too long, are killed or print nonsense.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking and say what they do"
)]

#[path = "../support/mod.rs"]
mod support;

mod inputs;
mod stopped;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use support::{run, xtask};
use xtask::process::Output;

/// A repository with one service and a scorecard.
struct Shop {
    dir: tempfile::TempDir,
}

const MANIFEST: &str = "\
schema_version = 1

[project]
name = \"shop\"

[report]
scorecard = \"docker/scorecard.toml\"
";

/// Commands leave a line in `ran`, so that it shows how often they were run, and in which order.
const SCORECARD: &str = r#"
schema_version = 1
title = "Shop"

[[commands]]
name = "numbers"
program = "sh -c 'echo numbers >> ran; cat numbers.json; exit 1'"
after = ["before"]

[[commands]]
name = "before"
program = "sh -c 'echo before >> ran'"

[[commands]]
name = "lint"
xtask = "docker-lint --format json"

[[commands]]
name = "fails"
program = "sh -c 'echo error: it is broken >&2; exit 1'"

[[commands]]
name = "odd"
program = "sh -c 'exit 7'"

[[commands]]
name = "missing"
program = "no-such-program-here"

[[commands]]
name = "slow"
program = "sleep 600"
limit = "1 second"

[[commands]]
name = "killed"
program = "sh -c 'kill -9 $$'"

[[commands]]
name = "chatty"
program = "echo no JSON at all"

[[groups]]
name = "Good"

[[groups.rows]]
id = "sizes"
text = "Images are small"
source = "Metrics"
goal = "each at most 150 MB"
docs = ["docs/size.md"]

[[groups.rows.evidence]]
command = "numbers"
value = "/images/*/bytes"
part = "/images/*/name"
unit = "bytes"
at_most = "150 MB"
limit = "/images/*/limit"

[[groups.rows]]
id = "verdicts"
text = "All is well"
source = "Metrics"
goal = "all of them"

[[groups.rows.evidence]]
command = "numbers"
verdict = "/images/*/well"
part = "/images/*/name"
proves = "images are well"
pass = ["true"]
fail = ["false"]

[[groups.rows]]
id = "linted"
text = "Nothing is wrong with the Dockerfile"
source = "Metrics"
goal = "no finding"

[[groups.rows.evidence]]
command = "lint"
value = "/findings/*/code"
take = "count"
unit = "count"
equals = "0"

[[groups]]
name = "Bad"

[[groups.rows]]
id = "too-large"
text = "Images are tiny"
source = "Metrics"
goal = "each below 1 MB"

[[groups.rows.evidence]]
command = "numbers"
value = "/images/*/bytes"
part = "/images/*/name"
unit = "bytes"
below = "1 MB"

[[groups.rows]]
id = "failing"
text = "It works"
source = "Metrics"
goal = "exit code 0"
evidence = [{ command = "fails", proves = "it works" }]

[[groups.rows]]
id = "odd"
text = "t"
source = "s"
goal = "g"
evidence = [{ command = "odd", proves = "it works" }]

[[groups.rows]]
id = "missing"
text = "t"
source = "s"
goal = "g"
evidence = [{ command = "missing", proves = "it works" }]

[[groups.rows]]
id = "slow"
text = "t"
source = "s"
goal = "g"
evidence = [{ command = "slow", proves = "it works" }]

[[groups.rows]]
id = "killed"
text = "t"
source = "s"
goal = "g"
evidence = [{ command = "killed", proves = "it works" }]

[[groups.rows]]
id = "chatty"
text = "t"
source = "s"
goal = "g"
evidence = [{ command = "chatty", value = "/a", unit = "count", equals = "1" }]

[[groups.rows]]
id = "lacking"
text = "t"
source = "s"
goal = "g"
evidence = [{ command = "numbers", value = "/none", unit = "count", equals = "1" }]

[[groups.rows]]
id = "nobody"
text = "t"
source = "s"
goal = "g"
evidence = [{ not_measured = "no cluster", needs = "one" }]
"#;

const NUMBERS: &str = r#"
{ "images": [
  { "name": "api", "bytes": 100000000, "limit": 150000000, "well": true },
  { "name": "worker", "bytes": 180000000, "limit": 200000000, "well": true }
] }
"#;

impl Shop {
    fn new() -> Self {
        let shop = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        shop.write("docker/docker.toml", MANIFEST);
        shop.write("docker/scorecard.toml", SCORECARD);
        shop.write("docs/size.md", "# Size\n");
        shop.write("numbers.json", NUMBERS);
        shop.write("tool", "");
        shop.write(".gitignore", "target\nran\n");
        shop.write(
            "apps/api/Dockerfile",
            "FROM scratch AS production\nCOPY tool /tool\nUSER 1001:1001\nENTRYPOINT [\"/tool\"]\n",
        );
        shop.git(&["init", "-q", "-b", "main"]);
        shop.commit();
        shop
    }

    fn root(&self) -> &Utf8Path {
        Utf8Path::from_path(self.dir.path()).unwrap()
    }

    fn file(&self, path: &str) -> Utf8PathBuf {
        self.root().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.file(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.file(path)).unwrap()
    }

    fn replace(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{old}");
        self.write(path, &text.replacen(old, new, 1));
    }

    fn git(&self, arguments: &[&str]) -> String {
        support::git(self.root(), arguments)
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "c", "--allow-empty"]);
    }

    fn report(&self, arguments: &[&str]) -> Output {
        run(&xtask(self.root(), &["docker-report"]).args(arguments))
    }

    /// As JSON, with its exit code.
    fn card(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let output = self.report(&[arguments, &["--format", "json"]].concat());
        let card = serde_json::from_slice(&output.stdout);
        (
            output.code,
            card.unwrap_or_else(|error| panic!("{error}: {}", output.error_text())),
        )
    }
}

fn row<'a>(card: &'a Value, id: &str) -> &'a Value {
    let groups = card["groups"].as_array().unwrap().iter();
    let mut rows = groups.flat_map(|group| group["rows"].as_array().unwrap());
    rows.find(|row| row["id"] == id).unwrap()
}

#[test]
fn each_goal_comes_out_as_its_commands_say() {
    let shop = Shop::new();
    let (code, card) = shop.card(&["--measure"]);
    assert_eq!(
        code,
        Some(1),
        "a goal that is not reached is worse than one that nobody measured"
    );
    for (id, outcome, detail) in [
        (
            "sizes",
            "pass",
            "2 measured, the most is 180.0 MB of worker; the goal is at most 150.0 MB; worker is within an exception (180.0 MB, held to 200.0 MB)",
        ),
        ("verdicts", "pass", "images are well: 2 of 2 hold"),
        ("linted", "pass", "0, and the goal is exactly 0"),
        (
            "too-large",
            "fail",
            "worker has 180.0 MB, and the goal is below 1.0 MB; api has 100.0 MB, and the goal is below 1.0 MB",
        ),
        (
            "failing",
            "fail",
            "it works: `sh -c 'echo error: it is broken >&2; exit 1'` exited with 1: it is broken",
        ),
        (
            "odd",
            "not-measured",
            "`sh -c 'exit 7'` went wrong, which shows nothing: it exited with 7",
        ),
        (
            "slow",
            "not-measured",
            "`sleep 600` did not end within 1 second",
        ),
        (
            "killed",
            "not-measured",
            "`sh -c 'kill -9 $$'` was killed by a signal",
        ),
        (
            "chatty",
            "not-measured",
            "`echo no JSON at all` printed no JSON, and exited with 0",
        ),
        ("lacking", "not-measured", "what it printed has no `/none`"),
        ("nobody", "not-measured", "no cluster; needed: one"),
    ] {
        let row = row(&card, id);
        assert_eq!(
            (&row["outcome"], &row["detail"]),
            (&outcome.into(), &detail.into())
        );
    }
    let missing = row(&card, "missing")["detail"].as_str().unwrap();
    assert!(
        missing.contains("failed to start `no-such-program-here`"),
        "{missing}"
    );
    assert_eq!(
        card["counts"],
        serde_json::json!({ "pass": 3, "fail": 2, "not_measured": 7 })
    );
    assert_eq!(card["commit"], shop.git(&["rev-parse", "HEAD"]).as_str());
    // One run for four rows, and what must be run before it before it.
    assert_eq!(shop.read("ran"), "before\nnumbers\n");
    assert_eq!(
        shop.read("target/docker-report/numbers.out").trim(),
        NUMBERS.trim()
    );
    assert_eq!(
        shop.read("target/docker-report/fails.err"),
        "error: it is broken\n"
    );
    // Nobody asked to keep it.
    assert!(!shop.file("docker/scorecard.jsonl").exists());
    assert_eq!(shop.git(&["status", "--porcelain"]), "");
}

#[test]
fn rows_that_are_named_are_measured_and_nothing_else() {
    let shop = Shop::new();
    let output = shop.report(&["--measure", "linted", "--quiet"]);
    assert_eq!((output.code, output.text().as_str()), (Some(0), ""));
    let (code, card) = shop.card(&["--measure", "linted", "nobody"]);
    assert_eq!(code, Some(3));
    assert_eq!(card["groups"].as_array().unwrap().len(), 2);
    assert!(!shop.file("ran").exists());
    let (code, card) = shop.card(&["--measure", "--row", "sizes"]);
    assert_eq!((code, &card["counts"]["pass"]), (Some(0), &1.into()));
    assert_eq!(shop.read("ran"), "before\nnumbers\n");
}

#[test]
fn what_was_recorded_is_shown_without_running_anything_and_grows_old() {
    let shop = Shop::new();
    let first = shop.report(&["--measure", "sizes", "failing", "--record"]);
    assert_eq!(first.code, Some(1), "{}", first.error_text());
    let recorded = shop.read("docker/scorecard.jsonl");
    assert_eq!(recorded.lines().count(), 3, "{recorded}");
    assert_eq!(shop.read("ran"), "before\nnumbers\n");
    let (code, card) = shop.card(&[]);
    assert_eq!(code, Some(1));
    assert_eq!(row(&card, "sizes")["outcome"], "pass");
    assert_eq!(row(&card, "sizes")["commits_since"], 0);
    assert_eq!(
        row(&card, "sizes")["measured"]["changed"],
        false,
        "the history is no change"
    );
    assert_eq!(row(&card, "verdicts")["outcome"], "not-measured");
    assert_eq!(shop.read("ran"), "before\nnumbers\n", "nothing was run");

    shop.commit();
    shop.commit();
    let (_, card) = shop.card(&[]);
    assert_eq!(row(&card, "sizes")["commits_since"], 2);
    let text = shop.report(&[]).text();
    assert!(text.contains("2 commits ago"), "{text}");

    // The same again on the same commit is one measurement, and on changed files another.
    shop.write("new", "x");
    assert_eq!(
        shop.report(&["--measure", "sizes", "--record"]).code,
        Some(0)
    );
    assert_eq!(
        shop.report(&["--measure", "sizes", "--record"]).code,
        Some(0)
    );
    let (_, card) = shop.card(&[]);
    let sizes = row(&card, "sizes");
    assert_eq!(sizes["measured"]["changed"], true);
    assert_eq!(sizes["history"].as_array().unwrap().len(), 2);

    // Another goal was never measured.
    shop.replace(
        "docker/scorecard.toml",
        "at_most = \"150 MB\"",
        "at_most = \"200 MB\"",
    );
    let (_, card) = shop.card(&[]);
    let sizes = row(&card, "sizes");
    assert_eq!(sizes["outcome"], "not-measured");
    let detail = sizes["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("goal or evidence changed since"),
        "{detail}"
    );

    // A commit that is not in the history of this one.
    shop.git(&["checkout", "-q", "--orphan", "other"]);
    shop.commit();
    let (_, card) = shop.card(&[]);
    assert_eq!(row(&card, "failing")["commits_since"], Value::Null);
}

#[test]
fn badges_and_lists_are_of_all_rows() {
    let shop = Shop::new();
    let output = shop.report(&["--measure", "linted", "--badges", "target/badges"]);
    assert_eq!(output.code, Some(0), "{}", output.error_text());
    let badge = |name: &str| -> Value {
        serde_json::from_str(&shop.read(&format!("target/badges/{name}.json"))).unwrap()
    };
    assert_eq!(badge("all")["message"], "1 of 12");
    assert_eq!(badge("row-linted")["color"], "brightgreen");
    assert_eq!(badge("row-sizes")["message"], "not measured");
    assert_eq!(badge("group-good")["schemaVersion"], 1);
    let list = shop.report(&["--list"]);
    assert_eq!(list.code, Some(0));
    let list = list.text();
    assert_eq!(list.lines().count(), 13, "{list}");
    assert!(
        list.lines()
            .any(|line| line.starts_with("nobody") && line.ends_with("nothing")),
        "{list}"
    );
}

#[test]
fn without_git_everything_is_measured_and_says_so() {
    let shop = Shop::new();
    std::fs::remove_dir_all(shop.file(".git")).unwrap();
    assert_eq!(
        shop.report(&["--measure", "sizes", "--record"]).code,
        Some(0)
    );
    let (code, card) = shop.card(&["--row", "sizes"]);
    assert_eq!(code, Some(0));
    assert_eq!(row(&card, "sizes")["measured"]["commit"], Value::Null);
    assert!(
        shop.report(&["--row", "sizes"])
            .text()
            .contains("without a commit")
    );
}
