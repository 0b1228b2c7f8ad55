use super::*;

#[test]
fn what_a_bundler_put_into_one_file_is_known_from_the_list_beside_it() {
    let list = br#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "name": "fastify", "version": "5.12.8", "purl": "pkg:npm/fastify@5.12.8"},
        {"type": "library", "name": "a", "version": "1.0.0", "purl": "pkg:npm/a@1.0.0"},
        {"type": "library", "name": "a", "version": "1.0.0", "purl": "pkg:npm/a@1.0.0"}]}"#;
    let installed = br#"{"name":"a","version":"1.0.0"}"#;
    let image = filesystem(&[&[
        ("app/main.js", b"1"),
        ("app/main.cdx.json", list),
        ("app/node_modules/a/package.json", installed),
        ("app/node_modules/a/bom.json", list),
    ]]);
    let told: Vec<String> = packages(&image)
        .into_iter()
        .map(|package| format!("{} {} {}", package.name, package.version, package.record))
        .collect();
    assert_eq!(
        told,
        [
            "a 1.0.0 app/node_modules/a/package.json",
            "fastify 5.12.8 app/main.cdx.json",
        ]
    );
}

#[test]
fn a_hostile_list_is_no_list() {
    let deep = format!("{{\"components\": {}", "[{\"components\": ".repeat(10_000));
    let image = filesystem(&[&[
        ("a.cdx.json", deep.as_bytes()),
        ("b.cdx.json", b"\xff\xfe"),
        ("c.spdx.json", b"{\"packages\": [{\"externalRefs\": 1}]}"),
    ]]);
    assert!(packages(&image).is_empty());
}
