//! Builds that fail, are judged or are stopped, on the real engine.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use xtask::process::{Command, Output};

use crate::fixture::{Fixture, without_engine};
use crate::support::{Machine, run, within, xtask};

/// One test, as all of it shares an engine.
#[test]
fn builds_that_go_wrong() {
    let Some(machine) = Machine::find() else {
        return;
    };
    let phases: [(&str, Phase); 6] = [
        ("no engine answers", no_engine_answers),
        ("a base that cannot be pulled", a_base_that_cannot_be_pulled),
        ("a step that fails", a_step_that_fails),
        ("over budget", over_budget),
        ("an expired exception", an_expired_exception),
        ("interrupted", interrupted),
    ];
    for (name, phase) in phases {
        println!("== {name}");
        let begin = Instant::now();
        phase(&machine);
        println!("== {name}: {:.1} s", begin.elapsed().as_secs_f64());
    }
}

type Phase = fn(&Machine);

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    Machine::lend_to(&fixture.root);
    fixture
}

fn command(machine: &Machine, fixture: &Fixture, arguments: &[&str]) -> Command {
    xtask(&fixture.root, &["docker-build", machine.choice()]).args(arguments)
}

/// The exit code, and what the program said from `start` on, without the progress before it.
fn since(start: &str, output: &Output, fixture: &Fixture) -> String {
    let text = output.error_text();
    let begin = text
        .find(start)
        .unwrap_or_else(|| panic!("no {start:?}: {text}"));
    format!(
        "exit {}\n{}",
        output.code.unwrap(),
        text[begin..].replace(fixture.root.as_str(), "<root>")
    )
}

