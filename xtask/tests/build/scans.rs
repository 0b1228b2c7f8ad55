//! `docker-scan` on the images that were just built: nothing is wrong with them, and what nobody knows is not "clean".

use serde_json::Value;

use crate::images::Image;
use crate::repository::Repository;

pub(crate) fn tell_what_is_known(repository: &Repository, images: &[Image]) {
    let built: Vec<&str> = images.iter().map(|image| image.name.as_str()).collect();
    let scan = |arguments: &[&str]| {
        let all = [
            &["docker-scan", "--trivy=off", "--format=json"][..],
            arguments,
        ]
        .concat();
        repository.verb(&all)
    };
    // There are no data, and nobody publishes any for what stands in for the base.
    let unknown = scan(&[]);
    assert_eq!(unknown.code, Some(3), "{}", unknown.error_text());
    let allowed = scan(&["--allow-unknown", "--record", "--html=target/scan.html"]);
    assert_eq!(allowed.code, Some(0), "{}", allowed.error_text());
    let document: Value = serde_json::from_slice(&allowed.stdout).unwrap();
    let found = document["images"].as_array().unwrap();
    let names: Vec<&str> = found
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, built);
    for image in found {
        assert_eq!(image["verdict"], "unknown", "{image}");
        assert!(image["packages"].as_u64().unwrap() > 5, "{image}");
    }
    let page = std::fs::read_to_string(repository.root.join("target/scan.html")).unwrap();
    assert!(built.iter().all(|name| page.contains(name)));

    // Nothing was found, so nothing runs; the file is there, and the same the next time.
    let record = repository.root.join("docker/vulnerabilities.json");
    let text = std::fs::read_to_string(&record).unwrap();
    for name in &built {
        assert!(text.contains(&format!("\"name\": \"{name}\"")), "{text}");
    }
    scan(&["--allow-unknown", "--record"]);
    assert_eq!(std::fs::read_to_string(&record).unwrap(), text);
    std::fs::remove_file(&record).unwrap();

    // Who asks later what was known of an image finds it.
    let entries = repository.trail("scan");
    for name in &built {
        let has_entry = entries.iter().any(|entry| {
            entry["image"]["name"] == *name && entry["verdicts"][0]["outcome"] == "unknown"
        });
        assert!(has_entry, "{name} in {entries:?}");
    }

    let bills = scan(&["--sbom=cyclonedx", "--output=target/bills"]);
    assert_eq!(bills.code, Some(0), "{}", bills.error_text());
    for name in &built {
        let path = repository
            .root
            .join("target/bills")
            .join(format!("{name}.cdx.json"));
        let bill: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let components = bill["components"].as_array().unwrap();
        let has_node = components.iter().any(|one| one["name"] == "node");
        assert!(has_node, "{name} has Node, whoever put it there");
        let has_bundled = components.iter().any(|one| one["name"] == "fastify");
        assert_eq!(
            has_bundled,
            *name != "base",
            "{name}: what is bundled is listed"
        );
    }
}
