//! Bad input: one message with its place, exit code 2, and nothing is overwritten.

use super::{MANIFEST, Shop};

fn told(shop: &Shop, arguments: &[&str]) -> String {
    let output = shop.report(arguments);
    assert_eq!(
        output.code,
        Some(2),
        "{}\n{}",
        output.text(),
        output.error_text()
    );
    output.error_text()
}

#[test]
fn a_manifest_without_goals() {
    let shop = Shop::new();
    let (head, _) = MANIFEST.split_once("[report]").unwrap();
    shop.write("docker/docker.toml", head);
    let told = told(&shop, &[]);
    assert!(told.contains("docker/docker.toml names no goals"), "{told}");
    assert!(told.contains("add `[report]`"), "{told}");
}

#[test]
fn keys_that_contradict_each_other() {
    let shop = Shop::new();
    shop.replace(
        "docker/docker.toml",
        "scorecard = \"docker/scorecard.toml\"",
        "history = \"docker/h.jsonl\"",
    );
    let text = told(&shop, &[]);
    assert!(
        text.contains(
            "`report.history` keeps what is measured, and `report.scorecard` names no goals"
        ),
        "{text}"
    );
    assert!(text.contains("docker/docker.toml:7:11"), "{text}");
    shop.replace(
        "docker/docker.toml",
        "history = \"docker/h.jsonl\"",
        "scorecard = \"x.toml\"\nhistory = \"x.toml\"",
    );
    assert!(told(&shop, &[]).contains("is the scorecard itself"));
}

#[test]
fn a_scorecard_that_is_not_there() {
    let shop = Shop::new();
    std::fs::remove_file(shop.file("docker/scorecard.toml")).unwrap();
    let told = told(&shop, &[]);
    assert!(told.contains("docker/scorecard.toml"), "{told}");
}

#[test]
fn every_mistake_of_a_scorecard_at_its_place() {
    let shop = Shop::new();
    shop.replace(
        "docker/scorecard.toml",
        "at_most = \"150 MB\"",
        "at_mots = \"150 MB\"",
    );
    shop.replace("docker/scorecard.toml", "title = \"Shop\"", "title = 3");
    let told = told(&shop, &["--measure"]);
    assert!(
        told.contains("`title` must be a text, not a whole number"),
        "{told}"
    );
    assert!(told.contains("did you mean `at_most`?"), "{told}");
    assert!(told.contains("docker/scorecard.toml:3:9"), "{told}");
    assert!(!shop.file("ran").exists(), "nothing was run");
}

#[test]
fn a_page_that_is_not_there() {
    let shop = Shop::new();
    std::fs::remove_file(shop.file("docs/size.md")).unwrap();
    let told = told(&shop, &[]);
    assert!(told.contains("there is no docs/size.md"), "{told}");
    assert!(told.contains("docker/scorecard.toml:"), "{told}");
}

#[test]
fn a_row_that_is_not_there() {
    let shop = Shop::new();
    let text = told(&shop, &["--measure", "size"]);
    assert!(
        text.contains("there is no row `size`") && text.contains("did you mean `sizes`?"),
        "{text}"
    );
    let text = told(&shop, &["--row", "zzzzzzzz"]);
    assert!(text.contains("docker-report --list"), "{text}");
}

#[test]
fn a_history_that_cannot_be_read_is_never_overwritten() {
    let shop = Shop::new();
    assert_eq!(
        shop.report(&["--measure", "linted", "--record"]).code,
        Some(0)
    );
    let good = shop.read("docker/scorecard.jsonl");
    let broken = format!("{good}{{ half a line");
    shop.write("docker/scorecard.jsonl", &broken);
    for arguments in [&[][..], &["--measure", "sizes", "--record"]] {
        let told = told(&shop, arguments);
        assert!(
            told.contains("the history of measurements cannot be read"),
            "{told}"
        );
        assert!(told.contains("docker/scorecard.jsonl:3:3"), "{told}");
    }
    assert_eq!(shop.read("docker/scorecard.jsonl"), broken);
    assert!(!shop.file("ran").exists(), "nothing was run for nothing");
}

#[test]
fn recording_without_measuring() {
    let shop = Shop::new();
    let told = told(&shop, &["--record"]);
    assert!(told.contains("--measure"), "{told}");
}
