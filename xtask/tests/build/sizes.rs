//! `docker-size` on the images that were just built: every byte at its line, nothing wasted, a record and a page.

use serde_json::Value;

use crate::SERVICES;
use crate::images::Image;
use crate::repository::Repository;

/// Hidden bytes that are put up with: the list of installed packages, which strategy-engine's copy has with its own
/// packages in it.
const MOST_HIDDEN: u64 = 10_000;

pub(crate) fn are_accounted_for(repository: &Repository, images: &[Image]) {
    let said = repository.size(&["--format=json", "--record", "--html=target/sizes.html"]);
    let document: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(said.code, Some(0), "{}", said.error_text());
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["within_budget"], true);
    assert_eq!(
        document["findings"].as_array().unwrap().len(),
        0,
        "{}",
        document["findings"]
    );
    let found = document["images"].as_array().unwrap();
    let names: Vec<&str> = found
        .iter()
        .map(|image| image["name"].as_str().unwrap())
        .collect();
    let built: Vec<&str> = images.iter().map(|image| image.name.as_str()).collect();
    assert_eq!(names, built);
    for image in found {
        let name = image["name"].as_str().unwrap();
        let number = |field: &str| image["sizes"][field].as_u64().unwrap();
        println!(
            "{name}: {} visible, {} hidden",
            number("visible_bytes"),
            number("hidden_bytes")
        );
        assert!(
            number("hidden_bytes") <= MOST_HIDDEN,
            "{name}: {}",
            image["waste"]
        );
        assert_eq!(
            number("visible_bytes") + number("hidden_bytes"),
            number("unpacked_bytes"),
            "{name}"
        );
        let own = format!("apps/{name}/Dockerfile");
        for layer in image["layers"].as_array().unwrap() {
            let origin = &layer["origin"];
            assert_eq!(origin["evidence"], "provenance", "{name}: {origin}");
            let file = origin["dockerfile"].as_str().unwrap();
            let is_base = name != "base" && file == "docker/base/Dockerfile";
            assert!(is_base || file == own || name == "base", "{name}: {origin}");
            assert_eq!(origin["is_base"], is_base, "{name}: {origin}");
            assert!(origin["line"].as_u64().unwrap() > 0, "{name}: {origin}");
        }
    }
    let strategy = found
        .iter()
        .find(|image| image["name"] == "strategy-engine")
        .unwrap();
    let packages = strategy["packages"].as_array().unwrap();
    assert!(
        packages
            .iter()
            .any(|package| package["name"] == "py3-pandas"),
        "{packages:?}"
    );

    let page = std::fs::read_to_string(repository.root.join("target/sizes.html")).unwrap();
    assert!(SERVICES.iter().all(|(name, _)| page.contains(name)));

    let record = repository.root.join("docker/sizes.json");
    let text = std::fs::read_to_string(&record).unwrap();
    let against = repository.size(&["--format=json", "--against", record.as_str()]);
    let document: Value = serde_json::from_slice(&against.stdout).unwrap();
    for comparison in document["comparisons"].as_array().unwrap() {
        for measure in comparison["measures"].as_array().unwrap() {
            assert_eq!(measure["change_bytes"], 0, "{comparison}");
        }
    }
    // Recorded once more, nothing changes.
    repository.size(&["--quiet", "--record"]);
    assert_eq!(std::fs::read_to_string(&record).unwrap(), text);
    std::fs::remove_file(&record).unwrap();
}
