//! `docker-test --suite image` with the real program and a real engine, on images that are made to be wrong in one way
//! each (`testdata/trial`), and on one that is as it should be.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where something it needs fails, and tells what it does"
)]

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod leftovers;
mod metrics;
mod repository;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use repository::Repository;
use serde_json::Value;
use support::Shared;

#[test]
fn every_fault_is_caught_by_name_and_what_is_right_passes() {
    let Some(machine) = Shared::find() else {
        return;
    };
    let repository = Repository::of_images(&machine, None);
    let begin = Instant::now();
    let output = repository.xtask(&[
        "docker-test",
        "--suite=image",
        "--format=json",
        machine.choice(),
    ]);
    println!(
        "tried all in {:.1} s\n{}",
        begin.elapsed().as_secs_f64(),
        output.error_text()
    );
    assert_eq!(output.code, Some(4), "{}", output.error_text());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["schema_version"], &report["outcome"]),
        (&1.into(), &"failed".into())
    );
    let subjects = report["subjects"].as_array().unwrap();
    let mut wrong = Vec::new();
    let mut caught = BTreeSet::new();
    for subject in subjects {
        let name = subject["name"].as_str().unwrap();
        let expected = repository.caught_as(name);
        let found: BTreeMap<String, String> = subject["verdicts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|verdict| verdict["outcome"] == "failed" || verdict["outcome"] == "unknown")
            .map(|verdict| {
                let text = |key: &str| verdict[key].as_str().unwrap().to_owned();
                (
                    text("property"),
                    format!(
                        "{}: {} {:?}",
                        text("outcome"),
                        text("detail"),
                        verdict["evidence"]
                    ),
                )
            })
            .collect();
        println!("{name}: {found:#?}");
        caught.extend(found.keys().cloned());
        if found.keys().cloned().collect::<BTreeSet<_>>() != expected {
            wrong.push(format!(
                "{name} is caught as {found:?}, not as {expected:?}"
            ));
        }
    }
    assert_eq!(subjects.len(), repository.images().len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let never: Vec<&str> = xtask::trial::image::PROPERTIES
        .iter()
        .map(|property| property.name)
        .filter(|name| !caught.contains(*name))
        .collect();
    assert!(never.is_empty(), "no image is wrong in this way: {never:?}");
    says_why(subjects);
    assert_eq!(repository.left_behind(), Vec::<String>::new());
}

/// Causes are named, not only effects.
fn says_why(subjects: &[Value]) {
    let detail = |image: &str, property: &str| {
        let subject = subjects
            .iter()
            .find(|subject| subject["name"] == image)
            .unwrap();
        let verdicts = subject["verdicts"].as_array().unwrap();
        let verdict = verdicts
            .iter()
            .find(|verdict| verdict["property"] == property)
            .unwrap();
        verdict["detail"].as_str().unwrap().to_owned()
    };
    for (image, property, expected) in [
        (
            "needs-writable-root",
            "breaks-when-hardened",
            "`--read-only` breaks it: it ended with exit code 1",
        ),
        (
            "needs-memory",
            "breaks-when-hardened",
            "`--memory=100000000` breaks it: it was killed",
        ),
        (
            "needs-threads",
            "breaks-when-hardened",
            "`--pids-limit=40` breaks it",
        ),
        (
            "needs-capability",
            "breaks-when-hardened",
            "`--cap-drop=ALL` breaks it",
        ),
        (
            "shell-form",
            "ignores-sigterm",
            "PID 1 is a shell (`sh -c`)",
        ),
        (
            "ignores-sigterm",
            "ignores-sigterm",
            "PID 1 (`service`) has no handler for SIGTERM",
        ),
        ("root-by-number", "runs-as-root", "root: service (pid 1)"),
        ("writes-quietly", "writes-outside", "/state/quiet (added)"),
        ("leaks-memory", "leaks-memory", "for each 1000 requests"),
        ("broken-metrics", "broken-metrics", "/metrics, line 2: "),
        (
            "needs-network",
            "needs-network",
            "with `--network=none`, it ended with exit code 1",
        ),
        (
            "good",
            "drops-requests",
            "4 of 4 requests whose body was not complete",
        ),
    ] {
        let detail = detail(image, property);
        assert!(detail.contains(expected), "{image}: {detail}");
    }
}
