//! Somebody pushes while images are removed.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::github::{Act, Fault, Github};
use crate::network::{Message, ask};
use crate::stage::{PACKAGE, Stage, fated, noise};

const RULES: &str = "api = \"github\"\n[[retention.rules]]\ntags = [\"pr-*\"]\nkeep = 0\n";

fn stage() -> Option<(Stage, Github)> {
    let stage = Stage::new()?;
    let github = Github::start(&stage);
    github.push(&stage, &["pr-1"], 40, &[("own", &noise(1, 2_000))]);
    github.push(&stage, &["pr-2"], 40, &[("own", &noise(2, 2_000))]);
    github.push(&stage, &["main"], 40, &[("own", &noise(3, 2_000))]);
    stage.manifest(&github.host, RULES);
    Some((stage, github))
}

/// Writes a manifest from a thread of the server.
fn put(host: &str, reference: &str, manifest: &[u8]) -> Message {
    let kind = "application/vnd.oci.image.index.v1+json";
    let request = Message::request("PUT", &format!("/v2/{PACKAGE}/manifests/{reference}"))
        .header("Content-Type", kind)
        .body(manifest);
    ask(host, &request)
}

/// An index of images that are there already: all that is pushed of it is a few bytes.
fn index_of(stage: &Stage, digest: &str) -> (String, Vec<u8>) {
    let manifest: Value = serde_json::from_slice(&stage.manifest_of(digest).body).unwrap();
    let child = &manifest["manifests"][0];
    let index = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [child], "annotations": {"by": "somebody else"},
    });
    (
        child["digest"].as_str().unwrap().to_owned(),
        index.to_string().into_bytes(),
    )
}

#[test]
fn what_gets_a_new_tag_or_a_new_index_is_spared() {
    let Some((stage, github)) = stage() else {
        return;
    };
    let tags = stage.store.tags();
    let again = stage.manifest_of(&tags["pr-1"]).body;
    let (_, index) = index_of(&stage, &tags["pr-2"]);
    let host = stage.registry.host.clone();
    // After the plan was made: the second time that versions are listed begins the removal.
    let act = Act::Before(Box::new(move || {
        assert_eq!(put(&host, "release", &again).status(), 201);
        assert_eq!(put(&host, "release-arm", &index).status(), 201);
    }));
    github.faults(Fault {
        method: "GET",
        path: "/packages/container/shop-api",
        passes: pages(&stage) + 2,
        times: 1,
        act,
    });
    let (exit, report) = github.clean(&stage, &["--apply"]);
    assert_eq!(exit, 0, "{report:#}");
    let tags = stage.store.tags();
    assert_eq!(tags["release"], tags["pr-1"]);
    assert!(!tags.contains_key("pr-2"), "{tags:?}");
    for tag in ["release", "pr-1", "main"] {
        stage.pull(tag);
    }
    stage.read_all("release-arm");
    assert!(fated(&report, "spared").contains("pr-1"), "{report:#}");
}

/// Pages of versions in one look at the package; two requests ask where it is.
fn pages(stage: &Stage) -> usize {
    stage.store.stored().len().div_ceil(5)
}

#[test]
fn what_is_pushed_at_the_last_moment_is_whole_in_the_end() {
    let Some((stage, github)) = stage() else {
        return;
    };
    let tags = stage.store.tags();
    let (child, index) = index_of(&stage, &tags["pr-2"]);
    let host = stage.registry.host.clone();
    let answer: Arc<Mutex<u16>> = Arc::default();
    let told = Arc::clone(&answer);
    // Nobody looks again between this and the removal of the image that it lists.
    let act = Act::Before(Box::new(move || {
        *told.lock().unwrap() = put(&host, "release-arm", &index).status();
    }));
    github.fault("DELETE", "/versions/", act);
    let (exit, report) = github.clean(&stage, &["--apply"]);
    assert_eq!(
        *answer.lock().unwrap(),
        201,
        "it was pushed while the image was still there"
    );
    assert_eq!(exit, 1, "{report:#}");
    assert_eq!(
        report["packages"][0]["problems"][0]["code"], "DX8005",
        "{report:#}"
    );
    assert!(stage.store.stored().contains(&child));
    stage.read_all("release-arm");
    stage.pull("main");
    assert_eq!(github.count("POST"), 1);
}
