//! Our reading of Prometheus' text format against Prometheus' own: `promtool check metrics`.

use xtask::engine::Means;
use xtask::engine::debian::keep;
use xtask::process::{Command, Interrupt, Runner as _, System};
use xtask::trial::exposition;

use crate::support::{checkout, in_ci};

/// Documents, and whether they are right.
const DOCUMENTS: &[(&str, bool)] = &[
    (
        "# HELP a_total All.\n# TYPE a_total counter\na_total{b=\"c\\\\\\\"\\n\"} 1 1395066363000\na_total{ b = \"d\", } +Inf\n",
        true,
    ),
    (
        "# HELP s A.\n# TYPE s histogram\ns_bucket{le=\"0.5\"} 1\ns_bucket{le=\"+Inf\"} 2\ns_sum 1.5e-3\ns_count 2\n",
        true,
    ),
    (
        "# HELP s A.\n# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 1\ns_count 2\n",
        true,
    ),
    (
        "# just a comment\n\n# HELP a A.\n# TYPE a gauge\na NaN\n",
        true,
    ),
    ("a 1", false),
    ("a\n", false),
    ("a x\n", false),
    ("a 1 x\n", false),
    ("a 1 2 3\n", false),
    ("a 1e999\n", false),
    ("a 0x10\n", false),
    ("a 1_0\n", false),
    ("1a 1\n", false),
    ("<html>\n", false),
    ("a{b=1} 1\n", false),
    ("a{b=\"1} 1\n", false),
    ("a{b=\"\\x\"} 1\n", false),
    ("a{b=\"1\" c=\"2\"} 1\n", false),
    ("a{=\"1\"} 1\n", false),
    ("a{__name__=\"1\"} 1\n", false),
    ("# TYPE a number\na 1\n", false),
    ("# TYPE a gauge\n# TYPE a gauge\na 1\n", false),
    ("# HELP a x\n# HELP a y\na 1\n", false),
    ("a 1\n# TYPE a gauge\na 2\n", false),
    ("# TYPE a histogram\na_bucket{le=\"x\"} 1\n", false),
];

#[test]
fn promtool_agrees_about_what_can_be_read() {
    let (runner, interrupt) = (System::default(), Interrupt::default());
    let means = Means {
        runner: &runner,
        interrupt: &interrupt,
        note: &|line| println!("{line}"),
    };
    let folder = checkout().join("target/peers/prometheus");
    let kept = match keep(
        means,
        &folder,
        &[("prometheus", "bookworm")],
        &|_, _| Ok(()),
    ) {
        Ok(kept) => kept,
        Err(error) => {
            assert!(!in_ci(), "cannot run in CI: {error}");
            println!("skipped: {error}");
            return;
        }
    };
    let program = kept.root.join("usr/bin/promtool");
    for (text, is_right) in DOCUMENTS {
        let command = Command::new(&program)
            .args(["check", "metrics"])
            .input(*text);
        let output = runner.run(&command).unwrap();
        // 3 is style: a counter that is not called `_total`.
        let theirs = matches!(output.code, Some(0 | 3));
        assert_eq!(
            theirs,
            *is_right,
            "promtool says of {text:?}: {:?} {}",
            output.code,
            output.error_text()
        );
        assert_eq!(
            exposition::parse(text).is_ok(),
            *is_right,
            "{text:?}: {:?}",
            exposition::parse(text)
        );
    }
}
