//! GitHub's packages API as it is on bad days.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::github::{Act, Fault, Github};
use crate::network::Message;
use crate::stage::{Stage, fated, noise, set};

const RULES: &str = "api = \"github\"\nprotected = [\"latest\"]\nuntagged = \"7 days\"\n\
     [[retention.rules]]\ntags = [\"*\"]\nkeep = 1\n";

/// Three images of two platforms; the newest is kept, and shares one of them with the first.
fn stage() -> Option<(Stage, Github)> {
    let stage = Stage::new()?;
    let github = Github::start(&stage);
    let own = |seed| noise(seed, 2_000);
    github.push(&stage, &["pr-1"], 40, &[("own", &own(1))]);
    github.push(&stage, &["pr-2"], 30, &[("own", &own(2))]);
    github.push(&stage, &["main", "latest"], 20, &[("own", &own(3))]);
    stage.manifest(&github.host, RULES);
    Some((stage, github))
}

#[test]
fn faults_that_pass_are_survived() {
    let Some((stage, github)) = stage() else {
        return;
    };
    let limit = || Message::json(429, &json!({"message": "slow down"})).header("Retry-After", "1");
    let secondary = || {
        Message::json(
            403,
            &json!({"message": "You have exceeded a secondary rate limit"}),
        )
        .header("Retry-After", "1")
    };
    github.fault("GET", "/versions", Act::Answer(limit()));
    github.fault("GET", "/versions", Act::CutOff);
    github.fault("GET", "/versions", Act::Answer(Message::answer(502)));
    github.fault("GET", "/manifests/sha256:", Act::Close);
    github.fault(
        "GET",
        "/manifests/sha256:",
        Act::Answer(Message::answer(503)),
    );
    github.fault("GET", "/tags/list", Act::Hang(Duration::from_secs(3)));
    github.fault("DELETE", "/versions/", Act::Answer(secondary()));
    github.fault("DELETE", "/versions/", Act::Answer(Message::answer(500)));
    // It was removed, and the answer was lost: the second try finds nothing.
    github.fault(
        "DELETE",
        "/versions/",
        Act::Change(Box::new(|_| Message::answer(502))),
    );
    let reset = Instant::now();
    let (exit, report) = github.clean(&stage, &["--apply", "--timeout=1 second"]);
    assert_eq!(exit, 0, "{report:#}");
    assert!(
        reset.elapsed() >= Duration::from_secs(2),
        "it waits when it is asked to"
    );
    assert_eq!(fated(&report, "removed"), set(&["pr-1", "pr-2"]));
    // The index, two images and what is attested about them.
    assert_eq!(stage.store.stored().len(), 5);
    stage.pull("main");
    stage.pull("latest");
    assert!(
        !stage
            .root()
            .join("target/docker-clean/journal.json")
            .exists()
    );
}

/// Changes an answer on its way.
fn change(work: impl Fn(&mut Message) + Send + 'static) -> Act {
    Act::Change(Box::new(move |mut answer| {
        work(&mut answer);
        answer
    }))
}

fn without_link(answer: &mut Message) {
    answer.headers.retain(|(name, _)| name != "Link");
}

fn without_the_last(answer: &mut Message) {
    let mut page: Vec<Value> = serde_json::from_slice(&answer.body).unwrap();
    page.pop();
    answer.body = Value::from(page).to_string().into_bytes();
}

