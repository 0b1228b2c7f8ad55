//! Every service as hardened as production runs it: healthy, not root, and gone when asked to stop.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::docker::{docker, ok};
use crate::images::Image;
use crate::support::{Machine, run, within};

/// What production takes away.
const HARDENING: [&str; 10] = [
    "--read-only",
    "--tmpfs=/tmp",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--memory=512m",
    "--pids-limit=100",
    "--detach",
    "--log-driver=json-file",
    "--restart=no",
    "--label=xtask.test",
];
/// The promise is two seconds, and the number is printed; this is where Docker would kill, on a machine with much to do.
const STOPS_WITHIN: Duration = Duration::from_secs(10);

pub(crate) fn run_hardened_and_stop(machine: &Machine, images: &[Image]) {
    let services: Vec<_> = images.iter().filter(|image| image.name != "base").collect();
    let containers = Containers {
        machine,
        names: services
            .iter()
            .map(|image| format!("xtask-test-{}", image.name))
            .collect(),
    };
    let begin = Instant::now();
    for (name, image) in containers.names.iter().zip(services) {
        let named = ["--name", name, &image.tag];
        docker(machine, ["run"].iter().chain(&HARDENING).chain(&named));
    }
    containers.become_healthy(begin);
    for name in &containers.names {
        nobody_is_root(machine, name);
        stops_at_once(machine, name);
        logs_are_json(machine, name);
    }
}

struct Containers<'a> {
    machine: &'a Machine,
    names: Vec<String>,
}

impl Containers<'_> {
    fn become_healthy(&self, begin: Instant) {
        let mut waiting = self.names.clone();
        within(Duration::from_mins(1), "all containers healthy", || {
            waiting.retain(|name| {
                let state = docker(self.machine, ["inspect", "--format={{json .State}}", name]);
                let state: Value = serde_json::from_str(&state).unwrap();
                let health = state["Health"]["Status"].as_str().unwrap();
                assert_eq!(
                    state["Status"],
                    "running",
                    "{name}: {}",
                    logs(self.machine, name)
                );
                assert_ne!(health, "unhealthy", "{name}: {}", state["Health"]);
                if health == "healthy" {
                    println!(
                        "{name}: healthy after {:.1} s",
                        begin.elapsed().as_secs_f64()
                    );
                }
                health != "healthy"
            });
            waiting.is_empty().then_some(())
        });
    }
}

impl Drop for Containers<'_> {
    fn drop(&mut self) {
        let remove = ["rm", "--force", "--volumes"];
        // Perhaps not all of them were started.
        let command = self.machine.engine.command().args(remove);
        run(&command.args(&self.names));
    }
}

fn nobody_is_root(machine: &Machine, name: &str) {
    let top = docker(machine, ["top", name, "-eo", "uid,pid,args"]);
    let processes: Vec<_> = top.lines().skip(1).collect();
    // The init and the service, at least.
    assert!(processes.len() >= 2, "{name}: {top}");
    for process in processes {
        let user: u32 = process.split_whitespace().next().unwrap().parse().unwrap();
        assert_eq!(user, 1001, "{name}: {process}");
    }
}

fn stops_at_once(machine: &Machine, name: &str) {
    let begin = Instant::now();
    docker(machine, ["stop", "--time=20", name]);
    let took = begin.elapsed();
    let code = docker(machine, ["inspect", "--format={{.State.ExitCode}}", name]);
    println!("{name}: stopped in {:.1} s with {code}", took.as_secs_f64());
    assert_eq!(code, "0", "{name}: {}", logs(machine, name));
    assert!(took < STOPS_WITHIN, "{name}: {took:?}");
}

fn logs_are_json(machine: &Machine, name: &str) {
    let logs = logs(machine, name);
    assert!(logs.lines().count() >= 2, "{name}: {logs}");
    let service = name.strip_prefix("xtask-test-").unwrap();
    for line in logs.lines() {
        let entry: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}: {line}"));
        assert_eq!(entry["service"], service, "{line}");
        assert!(
            entry["level"].is_string() && entry["time"].is_string(),
            "{line}"
        );
    }
}

/// Both outputs.
fn logs(machine: &Machine, name: &str) -> String {
    let output = ok(&machine.engine.command().args(["logs", name]));
    format!("{}\n{}", output.text(), output.error_text())
        .trim()
        .to_owned()
}
