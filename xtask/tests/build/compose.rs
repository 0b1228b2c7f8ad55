//! The six together, as docker/compose.yaml runs them, and as docker/compose.dev.yaml does.

use serde_json::Value;
use xtask::process::Command;

use crate::SERVICES;
use crate::docker::ok;
use crate::repository::Repository;
use crate::support::{Machine, run};

/// A compose project that is gone when dropped.
pub(crate) struct Composition {
    command: Command,
}

impl Composition {
    pub(crate) fn new(machine: &Machine, repository: &Repository, file: &str, name: &str) -> Self {
        let command = machine
            .engine
            .command()
            .args(["compose", "--file", file, "--project-name", name])
            .env("JTS_TAG", "stand-in")
            .dir(&repository.root);
        Self { command }
    }

    pub(crate) fn compose(&self, arguments: &[&str]) -> String {
        ok(&self.command.clone().args(arguments)).text()
    }

    /// What a JavaScript expression comes to in a service's container; `None` if it throws.
    pub(crate) fn evaluate(&self, service: &str, expression: &str) -> Option<Value> {
        let script = format!(
            "(async () => console.log(JSON.stringify(await ({expression}))))().catch((e) => {{ console.error(e); process.exitCode = 1; }})"
        );
        let exec = ["exec", "--no-TTY", service, "node", "--eval", &script];
        let output = run(&self.command.clone().args(exec));
        output
            .success()
            .then(|| serde_json::from_slice(&output.stdout).unwrap())
    }
}

impl Drop for Composition {
    fn drop(&mut self) {
        let down = ["down", "--timeout=5", "--volumes", "--remove-orphans"];
        run(&self.command.clone().args(down));
    }
}

pub(crate) fn an_order_goes_through(machine: &Machine, repository: &Repository) {
    let six = Composition::new(machine, repository, "docker/compose.yaml", "xtask-test");
    six.compose(&["up", "--detach", "--wait", "--wait-timeout=90"]);
    let states = six.compose(&[
        "ps",
        "--all",
        "--format={{.Service}} {{.State}} {{.Health}}",
    ]);
    let mut states: Vec<_> = states.lines().collect();
    states.sort_unstable();
    let expected: Vec<_> = SERVICES
        .iter()
        .map(|(name, _)| format!("{name} running healthy"))
        .collect();
    assert_eq!(states, expected);

    let call = |expression: &str| {
        six.evaluate("notification-service", expression)
            .unwrap_or_else(|| panic!("{expression}: {}", six.compose(&["logs", "--tail=20"])))
    };
    let order = "fetch('http://api-gateway:3001/api/orders', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'xtask-test' },
        body: JSON.stringify({ symbol: 'ACME', side: 'buy', type: 'limit', quantity: 10, price: 12.5 }),
    }).then(async (answer) => [answer.status, await answer.json()])";
    let (first, again) = (call(order), call(order));
    assert_eq!(
        (&first[0], &again[0]),
        (&201.into(), &200.into()),
        "{first} {again}"
    );
    assert!(first[1]["id"].is_string(), "{first}");
    assert_eq!(first[1]["id"], again[1]["id"]);
    let positions =
        call("fetch('http://api-gateway:3001/api/risk/positions').then((a) => a.text())");
    assert!(positions.as_str().unwrap().contains("ACME"), "{positions}");

    let signal = call(
        "fetch('http://api-gateway:3001/api/signals', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ closes: [9, 8, 7, 6, 5, 12], fast: 2, slow: 4 }),
    }).then(async (answer) => [answer.status, await answer.json()])",
    );
    assert_eq!(signal[0], 200, "{signal}");
    assert_eq!(signal[1]["signal"], "buy", "{signal}");
}