/// What makes a package unreadable: where, how often, what.
fn unreadable() -> Vec<(&'static str, usize, Act)> {
    let garbage = |status: u16, body: &str| Act::Answer(Message::answer(status).body(body));
    let unlisted = json!({"name": "x", "tags": ["nobody-lists-it"]});
    vec![
        ("/versions?", 1, garbage(200, "[{\"id\": 7, \"na")),
        ("/versions?", 1, garbage(200, "{}")),
        ("/versions?", 1, change(without_link)),
        ("/versions?", 1, change(without_the_last)),
        (
            "/versions?",
            1,
            change(|answer| {
                without_link(answer);
                let elsewhere = "<http://127.0.0.1:1/versions?page=2>; rel=\"next\"";
                answer
                    .headers
                    .push(("Link".to_owned(), elsewhere.to_owned()));
            }),
        ),
        (
            "/manifests/sha256:",
            1,
            garbage(200, "{\"schemaVersion\": 2}"),
        ),
        ("/manifests/sha256:", 1, garbage(404, "")),
        ("/manifests/sha256:", 200, garbage(500, "")),
        ("/tags/list", 1, garbage(200, "<html>")),
        ("/tags/list", 1, Act::Answer(Message::json(200, &unlisted))),
    ]
}

#[test]
fn of_what_cannot_be_read_nothing_is_removed() {
    let Some((stage, github)) = stage() else {
        return;
    };
    let before = (stage.store.stored(), stage.store.tags());
    for (number, (path, times, act)) in unreadable().into_iter().enumerate() {
        github.forget_faults();
        github.faults(Fault {
            method: "GET",
            path,
            passes: 0,
            times,
            act,
        });
        let (exit, report) = github.clean(&stage, &["--apply"]);
        assert_eq!(exit, 3, "{number}: {report:#}");
        assert_eq!(
            fated(&report, "removed"),
            BTreeSet::new(),
            "{number}: {report:#}"
        );
        let problem = &report["packages"][0]["problems"][0];
        assert_eq!(problem["code"], "DX8001", "{number}: {report:#}");
        assert_eq!(
            (stage.store.stored(), stage.store.tags()),
            before,
            "{number}"
        );
    }
    github.forget_faults();
    // Who may not, is told what is missing.
    let refused = json!({"message": "Resource not accessible by integration"});
    github.fault(
        "GET",
        "/packages/",
        Act::Answer(Message::json(403, &refused)),
    );
    let (exit, report) = github.clean(&stage, &["--apply"]);
    assert_eq!(exit, 2, "{report:#}");
    assert_eq!(github.count("DELETE"), 0);
    // A limit that lasts for an hour is not waited for.
    let hour = Message::json(429, &json!({"message": "wait"})).header("Retry-After", "3600");
    github.fault("GET", "/versions", Act::Answer(hour));
    let (exit, report) = github.clean(&stage, &["--apply"]);
    assert_eq!(exit, 3, "{report:#}");
    let why = report["packages"][0]["problems"][0]["message"]
        .as_str()
        .unwrap();
    assert!(why.contains("3600 s"), "{why}");
}

#[test]
fn what_is_refused_keeps_what_it_needs() {
    let Some((stage, github)) = stage() else {
        return;
    };
    let popular = json!({"message": "Publicly visible package versions with more than 5000 downloads cannot be deleted."});
    github.fault(
        "DELETE",
        "/versions/",
        Act::Answer(Message::json(400, &popular)),
    );
    let (exit, report) = github.clean(&stage, &["--apply"]);
    assert_eq!(exit, 1, "{report:#}");
    assert_eq!(
        report["packages"][0]["problems"][0]["code"], "DX8004",
        "{report:#}"
    );
    let spared = fated(&report, "spared");
    assert_eq!(spared.len(), 1, "{report:#}");
    assert_eq!(stage.store.tags().len(), 3);
    for tag in spared.iter().map(String::as_str).chain(["main", "latest"]) {
        stage.pull(tag);
    }
}

#[test]
fn what_was_broken_before_stops_the_run_and_is_told() {
    let Some((stage, github)) = stage() else {
        return;
    };
    let index = stage.store.tags()["main"].clone();
    // As actions/delete-package-versions does to the oldest images without a tag.
    stage.delete(&stage.children(&index)[0]);
    let before = stage.store.stored();
    let (exit, report) = github.clean(&stage, &["--apply"]);
    assert_eq!(exit, 1, "{report:#}");
    assert_eq!(
        report["packages"][0]["problems"][0]["code"], "DX8002",
        "{report:#}"
    );
    assert_eq!(stage.store.stored(), before);
}