fn no_engine_answers(machine: &Machine) {
    let fixture = Fixture::new();
    // The client of this engine, and another engine's address.
    let variables = machine.engine.variables.iter();
    let command = fixture.command(&["docker-build", "--engine=system"]);
    let client = variables.fold(command, |command, (name, value)| command.env(name, value));
    let client = match machine.engine.docker.parent() {
        Some(folder) if folder != "" => client.env("PATH", folder),
        _ => client,
    };
    let said = fixture.outcome(&without_engine(client));
    // Docker's own words differ between versions.
    let (before, rest) = said.split_once("answers (").unwrap();
    let (words, after) = rest.split_once(")\n").unwrap();
    assert!(words.contains("/nonexistent.sock"), "{words}");
    let said = format!("{before}answers (…)\n{after}");
    insta::assert_snapshot!(said, @"
    exit 3

    error: the Docker of this machine cannot be used
     |
     = note: no Docker daemon answers (…)
     = help: start the daemon (`sudo systemctl start docker`), or point DOCKER_HOST at one that runs
     = help: or leave out `--engine system`: a private engine is started then
    ");
}

fn a_base_that_cannot_be_pulled(machine: &Machine) {
    let fixture = fixture();
    fixture.edit("docker/base/Dockerfile", "node:", "registry.invalid/node:");
    let output = run(&command(machine, &fixture, &[]));
    let said = since("error: ", &output, &fixture);
    assert!(said.starts_with("exit 4\nerror: failed to build"), "{said}");
    assert!(said.contains("registry.invalid"), "{said}");
    assert!(said.contains("registry-mirrors"), "{said}");
    // There is no stand-in for this one, so the way out is not named.
    assert!(!said.contains("--offline"), "{said}");

    // A release of Node that will never be: not to be had from any registry, nor without one.
    let missing = fixture_with_node("20.18.99");
    let output = run(&command(machine, &missing, &[]));
    let said = since("error: ", &output, &missing);
    assert!(
        said.contains("try `cargo xtask docker-build --offline`"),
        "{said}"
    );

    let output = run(&command(machine, &fixture, &["--offline"]));
    insta::assert_snapshot!(since("error: ", &output, &fixture), @"
    exit 2
    error: there is no stand-in for the image registry.invalid/node:20.18.0-alpine
     |
     = note: `--offline` has one for node:<x.y.z>-alpine only
     = help: load the image into the engine beforehand and leave out `--offline`
    ");
}

fn fixture_with_node(version: &str) -> Fixture {
    let fixture = fixture();
    fixture.edit(
        "docker/base/Dockerfile",
        "node:20.18.0",
        &format!("node:{version}"),
    );
    fixture
}

fn a_step_that_fails(machine: &Machine) {
    let fixture = fixture();
    fixture.edit(
        "apps/cart/Dockerfile",
        "RUN",
        "RUN echo \"counting the stock\" \\\n    && exit 7\nRUN",
    );
    let output = run(&command(machine, &fixture, &["--offline"]));
    assert_eq!(output.text(), "");
    insta::assert_snapshot!(since("cart: step ", &output, &fixture), @r#"
    exit 4
    cart: step 1/3 failed: RUN echo "counting the stock" && exit 7
      | counting the stock
    Dockerfile:3
       2 |     FROM ${BASE_IMAGE} AS production
       3 | >>> RUN echo "counting the stock" \
       4 | >>>     && exit 7
       5 |     RUN echo "the cart" > /cart
    process "/bin/sh -c echo \"counting the stock\"     && exit 7" did not complete successfully: exit code: 7
    error: failed to build target cart at apps/cart/Dockerfile:3
     |
     = note: `RUN echo "counting the stock" && exit 7` exited with 7
     = help: the complete log of the step is in <root>/target/docker-build/logs/cart-1-3.log
    "#);

    // Services stand on the base; it is the base that fails.
    let fixture = self::fixture();
    fixture.edit(
        "docker/base/Dockerfile",
        "production",
        "production\nRUN exit 3",
    );
    let output = run(&command(machine, &fixture, &["--offline", "search"]));
    insta::assert_snapshot!(since("error: ", &output, &fixture), @"
    exit 4
    error: failed to build target base at docker/base/Dockerfile:2
     |
     = note: `RUN exit 3` exited with 3
    ");
}

fn over_budget(machine: &Machine) {
    let fixture = fixture();
    fixture.edit(
        "docker/docker.toml",
        "unpacked = \"150 MB\"",
        "unpacked = \"150 MB\"\nimages.cart = { unpacked = \"1 MB\" }",
    );
    let formats = ["sarif", "github", "markdown", "junit", "json"];
    let reports: Vec<_> = formats
        .iter()
        .map(|format| format!("--report={format}=reports/{format}"))
        .collect();
    let output = run(&command(machine, &fixture, &["--offline"]).args(&reports));
    let table = output.text();
    assert_eq!(output.code, Some(1), "{table}\n{}", output.error_text());
    let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(
        row("cart").contains("1.0 MB") && row("cart").ends_with("over budget"),
        "{table}"
    );
    assert!(
        row("search").contains("150.0 MB") && !row("search").contains("over"),
        "{table}"
    );
    assert!(table.contains("3 images, 1 over budget"), "{table}");

    let report =
        |format: &str| std::fs::read_to_string(fixture.root.join("reports").join(format)).unwrap();
    let json: Value = serde_json::from_str(&report("json")).unwrap();
    let images = json["images"].as_array().unwrap();
    let judged: Vec<_> = images
        .iter()
        .map(|image| {
            (
                image["name"].as_str().unwrap(),
                image["within_budget"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(judged, [("base", true), ("cart", false), ("search", true)]);
    let unpacked = images[1]["unpacked_bytes"].as_u64().unwrap();
    assert_eq!(json["within_budget"], false);

    let sarif: Value = serde_json::from_str(&report("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "{sarif:#}");
    assert_eq!(results[0]["ruleId"], "B001");
    assert_eq!(results[0]["level"], "error");
    assert_eq!(results[0]["properties"]["bytes"], unpacked);
    let message = results[0]["message"]["text"].as_str().unwrap();
    assert!(message.contains("over the budget of 1.0 MB"), "{message}");
    assert!(
        report("github").starts_with("::error "),
        "{}",
        report("github")
    );
    assert!(report("github").contains("cart"), "{}", report("github"));
    assert!(
        report("junit").contains("failures=\"1\""),
        "{}",
        report("junit")
    );
    assert!(
        report("markdown").contains("| cart |"),
        "{}",
        report("markdown")
    );
}

fn an_expired_exception(machine: &Machine) {
    let fixture = fixture();
    fixture.edit(
        "docker/docker.toml",
        "unpacked = \"150 MB\"",
        "unpacked = \"150 MB\"

[[budget.exceptions]]
image = \"cart\"
measure = \"unpacked\"
limit = \"900 MB\"
reason = \"a catalog came along\"
expires = 2020-02-29",
    );
    let report = ["--offline", "--report=json=-", "--report=github=github"];
    let output = run(&command(machine, &fixture, &report));
    assert_eq!(output.code, Some(1), "{}", output.error_text());
    let begin = output.text().find("\n{").unwrap() + 1;
    let (table, json) = output.stdout.split_at(begin);
    let table = String::from_utf8_lossy(table);
    let json: Value = serde_json::from_slice(json).unwrap();
    let expected =
        "the exception for cart (900.0 MB unpacked) ended on 2020-02-29: a catalog came along";
    assert_eq!(json["expired_exceptions"], serde_json::json!([expected]));
    // The ordinary budget holds again.
    assert_eq!(json["images"][1]["budget_bytes"], 150_000_000);
    assert!(table.contains(&format!("expired: {expected}")), "{table}");
    let github = std::fs::read_to_string(fixture.root.join("github")).unwrap();
    assert!(
        github.starts_with("::error file=docker/docker.toml,line="),
        "{github}"
    );
}

/// How long the step sleeps: a number no other process has.
const NAP: &str = "86397.75";

fn interrupted(machine: &Machine) {
    let fixture = fixture();
    let step = format!("RUN sleep {NAP}\nRUN");
    fixture.edit("apps/cart/Dockerfile", "RUN", &step);
    let command = command(machine, &fixture, &["--offline"]);
    let log = fixture.root.join("stderr");
    let build = duct::cmd(command.program(), command.arguments())
        .dir(&fixture.root)
        .stdin_null()
        .stdout_null()
        .stderr_path(&log)
        .unchecked()
        .start()
        .unwrap();
    within(Duration::from_mins(1), "the step sleeps", || {
        naps().first().copied()
    });
    let begin = Instant::now();
    let pid = i32::try_from(build.pids()[0]).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::INT).unwrap();
    let ended = within(Duration::from_secs(10), "the program ends", || {
        build.try_wait().unwrap()
    });
    println!("ended {:.1} s after Ctrl-C", begin.elapsed().as_secs_f64());
    let said = std::fs::read_to_string(log).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{said}");
    assert!(said.ends_with("error: interrupted\n"), "{said}");
    within(Duration::from_secs(10), "the step ends", || {
        naps().is_empty().then_some(())
    });
}

/// Processes of the sleeping step. The engine's are ours to see, whatever its namespaces.
fn naps() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap();
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let line = std::fs::read(entry.path().join("cmdline")).ok()?;
            // Not the shell that starts it, whose command line has the number too.
            (line.split(|byte| *byte == 0).nth(1)? == NAP.as_bytes()).then_some(pid)
        })
        .collect()
}
