//! Images by digest: written from what was pushed, and held to it.

use std::collections::BTreeMap;

use xtask::audit::{Action, Actor, Draft, Image};
use xtask::trail::Trail;

use crate::shop::{DIGEST, Shop};

const OTHER: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";
const IMAGES: &str = "k8s/live/images/kustomization.yaml";

/// What buildx leaves of a build that was pushed.
fn metadata(digests: &[(&str, &str)]) -> String {
    let entries: BTreeMap<&str, serde_json::Value> = digests
        .iter()
        .map(|(service, digest)| {
            let entry = serde_json::json!({
                "containerimage.digest": digest,
                "image.name": format!("registry.example.org/acme/shop-{service}:1"),
            });
            (*service, entry)
        })
        .collect();
    serde_json::to_string(&entries).unwrap()
}

#[test]
fn digests_are_written_from_a_build_and_held_to_it() {
    let shop = Shop::generated();
    let notes = shop.findings(&[]);
    assert_eq!(notes.len(), 2, "{notes:#?}");
    assert!(
        notes.iter().all(|note| note.starts_with("DK4002")),
        "{notes:#?}"
    );

    shop.write(
        "built.json",
        &metadata(&[("web", DIGEST), ("stock", OTHER)]),
    );
    let unpinned = shop.run(&["live", "--images", "built.json", "--format", "json"]);
    let codes = unpinned.findings();
    assert_eq!(
        unpinned.code,
        Some(1),
        "what was built is not what is written: {codes:#?}"
    );
    assert!(
        codes.iter().any(|it| it.starts_with("DK6001")),
        "{codes:#?}"
    );

    let ran = shop.run(&["live", "--write", "--images", "built.json"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    insta::assert_snapshot!(shop.read(IMAGES));
    assert_eq!(shop.findings(&[]), Vec::<String>::new());
    assert_eq!(
        shop.findings(&["--images", "built.json"]),
        Vec::<String>::new()
    );

    // Somebody puts an older build, or a tag, in its place.
    shop.edit(IMAGES, OTHER, DIGEST);
    assert_eq!(shop.findings(&[]), Vec::<String>::new(), "it is a digest");
    let found = shop.findings(&["--images", "built.json"]);
    assert!(
        found.iter().any(|it| it.starts_with("DK4004")),
        "{found:#?}"
    );
    assert!(
        found.iter().any(|it| it.starts_with("DK6001")),
        "{found:#?}"
    );
    shop.edit(IMAGES, "digest: ", "newTag: v1 # ");
    let found = shop.findings(&[]);
    assert_eq!(found.len(), 2, "{found:#?}");
    for finding in &found {
        assert!(
            finding.starts_with("DK4001 k8s/live/images/kustomization.yaml:"),
            "{found:#?}"
        );
    }
    assert_eq!(shop.run(&[]).code, Some(1));

    // Writing anew without a build leaves what somebody wrote there.
    let ran = shop.run(&["--write"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(shop.read(IMAGES).contains("newTag"));
}

#[test]
fn a_service_that_was_not_pushed_is_told_unless_it_is_left_out() {
    let shop = Shop::generated();
    shop.write("built.json", &metadata(&[("web", DIGEST)]));
    let ran = shop.run(&["--write", "--images", "built.json"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("tells no digest of `stock`"),
        "{}",
        ran.stderr
    );
    assert!(
        !shop.read(IMAGES).contains("digest:"),
        "nothing was written"
    );
    let ran = shop.run(&["--write", "--images", "built.json", "--without", "stock"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn what_the_record_says_was_pushed_last_counts() {
    let shop = Shop::generated();
    let pushed = |action, service: &str, digest: &str| Draft {
        time: "2026-12-01T09:00:00Z".parse().unwrap(),
        action,
        actor: Actor::default(),
        tool: "test".to_owned(),
        source: None,
        image: Some(Image {
            name: Some(service.to_owned()),
            reference: Some(format!("registry.example.org/acme/shop-{service}:1")),
            digest: Some(digest.to_owned()),
            platform: None,
        }),
        verdicts: Vec::new(),
        details: BTreeMap::new(),
    };
    let drafts = [
        pushed(Action::Push, "web", OTHER),
        pushed(Action::Push, "stock", OTHER),
        pushed(Action::Push, "web", DIGEST),
        // Built, and pushed nowhere.
        pushed(Action::Build, "stock", DIGEST),
    ];
    Trail::new(shop.file("audit.jsonl"))
        .append(&drafts)
        .unwrap();
    let ran = shop.run(&["--write", "--images", "audit.jsonl"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let written = shop.read(IMAGES);
    let at = |text: &str| {
        written
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {written}"))
    };
    assert!(
        at("shop-stock") < at(OTHER) && at(OTHER) < at("shop-web") && at("shop-web") < at(DIGEST)
    );
}

#[test]
fn images_that_must_be_trusted_are_not_written_unless_they_are() {
    let shop = Shop::generated();
    shop.edit(
        "docker/docker.toml",
        "[deploy]\n",
        "[trust]\nrequire = [\"deploy\"]\nkeys = [\"docker/nobody.pub\"]\n[deploy]\n",
    );
    shop.write(
        "built.json",
        &metadata(&[("web", DIGEST), ("stock", OTHER)]),
    );
    let ran = shop.run(&["--write", "--images", "built.json"]);
    assert!(!matches!(ran.code, Some(0)), "{}{}", ran.stdout, ran.stderr);
    assert!(
        !shop.read(IMAGES).contains("digest:"),
        "nothing was written"
    );
}
