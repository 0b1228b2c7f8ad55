//! Twenty pushes, and what is left to store.

use serde_json::Value;

use crate::stage::{Stage, fated, noise};

#[test]
fn of_twenty_pushes_more_than_sixty_percent_of_the_storage_are_given_back() {
    let Some(stage) = Stage::new() else { return };
    // What a service has: a base that changes once, dependencies that change now and then, and its own files.
    let layer = |seed: u64, length| noise(seed, length);
    for number in 0..20_i64 {
        let seed = u64::try_from(number).unwrap();
        let base = layer(100 + seed / 10, 400_000);
        let dependencies = layer(200 + seed / 4, 300_000);
        let own = layer(300 + seed, 150_000);
        let tag = format!("main-{number}");
        let tags: &[&str] = if number == 19 {
            &[&tag, "latest"]
        } else {
            &[&tag]
        };
        stage.push(
            tags,
            60 - number,
            &[
                ("base", &base),
                ("dependencies", &dependencies),
                ("own", &own),
            ],
        );
    }
    let host = stage.registry.host.clone();
    stage.manifest(
        &host,
        "protected = [\"latest\"]\n[[retention.rules]]\ntags = [\"main-*\"]\nkeep = 3\n",
    );
    let before = stage.registry.stored_bytes();
    let (exit, report) = stage.report(&["--apply"]);
    assert_eq!(exit, 0, "{report:#}");
    assert_eq!(fated(&report, "removed").len(), 17);
    stage.registry.collect_garbage();
    let after = stage.registry.stored_bytes();
    let percent = |before: u64, after: u64| 100.0 * (before - after) as f64 / before as f64;
    let on_disk = percent(before, after);
    let told = |name: &str| report["storage"][name].as_f64().unwrap();
    println!(
        "20 pushes: {before} bytes on the disk, {after} afterwards ({on_disk:.1} % given back); the report says {} and {} ({} %)",
        report["storage"]["before"], report["storage"]["after"], report["storage"]["saved_percent"]
    );
    assert!(on_disk >= 60.0, "{on_disk}");
    assert!(
        (told("saved_percent") - on_disk).abs() < 1.0,
        "{on_disk} is not {}",
        told("saved_percent")
    );
    let verified: &Value = &report["packages"][0]["verified"];
    // Three indexes, each with two images and what is attested about them.
    assert_eq!(verified["manifests"], 15, "{verified}");
    for tag in ["main-17", "main-18", "main-19", "latest"] {
        stage.pull(tag);
    }
}
