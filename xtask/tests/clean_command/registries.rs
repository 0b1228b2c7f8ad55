//! Any registry, by the OCI distribution specification.

use std::collections::BTreeSet;

use xtask::process::Command;

use crate::stage::{Stage, fated, noise, set};
use crate::support::registry::where_builds_run;
use crate::support::run;
use crate::support::signing::cosign;

const RULES: &str = "protected = [\"latest\"]\nuntagged = \"7 days\"\n\
     [[retention.rules]]\ntags = [\"main-*\"]\nkeep = 2\n\
     [[retention.rules]]\ntags = ['/pr-\\d+/']\nkeep_for = \"14 days\"\n\
     [[retention.rules]]\ntags = [\"buildcache-*\"]\nkeep = 0\n";

/// Signs as cosign 3 does, or as those before it did.
fn sign(stage: &Stage, program: &camino::Utf8Path, digest: &str, options: &[&str]) {
    let folder = stage.root().join("keys");
    std::fs::create_dir_all(&folder).unwrap();
    let cosign = |arguments: &[&str]| {
        let command = Command::new(program)
            .args(arguments)
            .env("COSIGN_PASSWORD", "");
        let output = run(&where_builds_run(&stage.machine.engine, command));
        assert!(output.success(), "{arguments:?}: {}", output.error_text());
    };
    // In another mount namespace it would stand in another folder.
    let file = |name: &str| folder.join(name).into_string();
    if !folder.join("cosign.key").exists() {
        cosign(&["generate-key-pair", "--output-key-prefix", &file("cosign")]);
        cosign(&["signing-config", "create", "--out", &file("config.json")]);
    }
    let image = format!("{}@{digest}", stage.registry.image(crate::stage::PACKAGE));
    let config = file("config.json");
    let options: Vec<&str> = options
        .iter()
        .map(|option| {
            if *option == "config.json" {
                config.as_str()
            } else {
                option
            }
        })
        .collect();
    let key = file("cosign.key");
    cosign(&[&["sign", "--yes", "--key", &key], &options[..], &[&image]].concat());
}

fn verifies(stage: &Stage, program: &camino::Utf8Path, tag: &str) -> bool {
    let command = Command::new(program)
        .args([
            "verify",
            "--key",
            stage.root().join("keys/cosign.pub").as_str(),
        ])
        .args(["--insecure-ignore-tlog=true", &stage.image(tag)]);
    run(&where_builds_run(&stage.machine.engine, command)).success()
}

