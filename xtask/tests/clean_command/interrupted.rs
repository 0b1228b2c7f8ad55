//! Death in the middle.

use serde_json::Value;
use xtask::process::Command;

use crate::github::{Act, Fault, Github};
use crate::stage::{Stage, noise};
use crate::support::run;

const RULES: &str = "api = \"github\"\n[[retention.rules]]\ntags = [\"pr-*\"]\nkeep = 0\n";

fn journal(stage: &Stage) -> camino::Utf8PathBuf {
    stage.root().join("target/docker-clean/journal.json")
}

/// Kills the program when it asks for its `passes`-th removal.
fn die(stage: &Stage, github: &Github, passes: usize) {
    // The program leads its own process group, so that nothing of it is left.
    let pid_file = stage.root().join("pid");
    let file = pid_file.clone();
    let act = Act::Before(Box::new(move || {
        let pid = std::fs::read_to_string(&file).unwrap();
        run(&Command::new("kill").args(["-KILL", pid.trim()]));
    }));
    github.faults(Fault {
        method: "DELETE",
        path: "",
        passes,
        times: 1,
        act,
    });
    let program = github.command(stage, &["--apply"]);
    let script = format!("echo $$ >{pid_file}; exec \"$0\" \"$@\"");
    let killed = program.started_by("sh", ["-c", &script]);
    let output = run(&killed);
    assert_eq!(
        output.code,
        None,
        "{}{}",
        output.text(),
        output.error_text()
    );
    github.forget_faults();
}

#[test]
fn a_run_that_was_killed_is_finished() {
    let Some(stage) = Stage::new() else { return };
    let github = Github::start(&stage);
    github.push(&stage, &["main"], 40, &[("own", &noise(9, 2_000))]);
    let kept = stage.store.stored();
    for number in 1..4 {
        let tag = format!("pr-{number}");
        github.push(&stage, &[&tag], 40, &[("own", &noise(number, 2_000))]);
    }
    stage.manifest(&github.host, RULES);
    let all = stage.store.stored().len();
    die(&stage, &github, 4);
    let left = stage.store.stored().len();
    assert!(kept.len() < left && left < all, "{left} of {all}");
    assert!(journal(&stage).is_file());
    // What still has its tag is whole: what lists others is removed before what it lists.
    for tag in stage.store.tags().keys() {
        stage.pull(tag);
    }
    // Another run would forget what this one began.
    let refused = github.output(&stage, &["--apply"]);
    assert_eq!(refused.code, Some(2), "{}", refused.error_text());
    assert!(
        refused.error_text().contains("--resume"),
        "{}",
        refused.error_text()
    );
    let planned = github.output(&stage, &[]);
    assert_eq!(planned.code, Some(0), "{}", planned.error_text());

    let (exit, report) = github.clean(&stage, &["--resume"]);
    assert_eq!(exit, 0, "{report:#}");
    assert_eq!(stage.store.stored(), kept);
    assert!(!journal(&stage).exists());
    stage.pull("main");
    // Also of what the killed run removed, the list puts everything back.
    let list = report["restore_list"].as_str().unwrap();
    let (exit, restored): (i32, Value) = github.clean(&stage, &["--restore", list]);
    assert_eq!(exit, 0, "{restored:#}");
    assert_eq!(stage.store.stored().len(), all);
    for tag in ["pr-1", "pr-2", "pr-3", "main"] {
        stage.pull(tag);
    }
}

#[test]
fn a_registry_that_lists_tags_only_is_finished_by_the_journal() {
    let Some(stage) = Stage::new() else { return };
    let github = Github::start(&stage);
    stage.push(&["main"], 40, &[("own", &noise(9, 2_000))]);
    let kept = stage.store.stored();
    stage.push(&["pr-1"], 40, &[("own", &noise(1, 2_000))]);
    // The server is nothing but the registry here.
    stage.manifest(&github.host, &RULES.replace("github", "registry"));
    github.let_in_everybody();
    die(&stage, &github, 2);
    // Nothing leads to what is left of it.
    assert!(!stage.store.tags().contains_key("pr-1"));
    assert!(stage.store.stored().len() > kept.len());
    let (exit, report) = github.clean(&stage, &["--resume"]);
    assert_eq!(exit, 0, "{report:#}");
    assert_eq!(stage.store.stored(), kept);
    stage.pull("main");
}
