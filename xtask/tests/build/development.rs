//! A development image: sources mounted, inspector open, restarted on an edit.

use std::time::{Duration, Instant};

use crate::compose::Composition;
use crate::repository::Repository;
use crate::support::{Machine, within};

const SERVICE: &str = "api-gateway";
/// For a transpiler on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn an_edit_restarts_the_service(machine: &Machine, repository: &Repository) {
    let verdict = repository.build(&["--stage=development", SERVICE]);
    assert_eq!(verdict["stage"], "development");
    assert_eq!(
        verdict["images"].as_array().unwrap().len(),
        1,
        "{verdict:#}"
    );
    assert_eq!(
        verdict["images"][0]["budget_bytes"],
        serde_json::Value::Null
    );

    let development = Composition::new(
        machine,
        repository,
        "docker/compose.dev.yaml",
        "xtask-test-dev",
    );
    development.compose(&["up", "--detach", SERVICE]);
    let is_reachable = || {
        let status = "fetch('http://127.0.0.1:3001/health').then((a) => a.status)";
        development
            .evaluate(SERVICE, status)
            .filter(|status| *status == 200)
            .map(drop)
    };
    within(PATIENCE, "the service answers", is_reachable);
    let inspector = development
        .evaluate(
            SERVICE,
            "fetch('http://127.0.0.1:9229/json/version').then((a) => a.json())",
        )
        .unwrap();
    assert!(
        inspector["Browser"]
            .as_str()
            .unwrap()
            .starts_with("node.js/"),
        "{inspector}"
    );

    let begin = Instant::now();
    repository.append(
        "apps/api-gateway/src/main.ts",
        "console.log('edited while it runs');",
    );
    within(PATIENCE, "the edit is noticed", || {
        let logs = development.compose(&["logs", "--no-log-prefix", SERVICE]);
        logs.lines()
            .any(|line| line == "edited while it runs")
            .then_some(())
    });
    within(PATIENCE, "the service answers again", is_reachable);
    println!(
        "restarted {:.1} s after the edit",
        begin.elapsed().as_secs_f64()
    );
}