#[test]
fn what_is_kept_is_pulled_and_verified_afterwards() {
    let (Some(stage), Some(program)) = (Stage::new(), cosign()) else {
        return;
    };
    let shared = noise(1, 200_000);
    let part = |seed: u64| noise(seed, 100_000);
    let push = |tags: &[&str], days, seed| {
        stage.push(tags, days, &[("shared", &shared), ("own", &part(seed))])
    };
    let main_1 = push(&["main-1"], 40, 11);
    let main_2 = push(&["main-2"], 30, 12);
    let main_3 = push(&["main-3", "latest"], 20, 13);
    let pr_1 = push(&["pr-1"], 20, 14);
    push(&["pr-2"], 3, 15);
    push(&["other"], 400, 16);
    stage.push_cache("buildcache-api-linux-amd64");
    let new = ["--signing-config", "config.json", "--recursive"];
    let old = [
        "--use-signing-config=false",
        "--tlog-upload=false",
        "--new-bundle-format=false",
    ];
    for digest in [&main_1, &main_3] {
        sign(&stage, &program, digest, &new);
    }
    for digest in [&main_2, &pr_1] {
        sign(&stage, &program, digest, &old);
    }
    assert!(verifies(&stage, &program, "main-1") && verifies(&stage, &program, "pr-1"));
    let host = stage.registry.host.clone();
    stage.manifest(&host, RULES);
    let before = (stage.store.stored(), stage.store.tags());

    // A plan changes nothing.
    let (exit, plan) = stage.report(&[]);
    assert_eq!(exit, 0, "{plan:#}");
    assert_eq!((stage.store.stored(), stage.store.tags()), before);
    let names = |fate: &str, report| {
        let tags: BTreeSet<String> = fated(report, fate);
        let named = tags.into_iter().filter(|tag| !tag.starts_with("sha256-"));
        named.collect::<BTreeSet<String>>()
    };
    assert_eq!(names("remove", &plan), set(&["main-1", "pr-1"]));
    let kept = [
        "main-2",
        "main-3",
        "latest",
        "pr-2",
        "other",
        "buildcache-api-linux-amd64",
    ];
    assert_eq!(names("keep", &plan), set(&kept));

    let (exit, report) = stage.report(&["--apply"]);
    assert_eq!(exit, 0, "{report:#}");
    assert_eq!(names("removed", &report), set(&["main-1", "pr-1"]));
    let tags = stage.store.tags();
    let left: BTreeSet<&str> = tags
        .keys()
        .map(String::as_str)
        .filter(|tag| !tag.starts_with("sha256-"))
        .collect();
    assert_eq!(left, kept.into());
    // The signatures of what is gone are gone, too, in both shapes; and the images of its index with theirs.
    for digest in [&main_1, &pr_1] {
        assert!(!stage.store.stored().contains(digest));
        let tag = digest.replace(':', "-");
        assert!(
            !tags.contains_key(&tag) && !tags.contains_key(&format!("{tag}.sig")),
            "{tags:?}"
        );
    }
    for tag in ["main-2", "main-3", "latest", "pr-2", "other"] {
        stage.pull(tag);
    }
    stage.read_all("buildcache-api-linux-amd64");
    assert!(verifies(&stage, &program, "main-2") && verifies(&stage, &program, "main-3"));
    stage.registry.collect_garbage();
    for tag in ["main-2", "main-3", "pr-2", "other"] {
        stage.pull(tag);
    }
    assert!(verifies(&stage, &program, "main-2") && verifies(&stage, &program, "main-3"));

    // The trail knows of it, and a second run has nothing to do.
    let trail = std::fs::read_to_string(stage.root().join("trail.jsonl")).unwrap();
    assert!(
        trail.contains(r#""action":"clean""#) && trail.contains("main-1"),
        "{trail}"
    );
    let (exit, again) = stage.report(&["--apply"]);
    assert_eq!((exit, fated(&again, "removed").len()), (0, 0), "{again:#}");
}

#[test]
fn what_was_removed_is_put_back() {
    let Some(stage) = Stage::new() else { return };
    stage.push(&["pr-1", "pr-1-again"], 40, &[("own", &noise(1, 1_000))]);
    stage.push(&["main"], 1, &[("own", &noise(2, 1_000))]);
    let host = stage.registry.host.clone();
    stage.manifest(&host, "[[retention.rules]]\ntags = [\"pr-*\"]\nkeep = 0\n");
    let before = (stage.store.stored(), stage.store.tags());
    let (exit, report) = stage.report(&["--apply"]);
    assert_eq!(exit, 0, "{report:#}");
    assert_eq!(stage.store.tags().len(), 1);
    let list = report["restore_list"].as_str().unwrap();
    let (exit, restored) = stage.report(&["--restore", list]);
    assert_eq!(exit, 0, "{restored:#}");
    assert_eq!((stage.store.stored(), stage.store.tags()), before);
    stage.pull("pr-1");
    // Whoever changes the list is found out.
    let file = stage.root().join(list);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("schemaVersion", "schemaversion")).unwrap();
    let output = stage.clean(&["--restore", list]);
    assert_eq!(output.code, Some(2), "{}", output.error_text());
    assert!(
        output.error_text().contains("was changed"),
        "{}",
        output.error_text()
    );
}

#[test]
fn bad_input_is_told_with_its_place() {
    let Some(stage) = Stage::new() else { return };
    let told = |retention: &str, arguments: &[&str]| {
        stage.manifest("127.0.0.1:1", retention);
        let output = stage.clean(arguments);
        (output.code.unwrap(), output.error_text())
    };
    for (retention, arguments, exit, words) in [
        ("protectd = []\n", &[][..], 2, "did you mean `protected`?"),
        ("protected = ['/(/']\n", &[], 2, "docker.toml:14:"),
        (
            "[[retention.rules]]\ntags = [\"*\"]\n",
            &[],
            2,
            "does not say what is kept",
        ),
        (
            "[[retention.rules]]\ntags = []\nkeep = 1\n",
            &[],
            2,
            "names no tags",
        ),
        (
            "[[retention.rules]]\ntags = [\"*\"]\nkeep = -1\n",
            &[],
            2,
            "whole number from 0",
        ),
        (
            "[[retention.rules]]\ntags = [\"*\"]\nimages = [\"apy\"]\nkeep = 1\n",
            &[],
            2,
            "did you mean `api`?",
        ),
        ("", &["--package", "apy"], 2, "did you mean `api`?"),
        (
            "",
            &["--package", "docker.io/library/node"],
            2,
            "Docker Hub removes nothing",
        ),
        ("", &["--resume"], 2, "no run to be finished"),
        ("", &["--restore", "nothing.json"], 2, "failed to read"),
    ] {
        let (code, text) = told(retention, arguments);
        assert_eq!(code, exit, "{retention}{arguments:?}: {text}");
        assert!(text.contains(words), "{retention}{arguments:?}: {text}");
    }
    // Nobody answers.
    let (code, _) = told("", &["--timeout=1 second"]);
    assert_eq!(code, 3);
    // There is a registry, and it knows nothing.
    let host = stage.registry.host.clone();
    stage.manifest(&host, "");
    let output = stage.clean(&[]);
    assert_eq!(output.code, Some(3), "{}", output.error_text());
    assert!(
        output.error_text().contains("knows nothing"),
        "{}",
        output.error_text()
    );
}
