use super::*;
use crate::image::accounting::{Encoding, Layer};
use crate::image::attribution::Evidence;
use crate::image::distribution::Distribution;
use crate::image::inventory::SourcePackage;
use crate::scan::samples;
use crate::size::Bytes;

fn layer(diff_id: &str) -> Layer {
    Layer {
        diff_id: diff_id.to_owned(),
        digest: diff_id.to_owned(),
        encoding: Encoding::Plain,
        unpacked: Bytes(1),
        tar: Bytes(1),
        compressed: Bytes(1),
        compressed_is_estimate: false,
        files: 1,
        contents: None,
    }
}

fn package(manager: Manager, name: &str, version: &str, record: &str) -> Package {
    Package {
        manager,
        name: name.to_owned(),
        version: version.to_owned(),
        architecture: None,
        source: None,
        license: None,
        record: record.to_owned(),
        files: Vec::new(),
    }
}

/// One package of each kind, some of them twice.
pub(super) fn image() -> Scanned {
    let mut image = samples::scanned("shop", Vec::new());
    image.image.names = vec!["ghcr.io/acme/shop:1".to_owned()];
    image.image.layers = vec![layer("sha256:base")];
    image.origins = vec![Origin {
        evidence: Evidence::Provenance,
        instruction: "RUN apk add openssl".to_owned(),
        dockerfile: Some("docker/Dockerfile".to_owned()),
        line: Some(3),
        end_line: Some(4),
        is_base: Some(false),
    }];
    image.distribution = Distribution {
        id: "alpine".to_owned(),
        version_id: "3.20.3".to_owned(),
        name: "Alpine Linux v3.20".to_owned(),
    };
    let apk = Package {
        architecture: Some("x86_64".to_owned()),
        source: Some(SourcePackage {
            name: "openssl".to_owned(),
            version: "3.3.2-r0".to_owned(),
        }),
        license: Some("Apache-2.0".to_owned()),
        ..package(Manager::Apk, "libssl3", "3.3.2-r0", "lib/apk/db/installed")
    };
    let npm = |record: &str| Package {
        license: Some("custom & odd".to_owned()),
        ..package(Manager::Npm, "@acme/a", "1.0.0", record)
    };
    let main = Package {
        files: vec![0],
        ..package(Manager::Go, "x.org/a", "v1.0.0", "app/a")
    };
    image.packages = vec![
        apk,
        npm("app/node_modules/@acme/a/package.json"),
        npm("app/node_modules/b/node_modules/@acme/a/package.json"),
        package(Manager::Go, "stdlib", "v1.22.1", "app/a"),
        main,
        package(Manager::Binary, "node", "20.18.0", "usr/local/bin/node"),
    ];
    image
}

fn shown(format: Format) -> String {
    let created = Timestamp::from_unix_seconds(1_700_000_000);
    let bill = bill(format, &image(), created);
    // The version of the program changes.
    serde_json::to_string_pretty(&bill)
        .unwrap()
        .replace(TOOL_VERSION, "VERSION")
}

#[test]
fn cyclonedx_tells_what_is_where_and_what_needs_it() {
    insta::assert_snapshot!(shown(Format::CycloneDx));
}

#[test]
fn spdx_tells_what_is_where_and_what_needs_it() {
    insta::assert_snapshot!(shown(Format::Spdx));
}

#[test]
fn a_bill_is_the_images_own() {
    let created = Timestamp::from_unix_seconds(0);
    let number = |image: &Scanned, format| {
        let bill = bill(format, image, created);
        let number = bill.get("serialNumber").or(bill.get("documentNamespace"));
        number.unwrap().as_str().unwrap().to_owned()
    };
    let (one, mut other) = (image(), image());
    other.image.config_digest = format!("sha256:{}", "b".repeat(64));
    let numbers = BTreeSet::from([
        number(&one, Format::CycloneDx),
        number(&one, Format::Spdx),
        number(&other, Format::CycloneDx),
        number(&other, Format::Spdx),
    ]);
    assert_eq!(numbers.len(), 4, "{numbers:?}");
    assert_eq!(number(&one, Format::Spdx), number(&image(), Format::Spdx));
}

#[test]
fn an_image_of_nothing_has_a_bill() {
    let mut image = samples::scanned("a b/C", Vec::new());
    image.image.names.clear();
    for (format, ..) in Format::ALL {
        let bill = bill(format, &image, Timestamp::from_unix_seconds(0));
        let text = bill.to_string();
        assert!(text.contains("pkg:oci/c@sha256:"), "{text}");
    }
}
